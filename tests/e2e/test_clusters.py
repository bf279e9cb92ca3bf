"""Clusters of secrets: certificates, a plugin, a proxy, some namespaces only; each fails alone."""

import base64
import json
import socket
import threading
import urllib.parse

import pytest
import yaml

from tests.cluster import ApiError
from tests.e2e.apps import SECRETS, config_map

V1 = "client.authentication.k8s.io/v1"


@pytest.fixture(name="access")
def fixture_access(cluster):
    """Address and PEM files of the real cluster, as kubectl has them."""
    with open(cluster.kubeconfig, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    place = config["clusters"][0]["cluster"]
    user = config["users"][0]["user"]

    def pem(of, key):
        if f"{key}-data" in of:
            return base64.b64decode(of[f"{key}-data"])
        with open(of[key], "rb") as file:
            return file.read()

    return {"server": place["server"], "ca": pem(place, "certificate-authority"),
            "cert": pem(user, "client-certificate"), "key": pem(user, "client-key")}


@pytest.fixture(name="connect")
def fixture_connect(cluster, stack, name):
    """Makes cluster secrets: connect(server, config, key=text...)."""
    path = SECRETS.format(ns=stack.namespace)
    made = []

    def make(server, config, annotations=None, **more):
        secret = f"{name[:40]}-c{len(made)}"
        data = {"name": secret, "server": server, "config": json.dumps(config), **more}
        cluster.api.create(path, {
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": secret, "annotations": annotations or {},
                         "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
            "data": {k: base64.b64encode(v.encode()).decode() for k, v in data.items()}})
        made.append(secret)
        return secret

    yield make
    for secret in made:
        try:
            cluster.api.delete(f"{path}/{secret}")
        except ApiError:
            pass


def b64(data):
    return base64.b64encode(data).decode()


def with_certificates(access, **more):
    return {"tlsClientConfig": {"caData": b64(access["ca"]), "certData": b64(access["cert"]),
                                "keyData": b64(access["key"])}, **more}


def other_address(server):
    """The same server under another name, so that it is another cluster."""
    parts = urllib.parse.urlsplit(server)
    return f"https://localhost:{parts.port}"


def to(secret, namespace):
    return {"destination": {"name": secret, "namespace": namespace}}


def is_deployed(cluster, name, in_map="a"):
    return cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/{in_map}")["data"] == {"x": "1"}


def test_certificates_without_compression(connect, access, apps, repo, cluster, name):
    secret = connect(access["server"], with_certificates(access, disableCompression=True))
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={}, **to(secret, name))
    apps.wait_status("Synced", "Healthy")
    assert is_deployed(cluster, name)


def test_a_plugin_gives_the_credential(connect, access, apps, repo, cluster, tmp_path, name):
    status = {"clientCertificateData": access["cert"].decode(),
              "clientKeyData": access["key"].decode()}
    answer = tmp_path / "credential.json"
    answer.write_text(json.dumps({"apiVersion": V1, "kind": "ExecCredential", "status": status}))
    secret = connect(access["server"], {
        "tlsClientConfig": {"caData": b64(access["ca"])},
        "execProviderConfig": {"command": "cat", "args": [str(answer)], "apiVersion": V1}})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={}, **to(secret, name))
    apps.wait_status("Synced", "Healthy")
    assert is_deployed(cluster, name)


def test_each_fails_alone(connect, access, apps, repo, cluster, tmp_path, name):
    """Four clusters that cannot be used, each for a reason of its own, beside one that works."""
    missing = {"tlsClientConfig": {"caData": b64(access["ca"])},
               "execProviderConfig": {"command": str(tmp_path / "none"), "apiVersion": V1,
                                      "installHint": "install the tool"}}
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"https://127.0.0.1:{unused.getsockname()[1]}"
        bad = {
            "ca": connect(other_address(access["server"]),
                          {"bearerToken": "x", "tlsClientConfig": {}}),
            "exec": connect("https://127.0.0.2:1", missing),
            "down": connect(nobody, with_certificates(access)),
            "json": connect("https://127.0.0.3:1", {"tlsClientConfig": "no map"}),
        }
        wanted = {"ca": "certificate", "exec": "none", "down": nobody, "json": "tlsClientConfig"}
        repo.commit({"a.yaml": config_map("a", x="1")}, "first")
        for which, secret in bad.items():
            apps.create(repo.url, name=f"{name}-{which}", namespace=name, automated={},
                        destination={"name": secret, "namespace": name})
        apps.create(repo.url, automated={})
        apps.wait_status("Synced", "Healthy")
        for which in bad:
            app = apps.wait(lambda a: a.get("status", {}).get("conditions"), "a condition",
                            name=f"{name}-{which}")
            text = " ".join(c["message"] for c in app["status"]["conditions"])
            assert wanted[which] in text, text
            assert app["status"]["sync"]["status"] == "Unknown"


class Proxy:
    """An HTTP proxy that only knows CONNECT."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.asked = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            part = client.recv(4096)
            if not part:
                return
            head += part
        target = head.split(b" ")[1].decode()
        self.asked.append(target)
        host, _, port = target.rpartition(":")
        server = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        other = threading.Thread(target=pump, args=(server, client), daemon=True)
        other.start()
        pump(client, server)

    def close(self):
        self.listener.close()


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def test_through_a_proxy(connect, access, apps, repo, cluster, name):
    proxy = Proxy()
    try:
        secret = connect(access["server"], with_certificates(
            access, proxyUrl=f"http://127.0.0.1:{proxy.port}"))
        repo.commit({"a.yaml": config_map("a", x="1")}, "first")
        apps.create(repo.url, automated={}, **to(secret, name))
        apps.wait_status("Synced", "Healthy")
        assert set(proxy.asked) == {urllib.parse.urlsplit(access["server"]).netloc}
    finally:
        apps.delete()
        proxy.close()
    assert is_deployed(cluster, name)


def test_some_namespaces_and_skipping(connect, access, apps, repo, cluster, stack, name):
    secret = connect(access["server"], with_certificates(access), namespaces=name)
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={}, **to(secret, name))
    apps.wait_status("Synced", "Healthy")
    path = f"{SECRETS.format(ns=stack.namespace)}/{secret}"
    cluster.api.patch(path, {"metadata": {"annotations": {
        "argocd.argoproj.io/skip-reconcile": "true"}}})
    role = ("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: "
            f"{{name: {name}}}\nrules: []\n")
    repo.commit({"role.yaml": role}, "a cluster role")
    other = f"{name}-other"
    apps.create(repo.url, name=other, namespace=name, path=".", revision=repo.head())
    apps.patch({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    apps.wait_status("OutOfSync", name=other)  # the controller is at work, but not on this one
    assert apps.get()["metadata"]["annotations"]["argocd.argoproj.io/refresh"] == "normal"
    cluster.api.patch(path, {"metadata": {"annotations": {
        "argocd.argoproj.io/skip-reconcile": None}}})
    apps.wait_condition("ComparisonError", f'Cluster level ClusterRole "{name}" can not be managed')
    cluster.api.patch(path, {"data": {"clusterResources": b64(b"true")}})
    apps.wait_status("Synced", "Healthy")
    apps.wait_no_condition("ComparisonError")
    cluster.api.delete(f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}")
