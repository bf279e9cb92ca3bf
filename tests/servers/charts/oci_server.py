"""A small OCI registry of Helm charts: tags with paging, manifests, blobs; reading only.

Authentication as Docker's registries do it, with tokens from a second address, or basic.
"""

import hashlib
import json
import re
import secrets
import urllib.parse

from tests.servers.charts.archive import chart_archive
from tests.servers.charts.login import allows, tls_context
from tests.servers.listener import FaultyHandler, Listener

CONFIG = "application/vnd.cncf.helm.config.v1+json"
LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def _digest(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class OciServer(Listener):
    """Charts at url(path); both this server and `tokens`, where tokens are given, are stopped together.

    user, password  whom tokens are given to, or who may read with auth="basic"; None: anybody, but
                    with a token all the same
    auth            "token", "basic" or "none"
    page            most tags in one answer
    tls_dir         HTTPS, with a certificate authority made in this directory: see ca_file
    storage         where blobs are redirected to ("http://host:port"), None: they are served here
    requests        (method, path, status, authentication scheme or "") of each request
    faults          see faults.py
    """

    def __init__(self, port=0, user=None, password=None, auth="token", page=100, tls_dir=None):
        self.user, self.password, self.auth, self.page = user, password, auth, page
        self.ca_file = None
        self.storage = None
        self.requests = []
        self.expires_s = 300
        self.manifests = {}  # (name, tag or digest) -> bytes
        self.blobs = {}
        self._tags = {}
        self._tokens = set()
        context = None
        if tls_dir:
            context, self.ca_file = tls_context(tls_dir, "oci-server")
        super().__init__(RegistryHandler, port, context)
        self.tokens = TokenServer(self, context)

    def stop(self):
        self.tokens.stop()
        super().stop()

    def url(self, path):
        """For a repository's settings; http:// has to be forced without tls_dir."""
        return f"oci://127.0.0.1:{self.port}/{path}"

    def add(self, path, name, version, files=None, layer=LAYER, **metadata):
        """Push a chart to PATH/NAME; returns its archive."""
        archive = chart_archive(name, version, files, **metadata)
        config = json.dumps({"name": name, "version": version}).encode()
        for blob in (archive, config):
            self.blobs[_digest(blob)] = blob
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": _digest(config), "size": len(config)},
            "layers": [{"mediaType": layer, "digest": _digest(archive), "size": len(archive)}],
        }
        self.push(f"{path}/{name}", version.replace("+", "_"), json.dumps(manifest).encode())
        return archive

    def push(self, name, tag, manifest):
        """Set a tag to any manifest."""
        self.manifests[name, tag] = self.manifests[name, _digest(manifest)] = manifest
        tags = self._tags.setdefault(name, [])
        if tag not in tags:
            tags.append(tag)

    def tags(self, name):
        """The tags of a repository in order, or None."""
        return sorted(self._tags[name]) if name in self._tags else None

    def new_token(self):
        token = secrets.token_hex(8)
        self._tokens.add(token)
        return token

    def revoke_tokens(self):
        """As if those given so far had ended."""
        self._tokens.clear()

    def challenge(self, header, name):
        """None when a request may go on, else the WWW-Authenticate header."""
        if self.auth == "basic":
            allowed = allows(self.user, self.password, header)
            return None if allowed else 'Basic realm="registry"'
        kind, _, token = (header or "").partition(" ")
        if self.auth == "none" or (kind == "Bearer" and token in self._tokens):
            return None
        realm = f"{self.tokens.base_url}/token"
        return f'Bearer realm="{realm}",service="registry",scope="repository:{name}:pull"'


class RegistryHandler(FaultyHandler):
    """One request to the registry."""

    def serve(self, body):
        header = self.headers.get("Authorization")
        status, content, headers = self._answer(header)
        scheme = (header or "").partition(" ")[0]
        self.listener.requests.append((self.command, self.path, status, scheme))
        self.send_status(status, content, headers)

    def _answer(self, header):
        server = self.listener
        path, _, query = self.path.partition("?")
        found = re.fullmatch(r"/v2/(.+)/(tags|manifests|blobs)/([^/]+)", path)
        if not found:
            return _error(404, "NAME_UNKNOWN", "no such address")
        name, kind, what = found.groups()
        challenge = server.challenge(header, name)
        if challenge:
            status, content, headers = _error(401, "UNAUTHORIZED", "authentication required")
            return status, content, headers | {"WWW-Authenticate": challenge}
        if kind == "tags":
            return self._tags(name, urllib.parse.parse_qs(query))
        if kind == "blobs":
            return self._blob(what)
        manifest = server.manifests.get((name, what))
        if manifest is None:
            return _error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        return 200, manifest, {"Content-Type": MANIFEST, "Docker-Content-Digest": _digest(manifest)}

    def _tags(self, name, query):
        tags = self.listener.tags(name)
        if tags is None:
            return _error(404, "NAME_UNKNOWN", "repository name not known to registry")
        size = min(int(query.get("n", [self.listener.page])[0]), self.listener.page)
        rest = [tag for tag in tags if tag > query.get("last", [""])[0]]
        headers = {"Content-Type": "application/json"}
        if len(rest) > size:
            more = urllib.parse.urlencode({"last": rest[size - 1], "n": size})
            headers["Link"] = f'</v2/{name}/tags/list?{more}>; rel="next"'
        return 200, json.dumps({"name": name, "tags": rest[:size]}).encode(), headers

    def _blob(self, digest):
        server = self.listener
        blob = server.blobs.get(digest)
        if blob is None:
            return _error(404, "BLOB_UNKNOWN", "blob unknown to registry")
        if server.storage:
            return 307, b"", {"Location": f"{server.storage}/{digest}?signature=secret"}
        return 200, blob, {"Content-Type": "application/octet-stream"}


class TokenServer(Listener):
    """Gives tokens for a registry; requests as in OciServer."""

    def __init__(self, registry, context):
        self.registry = registry
        self.requests = []
        super().__init__(TokenHandler, 0, context)


class TokenHandler(FaultyHandler):
    """One request for a token."""

    def serve(self, body):
        registry = self.listener.registry
        header = self.headers.get("Authorization")
        if allows(registry.user, registry.password, header):
            answer = {"token": registry.new_token(), "expires_in": registry.expires_s}
            status, content, headers = 200, json.dumps(answer).encode(), {}
        else:
            status, content, headers = _error(401, "UNAUTHORIZED", "wrong user or password")
        scheme = (header or "").partition(" ")[0]
        self.listener.requests.append((self.command, self.path, status, scheme))
        self.send_status(status, content, headers)


def _error(status, code, message):
    body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
    return status, body, {"Content-Type": "application/json"}
