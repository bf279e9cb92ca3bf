"""Orphaned resources of an application's namespace, as its project asks for them."""

import pytest

from tests.cluster import ApiError
from tests.e2e.apps import config_map


@pytest.fixture(name="project")
def fixture_project(cluster, stack, name):
    """Makes or changes a project of the test's own."""
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{stack.namespace}/appprojects"
    made = []

    def put(**spec):
        if made:
            cluster.api.patch(f"{path}/{name}", {"spec": spec})
            return
        made.append(cluster.api.create(path, {
            "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
            "metadata": {"name": name},
            "spec": {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}],
                     **spec}}))

    yield put
    if made:
        try:
            cluster.api.delete(f"{path}/{name}")
        except ApiError:
            pass


def put_map(api, ns, name):
    api.create(f"/api/v1/namespaces/{ns}/configmaps", {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})


def test_orphans_are_told_and_shown(project, apps, repo, rest, cluster, name):
    project(orphanedResources={"ignore": [{"group": "", "kind": "ConfigMap", "name": "tmp-*"}]})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={}, project=name)
    app = apps.wait_status("Synced", "Healthy")
    assert all(c["type"] != "OrphanedResourceWarning" for c in app["status"].get("conditions", []))
    put_map(cluster.api, name, "tmp-1")
    put_map(cluster.api, name, "loose")
    apps.wait_condition("OrphanedResourceWarning", "Application has 1 orphaned resources")
    tree = rest.get(f"/api/v1/applications/{name}/resource-tree")
    assert [n["name"] for n in tree["orphanedNodes"]] == ["loose"]
    assert [n["name"] for n in tree["nodes"]] == ["a"]
    shown = rest.get(f"/api/v1/applications/{name}/resource", kind="ConfigMap", version="v1",
                     namespace=name, resourceName="loose")
    assert "loose" in shown["manifest"]
    project(orphanedResources={"warn": False})
    apps.wait_no_condition("OrphanedResourceWarning")
    assert len(rest.get(f"/api/v1/applications/{name}/resource-tree")["orphanedNodes"]) == 1
    project(orphanedResources={"warn": True, "ignore": []})
    apps.wait_condition("OrphanedResourceWarning", "has 2")
    for gone in ("loose", "tmp-1"):
        cluster.api.delete(f"/api/v1/namespaces/{name}/configmaps/{gone}")
    app = apps.wait_no_condition("OrphanedResourceWarning")
    assert app["status"]["sync"]["status"] == "Synced"
