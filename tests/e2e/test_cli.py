"""The `belay` command against the running daemons: what it prints, and how it exits."""

import json
import stat
import subprocess

import pytest
import yaml

from tests.e2e.apps import config_map, deployment
from tests.e2e.cli import Cli

NOT_REACHED, USAGE, ERROR = 1, 2, 20


@pytest.fixture
def app(cli, apps, repo, name):
    """An application of one ConfigMap, created by the command, without automated syncs."""
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    create(cli, apps, repo, name)
    return name


def create(cli, apps, repo, name, *flags):
    apps.make_namespace(name)
    apps.adopt(name)
    return cli.ok("app", "create", name, "--repo", repo.url, "--path", ".", "--dest-namespace", name,
                  "--dest-server", "https://kubernetes.default.svc", *flags)


# ---- sessions and versions


def test_login_keeps_a_token_only_the_user_can_read(anonymous):
    out = anonymous.ok("login", anonymous.stack.url, "--username", "admin", "--password", anonymous.stack.password)
    assert "Logged in" in out
    assert stat.S_IMODE(anonymous.config.stat().st_mode) == 0o600
    stored = yaml.safe_load(anonymous.config.read_text())
    server = anonymous.stack.url.removeprefix("http://")
    assert stored["current-context"] == server
    assert stored["users"][0]["auth-token"]
    assert anonymous.ok("app", "list").startswith("NAME ")


def test_password_may_come_from_standard_input(anonymous):
    anonymous.ok("login", anonymous.stack.url, "--username", "admin", stdin=anonymous.stack.password + "\n")
    anonymous.ok("app", "list")


def test_wrong_password(anonymous):
    err = anonymous.fails(ERROR, "login", anonymous.stack.url, "--username", "admin", "--password", "wrong")
    assert "Invalid username or password" in err
    assert not anonymous.config.exists()


def test_logout_forgets_the_token(cli):
    token = yaml.safe_load(cli.config.read_text())["users"][0]["auth-token"]
    cli.ok("logout")
    assert token not in cli.config.read_text()
    cli.fails(ERROR, "app", "list")
    # and the server does not take it any more
    cli.fails(ERROR, "app", "list", env={"BELAY_AUTH_TOKEN": token})


def test_server_and_token_from_the_environment(cli, tmp_path_factory):
    token = yaml.safe_load(cli.config.read_text())["users"][0]["auth-token"]
    other = Cli(cli.bin.parents[1], tmp_path_factory.mktemp("home"), cli.stack)
    ours = {"BELAY_SERVER": cli.stack.url, "BELAY_AUTH_TOKEN": token}
    other.ok("app", "list", env=ours)
    theirs = {"ARGOCD_SERVER": cli.stack.url.removeprefix("http://"), "ARGOCD_AUTH_TOKEN": token}
    other.ok("app", "list", env={**theirs, "BELAY_OPTS": "--plaintext --grpc-web"})


def test_version_of_both_sides(cli, anonymous):
    out = cli.ok("version").splitlines()
    assert out[0].startswith("belay: v") and out[1].startswith("belay-api-server: v")
    both = cli.json("version")
    assert both["client"]["Version"] == both["server"]["Version"]


def test_no_server_is_known(anonymous):
    assert "log in" in anonymous.fails(ERROR, "app", "list")
    assert anonymous.ok("version", "--client").startswith("belay: v")


def test_unreachable_server(anonymous):
    err = anonymous.fails(ERROR, "app", "list", "--server", "http://127.0.0.1:9", "--auth-token", "x")
    assert "127.0.0.1:9" in err


# ---- wrong usage


@pytest.mark.parametrize("args, hint", [
    ((), "which command"),
    (("ap",), "'app'"),
    (("app", "craete"), "'app create'"),
    (("app", "list", "--slector", "x"), "--selector"),
    (("app", "get"), "missing arguments"),
    (("app", "get", "a", "b"), "too many arguments"),
    (("app", "get", "a", "-o", "xml"), "is not one of table"),
    (("app", "wait", "a", "--timeout", "soon"), "--timeout"),
])
def test_wrong_usage_is_explained(anonymous, args, hint):
    assert hint in anonymous.fails(USAGE, *args)


