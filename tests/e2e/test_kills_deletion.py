"""The controller is killed at every write of a deletion: each hook is run once, though its Job is taken away as soon as
it has finished."""

import pytest

from tests.cluster import ApiError
from tests.e2e.apps import Apps, config_map
from tests.e2e.proxied import created, deleted, proxied_stack
from tests.e2e.reaper import Reaper
from tests.e2e.test_deletion import job


@pytest.fixture(name="proxied", scope="module")
def _proxied(build, cluster, tmp_path_factory):
    with proxied_stack(build, tmp_path_factory.mktemp("kills"), cluster, "kills-deletion") as (stack, proxy):
        yield stack, proxy


@pytest.fixture(name="apps")
def _apps(cluster, proxied, name):
    made = Apps(cluster.api, proxied[0], name)
    yield made
    made.clean()


def fleeting(name, hook, **options):
    """Where the cluster does that (Kubernetes 1.21 and newer)."""
    text = job(name, hook, **options)
    return text.replace("  backoffLimit", "  ttlSecondsAfterFinished: 0\n  backoffLimit", 1)


@pytest.mark.parametrize("nth,answered", [(1, True), (2, False)])
def test_killed_at_every_write_of_a_deletion(apps, proxied, repo, cluster, name, nth, answered):
    stack, proxy = proxied
    repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": config_map("b", x="1"),
                 "pre.yaml": fleeting("pre", "PreDelete"), "post.yaml": fleeting("post", "PostDelete"),
                 "last.yaml": fleeting("last", "post-delete", weight=1, policy="HookSucceeded")})
    apps.create(repo.url, automated={}, finalizer=True)
    apps.wait_status("Synced")
    apps.wait(lambda a: len(a["metadata"]["finalizers"]) == 5, "the finalizers of the hooks")

    def gone():
        try:
            apps.get()
            return False
        except ApiError as e:
            return e.status == 404

    with Reaper(stack, proxy, nth, answered) as reaper:
        apps.delete()
        reaper.wait("the application to go", gone)
        assert reaper.lives > 6
    assert sorted(created(proxy, "jobs")) == ["last", "post", "pre"]
    maps = f"/api/v1/namespaces/{name}/configmaps"
    assert {f"{maps}/a", f"{maps}/b"} <= set(deleted(proxy))
    left = cluster.api.get(f"/apis/batch/v1/namespaces/{name}/jobs")["items"]
    assert not any(j["metadata"].get("finalizers") == ["argocd.argoproj.io/hook-finalizer"] for j in left)
    assert "last" not in {j["metadata"]["name"] for j in left if "deletionTimestamp" not in j["metadata"]}
