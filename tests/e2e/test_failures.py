"""What goes wrong in an organisation: each failure is one clear condition on the one Application it concerns,
everything else goes on, and when the cause is gone the Application recovers by itself."""

import signal

import pytest

from tests.cluster import wait_for
from tests.e2e.apps import config_map
from tests.servers.git.http_server import GitHttpServer
from tests.servers.git.repository import Repository

AUTOMATED = {"prune": True, "selfHeal": True}
BAD_YAML = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bad\n wrong: indent\n"


def data_of(api, ns, name):
    return api.get(f"/api/v1/namespaces/{ns}/configmaps/{name}").get("data")


@pytest.fixture
def bystander(apps, git_root, git_server, name):
    """Another Application that must not notice anything; call it to see that it still works."""
    other = Repository(git_root / f"{name}-other.git")
    other.commit({"o.yaml": config_map("o", n="0")})
    apps.create(git_server.url(f"{name}-other.git"), name=f"{name}-o", automated=AUTOMATED)
    apps.wait_status("Synced", name=f"{name}-o")
    count = [0]

    def still_works():
        count[0] += 1
        revision = other.commit({"o.yaml": config_map("o", n=str(count[0]))})
        apps.refresh(name=f"{name}-o")
        apps.wait(lambda a: a["status"]["sync"].get("revision") == revision and
                  a["status"]["sync"]["status"] == "Synced", "the bystander to sync", f"{name}-o")

    return still_works


def test_bad_yaml(apps, repo, bystander):
    repo.commit({"a.yaml": config_map("a", x="1"), "bad.yaml": BAD_YAML})
    apps.create(repo.url, automated=AUTOMATED)
    app = apps.wait_condition("ComparisonError", "bad.yaml")
    message = next(c["message"] for c in app["status"]["conditions"]
                   if c["type"] == "ComparisonError")
    assert "bad.yaml:5" in message
    assert app["status"]["sync"]["status"] == "Unknown"
    bystander()
    repo.commit({}, "mended", remove=["bad.yaml"])
    apps.refresh()
    apps.wait_status("Synced")
    apps.wait_no_condition("ComparisonError")


def test_unknown_kind(apps, repo, bystander, name):
    repo.commit({"w.yaml": "apiVersion: example.com/v1\nkind: Gadget\nmetadata:\n  name: g\n",
                 "a.yaml": config_map("a", x="1")})
    apps.create(repo.url, syncPolicy={
        "automated": {"prune": True}, "retry": {"limit": 1, "backoff": {"duration": "1s"}}})
    app = apps.wait(lambda a: "Gadget" in str(a.get("status", {}).get("operationState", {})),
                    "the operation to name the kind")
    assert "could not find example.com/Gadget" in str(app["status"]["operationState"])
    bystander()
    repo.commit({}, "without the gadget", remove=["w.yaml"])
    apps.refresh()
    apps.wait_status("Synced")


def test_missing_path(apps, repo, bystander):
    repo.commit({"here/a.yaml": config_map("a", x="1")})
    apps.create(repo.url, path="there", automated=AUTOMATED)
    apps.wait_condition("ComparisonError", "there")
    bystander()
    repo.commit({"there/a.yaml": config_map("a", x="1")})
    apps.refresh()
    apps.wait_status("Synced")


def test_missing_branch(apps, repo, bystander):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, revision="release", automated=AUTOMATED)
    apps.wait_condition("ComparisonError", "release")
    bystander()
    repo.commit({"a.yaml": config_map("a", x="1")}, branch="release")
    apps.refresh()
    apps.wait_status("Synced")


def test_unreachable_repository(apps, cluster, bystander, tmp_path, name):
    repo = Repository(tmp_path / "far.git")
    repo.commit({"a.yaml": config_map("a", x="1")})
    with GitHttpServer(tmp_path) as server:
        server.refuse()
        apps.create(server.url("far.git"), automated=AUTOMATED)
        apps.wait_condition("ComparisonError", "far.git")
        bystander()
        server.accept()
        apps.wait_status("Synced", timeout_s=90)  # by itself: nobody asks for a refresh
        apps.wait_no_condition("ComparisonError")
        assert data_of(cluster.api, name, "a") == {"x": "1"}


