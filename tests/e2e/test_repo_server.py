"""belay-repo-server alone, driven over its socket, against real Git servers over file, HTTP(S) and SSH."""

import concurrent.futures
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

from tests.cluster.process import free_ports
from tests.servers.faults import Kind
from tests.servers.git.http_server import GitHttpServer
from tests.servers.git.repository import Repository
from tests.servers.git.ssh_server import GitSshServer


class CallError(Exception):
    """A call was answered with an error."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code, self.message = error["code"], error["message"]


def config_map(name, **data):
    lines = "".join(f"  {key}: {json.dumps(value)}\n" for key, value in data.items())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n{lines}"


def wait_until(what, condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"no {what} within {seconds} s"
        time.sleep(0.02)
    return found


class RepoServer:
    """One daemon with a cache directory of its own; can be killed and started again."""

    def __init__(self, build, *flags):
        self.build, self.flags = build, flags
        self.dir = Path(tempfile.mkdtemp(prefix="belay-repo."))
        self.url = f"ipc://{self.dir}/s"
        self.process = None
        [self.port] = free_ports(1)
        self.start()

    def start(self):
        self.log = self.dir / f"log.{time.monotonic_ns()}"
        command = [self.build / "bin/belay-repo-server", "--listen", self.url, "--allow-file-urls",
                   "--cache-dir", self.dir / "cache", "--http-address", f"127.0.0.1:{self.port}",
                   *self.flags]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log)
        wait_until("readiness", lambda: '"ready"' in self.log.read_text(encoding="utf-8")
                   or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """End in order; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(15)
        finally:
            self.process.kill()
            shutil.rmtree(self.dir, ignore_errors=True)

    def call(self, method, repo, **fields):
        repo = repo if isinstance(repo, dict) else {"url": repo}
        request = json.dumps({"method": method, "repo": repo, **fields})
        done = subprocess.run([self.build / "tests/programs/repo_call", self.url, "30000"],
                              input=request, capture_output=True, text=True, check=True)
        answer = json.loads(done.stdout)
        if "error" in answer:
            raise CallError(answer["error"])
        return answer

    def render(self, repo, path=".", now=True, **fields):
        source = {"path": path, **fields.pop("source", {})}
        return self.call("GenerateManifests", repo, source=source, noRevisionCache=now, **fields)

    def names(self, *args, **fields):
        manifests = self.render(*args, **fields)["manifests"]
        return [json.loads(m["json"])["metadata"]["name"] for m in manifests]

    def metric(self, name):
        """The sum over all labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as page:
            text = page.read().decode()
        return sum(float(v) for v in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.M))

    def helpers(self):
        """Helper processes that run for this daemon."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return children.read_text(encoding="ascii").split() if children.exists() else []

    def mirrors(self):
        return list((self.dir / "cache/git").glob("*.git"))


@pytest.fixture(name="server")
def fixture_server(build):
    server = RepoServer(build, "--git-request-timeout", "5s", "--git-fetch-timeout", "20s")
    yield server
    assert server.stop() == 0, "not an orderly end"


@pytest.fixture(name="root")
def fixture_root(tmp_path):
    return tmp_path / "git"


@pytest.fixture(name="repo")
def fixture_repo(root):
    repo = Repository(root / "shop.git")
    repo.commit({"app/a.yaml": config_map("a", x="1"), "README.md": "hello"})
    return repo


# ---- rendering


def test_renders_a_commit_and_the_next(server, repo):
    first = server.render(repo.url, "app")
    assert first["revision"] == repo.head()
    assert first["sourceType"] == "Directory" and not first["cached"]
    assert first["manifests"][0]["file"] == "app/a.yaml"
    repo.commit({"app/b.yaml": config_map("b", x="2")})
    assert server.names(repo.url, "app") == ["a", "b"]


