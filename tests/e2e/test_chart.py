"""The Helm chart: what it renders is accepted by the API server, and an upgrade keeps the certificates.

Needs the program helm (or HELM=PATH), which Debian does not have; what can be seen without it is in
tests/tools/test_packaging.py.
"""

import base64
import json
import os
import shutil
import ssl
import subprocess
import uuid
from pathlib import Path

import pytest
import yaml

from tests.cluster import ApiError

CHART = Path(__file__).resolve().parents[2] / "charts/belay"
COMPONENTS = ("repo-server", "app-controller", "api-server")
APPLY = "application/apply-patch+yaml"

EVERYTHING = {
    "commonLabels": {"team": "platform"},
    "image": {"registry": "registry.example.com/team/", "tag": "1.2.3", "pullSecrets": ["pull"]},
    "configs": {
        "cm": {"url": "https://belay.example.com", "users.anonymous.enabled": False},
        "params": {"controller.status.processors": 5},
        "rbac": {"policy.default": "role:readonly", "policy.csv": "g, devs, role:admin\n"},
        "ssh": {"knownHosts": "git.example.com ssh-ed25519 AAAA\n"},
        "tls": {"certificates": {"git.example.com": "pem"}},
    },
    "networkPolicy": {"enabled": True},
    "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    "repoServer": {
        "replicas": 3,
        "pdb": {"enabled": True},
        "cache": {"persistent": True, "size": "2Gi", "storageClassName": "standard"},
        "nodeSelector": {"disk": "ssd"},
    },
    "appController": {
        "pdb": {"enabled": True},
        "tolerations": [{"key": "control", "operator": "Exists"}],
        "priorityClassName": "system-cluster-critical",
    },
    "apiServer": {
        "replicas": 2,
        "pdb": {"enabled": True, "minAvailable": "50%"},
        "insecure": True,
        "certificateSecret": "public",
        "extraEnv": [{"name": "BELAY_LOG_LEVEL", "value": "debug"}],
        "topologySpreadConstraints": [{
            "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": {"app.kubernetes.io/component": "api-server"}}}],
        "service": {"type": "LoadBalancer", "annotations": {"lb": "internal"}},
        "ingress": {"enabled": True, "className": "nginx", "tlsSecret": "public",
                    "annotations": {"a": "b"}},
    },
}
VARIANTS = {"default": {}, "everything": EVERYTHING}


class Helm:
    """The program, on one cluster."""

    def __init__(self, program, cluster, directory):
        self.program, self.cluster, self.dir = program, cluster, directory

    def run(self, *words, values=None):
        """(status, output, errors)"""
        words = [self.program, *words, "--kubeconfig", str(self.cluster.kubeconfig)]
        env = {k: v for k, v in os.environ.items() if not k.startswith(("KUBE", "HELM_"))}
        env.update({f"HELM_{kind}_HOME": str(self.dir / kind.lower())
                    for kind in ("CACHE", "CONFIG", "DATA")})
        if values is not None:
            file = self.dir / f"values-{uuid.uuid4().hex[:6]}.json"
            file.write_text(json.dumps(values), encoding="utf-8")
            words += ["--values", str(file)]
        done = subprocess.run(words, capture_output=True, text=True, env=env, timeout=120,
                              stdin=subprocess.DEVNULL, check=False)
        return done.returncode, done.stdout, done.stderr

    def must(self, *words, values=None):
        status, out, errors = self.run(*words, values=values)
        assert status == 0, f"helm {' '.join(words)}: {errors}\n{out}"
        return out

    def template(self, values, namespace="belay-system"):
        version = self.cluster.api.get("/version")["gitVersion"]
        out = self.must("template", "belay", str(CHART), "--namespace", namespace,
                        "--kube-version", version, values=values)
        return [o for o in yaml.safe_load_all(out) if o]


@pytest.fixture(scope="module")
def helm(cluster, tmp_path_factory):
    program = os.environ.get("HELM") or shutil.which("helm")
    if not program:
        pytest.skip("there is no program helm")
    return Helm(program, cluster, tmp_path_factory.mktemp("helm"))


