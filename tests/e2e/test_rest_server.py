"""The API server as a process: TLS, root path, first start, and what it answers while other daemons are away."""

import base64
import contextlib
import json
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
import uuid

import pytest

from tests.cluster.process import free_ports
from tests.e2e.apps import config_map
from tests.e2e.test_rest import APPS, refused
from tests.stack import RestClient, RestError


class Another:
    """One more API server beside that of the stack, with flags of its own."""

    def __init__(self, stack, directory, flags, scheme="http"):
        self.port, self.probes = free_ports(2)
        command = stack.command("api-server")
        command[command.index("--listen-address") + 1] = f"127.0.0.1:{self.port}"
        command[command.index("--http-address") + 1] = f"127.0.0.1:{self.probes}"
        if scheme == "https":
            command.remove("--insecure")
        self.log = directory / "api-server.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*command, *flags], stdin=subprocess.DEVNULL, stderr=log)
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.rest = RestClient(self.url)

    def wait_ready(self):
        health = RestClient(f"http://127.0.0.1:{self.probes}")
        end = time.monotonic() + 30
        while True:
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            with contextlib.suppress(OSError):
                if health.raw("GET", "/healthz")[0] == 200:
                    return self
            assert time.monotonic() < end, self.log.read_text(encoding="utf-8")
            time.sleep(0.02)

    def stop(self):
        """The exit status of an orderly end."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()


@pytest.fixture(name="another")
def fixture_another(stack, tmp_path):
    """Starts API servers; all must end in order."""
    running = []

    def start(*flags, scheme="http"):
        running.append(Another(stack, tmp_path, flags, scheme))
        return running[-1].wait_ready()

    yield start
    assert [a.stop() for a in running] == [0] * len(running)


def test_self_signed_certificate(another, stack, tmp_path):
    server = another(scheme="https")
    with pytest.raises(ssl.SSLError):  # nobody vouches for it
        ssl.create_default_context().wrap_socket(
            socket.create_connection(("127.0.0.1", server.port)), server_hostname="127.0.0.1")
    pem = ssl.get_server_certificate(("127.0.0.1", server.port))
    ca = tmp_path / "ca.pem"
    ca.write_text(pem, encoding="utf-8")
    client = RestClient(server.url, ca=str(ca))  # name and address are in it
    status, headers, body = client.raw("POST", "/api/v1/session",
                                       {"username": "admin", "password": stack.password})
    assert status == 200 and "; Secure" in headers["Set-Cookie"]
    client.token = json.loads(body)["token"]
    assert client.get(APPS)["items"] is not None
    with pytest.raises(OSError):
        RestClient(f"http://127.0.0.1:{server.port}").get("/api/version")


def test_certificate_of_files(another, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", tmp_path / "k.pem", "-out", tmp_path / "c.pem", "-days", "2", "-subj",
                    "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    server = another("--tls-cert-file", str(tmp_path / "c.pem"), "--tls-key-file", str(tmp_path / "k.pem"),
                     scheme="https")
    assert RestClient(server.url, ca=str(tmp_path / "c.pem")).get("/api/version")["Version"]


@pytest.mark.parametrize("root", ["/belay", "/belay/"])
def test_root_path(another, stack, root):
    server = another("--rootpath", root)
    client = server.rest
    status, headers, body = client.raw("POST", "/belay/api/v1/session",
                                       {"username": "admin", "password": stack.password})
    assert status == 200 and "; path=/belay/; " in headers["Set-Cookie"]
    client.token = json.loads(body)["token"]
    assert client.get("/belay" + APPS)["metadata"]
    assert client.raw("GET", "/belay")[0] == 200
    assert client.raw("GET", "/healthz")[0] == 200
    for path in (APPS, "/belayapi/version", "/belay2/api/version", "/"):
        assert client.raw("GET", path)[0] == 404, path
    status, headers, _ = client.raw("DELETE", "/belay/api/v1/session")
    assert status == 200 and "path=/belay/" in headers["Set-Cookie"]


def test_everybody_may_do_everything(another):
    server = another("--disable-auth")
    assert "items" in server.rest.get(APPS)
    assert server.rest.get("/api/v1/session/userinfo")["loggedIn"] is True


def test_first_start(another, cluster):
    """In an empty namespace: a key, a password for the one who installs, the default project."""
    namespace = f"fresh-{uuid.uuid4().hex[:6]}"
    cluster.api.create("/api/v1/namespaces", {
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    try:
        server = another("--namespace", namespace)
        secrets = f"/api/v1/namespaces/{namespace}/secrets"
        first = cluster.api.get(f"{secrets}/argocd-initial-admin-secret")["data"]["password"]
        password = base64.b64decode(first).decode()
        assert re.fullmatch(r"[A-Za-z0-9]{16}", password)
        made = cluster.api.get(f"{secrets}/argocd-secret")["data"]
        assert set(made) == {"admin.password", "admin.passwordMtime", "server.secretkey"}
        project = cluster.api.get(
            f"/apis/argoproj.io/v1alpha1/namespaces/{namespace}/appprojects/default")
        assert project["spec"]["sourceRepos"] == ["*"]
        server.rest.wait("the login", lambda: server.rest.login("admin", password), 10)
        assert server.rest.get(APPS)["items"] == []
        again = another("--namespace", namespace)  # nothing is overwritten
        assert cluster.api.get(f"{secrets}/argocd-secret")["data"] == made
        assert again.rest.login("admin", password)
    finally:
        cluster.api.delete(f"/api/v1/namespaces/{namespace}")


@pytest.fixture(name="app")
def fixture_app(apps, repo):
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={"prune": True})
    apps.wait_status("Synced")
    return apps


def in_time(call, seconds):
    began = time.monotonic()
    try:
        return call()
    finally:
        assert time.monotonic() - began < seconds


def test_without_the_controller(app, rest, name, stack):
    stack.kill("app-controller", signal.SIGKILL)
    try:
        for path in ("resource-tree", "managed-resources",
                     f"resource?resourceName=a&kind=ConfigMap&version=v1&namespace={name}"):
            error = in_time(lambda p=path: refused(lambda: rest.get(f"{APPS}/{name}/{p}"), 503, 14), 10)
            assert "controller" in error.message.lower() or "Get" in error.message
        assert in_time(lambda: rest.app(name), 10)["metadata"]["name"] == name
        assert rest.get(APPS, name=name)["items"]
        assert rest.get(f"{APPS}/{name}/manifests")["manifests"]
        assert rest.get("/api/v1/clusters")["items"][0]["connectionState"]["status"] == "Unknown"
        assert rest.post(f"{APPS}/{name}/sync", {})["operation"]  # it will find it
    finally:
        stack.start("app-controller")
    app.wait_operation()
    assert rest.get(f"{APPS}/{name}/resource-tree")["nodes"]


def test_without_the_repo_server(app, rest, name, stack, apps, repo):
    stack.kill("repo-server", signal.SIGKILL)
    try:
        error = in_time(lambda: refused(lambda: rest.get(f"{APPS}/{name}/manifests"), 503, 14), 10)
        assert "repo-server" in error.message or "GenerateManifests" in error.message
        in_time(lambda: refused(
            lambda: rest.get(f"{APPS}/{name}/revisions/{repo.head()}/metadata"), 503, 14), 10)
        other = apps.manifest(f"{name[:40]}-2", repo.url, namespace=name)
        in_time(lambda: refused(lambda: rest.post(APPS, other), 503, 14), 10)
        assert rest.app(name)["metadata"]["name"] == name
        assert rest.get(f"{APPS}/{name}/resource-tree")["nodes"]
    finally:
        stack.start("repo-server")
    assert rest.get(f"{APPS}/{name}/manifests")["manifests"]


def test_ends_while_requests_wait(app, another, name, stack):
    """A controller that hangs does not keep the API server from ending, and its clients get an answer."""
    server = another("--call-timeout", "60s")
    server.rest.login("admin", stack.password)
    stack.send("app-controller", signal.SIGSTOP)
    answers = []

    def ask():
        answers.append(server.rest.raw("GET", f"{APPS}/{name}/resource-tree")[0])
    waiting = threading.Thread(target=ask)
    try:
        waiting.start()
        time.sleep(0.3)
        assert in_time(server.stop, 12) == 0
        waiting.join(10)
        assert answers == [503]
    finally:
        stack.send("app-controller", signal.SIGCONT)
        waiting.join(20)


def test_requests_of_a_client_that_is_gone(app, rest, name, stack):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", stack.ports["http"])) as s:
            s.sendall(f"GET {APPS}/{name}/resource-tree HTTP/1.1\r\nHost: x\r\n"
                      f"Authorization: Bearer {rest.token}\r\n\r\n".encode())
    assert rest.get(f"{APPS}/{name}/resource-tree")["nodes"]
    assert stack.alive("api-server")


def test_kubernetes_away_for_a_while(app, rest, name, cluster, stack):
    cluster.stop("kube-apiserver")
    try:
        assert in_time(lambda: rest.app(name), 10)["metadata"]["name"] == name
        with pytest.raises(RestError) as caught:
            in_time(lambda: rest.post(f"{APPS}/{name}/sync", {}), 75)
        assert caught.value.status in (503, 504)
    finally:
        cluster.start("kube-apiserver")
    rest.wait("writing to work again", lambda: rest.patch(
        f"{APPS}/{name}", {"patch": "{}", "patchType": "merge"}))
    app.patch({"metadata": {"labels": {"seen": "again"}}})
    rest.wait("the watch to be back", lambda: rest.get(APPS, selector="seen=again")["items"])
