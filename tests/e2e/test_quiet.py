"""ignoreResourceUpdates with an expression that takes jq: noise refreshes nothing, the rest does."""

import itertools

from tests.cluster import wait_for
from tests.e2e.apps import config_map

RULE = "resource.customizations.ignoreResourceUpdates.ConfigMap"


def quiet_events(stack):
    return sum(value for key, value in stack.metrics("app-controller").items()
               if key.startswith("belay_cluster_quiet_events_total") and 'kind="ConfigMap"' in key)


def test_noise_that_jq_finds(argocd_cm, apps, repo, cluster, stack, name):
    argocd_cm({RULE: "jqPathExpressions: ['.data | getpath([\"noise\"])']"})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={})
    apps.wait_status("Synced", "Healthy")
    path = f"/api/v1/namespaces/{name}/configmaps/a"

    before, noises = quiet_events(stack), itertools.count()

    def is_quiet():
        """Changes that come together count as one, and the first one counts."""
        cluster.api.patch(path, {"data": {"noise": str(next(noises))}})
        return quiet_events(stack) >= before + 3

    wait_for("quiet events", is_quiet, 60)
    cluster.api.patch(path, {"data": {"x": "2"}})
    apps.wait_status("OutOfSync")
