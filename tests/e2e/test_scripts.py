"""Scripts of users: health checks of argocd-cm."""

import pytest

from tests.cluster import ApiError, wait_for
from tests.e2e.apps import config_map
from tests.e2e.test_rest import APPS

AUTOMATED = {"prune": True, "selfHeal": False}
HEALTH = """\
local status = {status = "Healthy", message = "as wished"}
if obj.data.wanted ~= obj.data.is then
  status.status, status.message = "%s", "it is " .. obj.data.is
end
return status
"""


def health_of(rest, name, kind):
    nodes = rest.get(f"{APPS}/{name}/resource-tree")["nodes"]
    return next((n.get("health") for n in nodes if n["kind"] == kind), None)


def test_health_script(apps, repo, rest, name, argocd_cm):
    """An application becomes Degraded by a script, another one, and nothing again, as argocd-cm says."""
    key = "resource.customizations.health.ConfigMap"

    def wait_health(wanted):
        rest.wait("the tree", lambda: health_of(rest, name, "ConfigMap") == wanted)

    repo.commit({"a.yaml": config_map("a", wanted="up", **{"is": "down"})}, "first")
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced", "Healthy")
    assert health_of(rest, name, "ConfigMap") is None

    argocd_cm({key: HEALTH % "Degraded"})
    apps.wait_status("Synced", "Degraded")
    wait_health({"status": "Degraded", "message": "it is down"})

    argocd_cm({key: "return {"})  # what is wrong with a script is told where it matters
    apps.wait_status("Synced", "Unknown")
    rest.wait("the tree", lambda: health_of(rest, name, "ConfigMap")["message"].startswith(f"{key}: "))

    argocd_cm({key: None, "resource.customizations": "'*Map': {health.lua: 'return {status = \"Suspended\"}'}"})
    apps.wait_status("Synced", "Suspended")

    argocd_cm({"resource.customizations": None})
    apps.wait_status("Synced", "Healthy")
    wait_health(None)


def test_waves_wait_for_a_health_script(apps, repo, argocd_cm):
    """What a script finds Progressing holds up the next wave; a change of the object lets it go on."""
    wave = "  annotations: {argocd.argoproj.io/sync-wave: '1'}\n"
    later = config_map("later", wanted="x", **{"is": "x"}).replace("metadata:\n", "metadata:\n" + wave)
    argocd_cm({"resource.customizations.health.ConfigMap": HEALTH % "Progressing"})
    repo.commit({"a.yaml": config_map("a", wanted="up", **{"is": "down"}), "b.yaml": later}, "first")
    apps.create(repo.url)
    apps.sync()
    apps.wait(lambda a: "waiting for healthy state of /ConfigMap/a" in
              a.get("status", {}).get("operationState", {}).get("message", ""), "the first wave")
    with pytest.raises(Exception, match="404|not found"):
        apps.api.get(f"/api/v1/namespaces/{apps.name}/configmaps/later")
    apps.api.patch(f"/api/v1/namespaces/{apps.name}/configmaps/a", {"data": {"is": "up"}})
    apps.wait_operation("Succeeded")


def test_hooks_of_deletion_wait_for_a_health_script(apps, repo, argocd_cm):
    """A PreDelete hook of a kind without a rule is done when its script says so."""
    hook = "  annotations: {argocd.argoproj.io/hook: PreDelete}\n"
    before = config_map("before", wanted="up", **{"is": "down"}).replace("metadata:\n", "metadata:\n" + hook)
    argocd_cm({"resource.customizations.health.ConfigMap": HEALTH % "Progressing"})
    repo.commit({"a.yaml": config_map("a", wanted="x", **{"is": "x"}), "b.yaml": before}, "first")
    apps.create(repo.url, automated=AUTOMATED, finalizer=True)
    apps.wait_status("Synced", "Healthy")
    apps.wait(lambda a: "pre-delete-finalizer.argocd.argoproj.io" in a["metadata"]["finalizers"], "the finalizer")
    apps.delete()
    path = f"/api/v1/namespaces/{apps.name}/configmaps/"

    def exists():
        try:
            return apps.api.get(path + "before")
        except ApiError:
            return None

    wait_for("the hook", exists, 30)
    assert apps.get()["metadata"]["deletionTimestamp"] and apps.api.get(path + "a")
    apps.api.patch(path + "before", {"data": {"is": "up"}})
    apps.wait_gone(f"{apps.collection}/{apps.name}")