def test_help_of_every_command(anonymous):
    assert "app " in anonymous.ok("--help")
    for command in ("create", "delete", "diff", "get", "history", "list", "manifests", "resources", "rollback",
                    "sync", "terminate-op", "wait"):
        assert f"belay app {command}" in anonymous.ok("app", command, "--help")
    for command in ("completion", "login", "logout", "render", "version"):
        assert f"belay {command}" in anonymous.ok(command, "--help")


# ---- applications


def test_create_sync_get(cli, app, repo, stack):
    out = cli.ok("app", "sync", app, "--timeout", "60")
    assert "Succeeded" in out and "ConfigMap" in out
    got = cli.json("app", "get", app)
    assert got["status"]["sync"] == {**got["status"]["sync"], "status": "Synced", "revision": repo.head()}
    text = cli.ok("app", "get", app)
    assert f"Name:               {stack.namespace}/{app}" in text
    assert "Health Status:      Healthy" in text
    assert yaml.safe_load(cli.ok("app", "get", app, "-o", "yaml"))["metadata"]["name"] == app
    assert cli.ok("app", "get", f"{stack.namespace}/{app}", "-o", "name") == f"{stack.namespace}/{app}\n"


def test_list(cli, app, repo, stack):
    cli.ok("app", "sync", app)
    row = next(line for line in cli.ok("app", "list").splitlines() if app in line)
    assert row.split()[0] == f"{stack.namespace}/{app}" and "Synced" in row and "Manual" in row
    assert repo.url in cli.ok("app", "list", "-o", "wide")
    assert f"{stack.namespace}/{app}" in cli.ok("app", "list", "-o", "name").splitlines()
    assert [a["metadata"]["name"] for a in cli.json("app", "list", "--repo", repo.url)] == [app]
    assert cli.json("app", "list", "-l", "no=such") == []


def test_create_from_a_file(cli, apps, repo, name, tmp_path):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.make_namespace(name)
    apps.adopt(name)
    file = tmp_path / "app.yaml"
    file.write_text(yaml.safe_dump(apps.manifest(name, repo.url)))
    assert cli.ok("app", "create", "-f", str(file)) == f"application '{name}' created\n"
    # the same again is fine, another one is not, unless it is meant
    cli.ok("app", "create", "-f", str(file))
    err = cli.fails(ERROR, "app", "create", "-f", str(file), "--path", "other", "--validate=false")
    assert "upsert" in err
    cli.ok("app", "create", "-f", "-", "--revision", "main", "--upsert", stdin=file.read_text())
    assert cli.json("app", "get", name)["spec"]["source"]["targetRevision"] == "main"


def test_create_with_policy(cli, apps, repo, name):
    repo.commit({"web.yaml": deployment("web")})
    create(cli, apps, repo, name, "--sync-policy", "automated", "--auto-prune", "--self-heal",
           "--sync-option", "CreateNamespace=true", "--label", "team=a", "--revision", "main")
    cli.ok("app", "wait", name, "--timeout", "60")
    got = cli.json("app", "get", name)
    assert got["spec"]["syncPolicy"] == {
        "automated": {"prune": True, "selfHeal": True}, "syncOptions": ["CreateNamespace=true"]}
    assert got["metadata"]["labels"] == {"team": "a"}
    resources = cli.ok("app", "resources", name)
    assert "ReplicaSet" in resources and "Pod" in resources
    assert f"deployment.apps/web" in cli.ok("app", "resources", name, "-o", "name").splitlines()


