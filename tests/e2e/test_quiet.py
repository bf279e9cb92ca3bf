"""ignoreResourceUpdates with an expression that takes jq: noise refreshes nothing, the rest does."""

from tests.cluster import wait_for
from tests.e2e.apps import config_map

RULE = "resource.customizations.ignoreResourceUpdates.ConfigMap"


def total(stack, name):
    return sum(value for key, value in stack.metrics("app-controller").items()
               if key.startswith(name) and 'kind="ConfigMap"' in key)


def quiet_events(stack):
    return total(stack, "belay_cluster_quiet_events_total")


def test_noise_that_jq_finds(argocd_cm, apps, repo, cluster, stack, name):
    argocd_cm({RULE: "jqPathExpressions: ['.data | getpath([\"noise\"])']"})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={})
    apps.wait_status("Synced", "Healthy")
    path = f"/api/v1/namespaces/{name}/configmaps/a"

    def make_noise(n):
        events = total(stack, "argocd_cluster_events_total") + quiet_events(stack)
        cluster.api.patch(path, {"data": {"noise": str(n)}})
        wait_for("the event", lambda: total(stack, "argocd_cluster_events_total") +
                 quiet_events(stack) > events, 30)

    for n in range(3):  # the first ones count, until it is known what the object is without noise
        make_noise(n)
    before = quiet_events(stack)
    for n in range(3, 6):
        make_noise(n)
    wait_for("quiet events", lambda: quiet_events(stack) >= before + 3, 30)
    cluster.api.patch(path, {"data": {"x": "2"}})
    apps.wait_status("OutOfSync")
