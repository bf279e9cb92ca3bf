"""A REST client as a user would write one: JSON over HTTP with a bearer token. Standard library only."""

import contextlib
import http.client
import json
import ssl
import time
import urllib.parse


class RestError(Exception):
    """The API server answered with an error."""

    def __init__(self, status, body):
        message = body.get("message", "") if isinstance(body, dict) else str(body)[:300]
        super().__init__(f"{status}: {message}")
        self.status = status
        self.body = body
        self.message = message


class RestClient:
    """One API server and one session."""

    def __init__(self, url, ca=None, timeout_s=30.0):
        parts = urllib.parse.urlsplit(url)
        self.url = url
        self._tls = parts.scheme == "https"
        self._address = (parts.hostname, parts.port)
        self._context = None
        if self._tls:
            self._context = ssl.create_default_context(cafile=ca)
            if ca is None:
                self._context.check_hostname = False
                self._context.verify_mode = ssl.CERT_NONE
        self.timeout_s = timeout_s
        self.token = None

    def _connect(self, timeout_s=None):
        timeout = timeout_s or self.timeout_s
        if self._tls:
            return http.client.HTTPSConnection(*self._address, context=self._context, timeout=timeout)
        return http.client.HTTPConnection(*self._address, timeout=timeout)

    def raw(self, method, path, body=None, headers=None):
        """(status, headers, body bytes) of one request."""
        connection = self._connect()
        all_headers = {"Content-Type": "application/json"} if method != "GET" else {}
        if self.token:
            all_headers["Authorization"] = f"Bearer {self.token}"
        all_headers.update(headers or {})
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        try:
            connection.request(method, path, data, all_headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def request(self, method, path, body=None, query=None):
        if query:
            path += "?" + urllib.parse.urlencode(query, doseq=True)
        status, _, answer = self.raw(method, path, body)
        try:
            parsed = json.loads(answer) if answer else None
        except ValueError:
            parsed = answer.decode(errors="replace")
        if status >= 300:
            raise RestError(status, parsed)
        return parsed

    def get(self, path, **query):
        return self.request("GET", path, query=query)

    def post(self, path, body=None, **query):
        return self.request("POST", path, body if body is not None else {}, query)

    def put(self, path, body, **query):
        return self.request("PUT", path, body, query)

    def patch(self, path, body, **query):
        return self.request("PATCH", path, body, query)

    def delete(self, path, **query):
        return self.request("DELETE", path, None, query)

    def login(self, username, password):
        answer = self.post("/api/v1/session", {"username": username, "password": password})
        self.token = answer["token"]
        return self.token

    @contextlib.contextmanager
    def stream(self, path, timeout_s=60, sse=True, **query):
        """Iterator over the messages of a stream, until timeout_s pass without one."""
        if query:
            path += "?" + urllib.parse.urlencode(query, doseq=True)
        connection = self._connect(timeout_s)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers["Accept"] = "text/event-stream" if sse else "application/json"
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            if response.status != 200:
                raise RestError(response.status, response.read().decode(errors="replace"))
            yield _messages(response, sse, timeout_s)
        finally:
            connection.close()

    def app(self, name, **query):
        return self.get(f"/api/v1/applications/{name}", **query)

    def wait(self, what, test, timeout_s=60):
        """Poll until test() gives a true value, which is returned; a failing REST call counts as not yet."""
        end = time.monotonic() + timeout_s
        last = None
        while time.monotonic() < end:
            try:
                last = test()
                if last:
                    return last
            except (RestError, OSError, http.client.HTTPException) as e:
                last = e
            time.sleep(0.05)
        raise AssertionError(f"timed out after {timeout_s} s waiting for {what}; last: {last}")


def _messages(response, sse, timeout_s):
    end = time.monotonic() + timeout_s
    for line in response:  # keep-alives come even when no message does
        text = line.decode().rstrip("\n")
        if (sse and text.startswith("data: ")) or (not sse and text):
            yield json.loads(text.removeprefix("data: "))
            end = time.monotonic() + timeout_s
        elif time.monotonic() > end:
            raise AssertionError(f"no message for {timeout_s} s")