def test_refused_and_missing_applications(cli, name):
    assert name in cli.fails(ERROR, "app", "get", name)
    assert name in cli.fails(ERROR, "app", "sync", name)
    assert name in cli.fails(ERROR, "app", "wait", name, "--timeout", "5")
    assert name in cli.fails(ERROR, "app", "delete", name)
    assert name in cli.fails(USAGE, "app", "diff", name)
    err = cli.fails(ERROR, "app", "create", name, "--repo", "https://repo.invalid/x.git", "--path", ".",
                    "--dest-namespace", name, "--project", "no-such-project",
                    "--dest-server", "https://kubernetes.default.svc")
    assert "no-such-project" in err


def test_wait_gives_up(cli, app):
    err = cli.fails(NOT_REACHED, "app", "wait", app, "--sync", "--timeout", "1")
    assert "timed out" in err and "sync status is" in err


def test_failing_sync(cli, apps, repo, name):
    bad = config_map("a", x="1").replace("data:", "data: {n: {}}\nextra:")
    repo.commit({"a.yaml": bad}, "the API server refuses this")
    create(cli, apps, repo, name)
    err = cli.fails(NOT_REACHED, "app", "sync", name, "--timeout", "60")
    assert "operation has completed with phase: " in err


def test_sync_that_leaves_something_to_prune(cli, app, repo):
    repo.commit({"b.yaml": config_map("b", x="1")}, "second")
    cli.ok("app", "get", app, "--refresh")
    cli.ok("app", "sync", app)
    repo.commit({}, "third", remove=["b.yaml"])
    cli.ok("app", "get", app, "--refresh")
    assert "require pruning" in cli.fails(NOT_REACHED, "app", "sync", app)
    cli.ok("app", "sync", app, "--prune", "--health", "--timeout", "60")
    assert "Synced" in cli.ok("app", "get", app)


def test_sync_of_one_resource_and_dry_run(cli, app, repo, apps):
    repo.commit({"b.yaml": config_map("b", x="1")}, "second")
    cli.ok("app", "get", app, "--refresh")
    cli.ok("app", "sync", app, "--dry-run")
    assert cli.json("app", "get", app)["status"]["sync"]["status"] == "OutOfSync"
    cli.ok("app", "sync", app, "--resource", ":ConfigMap:b")
    status = {r["name"]: r["status"] for r in cli.json("app", "get", app)["status"]["resources"]}
    assert status == {"a": "OutOfSync", "b": "Synced"}
    cli.fails(ERROR, "app", "sync", app, "--resource", "ConfigMap")


def test_progress_goes_to_standard_error(cli, app):
    done = cli.run("app", "sync", app, "--progress", "-o", "name")
    assert done.returncode == 0
    assert done.stdout.strip().endswith(f"/{app}")
    assert "operation  Succeeded" in done.stderr


def test_diff(cli, app, repo, cluster):
    live = f"/api/v1/namespaces/{app}/configmaps/a"
    cli.ok("app", "sync", app)
    assert cli.ok("app", "diff", app) == ""
    cluster.api.patch(live, {"data": {"x": "by hand"}})
    cli.ok("app", "wait", app, "--operation")
    done = cli.run("app", "diff", app, "--refresh")
    assert done.returncode == 1
    assert f"===== /ConfigMap {app}/a =====" in done.stdout
    assert "-  x: by hand\n+  x: \"1\"\n" in done.stdout
    assert cli.run("app", "diff", app, "--exit-code=false").returncode == 0
    assert cli.run("app", "diff", app, "--diff-exit-code", "7").returncode == 7
    cluster.api.delete(live)
    done = cli.run("app", "diff", app, "--refresh")
    assert done.returncode == 1
    assert "+kind: ConfigMap" in done.stdout and "-kind" not in done.stdout


def test_manifests(cli, app):
    cli.ok("app", "sync", app)
    (rendered,) = yaml.safe_load_all(cli.ok("app", "manifests", app))
    assert rendered["metadata"]["name"] == "a" and "uid" not in rendered["metadata"]
    (live,) = json.loads(cli.ok("app", "manifests", app, "--source", "live", "-o", "json"))
    assert live["metadata"]["uid"]


