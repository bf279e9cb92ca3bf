"""Many Applications synced at once: what each of them costs the API server and its repository."""

import pytest

from tests.cluster import wait_for
from tests.e2e.apps import Apps, config_map
from tests.servers.git.repository import Repository

N_APPS = 12


def listings(stack, url):
    """How often the Git server was asked for its references."""
    return sum(value for key, value in stack.metrics("repo-server").items()
               if key.startswith("argocd_git_request_total") and url in key and "ls-remote" in key)


@pytest.fixture(name="fleet")
def _fleet(cluster, stack, git_root, git_server, request):
    """Applications of one ConfigMap each, compared; and the URL of their repository."""
    name = f"mass-{request.node.name.replace('_', '-')[5:25].strip('-')}"
    repo = Repository(git_root / f"{name}.git")
    url = git_server.url(f"{name}.git")
    made = Apps(cluster.api, stack, name)
    repo.commit({f"{i}/m.yaml": config_map(f"m{i}", x="1") for i in range(N_APPS)})
    for i in range(N_APPS):
        made.create(url, name=f"{name}-{i}", namespace=name, path=str(i), make_namespace=i == 0)
    for i in range(N_APPS):
        made.wait_status(sync="OutOfSync", name=f"{name}-{i}")
    yield made, url
    made.clean()


def settled(apps, names):
    """The Applications once nobody writes them any more."""
    last = {}

    def still():
        now = {n: apps.get(n)["metadata"]["resourceVersion"] for n in names}
        same = now == last.get("seen")
        last["seen"] = now
        return same

    wait_for("the applications to rest", still, 60)
    return {n: apps.get(n) for n in names}


def test_a_sync_is_two_writes_and_the_repository_is_asked_for_all(fleet, stack):
    apps, url = fleet
    names = [f"{apps.name}-{i}" for i in range(N_APPS)]
    before = {n: app["metadata"]["generation"] for n, app in settled(apps, names).items()}
    asked = listings(stack, url)
    for n in names:
        apps.sync(n)
    for n in names:
        apps.wait_operation(name=n)
        apps.wait_status(sync="Synced", health="Healthy", name=n)
    after = settled(apps, names)
    for n, app in after.items():  # a generation for the request, its beginning, and its end with the comparison
        assert app["metadata"]["generation"] - before[n] == 3, n
        assert app["status"]["history"][0]["revision"] == app["status"]["sync"]["revision"]
        assert app["status"]["operationState"]["phase"] == "Succeeded"
    assert 1 <= listings(stack, url) - asked <= N_APPS
