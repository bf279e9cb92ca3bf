"""resource.respectRBAC: a cluster whose user may list a few kinds only."""

import json

import pytest
import yaml

from tests.cluster import ApiError
from tests.e2e.apps import SECRETS, config_map

RBAC = "/apis/rbac.authorization.k8s.io/v1"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  a: b\n"


@pytest.fixture(name="limited")
def fixture_limited(cluster, stack, name):
    """The secret of a cluster, as a user who may do everything with config maps and namespaces, nothing else."""
    with open(cluster.user_kubeconfig(name), encoding="utf-8") as file:
        config = yaml.safe_load(file)
    place, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    tls = {"caData": place["certificate-authority-data"], "certData": user["client-certificate-data"],
           "keyData": user["client-key-data"]}
    data = {"name": name, "server": place["server"].replace("127.0.0.1", "localhost"),
            "config": json.dumps({"tlsClientConfig": tls})}
    made = [
        (f"{RBAC}/clusterroles", {
            "kind": "ClusterRole", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": name},
            "rules": [{"apiGroups": [""], "resources": ["configmaps", "namespaces"], "verbs": ["*"]}]}),
        (f"{RBAC}/clusterrolebindings", {
            "kind": "ClusterRoleBinding", "apiVersion": "rbac.authorization.k8s.io/v1",
            "metadata": {"name": name}, "subjects": [{"kind": "User", "name": name}],
            "roleRef": {"kind": "ClusterRole", "name": name, "apiGroup": "rbac.authorization.k8s.io"}}),
        (SECRETS.format(ns=stack.namespace), {
            "kind": "Secret", "apiVersion": "v1", "stringData": data,
            "metadata": {"name": name, "labels": {"argocd.argoproj.io/secret-type": "cluster"}}}),
    ]
    for path, body in made:
        cluster.api.create(path, body)
    yield data
    for path, _ in made:
        try:
            cluster.api.delete(f"{path}/{name}")
        except ApiError:
            pass


def refused(rest, name):
    [item] = [c for c in rest.get("/api/v1/clusters")["items"] if c["name"] == name]
    kinds = {k["kind"]: k for k in item.get("refusedKinds", [])}
    return kinds.get("Secret"), item["connectionState"]


@pytest.mark.parametrize("mode", ["", "normal", "strict"])
def test_kinds_that_may_not_be_listed(limited, argocd_cm, apps, repo, rest, name, mode):
    argocd_cm({"resource.respectRBAC": mode})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={}, destination={"name": limited["name"], "namespace": name})
    apps.wait_status("Synced", "Healthy")

    def settled():
        secret, state = refused(rest, name)
        return state if secret and secret["leftOut"] == (mode != "") else None

    state = rest.wait("what is told of secrets", settled)
    secret, _ = refused(rest, name)
    assert "forbidden" in secret["message"]
    assert state["status"] == "Successful"
    if mode == "":
        assert "kinds may not be listed" in state["message"]
    else:
        rest.wait("all to be left out", lambda: refused(rest, name)[1]["message"] == "")
    repo.commit({"s.yaml": SECRET}, "a secret")
    apps.refresh()
    apps.wait_condition("ComparisonError", "reading Secret objects of the cluster")
