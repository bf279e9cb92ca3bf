"""Operations seen from outside: what is told of them, what they wait for, when they end by themselves."""

import contextlib
import socket
import threading
import urllib.parse

from tests.cluster import wait_for
from tests.e2e.apps import config_map
from tests.e2e.test_clusters import (fixture_access, fixture_connect, pump, to,  # noqa: F401 (fixtures)
                                     with_certificates)
from tests.e2e.test_hooks import job, jobs, results
from tests.e2e.test_plan import blocked, wait_blocked
from tests.e2e.test_settings import fixture_settings, n_logged  # noqa: F401 (fixture)

APPS = "/api/v1/applications"


def message(app):
    return app.get("status", {}).get("operationState", {}).get("message", "")


def test_events(apps, repo, rest, name):
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={})
    apps.wait_status("Synced", "Healthy")
    wanted = {("OperationStarted", f"Initiated automated sync to [{repo.head()}]"),
              ("OperationCompleted", f"Sync operation to {repo.head()} succeeded"),
              ("ResourceUpdated", "Updated sync status: OutOfSync -> Synced")}

    def told():
        events = rest.get(f"{APPS}/{name}/events")["items"]
        return {(e["reason"], e["message"]) for e in events if e["type"] == "Normal"} >= wanted
    wait_for("the events", told, 30)


