"""Applications outside the control plane's namespace, with daemons of their own that look for them."""

import os
import subprocess

import pytest

from tests.cluster import ApiError
from tests.e2e.apps import Apps, config_map
from tests.e2e.test_rest import refused
from tests.stack import Stack

CONTROL = "argocd-any"
APPS = "/api/v1/applications"


@pytest.fixture(name="any_stack", scope="module")
def fixture_any_stack(stack, cluster, build, tmp_path_factory):
    flag = ["--application-namespaces", "team-*,/^ops[0-9]+$/"]
    running = Stack(build, tmp_path_factory.mktemp("any"), cluster.kubeconfig, cluster.api,
                    namespace=CONTROL, extra={"app-controller": flag, "api-server": flag})
    running.install_settings()
    cluster.api.create(f"/apis/argoproj.io/v1alpha1/namespaces/{CONTROL}/appprojects", {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": "team"},
        "spec": {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}],
                 "sourceNamespaces": ["team-a*"]}})
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture(name="any_rest")
def fixture_any_rest(any_stack):
    return any_stack.login()


@pytest.fixture(name="elsewhere")
def fixture_elsewhere(any_stack, cluster, name):
    """Makes an Apps that works in another namespace."""
    made = []

    def make(namespace):
        apps = Apps(cluster.api, any_stack, name)
        apps.collection = f"/apis/argoproj.io/v1alpha1/namespaces/{namespace}/applications"
        apps.make_namespace(namespace)
        made.append(apps)
        return apps

    yield make
    for apps in made:
        apps.clean()


def create(apps, repo, namespace, name, project="team", automated=None):
    obj = apps.manifest(name, repo.url, automated=automated, project=project, finalizer=True)
    obj["metadata"]["namespace"] = namespace
    apps.make_namespace(name)
    apps.adopt(name)
    return apps.api.create(apps.collection, obj)


def cli(build, stack, home, *args):
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "no_proxy": "*"}
    done = subprocess.run([str(build / "bin" / "belay"), *args], env=env, text=True, timeout=60,
                          capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_synced_deleted_and_named_by_their_namespace(
        elsewhere, repo, cluster, any_stack, any_rest, build, tmp_path, name):
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps = elsewhere("team-a")
    create(apps, repo, "team-a", name, automated={})
    apps.wait_status("Synced", "Healthy")
    assert apps.get()["status"]["controllerNamespace"] == CONTROL
    live = cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/a")
    tracking = live["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
    assert tracking == f"team-a_{name}:/ConfigMap:{name}/a"

    assert any_rest.get(f"{APPS}/{name}", appNamespace="team-a")["metadata"]["namespace"] == "team-a"
    refused(lambda: any_rest.get(f"{APPS}/{name}"), 403, 7, "permission denied")
    tree = any_rest.get(f"{APPS}/{name}/resource-tree", appNamespace="team-a")
    assert [n["name"] for n in tree["nodes"]] == ["a"]
    names = [i["metadata"]["name"] for i in any_rest.get(APPS, appNamespace="team-a")["items"]]
    assert names == [name]

    cli(build, any_stack, tmp_path, "login", any_stack.url, "--username", "admin", "--password",
        any_stack.password)
    shown = cli(build, any_stack, tmp_path, "app", "get", f"team-a/{name}")
    assert "Synced" in shown
    repo.commit({"a.yaml": config_map("a", x="2")}, "second")
    cli(build, any_stack, tmp_path, "app", "sync", f"team-a/{name}")
    apps.wait(lambda a: a["status"]["sync"].get("revision") == repo.head(), "the new revision")
    cli(build, any_stack, tmp_path, "app", "delete", f"team-a/{name}", "--yes")
    apps.wait_gone(f"{apps.collection}/{name}")
    with pytest.raises(ApiError):
        cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/a")


def test_a_namespace_the_project_does_not_permit(elsewhere, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps = elsewhere("team-b")
    create(apps, repo, "team-b", name, automated={})
    app = apps.wait_condition("InvalidSpecError",
                              f"'{name}' in namespace 'team-b' is not permitted to use project 'team'")
    assert app["status"]["sync"]["status"] == "Unknown"
    with pytest.raises(ApiError):
        cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/a")


def test_a_namespace_that_is_not_listed_is_left_alone(elsewhere, repo, any_rest, name):
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    stranger = elsewhere("stranger")
    create(stranger, repo, "stranger", name, automated={})
    ours = elsewhere("team-a")
    create(ours, repo, "team-a", name, automated={})  # made later, and looked at
    ours.wait_status("Synced")
    assert "status" not in stranger.get()
    refused(lambda: any_rest.get(f"{APPS}/{name}", appNamespace="stranger"), 403, 7, "not permitted")
