"""Sync windows of a project: what they forbid, tell and let go on."""

import pytest

from tests.cluster import ApiError
from tests.e2e.apps import config_map
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
