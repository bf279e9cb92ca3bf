"""Event streams: framing in both encodings, what is sent first, filters, selections, and how they end."""

import http.client
import json
import signal
import time

import pytest

from tests.e2e.apps import config_map, deployment
from tests.e2e.test_rest import APPS
from tests.stack import RestClient, RestError

STREAM = "/api/v1/stream/applications"


class Raw:
    """The bytes of a stream as they come."""

    def __init__(self, stack, token, path, accept="text/event-stream", method="GET"):
        self.connection = http.client.HTTPConnection("127.0.0.1", stack.ports["http"], timeout=40)
        self.connection.request(method, path, headers={"Authorization": f"Bearer {token}", "Accept": accept})
        self.response = self.connection.getresponse()
        self.got = b""

    def read_until(self, part, timeout_s=40):
        end = time.monotonic() + timeout_s
        while part not in self.got:
            assert time.monotonic() < end, self.got[-500:]
            more = self.response.read1(65536)
            assert more, f"the stream ended without {part}: {self.got[-500:]}"
            self.got += more
        return self.got

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.connection.close()


@pytest.fixture(name="app")
def fixture_app(apps, repo):
    """A manual Application that waits for its first sync."""
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url)
    apps.wait_status("OutOfSync", "Missing")
    return apps


def of_app(messages, name):
    for message in messages:
        assert set(message) == {"result"}
        if message["result"]["application"]["metadata"]["name"] == name:
            yield message["result"]


def test_server_sent_events(stack, rest, app, name):
    fields = "result.type,result.application.metadata.name"
    with Raw(stack, rest.token, f"{STREAM}?name={name}&fields={fields}") as raw:
        assert raw.response.status == 200
        assert raw.response.headers["Content-Type"] == "text/event-stream"
        assert raw.response.headers["X-Content-Type-Options"] == "nosniff"
        assert raw.response.headers["Content-Encoding"] is None
        message = json.dumps({"result": {"application": {"metadata": {"name": name}}, "type": "ADDED"}},
                             separators=(",", ":"))
        assert raw.read_until(b"\n\n\n") == f"data: {message} \n\n\n".encode()


def test_json_lines(stack, rest, app, name):
    for accept in ("application/json", "text/event-stream, */*"):
        with Raw(stack, rest.token, f"{STREAM}?name={name}&fields=result.type", accept) as raw:
            assert raw.response.headers["Content-Type"] == "application/json"
            assert raw.response.headers["Transfer-Encoding"] == "chunked"
            assert raw.read_until(b"\n") == b'{"result":{"type":"ADDED"}}\n'


def test_compression_is_not_for_streams(stack, rest, app, name):
    client = RestClient(stack.url)
    client.token = rest.token
    connection = http.client.HTTPConnection("127.0.0.1", stack.ports["http"], timeout=20)
    connection.request("GET", f"{STREAM}?name={name}", headers={
        "Authorization": f"Bearer {rest.token}", "Accept": "text/event-stream", "Accept-Encoding": "gzip"})
    response = connection.getresponse()
    assert response.headers["Content-Encoding"] is None
    assert response.read1(6) == b"data: "
    connection.close()


def test_keep_alive(stack, rest):
    with Raw(stack, rest.token, f"{STREAM}?name=nowhere") as raw:
        assert raw.read_until(b"\n") == b":\n"
    with Raw(stack, rest.token, f"{STREAM}?name=nowhere", method="HEAD") as raw:
        assert raw.response.read() == b""


@pytest.mark.parametrize("sse", [True, False])
def test_added_modified_deleted(rest, app, name, sse):
    with rest.stream(STREAM, sse=sse) as messages:
        mine = of_app(messages, name)
        first = next(mine)
        assert first["type"] == "ADDED"
        assert "managedFields" not in first["application"]["metadata"]
        rest.post(f"{APPS}/{name}/sync", {})
        for change in mine:
            assert change["type"] == "MODIFIED"
            if change["application"].get("status", {}).get("sync", {}).get("status") == "Synced":
                break
        rest.delete(f"{APPS}/{name}")
        for change in mine:
            if change["type"] == "DELETED":
                break


