#!/usr/bin/python3
"""Smart-HTTP Git server over a directory of repositories: git's own http-backend behind Python.

As a module: GitHttpServer.  As a program: see --help; it serves until it is terminated.
"""

import argparse
import base64
import hmac
import os
import signal
import subprocess
import sys
import threading
import urllib.parse
from pathlib import Path

if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.cluster.pki import Pki  # noqa: E402  needs the lines before
from tests.cluster.process import start_time  # noqa: E402
from tests.servers.faults import Fault  # noqa: E402
from tests.servers.listener import CHUNK, FaultyHandler, Listener, server_tls  # noqa: E402

# What the big hosting services allow as well: fetching a commit by its id.
GIT_CONFIG = {
    "http.receivepack": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "safe.directory": "*",
}


class GitHttpServer(Listener):
    """Serves root/NAME as url(NAME).

    user, password  basic authentication for everything when given; the password is what a
                    token is to the hosting services
    tls_dir         HTTPS, with a certificate authority made in this directory: see ca_file
    faults          see faults.py; paths end in /info/refs, /git-upload-pack, /git-receive-pack
    """

    def __init__(self, root, port=0, user=None, password=None, tls_dir=None):
        self.root = Path(root).resolve()
        self.user, self.password = user, password
        self.ca_file = None
        context = None
        if tls_dir:
            pki = Pki(tls_dir)
            if not pki.crt("ca").exists():
                pki.create()
            pki.issue("git-server", [("CN", "localhost")], ["DNS:localhost", "IP:127.0.0.1"])
            self.ca_file = pki.crt("ca")
            context = server_tls(pki.crt("git-server"), pki.key("git-server"))
        super().__init__(GitHandler, port, context)

    def url(self, name):
        """Where a repository below root is served."""
        return f"{self.base_url}/{name}"

    def allows(self, header):
        """Whether an Authorization header has the user and password wanted."""
        if self.user is None:
            return True
        wanted = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return hmac.compare_digest((header or "").encode(), f"Basic {wanted}".encode())


class GitHandler(FaultyHandler):
    """One request: authentication, then git http-backend as a CGI program."""

    def serve(self, body):
        if not self.listener.allows(self.headers.get("Authorization")):
            challenge = {"WWW-Authenticate": 'Basic realm="git"'}
            self.send_status(401, b"authentication required\n", challenge)
            return
        command, pipe = ["git", "http-backend"], subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=self._environment()) as backend:
            feeder = threading.Thread(target=_feed, args=(backend.stdin, body))
            feeder.start()
            try:
                status, headers = _read_cgi_header(backend.stdout)
                self.send_stream(status, headers, iter(lambda: backend.stdout.read1(CHUNK), b""))
            except BaseException:
                backend.kill()
                raise
            finally:
                feeder.join()

    def _environment(self):
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_PROJECT_ROOT": str(self.listener.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": str(len(GIT_CONFIG)),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": urllib.parse.unquote(path),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
            "REMOTE_USER": self.listener.user or "anonymous",
        }
        for number, (key, value) in enumerate(GIT_CONFIG.items()):
            environment[f"GIT_CONFIG_KEY_{number}"] = key
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        return environment


def _feed(stdin, body):
    try:
        with stdin:
            stdin.write(body)
    except BrokenPipeError:
        pass  # it answered without reading everything


def _read_cgi_header(stream):
    status, headers = 200, []
    while line := stream.readline().decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers.append((name, value.strip()))
    return (status, headers) if headers or status != 200 else (500, [])


def main():
    """Command line for the demo and for tests in other languages."""
    parser = argparse.ArgumentParser(description="Git server over HTTP(S), on 127.0.0.1")
    parser.add_argument("--root", required=True, help="directory of the repositories")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--port-file", help="file to write the port to, once it listens")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--tls-dir", help="serve HTTPS; the authority is ca.crt in this directory")
    parser.add_argument("--fault", type=Fault.parse, action="append", default=[], help=Fault.FORM)
    parser.add_argument("--die-with", type=int, metavar="PID", help="end when this process does")
    options = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    with GitHttpServer(
        options.root, options.port, options.user, options.password, options.tls_dir
    ) as server:
        for fault in options.fault:
            server.faults.add(fault)
        if options.port_file:
            fresh = Path(options.port_file + ".new")
            fresh.write_text(f"{server.port}\n", encoding="ascii")
            fresh.rename(options.port_file)
        print(server.base_url, flush=True)
        started = start_time(options.die_with) if options.die_with else None
        while not ended.wait(0.25):
            if options.die_with and start_time(options.die_with) != started:
                break


if __name__ == "__main__":
    main()
