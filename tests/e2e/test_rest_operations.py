"""Operations over the REST API: sync, rollback and terminate, and when they are refused."""

import threading

import pytest

from tests.e2e.apps import config_map, deployment
from tests.e2e.test_rest import APPS, refused

AUTOMATED = {"prune": True, "selfHeal": True}
STUCK = deployment("stuck", image="registry.example/web:bad").replace(
    "  name: stuck\n", "  name: stuck\n  annotations: {argocd.argoproj.io/sync-wave: '-1'}\n", 1)


def data_of(cluster, ns, name):
    found = cluster.api.get(f"/api/v1/namespaces/{ns}/configmaps")["items"]
    return next((c["data"] for c in found if c["metadata"]["name"] == name), None)


@pytest.fixture(name="sync")
def fixture_sync(rest, name):
    def start(**body):
        return rest.post(f"{APPS}/{name}/sync", {"name": name, **body})
    return start


@pytest.fixture(name="manual")
def fixture_manual(apps, repo):
    """A manual Application of two config maps that waits for its first sync."""
    repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": config_map("b", x="1")}, "first")
    apps.create(repo.url)
    apps.wait_status("OutOfSync", "Missing")
    return apps


def test_sync(manual, sync, rest, repo, name, cluster):
    app = sync(prune=True, infos=[{"name": "why", "value": "test"}])
    assert app["operation"]["initiatedBy"] == {"username": "admin"}
    assert app["operation"]["sync"]["prune"] is True
    assert "hook" in app["operation"]["sync"]["syncStrategy"]
    done = manual.wait_operation()
    state = done["status"]["operationState"]
    assert state["operation"]["info"] == [{"name": "why", "value": "test"}]
    assert state["syncResult"]["revision"] == repo.head()
    assert {r["name"] for r in state["syncResult"]["resources"]} == {"a", "b"}
    manual.wait_status("Synced", "Healthy")
    assert data_of(cluster, name, "a") == {"x": "1"}
    assert rest.app(name)["status"]["history"][0]["initiatedBy"]["username"] == "admin"


def test_dry_run_changes_nothing(manual, sync, name, cluster):
    sync(dryRun=True)
    app = manual.wait_operation()
    assert app["status"]["operationState"]["syncResult"]["resources"]
    assert "history" not in app["status"]
    assert data_of(cluster, name, "a") is None


def test_selected_resources(manual, sync, name, cluster):
    sync(resources=[{"group": "", "kind": "ConfigMap", "name": "b", "namespace": name}])
    app = manual.wait_operation()
    [result] = app["status"]["operationState"]["syncResult"]["resources"]
    assert result["name"] == "b"
    assert data_of(cluster, name, "a") is None and data_of(cluster, name, "b") == {"x": "1"}
    assert "history" not in app["status"]  # a part of an application is no deployment to go back to


def test_sync_options_and_strategy(manual, sync):
    app = sync(strategy={"apply": {"force": False}}, syncOptions={"items": ["Validate=false"]},
               retryStrategy={"limit": 3})
    assert app["operation"]["sync"]["syncStrategy"] == {"apply": {"force": False}}
    assert app["operation"]["sync"]["syncOptions"] == ["Validate=false"]
    assert app["operation"]["retry"] == {"limit": 3}
    manual.wait_operation()


def test_revision_of_choice(manual, sync, repo, name, cluster):
    first = repo.head()
    repo.commit({"a.yaml": config_map("a", x="2")}, "second")
    sync(revision=first)
    app = manual.wait_operation()
    assert app["status"]["operationState"]["syncResult"]["revision"] == first
    assert data_of(cluster, name, "a") == {"x": "1"}


def test_revision_and_automated_sync(apps, repo, sync, name):
    first = repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    repo.commit({"a.yaml": config_map("a", x="2")}, "second")
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced")
    refused(lambda: sync(revision=first), 400, 3,
            f"Cannot sync to {first}: auto-sync currently set to HEAD")
    assert sync(revision="HEAD")["operation"]["sync"]["revision"] == "HEAD"
    apps.wait_operation()
    sync(revision=first, dryRun=True)
    apps.wait_operation()


