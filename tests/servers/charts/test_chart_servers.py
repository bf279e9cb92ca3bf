"""The chart servers answer as chart repositories and registries do."""

import hashlib
import io
import json
import signal
import ssl
import subprocess
import sys
import tarfile
import urllib.error
import urllib.parse
import urllib.request

import pytest
import yaml

from tests.servers.charts import ChartServer, OciServer, chart_archive
from tests.servers.charts import repo_server
from tests.servers.charts.login import allows


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are answers."""

    def redirect_request(self, *_):
        return None


def get(url, headers=None, ca_file=None):
    """(status, body, headers) of one request."""
    handlers = [_Stay()]
    if ca_file:
        context = ssl.create_default_context(cafile=str(ca_file))
        handlers.append(urllib.request.HTTPSHandler(context=context))
    opener = urllib.request.build_opener(*handlers)
    try:
        with opener.open(urllib.request.Request(url, headers=headers or {}), timeout=20) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


BASIC = {"Authorization": "Basic dTpw"}


def test_archives_are_charts_and_reproducible():
    archive = chart_archive("web", "1.0.0", {"templates/a.yaml": "kind: A\n"}, appVersion="7")
    assert archive == chart_archive("web", "1.0.0", {"templates/a.yaml": "kind: A\n"}, appVersion="7")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert tar.getnames() == ["web/Chart.yaml", "web/templates/a.yaml"]
        head = yaml.safe_load(tar.extractfile("web/Chart.yaml"))
    assert head == {"apiVersion": "v2", "name": "web", "version": "1.0.0", "appVersion": "7"}


def test_a_repository_has_an_index_and_archives():
    with ChartServer() as server:
        archive = server.add("web", "1.0.0")
        server.add("web", "1.1.0", url="https://elsewhere/web.tgz", digest="")
        status, body, headers = get(f"{server.url}/index.yaml")
        entries = yaml.safe_load(body)["entries"]["web"]
        assert status == 200
        assert entries[0]["digest"] == hashlib.sha256(archive).hexdigest()
        assert entries[1]["urls"] == ["https://elsewhere/web.tgz"] and "digest" not in entries[1]
        assert get(f"{server.url}/web-1.0.0.tgz")[1] == archive
        unchanged = {"If-None-Match": headers["ETag"]}
        assert get(f"{server.url}/index.yaml", unchanged)[0] == 304
        server.remove("web", "1.1.0")
        assert get(f"{server.url}/index.yaml", unchanged)[0] == 200
        assert get(f"{server.url}/none.tgz")[0] == 404


def test_a_repository_with_login_and_tls(tmp_path):
    with ChartServer(user="u", password="p", tls_dir=tmp_path) as server:
        index = f"{server.url}/index.yaml"
        assert get(index, ca_file=server.ca_file)[0] == 401
        assert get(index, BASIC, server.ca_file)[0] == 200
        assert server.requests == [
            ("GET", "/charts/index.yaml", 401, False),
            ("GET", "/charts/index.yaml", 200, True),
        ]
        rule = server.faults.add("status", "index", status=503, times=1)
        assert get(index, BASIC, server.ca_file)[0] == 503
        assert rule.hits == 1 and get(index, BASIC, server.ca_file)[0] == 200
    assert not allows("u", "p", None) and allows(None, None, None)


def token_of(headers, login=None):
    """Do what a challenge asks for: (status, token)."""
    kind, _, rest = headers["WWW-Authenticate"].partition(" ")
    assert kind == "Bearer"
    params = dict(part.split("=", 1) for part in rest.split(","))
    params = {name: value.strip('"') for name, value in params.items()}
    realm = params.pop("realm")
    status, body, _ = get(f"{realm}?{urllib.parse.urlencode(params)}", login)
    return status, json.loads(body).get("token")


def test_a_registry_wants_a_token():
    with OciServer(user="u", password="p") as server:
        archive = server.add("charts", "web", "1.0.0+b")
        manifest = f"{server.base_url}/v2/charts/web/manifests/1.0.0_b"
        status, _, headers = get(manifest)
        assert status == 401
        assert token_of(headers)[0] == 401
        status, token = token_of(headers, BASIC)
        bearer = {"Authorization": f"Bearer {token}"}
        layer = json.loads(get(manifest, bearer)[1])["layers"][0]
        blob = f"{server.base_url}/v2/charts/web/blobs/{layer['digest']}"
        assert get(blob, bearer)[1] == archive
        server.storage = "http://127.0.0.1:1/store"
        status, _, headers = get(blob, bearer)
        assert status == 307 and headers["Location"].startswith("http://127.0.0.1:1/store/sha256:")
        server.revoke_tokens()
        assert get(manifest, bearer)[0] == 401
        assert server.tokens.requests[-1][3] == "Basic"


@pytest.mark.parametrize("auth, login", [("basic", BASIC), ("none", {})])
def test_a_registry_lists_tags_page_by_page(auth, login):
    with OciServer(user="u", password="p", auth=auth, page=2) as server:
        for version in ("1.0.0", "1.1.0", "2.0.0"):
            server.add("c", "web", version)
        first = f"{server.base_url}/v2/c/web/tags/list?n=1000"
        assert get(first)[0] == (401 if auth == "basic" else 200)
        status, body, headers = get(first, login)
        assert status == 200 and json.loads(body)["tags"] == ["1.0.0", "1.1.0"]
        link = headers["Link"].partition(">")[0].removeprefix("<")
        _, body, headers = get(server.base_url + link, login)
        assert json.loads(body)["tags"] == ["2.0.0"] and headers["Link"] is None
        assert get(f"{server.base_url}/v2/c/none/tags/list", login)[0] == 404


def test_the_program_serves_a_directory(tmp_path):
    (tmp_path / "any.tgz").write_bytes(chart_archive("web", "1.0.0"))
    command = [sys.executable, repo_server.__file__, "--directory", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            url = program.stdout.readline().strip()
            assert "web" in yaml.safe_load(get(f"{url}/index.yaml")[1])["entries"]
        finally:
            program.send_signal(signal.SIGTERM)
        assert program.wait(20) == 0
