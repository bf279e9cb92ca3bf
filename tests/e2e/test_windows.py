"""Sync windows of a project: what they forbid, tell and let go on."""

import datetime
import time
import zoneinfo

import pytest

from tests.cluster import ApiError, wait_for
from tests.e2e.apps import config_map
from tests.e2e.test_hooks import job
from tests.e2e.test_rest import APPS, refused

ALWAYS = {"schedule": "* * * * *", "duration": "1h", "applications": ["*"]}
NEVER = {"schedule": "0 0 30 2 *", "duration": "1h", "applications": ["*"]}
INVALID_ARGUMENT = 3
PERMISSION_DENIED = 7
AUTOMATED = {"prune": True, "selfHeal": True}


@pytest.fixture(name="windows")
def fixture_windows(cluster, stack, name):
    """Sets the windows of a project of the test's own, which is made when it is first used."""
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{stack.namespace}/appprojects"
    made = []

    def set_windows(*windows):
        spec = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}],
                "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
                "syncWindows": list(windows)}
        if made:
            cluster.api.patch(f"{path}/{name}", {"spec": {"syncWindows": list(windows)}})
            return
        made.append(cluster.api.create(path, {
            "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
            "metadata": {"name": name, "namespace": stack.namespace}, "spec": spec}))

    yield set_windows
    if made:
        try:
            cluster.api.delete(f"{path}/{name}")
        except ApiError:
            pass


def blocked_message(app):
    return app.get("status", {}).get("operationState", {}).get("message", "")


def test_a_deny_window_refuses_syncs_of_people(windows, apps, repo, rest, name):
    windows({"kind": "deny", **ALWAYS})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, project=name)
    apps.wait_status("OutOfSync", "Missing")
    refused(lambda: rest.post(f"{APPS}/{name}/sync", {"name": name}), 403, PERMISSION_DENIED,
            "blocked by sync window: deny window '* * * * *' (1h), until further notice")
    told = rest.get(f"{APPS}/{name}/syncwindows")
    window = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "manualSync": False}
    assert told == {"activeWindows": [window], "assignedWindows": [window], "canSync": False}
    assert len(rest.get(f"/api/v1/projects/{name}/syncwindows")["windows"]) == 1
    windows({"kind": "deny", "manualSync": True, **ALWAYS})
    apps.wait(lambda _: rest.get(f"{APPS}/{name}/syncwindows")["canSync"], "syncs to be allowed")
    rest.post(f"{APPS}/{name}/sync", {"name": name})
    apps.wait_operation()


def test_an_operation_waits_until_the_windows_let_it(windows, apps, repo, name):
    windows({"kind": "allow", **NEVER})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, project=name)
    apps.wait_status("OutOfSync", "Missing")
    apps.sync()
    app = apps.wait(lambda a: "blocked by sync window" in blocked_message(a), "the sync to wait")
    assert app["status"]["operationState"]["phase"] == "Running"
    assert "allow window '0 0 30 2 *' (1h)" in blocked_message(app)
    windows({"kind": "allow", **ALWAYS})
    apps.wait_operation()
    apps.wait_status("Synced", "Healthy")


def test_automation_waits_until_the_windows_let_it(windows, apps, repo, name):
    windows({"kind": "deny", "manualSync": True, **ALWAYS})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, project=name, automated=AUTOMATED)
    app = apps.wait_status("OutOfSync", "Missing")
    apps.refresh()
    app = apps.get()
    assert app.get("operation") is None
    assert "operationState" not in app["status"]
    windows()
    apps.wait_status("Synced", "Healthy")


def test_a_wrong_window_is_told(windows, apps, repo, rest, name):
    windows({"kind": "deny", "schedule": "0 25 * * *", "duration": "1h", "applications": ["*"]})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, project=name, automated=AUTOMATED)
    apps.wait_condition("SyncError", "'25' is no hour (0 to 23)")
    refused(lambda: rest.post(f"{APPS}/{name}/sync", {"name": name}), 400, INVALID_ARGUMENT,
            "'25' is no hour")