def test_history_and_rollback(cli, app, repo, cluster):
    first = repo.head()
    cli.ok("app", "sync", app)
    repo.commit({"a.yaml": config_map("a", x="2")}, "second")
    cli.ok("app", "get", app, "--refresh")
    cli.ok("app", "sync", app)
    history = cli.json("app", "history", app)
    assert [h["revision"] for h in history] == [first, repo.head()]
    lines = cli.ok("app", "history", app).splitlines()
    assert lines[0].split() == ["ID", "DATE", "REVISION"] and first[:7] in lines[1]
    cli.ok("app", "rollback", app, str(history[0]["id"]), "--timeout", "60")
    assert cluster.api.get(f"/api/v1/namespaces/{app}/configmaps/a")["data"] == {"x": "1"}
    assert "12345" in cli.fails(ERROR, "app", "rollback", app, "12345")


def test_rollback_is_refused_with_automated_syncs(cli, apps, repo, name):
    repo.commit({"a.yaml": config_map("a", x="1")})
    create(cli, apps, repo, name, "--sync-policy", "automated")
    cli.ok("app", "wait", name, "--timeout", "60")
    assert "auto-sync" in cli.fails(ERROR, "app", "rollback", name, "0")


def test_no_operation_to_terminate(cli, app):
    assert "No operation" in cli.fails(ERROR, "app", "terminate-op", app)


def test_delete(cli, app, cluster, apps):
    cli.ok("app", "sync", app)
    out = cli.ok("app", "delete", app, "--yes", "--wait", "--timeout", "60")
    assert "deleted" in out
    cli.fails(ERROR, "app", "get", app)
    apps.wait_gone(f"/api/v1/namespaces/{app}/configmaps/a")


def test_delete_without_resources(cli, app, cluster):
    cli.ok("app", "sync", app)
    cli.ok("app", "delete", app, "--cascade=false", "-y")
    cli.ok("app", "wait", app, "--delete", "--timeout", "60")
    assert cluster.api.get(f"/api/v1/namespaces/{app}/configmaps/a")["data"] == {"x": "1"}


def test_waiting_survives_a_restart_of_the_server(cli, app, stack):
    with subprocess.Popen([str(cli.bin), "app", "wait", app, "--sync", "--timeout", "90", "--progress"], text=True,
                          env=cli.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as waiting:
        assert app in waiting.stderr.readline()  # it is listening
        stack.kill("api-server")
        stack.start("api-server")
        cli.ok("app", "sync", app)
        assert waiting.wait(60) == 0
        waiting.stdout.close()
        waiting.stderr.close()


# ---- without any server


def test_render(anonymous, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.yaml").write_text(config_map("a", x="1"))
    (tmp_path / "sub" / "b.yaml").write_text(config_map("b", x="1"))
    assert [d["metadata"]["name"] for d in yaml.safe_load_all(anonymous.ok("render", str(tmp_path)))] == ["a"]
    found = json.loads(anonymous.ok("render", str(tmp_path), "--recurse", "-o", "json"))
    assert [d["metadata"]["name"] for d in found] == ["a", "b"]
    assert anonymous.ok("render", str(tmp_path), "--recurse", "--exclude", "a.yaml", "-o", "name") == "configmap/b\n"


def test_render_tells_where_an_error_is(anonymous, tmp_path):
    (tmp_path / "bad.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: 'open\n")
    assert "bad.yaml:5:1" in anonymous.fails(1, "render", str(tmp_path))
    anonymous.fails(1, "render", str(tmp_path / "none"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_valid_for_its_shell(anonymous, shell):
    script = anonymous.ok("completion", shell)
    assert "terminate-op" in script
    try:
        subprocess.run([shell, "-n"], input=script, text=True, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip(f"no {shell}")


def test_completion_in_bash(anonymous):
    script = anonymous.ok("completion", "bash") + """
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _belay; echo "${COMPREPLY[*]}"; }
ask belay app hi
ask belay --server x app get --hard
ask belay app get -o js
"""
    done = subprocess.run(["bash"], input=script, text=True, check=True, capture_output=True)
    assert done.stdout.splitlines() == ["history", "--hard-refresh", "json"]
