"""The full node runs containers; its pure parts work anywhere."""

import os
import tarfile

import pytest

from tests.cluster import Cluster, ClusterError, assets, full_node, images, wait_for
from tests.cluster.cluster import resolve_node
from tests.cluster.node_init import host_lines

PODS = "/api/v1/namespaces/default/pods"


def why_not():
    built = assets.cache_dir() / "kubernetes-1.20.2"
    missing = [program for program in assets.NODE if not (built / program).exists()]
    return full_node.obstacle() or (missing and "kubelet not built: cluster build --node full")


@pytest.mark.skipif(bool(why_not()), reason=str(why_not()))
def test_containers_run_and_find_each_other_by_name():
    cluster = Cluster.up(name="full", lane="debian", node="full", die_with=os.getpid())
    try:
        paths = cluster.state["cgroups"]
        serve = "mkdir /w; echo from-the-server >/w/index.html; exec httpd -f -p 80 -h /w"
        labels = {"app": "server"}
        create_pod(cluster, "server", serve, labels)
        service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
        service["spec"] = {"selector": labels, "ports": [{"port": 80}]}
        cluster.api.create("/api/v1/namespaces/default/services", service)
        fetch = "until wget -qO- http://web.default.svc.cluster.local/; do sleep 0.2; done"
        create_pod(cluster, "client", fetch, {}, "Never")
        wait_for("client", lambda: phase(cluster, "client") == "Succeeded", 60)
        assert "from-the-server" in cluster.api.get(f"{PODS}/client/log")
    finally:
        cluster.down()
    assert not cluster.dir.exists() and not any(map(os.path.exists, paths))


def create_pod(cluster, name, script, labels, restart="Always"):
    container = {"name": "c", "image": "busybox:1.35", "command": ["sh", "-c", script]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}}
    pod["spec"] = {"containers": [container], "restartPolicy": restart}
    pod["spec"]["terminationGracePeriodSeconds"] = 0
    cluster.api.create(PODS, pod)


def phase(cluster, name):
    return cluster.api.get(f"{PODS}/{name}")["status"].get("phase")


def test_image_archive_names_its_layer(tmp_path):
    images.write_archive(tmp_path / "a.tar", ["x:1"], b"layer", ["/run"])
    with tarfile.open(tmp_path / "a.tar") as archive:
        assert sorted(archive.getnames())[1:] == ["layer.tar", "manifest.json"]


def test_dns_names_of_services_and_headless_pods():
    def item(name, **fields):
        return {"metadata": {"name": name, "namespace": "n"}, **fields}

    services = [item("web", spec={"clusterIP": "10.96.0.7"}), item("outside", spec={})]
    services.append(item("db", spec={"clusterIP": "None"}))
    addresses = [{"ip": "10.244.0.2", "hostname": "db-0"}, {"ip": "10.244.0.3"}]
    endpoints = [item("db", subsets=[{"addresses": addresses}]), item("web", subsets=[])]
    assert list(host_lines(services, endpoints)) == [
        "10.96.0.7 web.n.svc.cluster.local",
        "10.244.0.2 db.n.svc.cluster.local",
        "10.244.0.2 db-0.db.n.svc.cluster.local",
        "10.244.0.3 db.n.svc.cluster.local",
    ]


def test_auto_falls_back_to_the_fake_node(monkeypatch):
    monkeypatch.setattr(full_node, "obstacle", lambda: None)
    assert resolve_node("auto", "debian") == "full"
    assert resolve_node("auto", "current") == "fake"
    monkeypatch.setattr(full_node, "obstacle", lambda: "not root")
    assert resolve_node("auto", "debian") == "fake"
    with pytest.raises(ClusterError, match="not root"):
        resolve_node("full", "debian")
