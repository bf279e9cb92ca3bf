"""What an API server does to its clients: throttling, errors, broken and silent watches, old answers, admission that
denies. Nothing is deleted that should not be, and everything comes right afterwards."""

import pytest

from tests.cluster import ApiError, wait_for
from tests.e2e.apps import Apps, config_map
from tests.e2e.proxied import deleted, proxied_stack
from tests.e2e.webhooks import admission

AUTOMATED = {"prune": True, "selfHeal": True}
RETRY = {"automated": AUTOMATED, "retry": {"limit": -1, "backoff": {"duration": "300ms", "factor": 1}}}


@pytest.fixture(name="proxied", scope="module")
def _proxied(build, cluster, tmp_path_factory):
    with proxied_stack(build, tmp_path_factory.mktemp("faults"), cluster, "faults",
                       ["--sync-wave-delay", "0s", "--self-heal-backoff-timeout-seconds", "0"]) as (stack, proxy):
        yield stack, proxy


@pytest.fixture(name="proxy")
def _proxy(proxied):
    """The fault proxy; whatever a test does, nothing may be deleted that it does not name."""
    proxy = proxied[1]
    proxy.writes.clear()
    yield proxy
    proxy.faults.clear()
    proxy.release_watches()


@pytest.fixture(name="apps")
def _apps(cluster, proxied, name):
    made = Apps(cluster.api, proxied[0], name)
    yield made
    made.clean()


def maps(ns):
    return f"/api/v1/namespaces/{ns}/configmaps"


def data_of(api, ns, name):
    try:
        return api.get(f"{maps(ns)}/{name}").get("data")
    except ApiError as e:
        if e.status == 404:
            return None
        raise


def arrives(apps, repo, cluster, ns, text):
    """A change in Git comes to the cluster."""
    revision = repo.commit({"a.yaml": config_map("a", x=text)})
    apps.refresh()
    apps.wait(lambda a: a["status"]["sync"].get("revision") == revision and
              a["status"]["sync"]["status"] == "Synced", "the change to arrive")
    assert data_of(cluster.api, ns, "a") == {"x": text}


