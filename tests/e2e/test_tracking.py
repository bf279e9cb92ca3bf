"""Whose an object is: ways of tracking, copies, objects of several applications; and objects the comparison sees in a way of
its own."""

import pytest

from tests.cluster import ApiError
from tests.e2e.apps import config_map

ID = "argocd.argoproj.io/tracking-id"
LABEL = "app.kubernetes.io/instance"


def maps(ns, name=""):
    return f"/api/v1/namespaces/{ns}/configmaps" + (f"/{name}" if name else "")


def resources(app):
    return {r["name"]: r for r in app["status"].get("resources", [])}


def meta(cluster, ns, name):
    return cluster.api.get(maps(ns, name))["metadata"]


def test_methods(argocd_cm, apps, repo, cluster, name):
    """The method may change: what is there stays the application's, without a difference of its own."""
    argocd_cm({"application.resourceTrackingMethod": "label"})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={"prune": True})
    apps.wait_status("Synced", "Healthy")
    found = meta(cluster, name, "a")
    assert found["labels"][LABEL] == name and ID not in found.get("annotations", {})
    argocd_cm({"application.resourceTrackingMethod": "annotation"})
    apps.refresh("hard")
    app = apps.wait_status("Synced")
    assert resources(app)["a"]["status"] == "Synced" and not resources(app)["a"].get("requiresPruning")
    repo.commit({"a.yaml": config_map("a", x="2")}, "second")
    apps.refresh()
    apps.wait(lambda a: ID in meta(cluster, name, "a").get("annotations", {}), "the new tracking")
    argocd_cm({"application.resourceTrackingMethod": "annotation+label",
               "application.instanceLabelKey": "example.com/app"})
    repo.commit({"a.yaml": config_map("a", x="3")}, "third")
    apps.refresh()
    apps.wait(lambda a: meta(cluster, name, "a").get("labels", {}).get("example.com/app") == name, "the label")
    apps.wait_status("Synced", "Healthy")


def test_objects_of_another_installation(argocd_cm, apps, repo, cluster, name):
    argocd_cm({"installationID": "here"})
    repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": config_map("b", x="1")}, "first")
    apps.create(repo.url, automated={"prune": True})
    apps.wait_status("Synced", "Healthy")
    key = "argocd.argoproj.io/installation-id"
    assert meta(cluster, name, "b")["annotations"][key] == "here"
    cluster.api.patch(maps(name, "b"), {"metadata": {"annotations": {key: "there"}}})
    sha = repo.commit({}, "without b", remove=["b.yaml"])
    apps.refresh()
    app = apps.wait(lambda a: a["status"]["sync"]["revision"] == sha and a["status"]["sync"]["status"] == "Synced",
                    "the second commit")
    assert set(resources(app)) == {"a"}
    assert cluster.api.get(maps(name, "b"))["data"] == {"x": "1"}


def test_a_copy_is_nobodys(apps, repo, cluster, name):
    """An object that carries the tracking of another one is never pruned."""
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={"prune": True, "selfHeal": True})
    apps.wait_status("Synced", "Healthy")
    annotations = {ID: meta(cluster, name, "a")["annotations"][ID]}
    cluster.api.create(maps(name), {"apiVersion": "v1", "kind": "ConfigMap",
                                    "metadata": {"name": "copy", "annotations": annotations}})
    sha = repo.commit({"b.yaml": config_map("b", x="1")}, "second")
    apps.refresh("hard")
    app = apps.wait(lambda a: a["status"]["sync"]["revision"] == sha and a["status"]["sync"]["status"] == "Synced",
                    "the second commit")
    assert not resources(app).get("copy", {}).get("requiresPruning")
    cluster.api.get(maps(name, "copy"))