def test_a_running_operation_waits(windows, apps, repo, cluster, name):
    """A window that closes in the middle of a sync stops it before its next step, and it goes on when it opens."""
    windows()
    repo.commit({"a.yaml": config_map("a", x="1"), "pre.yaml": job("pre", "PreSync", seconds=600)}, "first")
    apps.create(repo.url, project=name)
    apps.sync()
    apps.wait(lambda a: "waiting for completion of hook batch/Job/pre" in blocked_message(a), "the hook")
    windows({"kind": "deny", **ALWAYS})
    app = apps.wait(lambda a: "blocked by sync window" in blocked_message(a), "the sync to wait")
    assert app["status"]["operationState"]["phase"] == "Running"
    [pod] = cluster.api.get(f"/api/v1/namespaces/{name}/pods")["items"]
    cluster.api.patch(f"/api/v1/namespaces/{name}/pods/{pod['metadata']['name']}",
                      {"metadata": {"annotations": {"fake.node/run-seconds": "0"}}})
    apps.refresh()
    assert "blocked by sync window" in blocked_message(apps.get())
    assert cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/kube-root-ca.crt")
    with pytest.raises(ApiError):
        cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/a")
    apps.patch({"status": {"operationState": {"phase": "Terminating"}}})
    apps.wait_operation("Failed")


def closes_in(seconds):
    """An allow window that is open now, and no more after some seconds of this minute."""
    wait_for("enough of a minute to be left", lambda: time.time() % 60 < 58 - seconds, 60)
    return {"kind": "allow", "schedule": "* * * * *", "duration": f"{int(time.time() % 60) + seconds}s",
            "applications": ["*"]}


def test_a_running_operation_may_overrun(windows, apps, repo, rest, name):
    windows()
    repo.commit({"a.yaml": config_map("a", x="1"), "pre.yaml": job("pre", "PreSync", seconds=16)}, "first")
    apps.create(repo.url, project=name)
    apps.wait_status("OutOfSync", "Missing")
    windows({**closes_in(12), "syncOverrun": True})
    apps.sync()
    apps.wait(lambda a: "waiting for completion of hook batch/Job/pre" in blocked_message(a), "the hook")
    apps.wait(lambda _: not rest.get(f"{APPS}/{name}/syncwindows").get("canSync"), "the window to close")
    apps.wait_operation()


def hours_away(zone, hours):
    """A schedule of every minute of one hour in the zone."""
    local = datetime.datetime.now(zoneinfo.ZoneInfo(zone)) + datetime.timedelta(hours=hours)
    return f"* {local.hour} * * *"


@pytest.mark.parametrize("window, can", [
    ({"applications": ["{name}"]}, False),
    ({"applications": ["other"]}, True),
    ({"namespaces": ["{name}", "x"]}, False),
    ({"clusters": ["in-*"]}, False),
    ({"clusters": ["https://kubernetes.default.svc"]}, False),
    ({"applications": ["{name}"], "namespaces": ["other"]}, False),
    ({"applications": ["{name}"], "namespaces": ["other"], "andOperator": True}, True),
    ({"applications": ["{name}"], "clusters": ["in-cluster"], "andOperator": True}, False),
], ids=lambda v: "-".join(v) if isinstance(v, dict) else str(v))
def test_whom_a_window_concerns(windows, apps, repo, rest, name, window, can):
    lists = {k: [t.format(name=name) for t in v] if isinstance(v, list) else v for k, v in window.items()}
    windows({"kind": "deny", "schedule": "* * * * *", "duration": "1h", **lists})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, project=name)
    apps.wait_status("OutOfSync", "Missing")
    assert rest.get(f"{APPS}/{name}/syncwindows").get("canSync", False) is can


@pytest.mark.parametrize("kind, hours, can", [
    ("allow", -1, True), ("allow", 6, False), ("deny", -1, False), ("deny", 6, True)])
def test_windows_in_time_zones(windows, apps, repo, rest, name, kind, hours, can):
    zone = "Asia/Dhaka"
    windows({"kind": kind, "schedule": hours_away(zone, hours), "duration": "3h", "timeZone": zone,
             "applications": ["*"]})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, project=name)
    apps.wait_status("OutOfSync", "Missing")
    assert rest.get(f"{APPS}/{name}/syncwindows").get("canSync", False) is can