def test_unchanged_files_are_not_rendered_again(server, repo):
    first = server.render(repo.url, "app")
    repo.commit({"README.md": "other", "elsewhere/x.yaml": config_map("x")})
    second = server.render(repo.url, "app")
    assert second["revision"] != first["revision"]
    assert second["cached"] and second["contentHash"] == first["contentHash"]
    repo.commit({"app/unread.txt": "a new name in the directory, but nothing new to read"})
    third = server.render(repo.url, "app")
    assert not third["cached"] and third["contentHash"] == first["contentHash"]
    assert server.render(repo.url, "app")["cached"]
    assert not server.render(repo.url, "app", noCache=True)["cached"]


def test_files_are_read_through_links_inside_the_repository(server, repo):
    repo.commit({"shared/c.yaml": config_map("c"), ("linked/c.yaml", "120000"): "../shared/c.yaml"})
    assert server.names(repo.url, "linked") == ["c"]
    repo.commit({"shared/c.yaml": config_map("changed")})
    assert server.names(repo.url, "linked") == ["changed"]
    repo.commit({("linked/c.yaml", "120000"): "/etc/passwd"})
    with pytest.raises(CallError, match="DENIED.*points outside"):
        server.render(repo.url, "linked")


def test_bad_yaml_is_an_error_until_it_is_mended(server, repo):
    repo.commit({"app/bad.yaml": config_map("b") + " broken: [\n"})
    for attempt in range(4):
        with pytest.raises(CallError, match=r"INVALID: .*app/bad\.yaml:7:") as caught:
            server.render(repo.url, "app")
        assert ("Manifest generation error (cached)" in caught.value.message) == (attempt == 3)
    repo.commit({"app/bad.yaml": config_map("mended")})
    assert server.names(repo.url, "app") == ["a", "mended"]


def test_missing_path_and_limits(server, repo):
    with pytest.raises(CallError, match="NOT_FOUND: nowhere: app path does not exist"):
        server.render(repo.url, "nowhere")
    with pytest.raises(CallError, match="LIMIT: .*larger than the limit of 20 bytes"):
        server.render(repo.url, "app", maxBytes=20)


def test_kustomizations(server, repo):
    repo.commit({"base/kustomization.yaml": "resources: [m.yaml]\n", "base/m.yaml": config_map("m"),
                 "over/kustomization.yaml": "resources: [../base]\nnamePrefix: over-\n"})
    assert server.names(repo.url, "over") == ["over-m"]
    assert server.call("ListApps", repo.url)["apps"] == {"base": "Kustomize", "over": "Kustomize"}
    with pytest.raises(CallError, match="INVALID: .*kustomize.buildOptions: unknown flag: --what"):
        server.render(repo.url, "over", kustomizeBuildOptions="--what")
    repo.commit({"base/kustomization.yaml": "resources: [../over]\n"})
    with pytest.raises(CallError, match="cycle detected"):
        server.render(repo.url, "over")


# ---- revisions


def test_resolves_what_people_write(server, repo):
    first = repo.head()
    repo.tag("v1", message="annotated")
    repo.tag("light")
    second = repo.commit({"app/b.yaml": config_map("b")}, branch="feature/x")
    repo.git("update-ref", "refs/pull/7/head", second)
    wanted = {"": first, "HEAD": first, "main": first, "refs/heads/main": first, "v1": first,
              "refs/tags/v1": first, "light": first, "feature/x": second, first: first,
              "refs/pull/7/head": second, first[:8]: first}
    for revision, commit in wanted.items():
        answer = server.call("ResolveRevision", repo.url, revision=revision)
        assert answer["revision"] == commit, revision
        assert server.render(repo.url, "app", revision=revision)["revision"] == commit, revision
    assert server.call("ResolveRevision", repo.url, revision="main")["ambiguous"] == f"main ({first})"
    with pytest.raises(CallError, match="NOT_FOUND: .*unable to resolve 'nope' to a commit SHA"):
        server.call("ResolveRevision", repo.url, revision="nope")
    with pytest.raises(CallError, match="NOT_FOUND: .*unable to resolve '0123456789"):
        server.render(repo.url, revision="0123456789012345678901234567890123456789")
    refs = server.call("ListRefs", repo.url)
    assert refs == {"branches": ["feature/x", "main"], "tags": ["light", "v1"]}


