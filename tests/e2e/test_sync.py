"""From Git to the cluster and back: create, change, drift, prune, roll back, delete."""

import pytest

from tests.cluster import ApiError, wait_for
from tests.e2e.apps import config_map, deployment, service

AUTOMATED = {"prune": True, "selfHeal": True}


def data_of(api, ns, name):
    return api.get(f"/api/v1/namespaces/{ns}/configmaps/{name}").get("data")


def test_automated_application_becomes_synced_and_healthy(apps, repo, cluster, name):
    repo.commit({"web.yaml": deployment("web") + "---\n" + service("web"),
                 "settings.yaml": config_map("settings", colour="blue")}, "first")
    apps.create(repo.url, automated=AUTOMATED)
    app = apps.wait_status("Synced", "Healthy")
    status = app["status"]
    assert status["sync"]["revision"] == repo.head()
    assert status["sourceType"] == "Directory"
    assert status["operationState"]["phase"] == "Succeeded"
    assert status["operationState"]["operation"]["initiatedBy"]["automated"] is True
    assert [h["revision"] for h in status["history"]] == [repo.head()]
    assert {r["kind"] for r in status["resources"]} == {"ConfigMap", "Deployment", "Service"}
    assert all(r["status"] == "Synced" for r in status["resources"])
    assert status["summary"]["images"] == ["registry.example/web:1"]
    assert data_of(cluster.api, name, "settings") == {"colour": "blue"}
    live = cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/settings")
    tracking = live["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
    assert tracking == f"{name}:/ConfigMap:{name}/settings"


def test_manual_application_waits_for_a_sync(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url)
    app = apps.wait_status("OutOfSync", "Missing")
    assert "operationState" not in app["status"]
    apps.sync(revision=repo.head())
    app = apps.wait_operation()
    assert app["status"]["operationState"]["syncResult"]["resources"][0]["status"] == "Synced"
    apps.wait_status("Synced", "Healthy")


def test_commit_arrives(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced")
    repo.commit({"a.yaml": config_map("a", x="2")}, "second")
    apps.refresh()
    apps.wait(lambda a: a["status"]["sync"].get("revision") == repo.head() and
              a["status"]["sync"]["status"] == "Synced", "the new revision")
    assert data_of(cluster.api, name, "a") == {"x": "2"}
    assert len(apps.get()["status"]["history"]) == 2


def test_drift_is_healed(apps, repo, cluster, name):
    repo.commit({"web.yaml": deployment("web", replicas=2), "a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced", "Healthy")
    cluster.api.patch(f"/api/v1/namespaces/{name}/configmaps/a", {"data": {"x": "by hand"}})
    wait_for("the drift to be healed", lambda: data_of(cluster.api, name, "a") == {"x": "1"}, 30)
    web = f"/apis/apps/v1/namespaces/{name}/deployments/web"
    cluster.api.patch(web, {"spec": {"replicas": 5}})
    wait_for("the replicas to be healed", lambda: cluster.api.get(web)["spec"]["replicas"] == 2, 30)
    cluster.api.delete(f"/api/v1/namespaces/{name}/configmaps/a")
    wait_for("the deleted object to come back",
             lambda: exists(cluster.api, f"/api/v1/namespaces/{name}/configmaps/a"), 30)
    apps.wait_status("Synced", "Healthy")


def exists(api, path):
    try:
        api.get(path)
        return True
    except ApiError as e:
        if e.status == 404:
            return False
        raise


def test_drift_without_self_heal_is_only_shown(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated={})
    apps.wait_status("Synced")
    cluster.api.patch(f"/api/v1/namespaces/{name}/configmaps/a", {"data": {"x": "by hand"}})
    apps.wait_status("OutOfSync")
    assert data_of(cluster.api, name, "a") == {"x": "by hand"}


def test_removed_from_git_is_pruned(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": config_map("b", x="1")})
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced")
    repo.commit({}, "without b", remove=["b.yaml"])
    apps.refresh()
    apps.wait_gone(f"/api/v1/namespaces/{name}/configmaps/b")
    apps.wait_status("Synced")
    assert exists(cluster.api, f"/api/v1/namespaces/{name}/configmaps/a")


def test_without_prune_the_object_stays(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": config_map("b", x="1")})
    apps.create(repo.url, automated={})
    apps.wait_status("Synced")
    repo.commit({}, "without b", remove=["b.yaml"])
    apps.refresh()
    app = apps.wait_status("OutOfSync")
    b = next(r for r in app["status"]["resources"] if r["name"] == "b")
    assert b["requiresPruning"] is True
    assert exists(cluster.api, f"/api/v1/namespaces/{name}/configmaps/b")


def test_field_removed_from_git_is_removed(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1", y="2")})
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced")
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.refresh()
    wait_for("the field to go", lambda: data_of(cluster.api, name, "a") == {"x": "1"}, 30)
    apps.wait_status("Synced")


def test_namespace_is_created(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated=AUTOMATED, options=["CreateNamespace=true"],
                make_namespace=False)
    apps.wait_status("Synced", "Healthy")
    assert data_of(cluster.api, name, "a") == {"x": "1"}


def test_waves_and_kinds_are_ordered(apps, repo, cluster, name):
    late = config_map("late", x="1").replace(
        "  name: late", "  name: late\n  annotations: {argocd.argoproj.io/sync-wave: '5'}")
    repo.commit({"a-late.yaml": late, "z-early.yaml": config_map("early", x="1")})
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced")
    api = cluster.api
    stamp = [api.get(f"/api/v1/namespaces/{name}/configmaps/{n}")["metadata"]["resourceVersion"]
             for n in ("early", "late")]
    assert int(stamp[0]) < int(stamp[1])


def test_custom_resource_and_its_definition_in_one_sync(apps, repo, cluster, name):
    group = f"{name}.example.com"
    crd = f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.{group}
spec:
  group: {group}
  names: {{kind: Widget, plural: widgets, singular: widget}}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          x-kubernetes-preserve-unknown-fields: true
"""
    widget = f"apiVersion: {group}/v1\nkind: Widget\nmetadata:\n  name: w\nspec:\n  size: 3\n"
    repo.commit({"a-widget.yaml": widget, "crd.yaml": crd})
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced", "Healthy")
    assert cluster.api.get(f"/apis/{group}/v1/namespaces/{name}/widgets/w")["spec"]["size"] == 3
    cluster.api.delete(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{group}")


def test_deletion_with_finalizer_takes_the_objects(apps, repo, cluster, name):
    repo.commit({"web.yaml": deployment("web"), "a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated=AUTOMATED, finalizer=True)
    apps.wait_status("Synced", "Healthy")
    apps.delete()
    apps.wait_gone(f"{apps.collection}/{name}")
    assert not exists(cluster.api, f"/api/v1/namespaces/{name}/configmaps/a")
    assert not exists(cluster.api, f"/apis/apps/v1/namespaces/{name}/deployments/web")


def test_deletion_without_finalizer_leaves_the_objects(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced")
    apps.delete()
    apps.wait_gone(f"{apps.collection}/{name}")
    assert exists(cluster.api, f"/api/v1/namespaces/{name}/configmaps/a")


def test_health_follows_the_cluster(apps, repo, cluster, name):
    repo.commit({"web.yaml": deployment("web", image="registry.example/web:bad")})
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced", "Progressing")
    repo.commit({"web.yaml": deployment("web", image="registry.example/web:2")})
    apps.refresh()
    apps.wait_status("Synced", "Healthy")


@pytest.mark.parametrize("strategy", ["branch", "tag", "sha"])
def test_revisions(apps, repo, cluster, name, strategy):
    first = repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    repo.tag("v1")
    repo.commit({"a.yaml": config_map("a", x="2")}, "second")
    revision, want = {"branch": ("main", "2"), "tag": ("v1", "1"), "sha": (first, "1")}[strategy]
    apps.create(repo.url, automated=AUTOMATED, revision=revision)
    apps.wait_status("Synced")
    assert data_of(cluster.api, name, "a") == {"x": want}


def test_range_of_versions_follows_tags(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    repo.tag("app/1.0.0")
    repo.commit({"a.yaml": config_map("a", x="2")}, "second")
    repo.tag("app/2.0.0")
    apps.create(repo.url, automated=AUTOMATED,
                source={"repoURL": repo.url, "path": ".", "targetRevision": "1.*", "tagPrefix": "app/"})
    apps.wait_status("Synced")
    assert data_of(cluster.api, name, "a") == {"x": "1"}
    repo.commit({"a.yaml": config_map("a", x="3")}, "third")
    repo.tag("app/1.1.0")
    apps.refresh()
    apps.wait(lambda a: a["status"]["sync"].get("revision") == repo.head() and
              a["status"]["sync"]["status"] == "Synced", "the new tag's revision")
    assert data_of(cluster.api, name, "a") == {"x": "3"}
