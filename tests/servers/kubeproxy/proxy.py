"""An HTTP-aware proxy in front of an API server: terminates TLS, applies faults, forwards.

The caller's identity goes through: bearer tokens as they are, client certificates as
impersonation by the cluster's admin.  HTTP/1.1 on both sides; for HTTP/2 see tcp.py.
"""

import http.client
import json
import re
import ssl
import threading
import urllib.parse
from dataclasses import dataclass

from tests.servers.listener import CHUNK, FaultyHandler, Listener, cut, server_tls

HOP_BY_HOP = {
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
JSON = {"Content-Type": "application/json"}
WRITES = {"POST", "PUT", "PATCH", "DELETE"}


@dataclass
class Write:
    """A request that changes something, once it was answered."""

    method: str
    path: str  # without the query
    status: int = 0
    name: str = ""  # of the object answered

    def __str__(self):
        return f"{self.method} {self.path} {self.name} {self.status}"


class KubeProxy(Listener):
    """Serves one cluster's API with faults; see faults.py for `faults.add()`.

    The methods below add the faults that need a Kubernetes body.  `match` is searched in
    "METHOD /path?query"; watches have "watch=" in it.

    `writes` is the journal of what was changed through here, oldest first.  `gate(write, answered)`, when set, is
    asked before each write is forwarded, and before its answer is; False breaks the connection instead.
    """

    def __init__(self, cluster):
        self.cluster = cluster
        self.writes = []
        self.gate = None
        self.held = None
        self.flow = threading.Condition()
        pki = cluster.pki
        pki.issue("proxy", [("CN", "proxy")], ["DNS:localhost", "IP:127.0.0.1"])
        self.upstream_tls = {True: _client_tls(pki), False: _client_tls(pki, certificate=None)}
        self._watches = set()
        self._watches_lock = threading.Lock()
        super().__init__(
            ProxyHandler, tls=server_tls(pki.crt("proxy"), pki.key("proxy"), pki.crt("ca"))
        )

    def kubeconfig(self, user="admin"):
        """Path of a kubeconfig for this proxy with a certificate of the cluster."""
        path = self.cluster.dir / f"proxy-{self.port}-{user}.conf"
        return self.cluster.pki.write_kubeconfig(path, self.base_url, user, self.cluster.name)

    def fail(self, match="", status=500, reason="InternalError", times=None):
        """Answer with an error of the API."""
        body = _status(status, reason)
        return self.faults.add(
            "status", match, status=status, headers=JSON, body=body, times=times
        )

    def throttle(self, match="", retry_after_s=1, times=None):
        """Answer 429 with Retry-After."""
        fault = self.fail(match, 429, "TooManyRequests", times)
        fault.headers = {**JSON, "Retry-After": str(retry_after_s)}
        return fault

    def expire_watches(self, match="watch=", times=1):
        """Begin a watch as usual and end it with the event that tells of an expired version."""
        event = {"type": "ERROR", "object": json.loads(_status(410, "Expired"))}
        body = json.dumps(event).encode() + b"\n"
        return self.faults.add("status", match, status=200, headers=JSON, body=body, times=times)

    def hold_watches(self, match):
        """Deliver no more events of watches that match, without a sign of it: who watches sees an old state."""
        with self.flow:
            self.held = match

    def release_watches(self):
        """Deliver them, with what has piled up."""
        with self.flow:
            self.held = None
            self.flow.notify_all()

    def wait_flow(self, target):
        with self.flow:
            self.flow.wait_for(lambda: not (self.held and re.search(self.held, target)))

    def stop(self):
        self.release_watches()
        super().stop()

    def cut_watches(self):
        """Cut the watch streams that are open; returns how many there were."""
        with self._watches_lock:
            watches = list(self._watches)
        for client, upstream in watches:
            cut(client)
            cut(upstream)
        return len(watches)

    def watch_opened(self, watch):
        with self._watches_lock:
            self._watches.add(watch)

    def watch_closed(self, watch):
        with self._watches_lock:
            self._watches.discard(watch)


class ProxyHandler(FaultyHandler):
    """One client connection with its own connection to the API server.

    When that one fails the client's is reset: what the client would see without a proxy.
    """

    upstream = None
    upstream_is_admin = None

    def serve(self, body):
        if "upgrade" in self.headers.get("Connection", "").lower():
            self.send_status(501, b"this proxy forwards no upgraded connections\n")
            return
        query = self.path.partition("?")[2]
        try:
            if self.command in WRITES and "dryRun" not in query and "review" not in self.path:
                self._write(body)
                return
            watches = "watch" in urllib.parse.parse_qs(query)
            response = self._forward(body)
            if watches:
                self._stream_watch(response)
            else:
                self._stream(response)
        except (OSError, http.client.HTTPException):
            self._reset()

    def _write(self, body):
        listener = self.listener
        write = Write(self.command, self.path.partition("?")[0])
        if listener.gate and not listener.gate(write, False):
            self._reset()
            return
        response = self._forward(body)
        answer = response.read()
        write.status, write.name = response.status, _name_in(answer)
        listener.writes.append(write)
        if listener.gate and not listener.gate(write, True):
            self._reset()
            return
        headers = [(k, v) for k, v in response.getheaders() if k.lower() not in HOP_BY_HOP]
        self.send_stream(response.status, headers, [answer])

    def _forward(self, body):
        headers = [(k, v) for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP]
        headers += self._impersonation()
        upstream = self._connected(any(name.startswith("Impersonate-") for name, _ in headers))
        upstream.putrequest(self.command, self.path, skip_accept_encoding=True)
        for name, value in headers:
            upstream.putheader(name, value)
        upstream.putheader("Content-Length", str(len(body)))
        upstream.endheaders(body)
        return upstream.getresponse()

    def _impersonation(self):
        """Headers that make the admin act as the owner of the client's certificate."""
        certificate = self.connection.getpeercert()
        if not certificate or "Authorization" in self.headers or "Impersonate-User" in self.headers:
            return []
        subject = [pair for part in certificate["subject"] for pair in part]
        header = {"commonName": "Impersonate-User", "organizationName": "Impersonate-Group"}
        return [(header[name], value) for name, value in subject if name in header]

    def _connected(self, as_admin):
        """The connection to the API server, made or made anew when the one there does not fit."""
        if self.upstream and self.upstream.sock and self.upstream_is_admin == as_admin:
            return self.upstream
        self._close_upstream()
        cluster, tls = self.listener.cluster, self.listener.upstream_tls[as_admin]
        self.upstream_is_admin = as_admin
        self.upstream = http.client.HTTPSConnection(
            cluster.addresses.server, cluster.ports["api"], context=tls
        )
        self.upstream.connect()
        self.listener.opened(self.upstream.sock)
        return self.upstream

    def _stream_watch(self, response):
        watch = (self.connection, self.upstream.sock)
        self.listener.watch_opened(watch)
        try:
            self._stream(response, self.listener.wait_flow)
        finally:
            self.listener.watch_closed(watch)

    def _stream(self, response, wait=lambda target: None):
        def pieces():
            while piece := response.read1(CHUNK):
                wait(self.path)
                yield piece

        headers = [(k, v) for k, v in response.getheaders() if k.lower() not in HOP_BY_HOP]
        self.send_stream(response.status, headers, pieces())
        response.read()  # nothing is left but with HEAD: lets the connection be used again

    def _close_upstream(self):
        if self.upstream and self.upstream.sock:
            self.listener.closed(self.upstream.sock)
            self.upstream.close()

    def finish(self):
        self._close_upstream()
        super().finish()


def _client_tls(pki, certificate="admin"):
    context = ssl.create_default_context(cafile=str(pki.crt("ca")))
    if certificate:
        context.load_cert_chain(str(pki.crt(certificate)), str(pki.key(certificate)))
    return context


def _name_in(answer):
    try:
        return json.loads(answer)["metadata"].get("name", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _status(code, reason):
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f"injected fault: {reason}",
        "reason": reason,
        "code": code,
    }
    return json.dumps(status).encode()