def test_tells_about_a_commit(server, repo):
    repo.tag("v1", message="annotated")
    about = server.call("GetRevisionMetadata", repo.url, revision=repo.head())
    assert about["author"] == "Belay Test <test@example.com>"
    assert about["message"].strip() == "change" and about["tags"] == ["v1"]
    assert abs(about["dateMs"] / 1000 - time.time()) < 3600


def test_a_commit_that_is_on_no_branch(server, root, repo):
    with GitHttpServer(root) as http:
        url = http.url("shop.git")
        lost = repo.commit({"app/lost.yaml": config_map("lost")})
        repo.git("update-ref", "refs/heads/main", f"{lost}^")
        assert server.names(url, "app", revision=lost) == ["a", "lost"]


def test_a_forced_push_is_followed(server, repo):
    repo.commit({"app/b.yaml": config_map("b")})
    assert server.names(repo.url, "app") == ["a", "b"]
    repo.git("update-ref", "refs/heads/main", "refs/heads/main^")
    assert server.names(repo.url, "app") == ["a"]


def test_an_empty_repository(server, root):
    empty = Repository(root / "empty.git")
    with pytest.raises(CallError, match="NOT_FOUND: .*the repository is empty"):
        server.render(empty.url)
    assert server.call("TestRepository", empty.url) == {}


# ---- single flight and caching


def test_many_callers_share_one_fetch(server, root, repo):
    with GitHttpServer(root) as http:
        url = http.url("shop.git")
        http.faults.add(Kind.DELAY, "info/refs", seconds=0.5)
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            calls = [pool.submit(server.render, url, "app", now=False) for _ in range(12)]
            assert len({call.result()["contentHash"] for call in calls}) == 1
    assert server.metric("argocd_git_request_total") == 2
    assert server.metric("argocd_repo_pending_request_total") == 0
    assert server.metric("belay_render_duration_seconds_count") == 1


def test_references_are_asked_for_once_an_interval(server, repo):
    server.render(repo.url, "app", now=False)
    repo.commit({"app/b.yaml": config_map("b")})
    assert server.names(repo.url, "app", now=False) == ["a"]
    assert server.names(repo.url, "app", now=True) == ["a", "b"]
    assert server.names(repo.url, "app", now=False) == ["a", "b"]


# ---- HTTP and HTTPS


def test_basic_authentication(server, root, repo):
    del repo
    with GitHttpServer(root, user="me", password="secret") as http:
        url = http.url("shop.git")
        login = {"url": url, "username": "me", "password": "secret"}
        assert server.names(login, "app") == ["a"]
        assert server.names({**login, "forceBasicAuth": True}, "app") == ["a"]
        with pytest.raises(CallError, match="UNAUTHENTICATED: .*authentication failed") as caught:
            server.render({**login, "password": "wrong"}, "app")
        assert "wrong" not in caught.value.message
        with pytest.raises(CallError, match="UNAUTHENTICATED: .*authentication required"):
            server.render(url, "app")
        inside = url.replace("http://", "http://me:hidden@")
        with pytest.raises(CallError) as caught:
            server.render(inside, "app")
        assert "hidden" not in caught.value.message


def test_certificates(server, root, repo, tmp_path):
    del repo
    with GitHttpServer(root, tls_dir=tmp_path / "tls") as https:
        url = f"https://localhost:{https.port}/shop.git"
        ca = https.ca_file.read_text(encoding="ascii")
        assert server.names({"url": url, "tlsCa": ca}, "app") == ["a"]
        assert server.names({"url": url, "insecure": True}, "app") == ["a"]
        with pytest.raises(CallError, match="DENIED: .*certificate.*not trusted"):
            server.render(url, "app")
        by_address = f"https://127.0.0.1:{https.port}/shop.git"
        assert server.names({"url": by_address, "tlsCa": ca}, "app") == ["a"]
        with pytest.raises(CallError, match="client certificate"):
            server.render({"url": url, "tlsCa": ca, "tlsClientCert": "x"}, "app")