def test_first_all_in_order(rest, app, repo, name):
    app.create(repo.url, name=f"{name[:40]}-0", namespace=name)
    rest.wait("the second one", lambda: len(rest.get(APPS, repo=repo.url)["items"]) == 2)
    with rest.stream(STREAM, repo=repo.url) as messages:
        names = [next(messages)["result"]["application"]["metadata"]["name"] for _ in range(2)]
    assert names == sorted(names)


def test_from_a_version_on(rest, app, name):
    version = rest.get(APPS)["metadata"]["resourceVersion"]
    with rest.stream(STREAM, resourceVersion=version, projects="default") as messages:
        app.patch({"metadata": {"labels": {"touched": "yes"}}})
        event = next(of_app(messages, name))
        assert event["type"] == "MODIFIED"
        assert event["application"]["metadata"]["labels"] == {"touched": "yes"}


def test_filters(rest, app, name):
    with rest.stream(STREAM, selector="team=stream") as messages:
        app.patch({"metadata": {"labels": {"team": "stream"}}})
        assert next(of_app(messages, name))["type"] in ("ADDED", "MODIFIED")
    with pytest.raises(RestError) as caught, rest.stream(STREAM, selector="a=b=,("):
        pass
    assert caught.value.status == 400


def test_same_selection_is_sent_once(rest, app, name):
    fields = "result.application.metadata.name,result.application.metadata.labels"
    with rest.stream(STREAM, name=name, fields=fields) as messages:
        assert "labels" not in next(messages)["result"]["application"]["metadata"]
        app.patch({"metadata": {"annotations": {"not": "selected"}}})
        app.patch({"metadata": {"labels": {"is": "selected"}}})
        assert next(messages)["result"]["application"]["metadata"]["labels"] == {"is": "selected"}


def test_tree_stream(rest, apps, repo, name):
    repo.commit({"web.yaml": deployment("web")})
    apps.create(repo.url)
    apps.wait_status("OutOfSync")
    with rest.stream(f"{STREAM}/{name}/resource-tree") as messages:
        assert set(next(messages)) == {"result"}
        rest.post(f"{APPS}/{name}/sync", {})
        for message in messages:
            pods = [n for n in message["result"]["nodes"] if n["kind"] == "Pod"]
            if pods and pods[0].get("health", {}).get("status") == "Healthy":
                break


def test_tree_stream_without_controller(rest, app, name, stack):
    stack.kill("app-controller", signal.SIGKILL)
    try:
        with rest.stream(f"{STREAM}/{name}/resource-tree", sse=False, timeout_s=30) as messages:
            message = next(messages)
            assert message["error"]["http_code"] == 503 and message["error"]["grpc_code"] == 14
            assert message["error"]["http_status"] == "Service Unavailable" and message["error"]["message"]
            assert next(messages, None) is None
    finally:
        stack.start("app-controller")


def test_clients_that_go_away(stack, rest, app, name):
    streams = [Raw(stack, rest.token, STREAM) for _ in range(20)]
    for raw in streams:
        raw.read_until(b"data: ")
    assert stack.metrics("api-server")["belay_api_streams"] >= 20
    for raw in streams:
        raw.connection.close()
    app.patch({"metadata": {"labels": {"after": "all"}}})
    rest.wait("the streams to be gone", lambda: stack.metrics("api-server")["belay_api_streams"] == 0, 20)


def test_streams_end_with_the_server(stack, rest, app):
    with Raw(stack, rest.token, STREAM) as raw:
        raw.read_until(b"data: ")
        stack.kill("api-server", signal.SIGTERM)
        try:
            while raw.response.read1(65536):
                pass  # the end is orderly: no exception
        finally:
            stack.start("api-server")