def test_time_is_up(settings, stack, apps, repo, cluster, name):  # noqa: F811
    repo.commit({"a.yaml": config_map("a", x="1"), "slow.yaml": job("slow", "PreSync", seconds=600)})
    apps.create(repo.url)
    apps.patch({"operation": {"sync": {}, "retry": {"limit": 5}}})
    apps.wait(lambda a: "waiting for completion of hook" in message(a), "the hook to run")
    changed = '"msg":"parameter changed","key":"controller.sync.timeout.seconds"'
    before = n_logged(stack, changed)
    settings("argocd-cmd-params-cm", controller__sync__timeout__seconds="1")
    wait_for("the parameter", lambda: n_logged(stack, changed) > before, 30)
    apps.patch({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    app = apps.wait_operation("Failed")
    assert message(app) == "Operation terminated, triggered by controller sync timeout"
    assert results(app)["slow"]["hookPhase"] == "Failed"
    assert "retryCount" not in app["status"]["operationState"]
    wait_for("the hook to go", lambda: "slow" not in jobs(cluster, name), 30)


def test_a_retry_takes_the_newest_revision(apps, repo, name):
    """Automation pins the revision it saw; an attempt that may be refreshed is of the one there is then."""
    repo.commit({"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: none-such}\n"})
    retry = {"limit": -1, "refresh": True, "backoff": {"duration": "1s", "factor": 1}}
    apps.create(repo.url, syncPolicy={"automated": {}, "retry": retry})
    app = apps.wait(lambda a: "Retrying attempt #" in message(a), "an attempt to fail")
    assert app["status"]["operationState"]["operation"]["retry"] == retry
    fixed = repo.commit({"a.yaml": config_map("a", x="1")}, "mended")
    app = apps.wait(lambda a: a["status"]["operationState"].get("syncResult", {}).get("revision") == fixed and
                    a["status"]["operationState"]["phase"] == "Succeeded", "the mended revision")
    assert app["status"]["operationState"]["retryCount"] >= 1
    assert "revision" not in app["status"]["operationState"]["operation"]["sync"]
    assert len(app["status"]["history"]) == 1


def test_automated_operations_as_argocd_writes_them(apps, repo):
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={"prune": True}, options=["Validate=false"],
                info=[{"name": "owner", "value": "team"}])
    app = apps.wait_status("Synced", "Healthy")
    state = app["status"]["operationState"]
    assert state["operation"] == {
        "initiatedBy": {"automated": True}, "retry": {"limit": 5},
        "sync": {"revision": repo.head(), "prune": True, "syncOptions": ["Validate=false"]}}
    [entry] = app["status"]["history"]
    assert entry["initiatedBy"] == {"automated": True}
    assert (entry["id"], entry["revision"], entry["deployStartedAt"]) == (
        0, repo.head(), state["startedAt"])
    assert entry["source"] == app["spec"]["source"] == state["syncResult"]["source"]
    assert app["status"]["sync"]["comparedTo"] == {
        "source": app["spec"]["source"], "destination": app["spec"]["destination"]}


def test_history_is_cut(apps, repo):
    repo.commit({"a.yaml": config_map("a", x="0")}, "zero")
    apps.create(repo.url, automated={}, revisionHistoryLimit=2)
    for i in range(1, 4):
        apps.wait_status("Synced", "Healthy")
        sha = repo.commit({"a.yaml": config_map("a", x=str(i))}, f"commit {i}")
        apps.refresh()
        apps.wait(lambda a: a["status"]["history"][-1]["revision"] == sha, "the commit")
    assert [h["id"] for h in apps.get()["status"]["history"]] == [2, 3]
    apps.patch({"spec": {"revisionHistoryLimit": 0}})
    sha = repo.commit({"a.yaml": config_map("a", x="9")}, "the last")
    apps.refresh()
    app = apps.wait(lambda a: a["status"]["operationState"].get("syncResult", {}).get("revision") == sha and
                    "operation" not in a, "the last commit")
    assert "history" not in app["status"]


def test_self_heal_says_when_it_goes_on(settings, apps, repo, cluster, name):  # noqa: F811
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    settings("argocd-cmd-params-cm", controller__self__heal__backoff__timeout__seconds="3000",
             controller__self__heal__backoff__cap__seconds="3000")
    apps.create(repo.url, automated={"selfHeal": True})
    apps.wait_status("Synced", "Healthy")
    path = f"/api/v1/namespaces/{name}/configmaps/a"
    cluster.api.patch(path, {"data": {"x": "drift"}})
    wait_for("the first self-heal", lambda: cluster.api.get(path)["data"]["x"] == "1", 30)
    app = apps.wait(lambda a: a["status"]["operationState"]["operation"]["sync"].get(
        "autoHealAttemptsCount") == 1 and "operation" not in a, "the end of the self-heal")
    assert app["status"]["operationState"]["operation"]["sync"]["resources"] == [
        {"kind": "ConfigMap", "name": "a", "namespace": name}]
    assert len(app["status"]["history"]) == 1
    apps.wait_status("Synced")
    cluster.api.patch(path, {"data": {"x": "drift"}})
    text, details = wait_blocked(apps, "SelfHeal")
    assert details["until"] in text
    assert cluster.api.get(path)["data"]["x"] == "drift"


@contextlib.contextmanager
def forwarder(listener, host, port):
    """Connects whoever comes to host:port, until the end."""
    def serve():
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection((host, port))
            except OSError:
                return
            for pair in ((client, server), (server, client)):
                threading.Thread(target=pump, args=pair, daemon=True).start()

    listener.listen()
    threading.Thread(target=serve, daemon=True).start()
    try:
        yield
    finally:
        listener.close()


def test_waiting_for_a_cluster(connect, access, apps, repo, cluster, name):  # noqa: F811
    """The cluster cannot be reached when the sync begins; it is finished when it can."""
    real = urllib.parse.urlsplit(access["server"])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = f"https://127.0.0.1:{listener.getsockname()[1]}"
        secret = connect(server, with_certificates(access))
        repo.commit({"a.yaml": config_map("a", x="1")}, "first")
        apps.create(repo.url, **to(secret, name))
        apps.wait_condition("ComparisonError", server)
        apps.sync()
        text, details = wait_blocked(apps, "Cluster")
        assert text.startswith("waiting for the cluster: ")
        assert apps.get()["status"]["operationState"]["phase"] == "Running"
        with forwarder(listener, real.hostname, real.port):
            apps.wait_operation(timeout_s=120)
            apps.wait_status("Synced", "Healthy")
            assert blocked(apps.get()) == (None, {})
            apps.delete()
            apps.wait_gone(f"{apps.collection}/{name}")
