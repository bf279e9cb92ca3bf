"""Objects that change all the time do not keep the controller busy: shown by its counters."""

import textwrap
import time
import uuid

import pytest

from tests.cluster import ProcessError, wait_for
from tests.e2e.apps import Apps, config_map
from tests.servers.git.repository import Repository

N_APPS = 40


def total(stack, name, part=""):
    return sum(value for key, value in stack.metrics("app-controller").items()
               if key.startswith(name) and part in key)



@pytest.fixture(name="group", scope="module")
def _group(cluster):
    """Gauges: a kind with a status, of which nobody but the test writes anything."""
    crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
           "metadata": {"name": "gauges.storm.example.com"},
           "spec": {"group": "storm.example.com", "scope": "Namespaced",
                    "names": {"kind": "Gauge", "plural": "gauges", "singular": "gauge"},
                    "versions": [{"name": "v1", "served": True, "storage": True,
                                  "subresources": {"status": {}},
                                  "schema": {"openAPIV3Schema": {
                                      "type": "object",
                                      "x-kubernetes-preserve-unknown-fields": True}}}]}}
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    cluster.api.create(path, crd)
    yield "storm.example.com"
    cluster.api.delete(f"{path}/gauges.storm.example.com")


@pytest.fixture(name="name", scope="module")
def _name():
    return f"storm-{uuid.uuid4().hex[:6]}"


@pytest.fixture(name="fleet", scope="module")
def _fleet(cluster, stack, git_root, git_server, group, name):
    """Applications of one Gauge and one ConfigMap each, synced."""
    repo = Repository(git_root / f"{name}.git")
    url = git_server.url(f"{name}.git")
    made = Apps(cluster.api, stack, name)
    gauge = textwrap.dedent(f"""\
        apiVersion: {group}/v1
        kind: Gauge
        metadata: {{name: g%d}}
        spec: {{size: 1}}
        """)
    repo.commit({f"{i}/{file}": text for i in range(N_APPS)
                 for file, text in (("g.yaml", gauge % i), ("m.yaml", config_map(f"m{i}", x="1")))})
    for i in range(N_APPS):
        made.create(url, name=f"{name}-{i}", namespace=name, path=str(i), automated={},
                    make_namespace=i == 0,
                    ignoreDifferences=[{"group": group, "kind": "Gauge",
                                        "jsonPointers": ["/spec/tick"]}])
    wait_for("the fleet to be synced", lambda: total(
        stack, "argocd_app_info", f'dest_namespace="{name}",sync_status="Synced"') == N_APPS, 90)
    rest = {"count": -1}

    def rests():
        before, rest["count"] = rest["count"], total(stack, "argocd_app_reconcile_count")
        time.sleep(0.5)  # between two looks at a counter that has to stand still
        return before == rest["count"]

    try:
        wait_for("the fleet to rest", rests, 60)
    except ProcessError as e:
        raise ProcessError(f"{e}\n{stack.log_tail('app-controller', 80)}") from e
    yield made
    made.clean()


def gauge_events(stack):
    return (total(stack, "argocd_cluster_events_total", 'kind="Gauge"') +
            total(stack, "belay_cluster_quiet_events_total", 'kind="Gauge"'))


def churn(cluster, stack, ns, group, gauges, rounds, sub, body):
    """Patches every gauge in every round; returns how many comparisons that caused, in how many seconds."""
    before, events = total(stack, "argocd_app_reconcile_count"), gauge_events(stack)
    begin = time.monotonic()
    for n in range(rounds):
        for i in range(gauges):
            path = f"/apis/{group}/v1/namespaces/{ns}/gauges/g{i}{sub}"
            cluster.api.patch(path, body(n))
    wait_for("all events", lambda: gauge_events(stack) - events >= rounds * gauges, 30)
    return total(stack, "argocd_app_reconcile_count") - before, time.monotonic() - begin


def test_churn_of_status_refreshes_nothing(fleet, cluster, stack, group, name):
    quiet = total(stack, "belay_cluster_quiet_events_total", 'kind="Gauge"')
    compared, seconds = churn(cluster, stack, name, group, N_APPS, 5, "/status",
                              lambda n: {"status": {"reading": n}})
    assert compared <= 5 + N_APPS * seconds / 60, f"{compared} comparisons in {seconds:.1f} s"
    quiet = total(stack, "belay_cluster_quiet_events_total", 'kind="Gauge"') - quiet
    assert quiet == 5 * N_APPS


def test_churn_of_what_counts_is_batched(fleet, cluster, stack, group, name):
    compared, seconds = churn(cluster, stack, name, group, 4, 60, "",
                              lambda n: {"spec": {"tick": n}})
    assert 4 <= compared <= 4 * (2 * seconds + 3), f"{compared} comparisons in {seconds:.1f} s"
    assert total(stack, "argocd_app_info", 'sync_status="Synced"') >= N_APPS
