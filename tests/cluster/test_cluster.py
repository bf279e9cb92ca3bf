"""Clusters come up, work, and leave nothing behind however their creator ends."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.cluster import Api, ApiError, Cluster, ClusterError, free_ports, wait_for
from tests.cluster import cluster as cluster_module
from tests.cluster.process import ProcessTable, start_time

PROGRAM = Path(__file__).with_name("cluster")
PODS = "/api/v1/namespaces/default/pods"


@pytest.fixture(name="cluster", scope="module")
def _cluster():
    cluster = Cluster.up(name="self-test", die_with=os.getpid())
    yield cluster
    cluster.down()


def workload(kind, name, image="web:1", **spec):
    labels = {"app": name}
    containers = [{"name": "c", "image": image}]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    if kind == "Job":
        template["spec"]["restartPolicy"] = "Never"
    else:
        spec["selector"] = {"matchLabels": labels}
    if kind == "StatefulSet":
        spec["serviceName"] = name
    group = "batch/v1" if kind == "Job" else "apps/v1"
    return {
        "apiVersion": group,
        "kind": kind,
        "metadata": {"name": name},
        "spec": {**spec, "template": template},
    }


def create(cluster, body):
    """Create a workload; a function that reads its status."""
    kind = body["kind"].lower() + "s"
    path = f"/apis/{body['apiVersion']}/namespaces/default/{kind}"
    cluster.api.create(path, body)
    return lambda: cluster.api.get(f"{path}/{body['metadata']['name']}").get("status", {})


def test_workloads_become_ready(cluster):
    deployment = create(cluster, workload("Deployment", "web", replicas=3))
    stateful = create(cluster, workload("StatefulSet", "db", replicas=2))
    daemon = create(cluster, workload("DaemonSet", "agent"))
    job = create(cluster, workload("Job", "once"))
    wait_for("deployment", lambda: deployment().get("readyReplicas") == 3, 20)
    wait_for("stateful set", lambda: stateful().get("readyReplicas") == 2, 20)
    wait_for("daemon set", lambda: daemon().get("numberReady") == 1, 20)
    wait_for("job", lambda: job().get("succeeded") == 1, 20)


def test_claims_get_volumes_and_load_balancers_addresses(cluster):
    stateful = workload("StatefulSet", "disk")
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    stateful["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
    status = create(cluster, stateful)
    wait_for("pod", lambda: status().get("readyReplicas") == 1, 20)
    path = "/api/v1/namespaces/default/persistentvolumeclaims/data-disk-0"
    wait_for("volume", lambda: cluster.api.get(path)["status"]["phase"] == "Bound", 20)
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "public"}}
    service["spec"] = {"type": "LoadBalancer", "ports": [{"port": 80}]}
    cluster.api.create("/api/v1/namespaces/default/services", service)
    path = "/api/v1/namespaces/default/services/public"
    wait_for("address", lambda: "ingress" in cluster.api.get(path)["status"]["loadBalancer"], 20)


def test_bad_image_exceeds_the_progress_deadline(cluster):
    status = create(cluster, workload("Deployment", "bad", "web:bad", progressDeadlineSeconds=1))

    def reasons():
        return [c.get("reason") for c in status().get("conditions", [])]

    wait_for("failure", lambda: "ProgressDeadlineExceeded" in reasons(), 20)


def test_deleted_pods_go(cluster):
    container = {"name": "c", "image": "x"}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "short"}}
    cluster.api.create(PODS, {**pod, "spec": {"containers": [container]}})
    cluster.api.delete(f"{PODS}/short")

    def gone():
        return cluster.api.raw("GET", f"{PODS}/short")[0] == 404

    wait_for("end of pod", gone, 10)


def test_other_users_have_the_rights_of_rbac(cluster):
    assert cluster.user_kubeconfig("jane", ["devs"]).exists()
    pki, name = cluster.pki, "user-jane-devs"
    jane = Api(cluster.server, pki.crt("ca"), pki.crt(name), pki.key(name))
    with pytest.raises(ApiError, match='"jane" cannot list') as denied:
        jane.get(PODS)
    assert denied.value.status == 403


def test_api_server_restarts_with_its_data(cluster):
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kept"}}
    cluster.api.create("/api/v1/namespaces/default/configmaps", body)
    cluster.stop("kube-apiserver", signal.SIGKILL)
    assert not cluster.api.ready()
    cluster.start("kube-apiserver")
    assert cluster.api.get("/api/v1/namespaces/default/configmaps/kept")["kind"] == "ConfigMap"


def test_second_cluster_beside_the_first_and_down_twice(cluster, monkeypatch):
    """The second one's first choice of ports is taken, too."""
    with socket.create_server(("127.0.0.1", 0)) as rival:
        taken = rival.getsockname()[1]
        choices = [[free_ports(1)[0], taken, *free_ports(1)]]
        monkeypatch.setattr(
            cluster_module, "free_ports", lambda n: choices.pop() if choices else free_ports(n)
        )
        other = Cluster.up(name="other", node="none", die_with=os.getpid())
    pids = [pid for pid in other.status().values() if pid]
    assert choices == [] and taken not in other.ports.values()
    assert other.api.get("/api/v1/namespaces/default")["kind"] == "Namespace"
    other.down()
    other.down()
    assert_gone(other.dir, other.etcd_dir, pids)
    assert cluster.api.ready() and all(cluster.status().values())
    done = subprocess.run([PROGRAM, "down", other.dir], capture_output=True, text=True, check=True)
    assert "nothing to stop" in done.stderr


def test_directory_in_use_is_refused(cluster):
    with pytest.raises(ClusterError, match="not empty"):
        Cluster.up(directory=cluster.dir)
    assert cluster.api.ready()


def test_killed_while_coming_up_leaves_nothing(tmp_path):
    directory = tmp_path / "c"
    with subprocess.Popen([PROGRAM, "up", "--dir", directory], stderr=subprocess.DEVNULL) as up:
        table = ProcessTable(directory)
        wait_for("etcd", lambda: table.alive("etcd"), 20)
        etcd_dir = Cluster.load(directory).etcd_dir
        pids = [table.pid(name) for name in table.names()]
        up.kill()
    wait_for("guard", lambda: not directory.exists(), 20)
    assert_gone(directory, etcd_dir, pids)


def test_cluster_dies_with_the_given_process(tmp_path):
    directory = tmp_path / "c"
    with subprocess.Popen(["sleep", "300"]) as owner:
        words = ["up", "--dir", directory, "--node", "fake", "--die-with", str(owner.pid)]
        subprocess.run([PROGRAM, *words], check=True, capture_output=True)
        cluster = Cluster.load(directory)
        pids = [pid for pid in cluster.status().values() if pid]
        assert len(pids) == 5 and cluster.api.ready()
        owner.kill()
    wait_for("guard", lambda: not directory.exists(), 20)
    assert_gone(directory, cluster.etcd_dir, pids)


def test_failure_shows_the_log_and_leaves_nothing(tmp_path, monkeypatch):
    programs = tmp_path / "bin"
    programs.mkdir()
    fakes = {"kube-apiserver": "echo Kubernetes v1.99.0", "etcd": "echo no disk; exit 1"}
    for name, text in fakes.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(programs))
    with pytest.raises(ClusterError, match="no disk"):
        Cluster.up(directory=tmp_path / "c", lane="assets")
    assert not (tmp_path / "c").exists()


def assert_gone(directory, etcd_dir, pids):
    assert not directory.exists() and not etcd_dir.exists()
    wait_for("end of processes", lambda: not any(start_time(pid) for pid in pids), 5)
