"""The controller is killed at every write of a sync: its successors finish the operation once, run no hook twice and
lose none."""

import signal
import threading

import pytest

from tests.cluster import wait_for
from tests.e2e.apps import Apps, config_map
from tests.e2e.proxied import created, proxied_stack
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


class Reaper:
    """Kills the controller at the n-th write of its life, before the API server sees it or before the answer is
    there, and starts the next one."""

    def __init__(self, stack, proxy, nth, answered):
        self.stack = stack
        self.proxy = proxy
        self.nth = nth
        self.answered = answered
        self.seen = 0
        self.lives = 1
        self.dead = False
        self.lock = threading.Lock()

    def gate(self, write, answered):
        with self.lock:
            if self.dead:
                return False
            self.seen += not answered
            if self.seen < self.nth or answered != self.answered:
                return True
            self.dead = True
            self.stack.kill("app-controller", signal.SIGKILL)
            return False

    def revive(self):
        with self.lock:
            if not self.dead:
                return
            self.seen = 0
            self.lives += 1
            self.dead = False
            self.stack.spawn("app-controller")

    def __enter__(self):
        self.proxy.writes.clear()
        self.proxy.gate = self.gate
        return self

    def __exit__(self, *_):
        self.proxy.gate = None
        self.revive()


def sync_through_deaths(apps, reaper, phase="Succeeded"):
    def ended():
        reaper.revive()
        app = apps.get()
        return (app.get("operation") is None and
                app.get("status", {}).get("operationState", {}).get("phase") == phase)

    apps.sync(prune=True)
    try:
        wait_for(f"the operation to be {phase}", ended, 180)
    except Exception as e:
        writes = "\n".join(map(str, reaper.proxy.writes[-40:]))
        raise AssertionError(f"{e}\n{apps.get().get('status')}\n{writes}") from e
    return apps.get()


def waved(name, wave):
    return config_map(name, x="1").replace(
        f"  name: {name}\n",
        f"  name: {name}\n  annotations: {{argocd.argoproj.io/sync-wave: '{wave}'}}\n")


def tree(failing=False):
    generated = job("gen", "PostSync").replace("name: gen", "generateName: gen-", 1)
    return {
        "pre.yaml": job("pre", "PreSync"),
        "mid.yaml": job("mid", "Sync", policy="HookSucceeded"),
        "post.yaml": job("post", "PostSync", policy="HookSucceeded", exit_code=int(failing)),
        "gen.yaml": generated,
        "fail.yaml": job("fail", "SyncFail", policy="HookFailed" if failing else None),
        **{f"w{wave}.yaml": waved(f"w{wave}", wave) for wave in range(3)},
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
    assert sorted(n.split("-")[0] for n in jobs) == ["gen", "mid", "post", "pre"]
    assert len(done["status"]["history"]) == 2
    results = done["status"]["operationState"]["syncResult"]["resources"]
    assert [r["status"] for r in results if r["name"] == "old"] == ["Pruned"]
    hooks = {r["name"].split("-")[0]: r["hookPhase"] for r in results if r.get("hookType")}
    assert hooks == {"pre": "Succeeded", "mid": "Succeeded", "post": "Succeeded", "gen": "Succeeded"}
    maps = {m["metadata"]["name"] for m in
            cluster.api.get(f"/api/v1/namespaces/{name}/configmaps")["items"]}
    assert {"w0", "w1", "w2"} <= maps and "old" not in maps
    app.wait_status("Synced")


def test_killed_at_every_write_of_a_failing_sync(app, proxied, repo, name):
    stack, proxy = proxied
    repo.commit(tree(failing=True), remove=["old.yaml"])
    with Reaper(stack, proxy, 2, True) as reaper:
        done = sync_through_deaths(app, reaper, "Failed")
        jobs = created(proxy, "jobs")
    assert sorted(n.split("-")[0] for n in jobs) == ["fail", "gen", "mid", "post", "pre"]
    assert len(done["status"]["history"]) == 1
    results = done["status"]["operationState"]["syncResult"]["resources"]
    hooks = {r["name"].split("-")[0]: r["hookPhase"] for r in results if r.get("hookType")}
    assert hooks["post"] == "Failed" and hooks["fail"] == "Succeeded"
