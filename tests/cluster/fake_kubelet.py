"""The kubelet's logs of the fake node, served to the API server as a kubelet serves them.

What a pod's containers "wrote" stands in its annotation fake.node/log, a line each; followed, the log of a
running pod goes on with "tick N" until the pod or the reader is gone.
"""

import datetime
import http.server
import ssl
import threading
import time
import urllib.parse

from tests.cluster.api import STRATEGIC_PATCH, ApiError

ADDRESS = "127.0.0.1"
TICK_SECONDS = 0.1


def serve(api, node_name, cert, key):
    """Listen on a free port and tell it to the API server."""
    server = http.server.ThreadingHTTPServer((ADDRESS, 0), _Handler)
    server.daemon_threads = True
    server.api = api
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    api.patch(f"/api/v1/nodes/{node_name}/status", {"status": {
        "addresses": [{"type": "InternalIP", "address": ADDRESS}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": server.server_address[1]}},
    }}, STRATEGIC_PATCH)


def stamp(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


def lines_of(pod, query):
    """The stamped lines a pod has written so far; a line for each second since its creation."""
    meta = pod["metadata"]
    text = meta.get("annotations", {}).get("fake.node/log", "")
    begin = datetime.datetime.strptime(meta["creationTimestamp"], "%Y-%m-%dT%H:%M:%SZ")
    lines = [f"{stamp(begin + datetime.timedelta(seconds=i))} {line}"
             for i, line in enumerate(text.splitlines())]
    tail = query.get("tailLines")
    return lines if tail is None else lines[len(lines) - min(int(tail[0]), len(lines)):]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        parts = url.path.strip("/").split("/")
        if len(parts) != 4 or parts[0] != "containerLogs":
            self.send_error(404)
            return
        query = urllib.parse.parse_qs(url.query)
        try:
            pod = self._pod(*parts[1:3])
        except ApiError as error:
            self.send_error(error.status)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self._write_log(pod, query)
        except OSError:
            self.close_connection = True  # the reader has gone

    def _pod(self, namespace, name):
        return self.server.api.get(f"/api/v1/namespaces/{namespace}/pods/{name}")

    def _write_log(self, pod, query):
        for line in lines_of(pod, query):
            self._chunk(line)
        number = 0
        while "follow" in query and self._runs(pod):
            number += 1
            self._chunk(f"{stamp(datetime.datetime.now(datetime.timezone.utc))} tick {number}")
            time.sleep(TICK_SECONDS)
        self.wfile.write(b"0\r\n\r\n")

    def _runs(self, pod):
        meta = pod["metadata"]
        try:
            now = self._pod(meta["namespace"], meta["name"])
        except ApiError:
            return False
        return now["metadata"]["uid"] == meta["uid"] and now["status"]["phase"] == "Running"

    def _chunk(self, line):
        data = line.encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, *_args):
        """Its requests are no news."""
