"""What mutating webhooks make of objects is no difference, unless an application asks for it."""

import pytest

from tests.cluster import wait_for
from tests.e2e.apps import config_map
from tests.e2e.webhooks import admission, json_patch

COMPARE = "argocd.argoproj.io/compare-options"


def inject(value):
    return lambda request: json_patch(
        {"op": "add", "path": "/data/injected", "value": value}) if request.get("object") else {}


@pytest.fixture(name="webhook")
def _webhook(apps, cluster, name):
    with admission(cluster, name, inject("one"), "Mutating") as hook:
        apps.make_namespace(name)
        cluster.api.patch(f"/api/v1/namespaces/{name}", {"metadata": {"labels": {"webhook": name}}})
        wait_for("the webhook to count", lambda: "injected" in cluster.api.create(
            f"/api/v1/namespaces/{name}/configmaps?dryRun=All",
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe"}, "data": {"a": "b"}})["data"], 20)
        yield hook


def test_mutations_and_server_side_diff(apps, repo, webhook, cluster, name):
    """With IncludeMutationWebhook=true what a webhook would make today counts."""
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url)
    apps.patch({"metadata": {"annotations": {COMPARE: "ServerSideDiff=true"}}})
    apps.sync()
    apps.wait_operation()
    assert cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/a")["data"] == {
        "x": "1", "injected": "one"}
    apps.wait_status("Synced")
    webhook.decide = inject("two")
    apps.refresh("hard")
    apps.wait_status("Synced")
    apps.patch({"metadata": {"annotations": {
        COMPARE: "ServerSideDiff=true,IncludeMutationWebhook=true"}}})
    apps.refresh("hard")
    apps.wait_status("OutOfSync")
    webhook.decide = inject("one")
    apps.refresh("hard")
    apps.wait_status("Synced")