@pytest.fixture
def namespace(cluster):
    name = f"chart-{uuid.uuid4().hex[:6]}"
    cluster.api.create("/api/v1/namespaces", {
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    cluster.api.delete(f"/api/v1/namespaces/{name}")


def path_of(api, obj):
    """Path of an object by discovery; None when its kind is not served."""
    version = obj["apiVersion"]
    base = f"/apis/{version}" if "/" in version else f"/api/{version}"
    try:
        kinds = api.get(base)["resources"]
    except ApiError as e:
        if e.status == 404:
            return None
        raise
    found = [r for r in kinds if r["kind"] == obj["kind"] and "/" not in r["name"]]
    assert found, f"no resource for {version} {obj['kind']}"
    if found[0]["namespaced"]:
        base += f"/namespaces/{obj['metadata']['namespace']}"
    return f"{base}/{found[0]['name']}/{obj['metadata']['name']}"


@pytest.mark.parametrize("variant", VARIANTS)
def test_lint_is_clean(helm, variant):
    assert "0 chart(s) failed" in helm.must("lint", "--strict", str(CHART), values=VARIANTS[variant])


@pytest.mark.parametrize("variant", VARIANTS)
def test_api_server_accepts_every_object(helm, cluster, namespace, variant):
    objects = helm.template(VARIANTS[variant], namespace)
    unknown = set()
    for obj in objects:
        path = path_of(cluster.api, obj)
        if path is None:
            unknown.add(obj["kind"])
            continue
        cluster.api.patch(f"{path}?fieldManager=test&force=true&dryRun=All", obj, APPLY)
    assert unknown == ({"ServiceMonitor"} if variant == "everything" else set())


def test_pods_have_few_rights(helm):
    for obj in helm.template({}):
        if obj["kind"] not in ("Deployment", "StatefulSet"):
            continue
        pod = obj["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]}}
            assert {"readinessProbe", "livenessProbe", "resources"} <= container.keys()


def test_callers_know_every_replica_of_the_repo_server(helm):
    objects = helm.template({"repoServer": {"replicas": 2}}, "ops")
    want = "--repo-server=" + ",".join(
        f"tls+tcp://belay-repo-server-{i}.belay-repo-server.ops.svc:8081" for i in range(2))
    for name in ("belay-app-controller", "belay-api-server"):
        found = [o for o in objects if o["kind"] in ("Deployment", "StatefulSet") and
                 o["metadata"]["name"] == name]
        assert want in found[0]["spec"]["template"]["spec"]["containers"][0]["args"]


def test_given_certificates_are_used(helm):
    given = {"repoServer": "a", "appController": "b", "apiServer": "c"}
    objects = helm.template({"tls": {"existingSecrets": given}})
    assert [o for o in objects if o["kind"] == "Secret"] == []
    pods = [o["spec"]["template"]["spec"] for o in objects
            if o["kind"] in ("Deployment", "StatefulSet")]
    mounted = {v["secret"]["secretName"] for pod in pods for v in pod["volumes"] if "secret" in v}
    assert mounted == set(given.values())


@pytest.mark.parametrize("values, message", [
    ({"repoServer": {"replicas": 0}}, "replicas"),
    ({"appController": {"replicas": 2}}, "replicas"),
    ({"apiserver": {}}, "apiserver"),
    ({"tls": {"existingSecrets": {"repoServer": "one"}}}, "all three components or of none"),
])
def test_wrong_values_are_refused(helm, values, message):
    status, _, errors = helm.run("template", "belay", str(CHART), values=values)
    assert status != 0 and message in errors, errors


def test_upgrade_keeps_the_certificates(helm, cluster, namespace):
    def certificates():
        secrets = [cluster.api.get(f"/api/v1/namespaces/{namespace}/secrets/belay-{c}-tls")
                   for c in COMPONENTS]
        return [s["data"] for s in secrets]

    install = ("upgrade", "--install", "belay", str(CHART), "--namespace", namespace, "--skip-crds")
    helm.must(*install)
    try:
        made = certificates()
        assert len({data["ca.crt"] for data in made}) == 1
        for data in made:
            ssl.PEM_cert_to_DER_cert(base64.b64decode(data["tls.crt"]).decode())
        helm.must(*install, values={"apiServer": {"replicas": 2}})
        assert certificates() == made
        cluster.api.delete(f"/api/v1/namespaces/{namespace}/secrets/belay-api-server-tls")
        helm.must(*install)
        renewed = certificates()
        assert len({data["ca.crt"] for data in renewed}) == 1
        assert all(new != old for new, old in zip(renewed, made))
    finally:
        helm.must("uninstall", "belay", "--namespace", namespace)
