"""The controller is killed at every write of a sync: its successors finish the operation once, run no hook twice and
lose none."""

import pytest

from tests.e2e.apps import Apps, config_map
from tests.e2e.proxied import created, proxied_stack
from tests.e2e.reaper import Reaper
from tests.e2e.test_deletion import job


@pytest.fixture(name="proxied", scope="module")
def _proxied(build, cluster, tmp_path_factory):
    with proxied_stack(build, tmp_path_factory.mktemp("kills"), cluster, "kills",
                       ["--sync-wave-delay", "0s"]) as (stack, proxy):
        yield stack, proxy


@pytest.fixture(name="apps")
def _apps(cluster, proxied, name):
    made = Apps(cluster.api, proxied[0], name)
    yield made
    made.clean()


def sync_through_deaths(apps, reaper, phase="Succeeded"):
    def ended():
        app = apps.get()
        return (app.get("operation") is None and
                app.get("status", {}).get("operationState", {}).get("phase") == phase)

    apps.sync(prune=True)
    reaper.wait(f"the operation to be {phase}", ended)
    return apps.get()


def waved(name, wave):
    return config_map(name, x="1").replace(
        f"  name: {name}\n",
        f"  name: {name}\n  annotations: {{argocd.argoproj.io/sync-wave: '{wave}'}}\n")


def tree():
    """Hooks of each kind of name and each way to go, and two waves."""
    return {
        "pre.yaml": job("pre-", "PreSync").replace("name: pre-", "generateName: pre-", 1),
        "mid.yaml": job("mid", "Sync", policy="HookSucceeded"),
        "post.yaml": job("post", "PostSync"),
        "w0.yaml": waved("w0", 0), "w1.yaml": waved("w1", 1),
    }


def failing_tree():
    return {
        "post.yaml": job("post", "PostSync", policy="HookSucceeded", exit_code=1),
        "fail.yaml": job("fail", "SyncFail", policy="HookFailed"),
        "w0.yaml": waved("w0", 0),
    }


@pytest.fixture(name="app")
def _app(apps, proxied, repo, cluster, name):
    """An Application that was synced once and has something to prune."""
    repo.commit({"old.yaml": config_map("old", x="1"), "w0.yaml": waved("w0", 0)})
    apps.create(repo.url)
    apps.wait(lambda a: "sync" in a.get("status", {}), "the first comparison")
    apps.sync()
    apps.wait_operation()
    return apps


@pytest.mark.parametrize("nth,answered", [(1, True), (2, False)])
def test_killed_at_every_write(app, proxied, repo, cluster, name, nth, answered):
    stack, proxy = proxied
    repo.commit(tree(), remove=["old.yaml"])
    with Reaper(stack, proxy, nth, answered) as reaper:
        done = sync_through_deaths(app, reaper)
        jobs = created(proxy, "jobs")
        assert reaper.lives > 6
    assert sorted(n.split("-")[0] for n in jobs) == ["mid", "post", "pre"]
    assert len(done["status"]["history"]) == 2
    results = done["status"]["operationState"]["syncResult"]["resources"]
    assert [r["status"] for r in results if r["name"] == "old"] == ["Pruned"]
    hooks = {r["name"].split("-")[0]: r["hookPhase"] for r in results if r.get("hookType")}
    assert hooks == {"pre": "Succeeded", "mid": "Succeeded", "post": "Succeeded"}
    maps = {m["metadata"]["name"] for m in
            cluster.api.get(f"/api/v1/namespaces/{name}/configmaps")["items"]}
    assert {"w0", "w1"} <= maps and "old" not in maps
    app.wait_status("Synced")


def test_killed_at_every_write_of_a_failing_sync(app, proxied, repo, name):
    stack, proxy = proxied
    repo.commit(failing_tree(), remove=["old.yaml"])
    with Reaper(stack, proxy, 2, True) as reaper:
        done = sync_through_deaths(app, reaper, "Failed")
        jobs = created(proxy, "jobs")
    assert sorted(jobs) == ["fail", "post"]
    assert len(done["status"]["history"]) == 1
    results = done["status"]["operationState"]["syncResult"]["resources"]
    hooks = {r["name"].split("-")[0]: r["hookPhase"] for r in results if r.get("hookType")}
    assert hooks["post"] == "Failed" and hooks["fail"] == "Succeeded"