def test_operations_one_at_a_time(apps, repo, rest, sync, name, cluster):
    repo.commit({"stuck.yaml": STUCK, "a.yaml": config_map("a", x="1")})
    apps.create(repo.url)
    apps.wait_status("OutOfSync")
    sync()
    refused(sync, 400, 3, "another operation is already in progress")
    refused(lambda: rest.post(f"{APPS}/{name}/rollback", {"id": 0}), 400, 3, "already in progress")
    apps.wait(lambda a: a.get("status", {}).get("operationState", {}).get("phase") == "Running",
              "the operation to run")
    assert rest.delete(f"{APPS}/{name}/operation") == {}
    app = apps.wait(lambda a: a.get("operation") is None, "the operation to end")
    assert app["status"]["operationState"]["phase"] in ("Failed", "Error")
    assert "terminated" in app["status"]["operationState"]["message"].lower()
    assert data_of(cluster, name, "a") is None
    refused(lambda: rest.delete(f"{APPS}/{name}/operation"), 400, 3,
            "Unable to terminate operation. No operation is in progress")


def test_two_at_once(manual, rest, name):
    """Of many who ask at the same time one gets its sync, and nobody a conflict of versions."""
    answers = []
    def ask():
        answers.append(rest.raw("POST", f"{APPS}/{name}/sync", {"dryRun": True}))
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    statuses = sorted(a[0] for a in answers)
    assert statuses[0] == 200 and set(statuses) <= {200, 400}, statuses
    manual.wait_operation()


def test_sync_right_after_creation(apps, repo, rest, name):
    """While the controller writes the first status."""
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.make_namespace(name)
    apps.adopt()
    rest.post(APPS, apps.manifest(name, repo.url))
    assert rest.post(f"{APPS}/{name}/sync", {})["operation"]
    apps.wait_operation()
    apps.wait_status("Synced")


def test_local_manifests_that_are_no_objects_are_refused(manual, sync):
    refused(lambda: sync(manifests=["{}"]), 400, 3, "manifest 1")
    refused(lambda: sync(manifests=["no JSON"]), 400, 3, "manifest 1")


def test_rollback(manual, sync, rest, repo, name, cluster):
    def told():
        """The API server hears of the end of an operation a moment after the cluster has it."""
        rest.wait("the operation to be told ended", lambda: "operation" not in rest.app(name))

    sync()
    manual.wait_status("Synced")
    repo.commit({"a.yaml": config_map("a", x="2"), "c.yaml": config_map("c", x="1")}, "second")
    manual.refresh()
    sync()
    manual.wait(lambda a: len(a["status"].get("history", [])) == 2, "the second deployment")
    repo.commit({"a.yaml": config_map("a", x="3")}, "third")
    manual.refresh()
    sync()
    app = manual.wait(lambda a: len(a["status"].get("history", [])) == 3, "the third deployment")
    assert data_of(cluster, name, "a") == {"x": "3"}
    ids = [h["id"] for h in app["status"]["history"]]
    told()
    refused(lambda: rest.post(f"{APPS}/{name}/rollback", {"id": 99}), 400, 3,
            "does not have deployment with id 99")
    refused(lambda: rest.post(f"{APPS}/{name}/rollback", {"id": "first"}), 400, 3)
    app = rest.post(f"{APPS}/{name}/rollback", {"name": name, "id": ids[0], "prune": True})
    assert "apply" in app["operation"]["sync"]["syncStrategy"]
    manual.wait(lambda a: len(a["status"]["history"]) == 4, "the rollback to end")
    assert data_of(cluster, name, "a") == {"x": "1"}
    # deleted in the foreground: it goes when the garbage collector has seen it
    manual.wait(lambda a: data_of(cluster, name, "c") is None, "the pruned object to go")
    assert manual.wait_status("OutOfSync")["status"]["history"][-1]["revision"] == \
        app["status"]["history"][0]["revision"]
    # without an id: to the one before
    told()
    rest.post(f"{APPS}/{name}/rollback", {"name": name})
    manual.wait(lambda a: data_of(cluster, name, "a") == {"x": "3"}, "the third content")


def test_rollback_is_refused_with_automated_sync(apps, repo, rest, name):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced")
    refused(lambda: rest.post(f"{APPS}/{name}/rollback", {"id": 0}), 400, 3,
            "rollback cannot be initiated when auto-sync is enabled")


def test_application_that_is_being_deleted(manual, sync, name, cluster):
    cluster.api.patch(f"{manual.collection}/{name}", {"metadata": {"finalizers": ["example.com/hold"]}})
    manual.delete()
    try:
        manual.wait(lambda a: a["metadata"].get("deletionTimestamp"), "the deletion")
        refused(sync, 400, 3, "deleting")
    finally:
        cluster.api.patch(f"{manual.collection}/{name}", {"metadata": {"finalizers": None}})
