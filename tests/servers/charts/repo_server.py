#!/usr/bin/python3
"""HTTP(S) chart repository: index.yaml and archives, with basic authentication and ETags.

As a module: ChartServer.  As a program, it serves the *.tgz of a directory: see --help.
"""

import argparse
import hashlib
import io
import signal
import sys
import tarfile
import threading
from pathlib import Path

import yaml

if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.servers.charts.archive import chart_archive  # noqa: E402  needs the lines before
from tests.servers.charts.login import allows, tls_context  # noqa: E402
from tests.servers.faults import Fault  # noqa: E402
from tests.servers.listener import FaultyHandler, Listener  # noqa: E402


class ChartServer(Listener):
    """A chart repository at `url`; charts are added while it serves.

    user, password  basic authentication for everything when given
    tls_dir         HTTPS, with a certificate authority made in this directory: see ca_file
    requests        (method, path, status, whether credentials came) of each request
    faults          see faults.py; paths are /charts/index.yaml and /charts/NAME-VERSION.tgz
    """

    def __init__(self, port=0, user=None, password=None, tls_dir=None):
        self.user, self.password = user, password
        self.ca_file = None
        self.requests = []
        self._entries = {}
        self._files = {}
        context = None
        if tls_dir:
            context, self.ca_file = tls_context(tls_dir, "chart-server")
        super().__init__(ChartHandler, port, context)

    @property
    def url(self):
        return f"{self.base_url}/charts"

    def add(self, name, version, files=None, url=None, digest=None, **metadata):
        """Publish a chart; returns its archive.

        url     in the index, instead of the archive's name
        digest  in the index, instead of the right one; "" for none
        """
        archive = chart_archive(name, version, files, **metadata)
        self.publish(name, version, archive, url, digest)
        return archive

    def publish(self, name, version, archive, url=None, digest=None):
        """Publish an archive made elsewhere."""
        file = f"{name}-{version}.tgz"
        entry = {"apiVersion": "v2", "name": name, "version": version, "urls": [url or file]}
        right = hashlib.sha256(archive).hexdigest()
        if digest != "":
            entry["digest"] = digest or right
        self._files[file] = archive
        versions = self._entries.setdefault(name, [])
        versions[:] = [old for old in versions if old["version"] != version] + [entry]

    def remove(self, name, version):
        """Withdraw a version; its archive stays."""
        versions = self._entries[name]
        versions[:] = [old for old in versions if old["version"] != version]

    def read(self, path):
        """The bytes below /charts/, or None."""
        if path == "index.yaml":
            index = {"apiVersion": "v1", "entries": self._entries}
            return yaml.safe_dump(index, sort_keys=False).encode()
        return self._files.get(path)


class ChartHandler(FaultyHandler):
    """One request."""

    def serve(self, body):
        server = self.listener
        path = self.path.partition("?")[0]
        login = self.headers.get("Authorization")
        status, content, headers = 404, b"not found\n", {}
        if not allows(server.user, server.password, login):
            status, content = 401, b"authentication required\n"
            headers["WWW-Authenticate"] = 'Basic realm="charts"'
        elif path.startswith("/charts/"):
            found = server.read(path.removeprefix("/charts/"))
            if found is not None:
                status, content = 200, found
                headers["ETag"] = f'"{hashlib.sha256(found).hexdigest()[:16]}"'
                if self.headers.get("If-None-Match") == headers["ETag"]:
                    status, content = 304, b""
        server.requests.append((self.command, self.path, status, login is not None))
        self.send_status(status, content, headers)


def publish_directory(server, directory):
    """Publish every archive of a directory under the name and version in its Chart.yaml."""
    for path in sorted(Path(directory).glob("*.tgz")):
        archive = path.read_bytes()
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            heads = [entry for entry in tar if entry.name.count("/") == 1]
            head = next(entry for entry in heads if entry.name.endswith("/Chart.yaml"))
            chart = yaml.safe_load(tar.extractfile(head))
        server.publish(chart["name"], chart["version"], archive)


def main():
    """Command line for the demo and for tests in other languages."""
    parser = argparse.ArgumentParser(description="chart repository, on 127.0.0.1")
    parser.add_argument("--directory", required=True, help="of chart archives")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--tls-dir", help="serve HTTPS; the authority is ca.crt in this directory")
    parser.add_argument("--fault", type=Fault.parse, action="append", default=[], help=Fault.FORM)
    options = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    with ChartServer(options.port, options.user, options.password, options.tls_dir) as server:
        publish_directory(server, options.directory)
        for fault in options.fault:
            server.faults.add(fault)
        print(server.url, flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
