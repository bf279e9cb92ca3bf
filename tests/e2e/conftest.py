"""A real cluster, a real Git server and the built daemons, shared by all tests of a run."""

import base64
import os
import re
import uuid
from pathlib import Path

import pytest

from tests.cluster import Cluster
from tests.e2e.apps import SECRETS, Apps
from tests.e2e.cli import Cli
from tests.servers.git.http_server import GitHttpServer
from tests.servers.git.repository import Repository
from tests.stack import Stack


class ServedRepository(Repository):
    """A repository with the URL it is served at."""

    url = None


@pytest.fixture(scope="session")
def build():
    return Path(os.environ.get("BELAY_BUILD", "build")).resolve()


@pytest.fixture(scope="session")
def cluster():
    up = Cluster.up(lane=os.environ.get("BELAY_LANE"), node="fake", name="e2e",
                    die_with=os.getpid())
    yield up
    up.down()


@pytest.fixture(scope="session")
def git_root(tmp_path_factory):
    return tmp_path_factory.mktemp("git")


@pytest.fixture(scope="session")
def git_server(git_root):
    with GitHttpServer(git_root) as server:
        yield server


@pytest.fixture(scope="session")
def stack(cluster, build, tmp_path_factory):
    """All daemons, ready. Tests that stop one start it again."""
    directory = tmp_path_factory.mktemp("stack")
    running = Stack(build, directory, cluster.kubeconfig, cluster.api)
    running.install_crds()
    running.install_settings()
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(autouse=True)
def no_daemon_died(request):
    """A daemon that dies fails the test it died in, and is started again for the others."""
    yield
    if "stack" not in request.fixturenames:
        return
    stack = request.getfixturevalue("stack")
    dead = stack.dead()
    logs = {daemon: stack.log_tail(daemon, 100) for daemon in dead}
    if dead:
        stack.start(*dead)
    assert not dead, f"died with {dead}: {logs}"


@pytest.fixture(scope="session")
def rest(stack):
    return stack.login()


@pytest.fixture
def anonymous(build, stack, tmp_path):
    """The command, not logged in."""
    return Cli(build, tmp_path, stack)


@pytest.fixture
def cli(anonymous):
    return anonymous.login()


@pytest.fixture
def name(request):
    """A name of its own for each test: application, namespace and repository."""
    short = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower()).strip("-")
    return f"{short[:40].strip('-')}-{uuid.uuid4().hex[:6]}"


@pytest.fixture
def repo(git_root, git_server, name):
    """An empty repository with a URL."""
    made = ServedRepository(git_root / f"{name}.git")
    made.url = git_server.url(f"{name}.git")
    return made


@pytest.fixture
def apps(cluster, stack, name):
    """Makes Applications and takes them away at the end, with their namespaces."""
    made = Apps(cluster.api, stack, name)
    yield made
    made.clean()


@pytest.fixture
def secrets(cluster, stack, name):
    """Makes repository secrets: secrets(url=..., kind="repository", ...)."""
    made = []

    def make(kind="repository", **data):
        secret = f"{name[:40]}-{len(made)}"
        cluster.api.create(SECRETS.format(ns=stack.namespace), {
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": secret, "namespace": stack.namespace,
                         "labels": {"argocd.argoproj.io/secret-type": kind}},
            "data": {key: base64.b64encode(value.encode()).decode()
                     for key, value in data.items()}})
        made.append(secret)
        return secret

    yield make
    for secret in made:
        cluster.api.delete(f"{SECRETS.format(ns=stack.namespace)}/{secret}")


@pytest.fixture
def argocd_cm(cluster, stack):
    """Sets keys of argocd-cm (None takes one away), and takes them away at the end."""
    path = f"/api/v1/namespaces/{stack.namespace}/configmaps/argocd-cm"
    touched = set()

    def put(data):
        touched.update(data)
        cluster.api.patch(path, {"data": data})

    yield put
    cluster.api.patch(path, {"data": {key: None for key in touched}})