def test_throttling_and_errors_are_waited_out(apps, repo, proxy, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": config_map("b", x="1")})
    throttle = proxy.throttle(f"(POST|PATCH) .*{name}/configmaps", retry_after_s=1, times=2)
    errors = proxy.fail(f"(POST|PATCH) .*{name}/configmaps", 500, times=1)
    apps.create(repo.url, syncPolicy=RETRY)
    apps.wait_status("Synced")
    assert throttle.hits == 2 and errors.hits == 1
    proxy.throttle("PATCH .*applications", retry_after_s=1, times=1)
    proxy.fail("PATCH .*applications", 503, times=1)
    arrives(apps, repo, cluster, name, "2")
    assert not deleted(proxy)


def test_dropped_and_expired_watches_miss_nothing(apps, repo, proxy, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": config_map("b", x="1")})
    apps.create(repo.url, syncPolicy=RETRY)
    apps.wait_status("Synced")
    for round_ in range(2):
        expired = proxy.expire_watches("configmaps.*watch=", times=2) if round_ else None
        refused = proxy.faults.add("drop", "configmaps.*watch=", times=1)
        assert proxy.cut_watches() > 0
        cluster.api.patch(f"{maps(name)}/a", {"data": {"x": f"drift {round_}"}})
        cluster.api.delete(f"{maps(name)}/b")
        wait_for("the drift to be healed", lambda: data_of(cluster.api, name, "a") == {"x": "1"} and
                 data_of(cluster.api, name, "b") == {"x": "1"}, 30)
        assert refused.hits == 1 and (expired is None or expired.hits == 2)
        proxy.faults.clear()
    apps.wait_status("Synced")
    assert not deleted(proxy)


def test_watches_that_hang(apps, repo, proxy, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, syncPolicy=RETRY)
    apps.wait_status("Synced")
    proxy.faults.add("hang", "configmaps.*watch=")
    proxy.cut_watches()
    apps.patch({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    apps.wait_condition("ComparisonError", "watch configmaps")
    cluster.api.patch(f"{maps(name)}/a", {"data": {"x": "drift"}})
    proxy.faults.clear()
    wait_for("the drift to be healed", lambda: data_of(cluster.api, name, "a") == {"x": "1"}, 30)
    apps.wait_no_condition("ComparisonError")
    assert not deleted(proxy)


def test_slow_answers(apps, repo, proxy, cluster, name):
    proxy.faults.add("delay", f"{name}|applications/", seconds=0.3)
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, syncPolicy=RETRY)
    apps.wait_status("Synced")
    arrives(apps, repo, cluster, name, "2")
    assert not deleted(proxy)


def hand_over(api, ns):
    """Three objects are no longer for the application to delete."""
    api.delete(f"{maps(ns)}/again")
    api.create(maps(ns), {"apiVersion": "v1", "kind": "ConfigMap", "data": {"x": "mine"},
                          "metadata": {"name": "again"}})
    api.patch(f"{maps(ns)}/adopted", {"metadata": {"annotations": {
        "argocd.argoproj.io/tracking-id": None}}})
    api.patch(f"{maps(ns)}/kept", {"metadata": {"annotations": {
        "argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}}})


def test_prune_of_what_changed_unseen(apps, repo, proxy, cluster, name):
    names = ("a", "again", "adopted", "kept", "old")
    repo.commit({f"{n}.yaml": config_map(n, x="1") for n in names})
    apps.create(repo.url)
    apps.wait_status("OutOfSync")
    apps.sync()
    apps.wait_operation()
    apps.wait_status("Synced")
    proxy.hold_watches("/configmaps\\?")
    hand_over(cluster.api, name)
    cluster.api.patch(f"{maps(name)}/old", {"data": {"x": "touched"}})
    repo.commit({}, "only a", remove=[f"{n}.yaml" for n in names[1:]])
    apps.sync(prune=True)
    wait_for("what is still ours to go", lambda: data_of(cluster.api, name, "old") is None, 30)
    proxy.release_watches()
    app = apps.wait_operation()
    assert deleted(proxy) == [f"{maps(name)}/old"]
    for untouched in ("again", "adopted", "kept"):
        assert data_of(cluster.api, name, untouched) is not None
    results = {r["name"]: r["status"] for r in app["status"]["operationState"]["syncResult"]["resources"]}
    assert results["old"] == "Pruned" and results["kept"] == "PruneSkipped"
    assert "Pruned" not in {results.get("again"), results.get("adopted")}


def test_deletion_of_what_changed_unseen(apps, repo, proxy, cluster, name):
    names = ("a", "again", "adopted", "kept")
    repo.commit({f"{n}.yaml": config_map(n, x="1") for n in names})
    apps.create(repo.url, automated={}, finalizer=True)
    apps.wait_status("Synced")
    proxy.hold_watches("/configmaps\\?")
    hand_over(cluster.api, name)
    apps.delete()
    wait_for("what is ours to go", lambda: data_of(cluster.api, name, "a") is None, 30)
    proxy.release_watches()
    apps.wait_gone(f"{apps.collection}/{name}")
    assert deleted(proxy) == [f"{maps(name)}/a"]
    for untouched in names[1:]:
        assert data_of(cluster.api, name, untouched) is not None


@pytest.fixture(name="webhook")
def _webhook(cluster, name):
    def decide(_):
        if not hook.denies:
            return {}
        return {"allowed": False, "status": {"message": "the moon is full", "code": 403}}

    with admission(cluster, name, decide) as hook:
        hook.denies = True
        yield hook


def test_admission_that_denies(apps, repo, webhook, proxy, cluster, name):
    apps.make_namespace(name)
    cluster.api.patch(f"/api/v1/namespaces/{name}", {"metadata": {"labels": {"webhook": name}}})
    wait_for("the webhook to count", lambda: refused(cluster.api, name), 20)
    repo.commit({"a.yaml": config_map("a", x="1"), "old.yaml": config_map("old", x="1")})
    apps.create(repo.url, syncPolicy=RETRY)
    app = apps.wait(lambda a: "the moon is full" in str(
        a.get("status", {}).get("operationState", {}).get("syncResult")), "the denial to be told")
    failed = app["status"]["operationState"]["syncResult"]["resources"]
    assert {r["status"] for r in failed} == {"SyncFailed"}
    webhook.denies = False
    apps.wait_status("Synced")
    webhook.denies = True
    repo.commit({}, "without old", remove=["old.yaml"])
    apps.refresh()
    apps.wait(lambda a: "the moon is full" in str(a["status"]["operationState"]) and
              a["status"]["operationState"]["phase"] == "Running", "the denied pruning to be told")
    assert not deleted(proxy) and data_of(cluster.api, name, "a") == {"x": "1"}
    webhook.denies = False
    apps.wait_status("Synced")
    assert deleted(proxy) == [f"{maps(name)}/old"]


def refused(api, ns):
    try:
        api.create(f"{maps(ns)}?dryRun=All", {"apiVersion": "v1", "kind": "ConfigMap",
                                              "metadata": {"name": "probe"}})
        return False
    except ApiError:
        return True
