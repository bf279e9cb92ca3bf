"""A small Kubernetes API client: keep-alive, JSON, watches.  Standard library only."""

import http.client
import json
import ssl
import sys
import threading
import time
import urllib.parse

MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

RETRY_S = 0.5


class ApiError(Exception):
    """The API server answered with an error status."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class Api:
    """One API server and one identity.  Threads may share it: each has its own connection."""

    def __init__(self, server, ca, cert, key, timeout_s=10.0):
        address = urllib.parse.urlsplit(server)
        self.host, self.port = address.hostname, address.port
        self.timeout_s = timeout_s
        self._tls = ssl.create_default_context(cafile=str(ca))
        self._tls.load_cert_chain(str(cert), str(key))
        self._local = threading.local()

    def raw(self, method, path, body=None, content_type="application/json"):
        """(status, body bytes) of one request; OSError or HTTPException when there is none.

        A kept connection the server has closed meanwhile is replaced once.
        """
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": content_type} if data is not None else {}
        kept = getattr(self._local, "connection", None)
        for connection in (kept, self._connect()) if kept else (self._connect(),):
            try:
                connection.request(method, path, data, headers)
                response = connection.getresponse()
                answer = response.read()
            except (http.client.HTTPException, OSError):
                connection.close()
                self._local.connection = None
                if connection is kept:
                    continue
                raise
            self._local.connection = connection
            return response.status, answer
        raise AssertionError("unreachable")

    def request(self, method, path, body=None, content_type="application/json"):
        """Parsed body of a successful answer; ApiError otherwise."""
        status, answer = self.raw(method, path, body, content_type)
        if status >= 300:
            raise ApiError(status, _message(answer))
        return json.loads(answer) if answer.startswith(b"{") else answer.decode()

    def get(self, path):
        return self.request("GET", path)

    def create(self, path, body):
        return self.request("POST", path, body)

    def patch(self, path, body, content_type=MERGE_PATCH):
        return self.request("PATCH", path, body, content_type)

    def delete(self, path, body=None):
        return self.request("DELETE", path, body)

    def ready(self):
        """True when /readyz says so."""
        try:
            return self.raw("GET", "/readyz")[0] == 200
        except (http.client.HTTPException, OSError):
            return False

    def watch(self, path, resource_version, timeout_s=300):
        """Events from resource_version on until the server ends the stream or reports an error."""
        query = f"watch=1&resourceVersion={resource_version}&timeoutSeconds={timeout_s}"
        connection = self._connect(timeout_s + 30)
        try:
            connection.request("GET", path + ("&" if "?" in path else "?") + query)
            response = connection.getresponse()
            if response.status != 200:
                raise ApiError(response.status, _message(response.read()))
            for line in response:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    return
                yield event
        finally:
            connection.close()

    def follow(self, path, handle):
        """Call handle(object) for every object there is or that changes; never returns.

        It goes on by itself when the API server is away for a while or handle() fails on an
        answer of it: then with all objects again.
        """
        while True:
            try:
                listed = self.get(f"{path}?resourceVersion=0")
                for item in listed["items"]:
                    handle(item)
                for event in self.watch(path, listed["metadata"]["resourceVersion"]):
                    if event["type"] in ("ADDED", "MODIFIED"):
                        handle(event["object"])
            except (ApiError, http.client.HTTPException, OSError) as error:
                print(f"following {path}: {error}", file=sys.stderr, flush=True)
                time.sleep(RETRY_S)

    def _connect(self, timeout_s=None):
        return http.client.HTTPSConnection(
            self.host, self.port, context=self._tls, timeout=timeout_s or self.timeout_s
        )


def _message(answer):
    try:
        return json.loads(answer).get("message", "")
    except (ValueError, AttributeError):
        return answer[:200].decode("utf-8", "replace")
