"""The proxies let a real API server's traffic through, and break it as told."""

import base64
import http.client
import json
import os
import socket
import ssl
import threading
import time

import pytest

from tests.cluster import Api, ApiError, Cluster, wait_for
from tests.servers.kubeproxy import KubeProxy, TcpProxy

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture(name="cluster", scope="module")
def _cluster():
    cluster = Cluster.up(name="proxied", node="none", die_with=os.getpid())
    yield cluster
    cluster.down()


def client(cluster, proxy, user="admin", timeout_s=5):
    pki = cluster.pki
    return Api(proxy.base_url, pki.crt("ca"), pki.crt(user), pki.key(user), timeout_s)


@pytest.fixture(name="proxy")
def _proxy(cluster):
    with KubeProxy(cluster) as proxy:
        yield proxy


def config_map(name):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}


def test_requests_and_identity_go_through(cluster, proxy):
    api = client(cluster, proxy)
    assert api.create(CONFIG_MAPS, config_map("through"))["metadata"]["uid"]
    assert api.delete(f"{CONFIG_MAPS}/through")["status"] == "Success"
    cluster.user_kubeconfig("jane", ["devs", "ops"])
    with pytest.raises(ApiError, match='User "jane" cannot list'):
        client(cluster, proxy, "user-jane-devs-ops").get(CONFIG_MAPS)


def test_bearer_token_beats_the_certificate(cluster, proxy):
    secrets = cluster.api.get("/api/v1/namespaces/default/secrets")["items"]
    tokens = [s["data"]["token"] for s in secrets if s["type"].endswith("service-account-token")]
    if not tokens:
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        path = "/api/v1/namespaces/default/serviceaccounts/default/token"
        token = cluster.api.create(path, body)["status"]["token"]
    else:
        token = base64.b64decode(tokens[0]).decode()
    context = ssl.create_default_context(cafile=str(cluster.pki.crt("ca")))
    connection = http.client.HTTPSConnection("127.0.0.1", proxy.port, context=context)
    connection.request("GET", CONFIG_MAPS, headers={"Authorization": f"Bearer {token}"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    assert "system:serviceaccount:default:default" in answer["message"]


def test_throttling_and_errors(cluster, proxy):
    api = client(cluster, proxy)
    proxy.throttle("GET .*configmaps", retry_after_s=7, times=1)
    proxy.fail("GET .*configmaps", 503, "ServiceUnavailable", times=1)
    for status in (429, 503):
        with pytest.raises(ApiError, match="injected") as error:
            api.get(CONFIG_MAPS)
        assert error.value.status == status
    assert api.get(CONFIG_MAPS)["kind"] == "ConfigMapList"


def test_dropped_request_and_refused_connections(cluster, proxy):
    api = client(cluster, proxy)
    proxy.faults.add("drop", "secrets")
    with pytest.raises((OSError, http.client.HTTPException)):
        api.get("/api/v1/secrets")
    assert api.ready()
    proxy.refuse(seconds=0.5)
    with pytest.raises(ConnectionRefusedError):
        api.get(CONFIG_MAPS)
    wait_for("proxy", api.ready, 5)


def collect(api, path, version):
    """Watch in a thread; (list that events go to, the thread)."""
    events = []

    def run():
        try:
            for event in api.watch(path, version):
                events.append(event["object"]["metadata"]["name"])
        except (OSError, http.client.HTTPException) as error:
            events.append(type(error).__name__)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return events, thread


def test_watch_is_live_until_cut(cluster, proxy):
    api = client(cluster, proxy)
    version = api.get(CONFIG_MAPS)["metadata"]["resourceVersion"]
    events, thread = collect(api, CONFIG_MAPS, version)
    cluster.api.create(CONFIG_MAPS, config_map("seen"))
    wait_for("event", lambda: events == ["seen"], 5)
    assert proxy.cut_watches() == 1
    thread.join(5)
    assert not thread.is_alive() and events[0] == "seen"
    assert api.ready()


def test_watch_expires(cluster, proxy):
    api = client(cluster, proxy)
    rule = proxy.expire_watches()
    assert not list(api.watch(CONFIG_MAPS, "1")) and rule.hits == 1


def test_api_server_gone_looks_like_a_broken_connection(cluster, proxy):
    api = client(cluster, proxy)
    assert api.ready()
    cluster.stop("kube-apiserver")
    with pytest.raises((OSError, http.client.HTTPException)):
        api.get(CONFIG_MAPS)
    cluster.start("kube-apiserver")
    assert api.ready()


def test_tcp_proxy_stalls_cuts_and_refuses(cluster):
    with TcpProxy(cluster) as proxy:
        assert proxy.kubeconfig().exists()
        api = client(cluster, proxy)
        assert api.ready()
        proxy.stall()
        with pytest.raises(socket.timeout):
            client(cluster, proxy, timeout_s=0.5).get(CONFIG_MAPS)
        proxy.flow()
        wait_for("flow", api.ready, 5)
        proxy.drop_connections()
        assert api.ready()
        proxy.refuse()
        begin = time.monotonic()
        assert not api.ready() and time.monotonic() - begin < 2
        proxy.accept()
        assert api.ready()