def test_servers_that_fail(server, root, repo):
    with GitHttpServer(root) as http:
        url = http.url("shop.git")
        with pytest.raises(CallError, match="NOT_FOUND: .*repository not found"):
            server.render(http.url("none.git"))
        http.faults.add(Kind.STATUS, "info/refs", times=1, status=503)
        with pytest.raises(CallError, match="UNAVAILABLE: .*server failed"):
            server.render(url, "app")
        http.faults.add(Kind.HANG, "info/refs", times=1)
        with pytest.raises(CallError, match="TIMEOUT: .*no answer within [45] s"):
            server.render(url, "app")
        http.faults.clear()
        http.faults.add(Kind.TRUNCATE, "git-upload-pack", times=1, bytes=40)
        with pytest.raises(CallError):
            server.render(url, "app")
        assert server.names(url, "app") == ["a"]
        repo.commit({"app/b.yaml": config_map("b")})
        http.refuse()
        with pytest.raises(CallError, match="UNAVAILABLE: .*host cannot be reached"):
            server.render(url, "app")
        assert server.names(url, "app", now=False) == ["a"], "the cache goes on answering"
        http.accept()
        assert server.names(url, "app") == ["a", "b"]
    assert not server.helpers()


def test_names_that_do_not_resolve(server):
    with pytest.raises(CallError, match="UNAVAILABLE: .*host name cannot be resolved"):
        server.render("http://no-such-host.invalid/x.git")
    with pytest.raises(CallError, match="UNSUPPORTED: .*scheme 'ftp'"):
        server.render("ftp://example.com/x.git")


def test_file_urls_need_a_switch(build, repo):
    server = RepoServer(build, "--allow-file-urls=false")
    try:
        with pytest.raises(CallError, match="DENIED: .*file URLs are not allowed"):
            server.render(repo.url, "app")
    finally:
        server.stop()


# ---- SSH


@pytest.mark.parametrize("key_type", ["ed25519", "ecdsa"])
def test_ssh(server, root, repo, key_type):
    del repo
    with GitSshServer(root, key_type) as ssh:
        known = {"url": ssh.url("shop.git"),
                 "sshPrivateKey": ssh.key.read_text(encoding="ascii"),
                 "sshKnownHosts": ssh.known_hosts.read_text(encoding="ascii")}
        assert server.names(known, "app") == ["a"]


def test_ssh_hosts_and_keys(server, root, repo, tmp_path):
    del repo
    with GitSshServer(root) as ssh:
        known = {"url": ssh.url("shop.git"),
                 "sshPrivateKey": ssh.key.read_text(encoding="ascii"),
                 "sshKnownHosts": ssh.known_hosts.read_text(encoding="ascii")}
        unknown = {**known, "sshKnownHosts": ""}
        with pytest.raises(CallError, match="DENIED: .*host key is unknown") as caught:
            server.render(unknown, "app")
        assert known["sshKnownHosts"].strip() in caught.value.message, "the line to add"
        assert server.names({**unknown, "insecure": True}, "app") == ["a"]
        hashed = tmp_path / "known_hosts"
        hashed.write_text(known["sshKnownHosts"], encoding="ascii")
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", hashed], check=True, capture_output=True)
        lines = {**known, "sshKnownHosts": hashed.read_text(encoding="ascii")}
        assert server.names(lines, "app") == ["a"]
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"],
                       check=True)
        other = (tmp_path / "other.pub").read_text(encoding="ascii").split()[1]
        moved = {**known, "sshKnownHosts": f"[127.0.0.1]:{ssh.port} ssh-ed25519 {other}\n"}
        with pytest.raises(CallError, match="DENIED: .*not the known one"):
            server.render(moved, "app")
        wrong = {**known, "sshPrivateKey": (tmp_path / "other").read_text(encoding="ascii")}
        with pytest.raises(CallError, match="UNAUTHENTICATED: .*authentication failed"):
            server.render(wrong, "app")
        with pytest.raises(CallError, match="UNAUTHENTICATED: .*no SSH private key"):
            server.render({**known, "sshPrivateKey": ""}, "app")


