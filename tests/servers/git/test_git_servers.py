"""The Git servers serve real git clients, and misbehave as told."""

import os
import subprocess
import sys
import time

import pytest

from tests.cluster.process import ProcessTable, wait_for
from tests.servers.git import GitHttpServer, GitSshServer, Repository
from tests.servers.git import http_server


@pytest.fixture(name="repository")
def _repository(tmp_path):
    repository = Repository(tmp_path / "repos" / "app.git")
    repository.commit({"a.yaml": "kind: A\n", "dir/b.yaml": "kind: B\n"}, "first", when=1)
    return repository


def git(*args, env=None, timeout=20):
    """(exit code, output) of a client."""
    base = {"PATH": os.environ["PATH"], "GIT_TERMINAL_PROMPT": "0", "HOME": "/nonexistent"}
    words = ["git", "-c", "protocol.version=2", *map(str, args)]
    done = subprocess.run(
        words, env=base | (env or {}), capture_output=True, text=True, timeout=timeout, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_repository_commits_removes_and_tags(repository):
    first = repository.head()
    second = repository.commit({("run", "100755"): "x", "ä b.txt": b"\0"}, remove=["a.yaml"])
    assert repository.git("ls-tree", "-r", "--name-only", "-z", "HEAD").split("\0")[:2] == [
        "dir/b.yaml",
        "run",
    ]
    repository.tag("v1", first)
    repository.tag("v2", message="second")
    assert repository.git("rev-parse", "v1") == first
    assert repository.git("rev-parse", "v2^{commit}") == second
    repository.commit({"only": ""}, branch="other", replace=True)
    assert repository.git("ls-tree", "--name-only", "other") == "only"


def test_clone_and_push_over_http(repository, tmp_path):
    with GitHttpServer(repository.path.parent) as server:
        code, output = git("clone", "-q", server.url("app.git"), tmp_path / "c")
        assert code == 0, output
        assert (tmp_path / "c/dir/b.yaml").read_text() == "kind: B\n"
        code, output = git("-C", tmp_path / "c", "push", "-q", "origin", "HEAD:refs/heads/new")
        assert code == 0, output
        assert repository.head("new") == repository.head()
        assert git("ls-remote", server.url("none.git"))[0] != 0


def test_https_with_basic_authentication(repository, tmp_path):
    root = repository.path.parent
    with GitHttpServer(root, user="u", password="p:w", tls_dir=tmp_path / "tls") as server:
        trust = {"GIT_SSL_CAINFO": str(server.ca_file)}
        with_user = server.url("app.git").replace("https://", "https://u:p%3Aw@")
        assert git("ls-remote", with_user, env=trust)[0] == 0
        assert "verification failed" in git("ls-remote", with_user)[1]
        wrong = server.url("app.git").replace("https://", "https://u:x@")
        assert "Authentication failed" in git("ls-remote", wrong, env=trust)[1]


@pytest.mark.parametrize(
    "fault, message",
    [
        ({"kind": "drop"}, "Empty reply|reset by peer|unexpected"),
        ({"kind": "status", "status": 500}, "error: 500"),
        ({"kind": "truncate", "match": "POST", "bytes": 150}, "disconnect|early EOF|reset by peer"),
        ({"kind": "hang", "seconds": 0.3}, "Empty reply|reset by peer"),
    ],
)
def test_faults_hit_once_and_then_it_works(repository, tmp_path, fault, message):
    with GitHttpServer(repository.path.parent) as server:
        rule = server.faults.add(**fault, times=1)
        code, output = git("clone", "-q", server.url("app.git"), tmp_path / "c")
        assert code != 0 and any(part in output for part in message.split("|")), output
        assert rule.hits == 1
        code, output = git("clone", "-q", server.url("app.git"), tmp_path / "c")
        assert code == 0, output


def test_slow_and_delayed_answers_arrive_whole(repository, tmp_path):
    with GitHttpServer(repository.path.parent) as server:
        server.faults.add("delay", "info/refs", seconds=0.2, times=1)
        server.faults.add("slow", "POST", bytes=2000)
        begin = time.monotonic()
        code, output = git("clone", "-q", server.url("app.git"), tmp_path / "c")
        assert code == 0, output
        assert time.monotonic() - begin > 0.3


def test_refused_connections_for_a_while(repository):
    with GitHttpServer(repository.path.parent) as server:
        url = server.url("app.git")
        server.refuse(seconds=0.3)
        assert "Failed to connect" in git("ls-remote", url)[1]
        wait_for("server", lambda: git("ls-remote", url)[0] == 0, 5)


def test_hanging_request_ends_with_the_server(repository):
    server = GitHttpServer(repository.path.parent)
    rule = server.faults.add("hang")
    url = server.url("app.git")
    with subprocess.Popen(["git", "ls-remote", url], stderr=subprocess.DEVNULL) as client:
        wait_for("request", lambda: rule.hits == 1, 5)
        server.stop()
        assert client.wait(5) != 0


def test_http_server_program(repository, tmp_path):
    port_file = tmp_path / "port"
    table = ProcessTable(tmp_path)
    words = ["--root", repository.path.parent, "--port-file", port_file]
    words += ["--fault", "status=503*1", "--die-with", str(os.getpid())]
    table.start("server", [sys.executable, http_server.__file__, *words])
    try:
        wait_for("port", port_file.exists, 10, lambda: table.alive("server"))
        url = f"http://127.0.0.1:{port_file.read_text().strip()}/app.git"
        assert "503" in git("ls-remote", url)[1]
        assert repository.head() in git("ls-remote", url)[1]
    finally:
        table.stop("server")


def test_clone_over_ssh(repository, tmp_path):
    with GitSshServer(repository.path.parent) as server:

        def ssh(key, known_hosts):
            options = f"-F none -o IdentitiesOnly=yes -o UserKnownHostsFile={known_hosts}"
            return {"GIT_SSH_COMMAND": f"ssh -i {key} {options} -o BatchMode=yes"}

        good = ssh(server.key, server.known_hosts)
        code, output = git("clone", "-q", server.url("app.git"), tmp_path / "c", env=good)
        assert code == 0, output + server.log()
        assert (tmp_path / "c/a.yaml").exists()
        assert git("-C", tmp_path / "c", "push", "origin", "HEAD:x", env=good)[0] != 0
        assert git("ls-remote", server.url("../app.git"), env=good)[0] != 0
        stranger = ssh(server.key, tmp_path / "empty")
        assert "Host key verification" in git("ls-remote", server.url("app.git"), env=stranger)[1]
    assert not server.dir.exists()