def test_shared_and_repeated(apps, repo, cluster, name):
    repo.commit({"one/a.yaml": config_map("a", x="1"), "two/a.yaml": config_map("a", x="2"),
                 "two/b.yaml": config_map("b", x="1") + "---\n" + config_map("b", x="2")}, "first")
    apps.create(repo.url, path="one", automated={})
    apps.wait_status("Synced", "Healthy")
    other = f"{name}-two"
    apps.create(repo.url, name=other, namespace=name, path="two")
    apps.wait_condition("SharedResourceWarning", f"ConfigMap/a is part of applications", name=other)
    apps.wait_condition("RepeatedResourceWarning",
                        f"Resource /ConfigMap/{name}/b appeared 2 times among application resources.", name=other)
    apps.sync(name=other, resources=[{"kind": "ConfigMap", "name": "b"}])
    apps.wait_operation(name=other)
    assert cluster.api.get(maps(name, "b"))["data"] == {"x": "2"}


def test_extraneous_objects_may_be_ignored(apps, repo, cluster, name):
    text = config_map("b", x="1").replace(
        "metadata:\n", "metadata:\n  annotations: {argocd.argoproj.io/compare-options: IgnoreExtraneous}\n")
    repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": text}, "first")
    apps.create(repo.url, automated={})
    apps.wait_status("Synced", "Healthy")
    sha = repo.commit({}, "without b", remove=["b.yaml"])
    apps.refresh()
    app = apps.wait(lambda a: a["status"]["sync"]["revision"] == sha, "the second commit")
    assert app["status"]["sync"]["status"] == "Synced"
    assert resources(app)["b"]["status"] == "OutOfSync" and resources(app)["b"]["requiresPruning"]


ENDPOINTS = """
apiVersion: v1
kind: Endpoints
metadata: {name: outside}
subsets:
- addresses: [{ip: 192.0.2.9}, {ip: 192.0.2.1}]
  ports: [{port: 443, name: tls}, {port: 80, name: web}]
- addresses: [{ip: 192.0.2.5}]
  ports: [{port: 22}]
"""
ROLES = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: %s-part, labels: {part: %s}}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: %s-whole}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {part: %s}}]}
rules: [{apiGroups: ["none.such"], resources: [things], verbs: [get]}]
"""


def test_what_controllers_write(argocd_cm, apps, repo, cluster, name):
    """Endpoints are put in order by the API server; rules of aggregated roles are filled in."""
    roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
    argocd_cm({"resource.compareoptions": "ignoreAggregatedRoles: true\n"})
    repo.commit({"e.yaml": ENDPOINTS, "r.yaml": ROLES % (name, name, name, name)}, "first")
    apps.create(repo.url)
    try:
        apps.sync()
        apps.wait_operation()
        apps.wait(lambda a: [r["resources"] for r in cluster.api.get(f"{roles}/{name}-whole")["rules"]] == [["pods"]],
                  "the role to be aggregated")
        apps.refresh("hard")
        app = apps.wait_status("Synced")
        assert {r["status"] for r in app["status"]["resources"]} == {"Synced"}
        argocd_cm({"resource.compareoptions": None})
        app = apps.wait_status("OutOfSync")
        assert {r["name"] for r in app["status"]["resources"] if r["status"] == "OutOfSync"} == {f"{name}-whole"}
    finally:
        for role in ("part", "whole"):
            try:
                cluster.api.delete(f"{roles}/{name}-{role}")
            except ApiError:
                pass


@pytest.mark.parametrize("allow_empty", [False, True])
def test_everything_is_not_deleted_unasked(apps, repo, cluster, name, allow_empty):
    repo.commit({"a.yaml": config_map("a", x="1"), "README": "x"}, "first")
    apps.create(repo.url, automated={"prune": True, "allowEmpty": allow_empty})
    apps.wait_status("Synced", "Healthy")
    sha = repo.commit({}, "nothing is left", remove=["a.yaml"])
    apps.refresh()
    if allow_empty:
        apps.wait_gone(maps(name, "a"))
        apps.wait_status("Synced")
        return
    apps.wait_condition("SyncError", f"Skipping sync attempt to [{sha}]: auto-sync will wipe out all resources")
    assert cluster.api.get(maps(name, "a"))["data"] == {"x": "1"}