# ---- crashes


def test_killed_while_fetching(server, root, repo):
    repo.commit({f"big/{i}.bin": os.urandom(200_000) for i in range(10)})
    with GitHttpServer(root) as http:
        url = http.url("shop.git")
        for amount in (1, 100_000, 1_500_000):
            http.faults.add(Kind.SLOW, "POST .*git-upload-pack", bytes=amount)
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                pool.submit(server.render, url, "app")
                [helper] = wait_until("fetch", lambda: server.mirrors() and server.helpers())
                time.sleep(0.2)  # into the pack
                server.kill()
                wait_until("end of the helper", lambda pid=helper: not Path(f"/proc/{pid}").exists())
                http.faults.clear()
                server.start()
            assert server.names(url, "app") == ["a"]
            leftovers = [p for p in (server.dir / "cache").rglob("*git2*")]
            assert not leftovers and not list((server.dir / "cache/tmp").iterdir())
            repo.commit({f"big/{amount}.bin": os.urandom(2_000_000)})


def test_damaged_mirrors_are_made_anew(server, repo):
    assert server.names(repo.url, "app") == ["a"]
    [mirror] = server.mirrors()
    for pack in mirror.glob("objects/pack/*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(b"not a pack")
    repo.commit({"app/b.yaml": config_map("b")})
    assert server.names(repo.url, "app") == ["a", "b"]
    (mirror / "HEAD").unlink()
    repo.commit({"app/c.yaml": config_map("c")})
    assert server.names(repo.url, "app") == ["a", "b", "c"]
    (mirror / "refs/heads").mkdir(parents=True, exist_ok=True)
    (mirror / "refs/heads/main.lock").write_text("")
    repo.commit({"app/d.yaml": config_map("d")})
    assert server.names(repo.url, "app") == ["a", "b", "c", "d"]


def test_the_cache_directory_may_vanish(server, repo):
    assert server.names(repo.url, "app") == ["a"]
    [mirror] = server.mirrors()
    shutil.rmtree(mirror)
    assert not server.render(repo.url, "app", noCache=True)["cached"]


def test_a_cache_directory_has_one_server(server, build):
    second = subprocess.run([build / "bin/belay-repo-server", "--listen", f"{server.url}2",
                             "--cache-dir", server.dir / "cache", "--http-address", "127.0.0.1:0"],
                            capture_output=True, text=True, timeout=20, check=False)
    assert second.returncode == 1 and "locked by another process" in second.stderr


def test_packs_of_many_fetches_are_merged(server, repo):
    for i in range(42):
        repo.commit({"app/a.yaml": config_map(f"a{i}")})
        assert server.names(repo.url, "app") == [f"a{i}"]
    [mirror] = server.mirrors()
    wait_until("merged packs", (mirror / "belay-merged").exists)
    assert not server.render(repo.url, "app", noCache=True)["cached"]


def test_old_mirrors_make_room(build, root):
    server = RepoServer(build, "--cache-size", "1Mi")
    try:
        urls = []
        for i in range(3):
            repo = Repository(root / f"r{i}.git")
            repo.commit({"a.yaml": config_map(f"r{i}"), "big": os.urandom(700_000)})
            urls.append(repo.url)
            assert server.names(repo.url) == [f"r{i}"]
        assert len(server.mirrors()) <= 3
        assert server.names(urls[0], now=False) == ["r0"]
    finally:
        server.stop()
