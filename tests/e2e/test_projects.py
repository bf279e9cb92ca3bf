"""What projects permit: entries that exclude, kinds, clusters of their own; and what becomes of an application that is not
permitted any more."""

import pytest

from tests.cluster import ApiError, wait_for
from tests.e2e.apps import config_map, service
from tests.e2e.test_clusters import (fixture_access, fixture_connect, to,  # noqa: F401 (fixtures)
                                     with_certificates)
from tests.stack import RestError

APPS = "/api/v1/applications"
ANYWHERE = [{"server": "*", "namespace": "*"}]


@pytest.fixture(name="project")
def fixture_project(cluster, stack, name):
    """project(field=value, ...) makes the test's project, and later changes it."""
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{stack.namespace}/appprojects"
    made = []

    def put(**spec):
        if made:
            cluster.api.patch(f"{path}/{name}", {"spec": spec})
            return
        made.append(name)
        cluster.api.create(path, {
            "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": name},
            "spec": {"sourceRepos": ["*"], "destinations": ANYWHERE, **spec}})

    yield put
    if made:
        cluster.api.delete(f"{path}/{name}")


def test_not_permitted_any_more(project, apps, repo, rest, cluster, name):
    """Everything is unknown and nothing is shown, nor can be changed through the application."""
    project()
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, project=name, automated={"selfHeal": True})
    apps.wait_status("Synced", "Healthy")
    assert [n["name"] for n in rest.get(f"{APPS}/{name}/resource-tree")["nodes"]] == ["a"]
    project(destinations=[{"server": "*", "namespace": "elsewhere"}])
    apps.wait_status("Unknown", "Unknown")
    apps.wait_condition("InvalidSpecError", f"and namespace '{name}' do not match any of the allowed destinations")
    assert not rest.get(f"{APPS}/{name}/resource-tree").get("nodes")
    assert not rest.get(f"{APPS}/{name}/managed-resources").get("items")
    with pytest.raises(RestError):
        rest.get(f"{APPS}/{name}/resource", namespace=name, resourceName="a", version="v1", kind="ConfigMap")
    cluster.api.patch(f"/api/v1/namespaces/{name}/configmaps/a", {"data": {"x": "drift"}})
    apps.refresh()
    assert cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/a")["data"] == {"x": "drift"}
    project(destinations=ANYWHERE)
    apps.wait_no_condition("InvalidSpecError")
    wait_for("the self-heal",
             lambda: cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/a")["data"] == {"x": "1"}, 60)
    apps.wait_status("Synced", "Healthy")


@pytest.mark.parametrize("field, excluded, permitted, text", [
    ("sourceRepos", lambda repo, ns: ["*", f"!{repo.url}"], lambda repo, ns: ["*", "!https://else.example/*"],
     "is not permitted in project"),
    ("destinations", lambda repo, ns: ANYWHERE + [{"server": "*", "namespace": f"!{ns[:-1]}*"}],
     lambda repo, ns: ANYWHERE + [{"server": "*", "namespace": "!kube-*"}], "do not match any of the allowed"),
    ("destinations", lambda repo, ns: ANYWHERE + [{"server": "!https://kubernetes.*", "namespace": "*"}],
     lambda repo, ns: [{"server": "!https://else.example", "namespace": "*"}], "do not match any of the allowed"),
    ("destinations", lambda repo, ns: ANYWHERE + [{"name": "!in-*", "namespace": "*"}],
     lambda repo, ns: [{"name": "in-cluster", "namespace": ns}], "do not match any of the allowed"),
], ids=["repository", "namespace", "server", "name"])
def test_entries_that_exclude(project, apps, repo, name, field, excluded, permitted, text):
    project(**{field: excluded(repo, name)})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, project=name, automated={})
    app = apps.wait_condition("InvalidSpecError", text)
    assert app["status"]["sync"]["status"] == app["status"]["health"]["status"] == "Unknown"
    project(**{field: permitted(repo, name)})
    apps.wait_status("Synced", "Healthy")
    apps.wait_no_condition("InvalidSpecError")


def kinds(app):
    return {r["kind"]: r.get("status") for r in app["status"]["resources"]}


def test_kinds(project, apps, repo, rest, cluster, name):
    """What the project stops to permit is not seen any more; kinds of the cluster may be permitted by name."""
    role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: %s}\nrules: []\n" % name
    project(clusterResourceWhitelist=[{"group": "rbac.*", "kind": "ClusterRole", "name": f"{name[:-1]}*"}])
    repo.commit({"a.yaml": config_map("a", x="1"), "s.yaml": service("s"), "role.yaml": role}, "first")
    apps.create(repo.url, project=name)
    try:
        apps.sync()
        apps.wait_operation()
        app = apps.wait_status("Synced")
        assert kinds(app) == {"ConfigMap": "Synced", "Service": "Synced", "ClusterRole": "Synced"}
        project(namespaceResourceBlacklist=[{"group": "", "kind": "Serv*"}],
                clusterResourceWhitelist=[{"group": "*", "kind": "ClusterRole", "name": "other"}])
        app = apps.wait_status("OutOfSync")
        assert kinds(app) == {"ConfigMap": "Synced", "Service": "Unknown", "ClusterRole": "Unknown"}
        assert {n["kind"] for n in rest.get(f"{APPS}/{name}/resource-tree")["nodes"]} == {"ConfigMap"}
        with pytest.raises(RestError):
            rest.delete(f"{APPS}/{name}/resource", namespace=name, resourceName="s", version="v1", kind="Service")
        apps.sync()
        app = apps.wait_operation("Failed")
        refusals = {r["kind"]: r["message"] for r in app["status"]["operationState"]["syncResult"]["resources"]
                    if r["status"] == "SyncFailed"}
        assert refusals == {
            "Service": f"resource :Service is not permitted in project {name}",
            "ClusterRole": f"resource rbac.authorization.k8s.io:ClusterRole is not permitted in project {name}"}
        cluster.api.get(f"/api/v1/namespaces/{name}/services/s")
    finally:
        try:
            cluster.api.delete(f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}")
        except ApiError:
            pass


def test_only_clusters_of_the_project(project, connect, access, apps, repo, cluster, name):  # noqa: F811
    project(permitOnlyProjectScopedClusters=True)
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, project=name, automated={})
    apps.wait_condition("InvalidSpecError", "do not match any of the allowed destinations")
    secret = connect(access["server"], with_certificates(access), project=name)
    apps.patch({"spec": {"destination": {"server": None, **to(secret, name)["destination"]}}})
    apps.wait_status("Synced", "Healthy")


def test_a_namespace_is_missing(project, apps, repo, rest, name):
    project()
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, project=name, destination={"server": "https://kubernetes.default.svc"})
    apps.wait_condition("InvalidSpecError", "Namespace for a /v1, Kind=ConfigMap is missing.")
    apps.sync()
    app = apps.wait_operation("Error")
    assert "Namespace for a /v1, Kind=ConfigMap is missing." in app["status"]["operationState"]["message"]


def test_what_is_wrong_is_logged(project, stack, name):
    project(syncWindows=[{"kind": "allow", "schedule": "never", "duration": "1h"},
                         {"kind": "deny", "schedule": "0 3 * * *", "duration": "1h", "timeZone": "Europe/Nowhere"}])
    for part in ("syncWindows[0]", "syncWindows[1]: time zone 'Europe/Nowhere' is not known"):
        wait_for("the warning", lambda part=part: any(
            '"project has a problem"' in line and name in line and part in line
            for line in stack.log_tail("app-controller", 200).splitlines()), 20)