def test_repository_that_hangs_costs_only_its_own(apps, bystander, tmp_path):
    repo = Repository(tmp_path / "slow.git")
    repo.commit({"a.yaml": config_map("a", x="1")})
    with GitHttpServer(tmp_path) as server:
        server.faults.add("hang", "info/refs")
        apps.create(server.url("slow.git"), automated=AUTOMATED)
        bystander()
        server.faults.clear()
        apps.wait_status("Synced", timeout_s=120)


def test_project_that_does_not_exist(apps, repo, bystander):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated=AUTOMATED, project="nowhere")
    apps.wait_condition("InvalidSpecError", "nowhere")
    bystander()


def test_destination_that_does_not_exist(apps, repo, bystander):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated=AUTOMATED,
                destination={"server": "https://192.0.2.1:6443", "namespace": "x"})
    apps.wait_condition("InvalidSpecError", "192.0.2.1")
    bystander()


def test_object_the_api_server_refuses(apps, repo, bystander, name):
    bad = "apiVersion: v1\nkind: Service\nmetadata:\n  name: s\nspec:\n  ports:\n    - port: 99999999\n"
    repo.commit({"s.yaml": bad, "a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated={"prune": True}, syncPolicy={
        "automated": {"prune": True}, "retry": {"limit": 0}})
    app = apps.wait_operation("Failed")
    result = app["status"]["operationState"]["syncResult"]["resources"]
    service = next(r for r in result if r["kind"] == "Service")
    assert service["status"] == "SyncFailed"
    assert "99999999" in service["message"]
    bystander()


@pytest.mark.parametrize("daemon", ["repo-server", "app-controller", "api-server"])
def test_daemon_killed(apps, repo, stack, cluster, name, daemon):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced")
    stack.kill(daemon, signal.SIGKILL)
    revision = repo.commit({"a.yaml": config_map("a", x="2")})
    stack.start(daemon)
    apps.refresh()
    apps.wait(lambda a: a["status"]["sync"].get("revision") == revision and
              a["status"]["sync"]["status"] == "Synced", "the change to arrive")
    assert data_of(cluster.api, name, "a") == {"x": "2"}


def test_controller_killed_in_the_middle_of_a_sync(apps, repo, stack, cluster, name):
    files = {}
    for wave in range(4):
        text = config_map(f"w{wave}", x="1")
        files[f"{wave}.yaml"] = text.replace(
            f"  name: w{wave}",
            f"  name: w{wave}\n  annotations: {{argocd.argoproj.io/sync-wave: '{wave}'}}")
    repo.commit(files)
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait(lambda a: len(a.get("status", {}).get("operationState", {}).get("syncResult", {})
                            .get("resources", [])) >= 1, "the first wave")
    stack.kill("app-controller", signal.SIGKILL)
    stack.start("app-controller")
    app = apps.wait_status("Synced")
    assert len(app["status"]["history"]) == 1
    for wave in range(4):
        assert data_of(cluster.api, name, f"w{wave}") == {"x": "1"}


def test_api_server_down_for_a_while(apps, repo, stack, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced")
    cluster.stop("kube-apiserver")
    revision = repo.commit({"a.yaml": config_map("a", x="2")})
    cluster.start("kube-apiserver")
    wait_for("the daemons", lambda: stack.alive("app-controller") and stack.alive("api-server"), 30)
    apps.refresh()
    apps.wait(lambda a: a["status"]["sync"].get("revision") == revision and
              a["status"]["sync"]["status"] == "Synced", "the change to arrive", timeout_s=90)
    assert data_of(cluster.api, name, "a") == {"x": "2"}
