"""Repo-server, app-controller and API server of one build, on sockets below one directory."""

import base64
import json
import os
import secrets
import signal
import subprocess
import time
from pathlib import Path

from tests.cluster import ApiError, free_ports, wait_for
from tests.stack.rest import RestClient

ROOT = Path(__file__).resolve().parents[2]
DAEMONS = ("repo-server", "app-controller", "api-server")
PATIENCE = 40


class StackError(Exception):
    """A daemon did not start or died."""


class Stack:
    """Start with start(), end with stop(); single daemons can be killed and started again."""

    def __init__(self, build, directory, kubeconfig, api, namespace="argocd", ports=None,
                 password=None, extra=None, say=None):
        self.bin = Path(build) / "bin"
        self.dir = Path(directory)
        self.dir.mkdir(parents=True, exist_ok=True)
        self.kubeconfig = kubeconfig
        self.api = api
        self.namespace = namespace
        self.password = password or secrets.token_urlsafe(12)
        self.extra = extra or {}
        self.say = say or (lambda text: None)
        chosen = ports or free_ports(4)
        self.ports = dict(zip(("http", "repo-server", "app-controller", "api-server"), chosen))
        self.url = f"http://127.0.0.1:{self.ports['http']}"
        self.rest = RestClient(self.url)
        self._processes = {}
        self._logs = []

    # ---- what the cluster must hold

    def install_crds(self):
        for file in sorted((ROOT / "charts/belay/crds").glob("*.yaml")):
            apply_yaml(self.api, file.read_text(encoding="utf-8"))
        for plural in ("applications", "appprojects"):
            wait_for(f"{plural} to be served", lambda p=plural: self._served(p), 20)

    def _served(self, plural):
        try:
            self.api.get(f"/apis/argoproj.io/v1alpha1/{plural}")
            return True
        except ApiError:
            return False

    def install_settings(self):
        """Namespace, the default project, and the admin's password."""
        ensure(self.api, "/api/v1/namespaces", {
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})
        labels = {"app.kubernetes.io/part-of": "argocd"}
        base = f"/api/v1/namespaces/{self.namespace}"
        ensure(self.api, f"{base}/configmaps", {
            "apiVersion": "v1", "kind": "ConfigMap", "data": {},
            "metadata": {"name": "argocd-cm", "labels": labels}})
        ensure(self.api, f"{base}/secrets", {
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "argocd-secret", "labels": labels},
            "data": {
                "admin.password": b64(bcrypt(self.password)),
                "admin.passwordMtime": b64(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())),
                "server.secretkey": b64(secrets.token_urlsafe(32)),
            }})
        ensure(self.api, f"/apis/argoproj.io/v1alpha1/namespaces/{self.namespace}/appprojects", {
            "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
            "metadata": {"name": "default"},
            "spec": {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}],
                     "clusterResourceWhitelist": [{"group": "*", "kind": "*"}]}})

    # ---- processes

    def socket(self, name):
        return f"ipc://{self.dir}/{name}.sock"

    def command(self, daemon):
        """Program and flags of one daemon."""
        http = ["--http-address", f"127.0.0.1:{self.ports[daemon]}"]
        kube = ["--kubeconfig", str(self.kubeconfig), "--namespace", self.namespace]
        flags = {
            "repo-server": ["--listen", self.socket("repo-server"), "--allow-file-urls",
                            "--cache-dir", str(self.dir / "cache"), *http],
            "app-controller": ["--listen", self.socket("controller"),
                               "--events", self.socket("events"),
                               "--repo-server", self.socket("repo-server"), "--log-level", "debug",
                               *kube, *http],
            "api-server": ["--listen-address", f"127.0.0.1:{self.ports['http']}", "--insecure",
                           "--controller", self.socket("controller"),
                           "--controller-events", self.socket("events"),
                           "--repo-server", self.socket("repo-server"), *kube, *http],
        }[daemon]
        return [str(self.bin / f"belay-{daemon}"), *flags, *self.extra.get(daemon, [])]

    def start(self, *daemons):
        """Start daemons (all of them by default) and wait until they are ready."""
        for daemon in daemons or DAEMONS:
            self.spawn(daemon)
        for daemon in daemons or DAEMONS:
            self.wait_ready(daemon)
        return self

    def spawn(self, daemon):
        """Start one daemon without waiting for it."""
        log = open(self.dir / f"{daemon}.log", "ab")
        self._logs.append(log)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("KUBE", "BELAY_"))}
        env["NO_PROXY"] = env["no_proxy"] = "*"
        # ends with whoever started it, also when that one is killed
        command = ["setpriv", "--pdeathsig", "TERM", *self.command(daemon)]
        self._processes[daemon] = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
            start_new_session=True)

    def wait_ready(self, daemon, timeout_s=PATIENCE):
        health = RestClient(f"http://127.0.0.1:{self.ports[daemon]}", timeout_s=5)
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if not self.alive(daemon):
                raise StackError(f"{daemon} died:\n{self.log_tail(daemon)}")
            try:
                if health.raw("GET", "/healthz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise StackError(f"{daemon} is not ready after {timeout_s} s:\n{self.log_tail(daemon)}")

    def alive(self, daemon):
        process = self._processes.get(daemon)
        return process is not None and process.poll() is None

    def dead(self):
        """{daemon: exit status} of those that ended though nobody stopped them; a negative status is a signal."""
        return {d: p.returncode for d, p in self._processes.items() if p.poll() is not None}

    def pid(self, daemon):
        return self._processes[daemon].pid

    def kill(self, daemon, sig=signal.SIGKILL):
        """End one daemon; with SIGKILL it gets no chance to clean up."""
        process = self._processes.pop(daemon, None)
        if process is None:
            return
        process.send_signal(sig)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def send(self, daemon, sig):
        """A signal that does not end it: SIGSTOP, SIGCONT, SIGHUP."""
        self._processes[daemon].send_signal(sig)

    def stop(self):
        for daemon in reversed(DAEMONS):
            self.kill(daemon, signal.SIGTERM)
        for log in self._logs:
            log.close()
        self._logs = []

    def log_tail(self, daemon, lines=30):
        path = self.dir / f"{daemon}.log"
        if not path.exists():
            return ""
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])

    def metrics(self, daemon):
        """{name{labels}: value} of one daemon."""
        client = RestClient(f"http://127.0.0.1:{self.ports[daemon]}")
        text = client.raw("GET", "/metrics")[2].decode()
        rows = (line.rsplit(" ", 1) for line in text.splitlines() if line and line[0] != "#")
        return {name: float(value) for name, value in rows}

    def login(self):
        self.rest.login("admin", self.password)
        return self.rest


def b64(text):
    return base64.b64encode(text.encode()).decode()


def bcrypt(password):
    """A bcrypt hash by the C library's crypt(3)."""
    import ctypes
    import ctypes.util
    lib = ctypes.CDLL(ctypes.util.find_library("crypt") or "libcrypt.so.1")
    lib.crypt_gensalt.restype = lib.crypt.restype = ctypes.c_char_p
    entropy = secrets.token_bytes(16)
    salt = lib.crypt_gensalt(b"$2b$", 10, entropy, len(entropy))
    return lib.crypt(password.encode(), salt).decode()


def ensure(api, collection, obj):
    """Create an object unless it is there."""
    try:
        api.create(collection, obj)
    except ApiError as e:
        if e.status != 409:
            raise


def apply_yaml(api, text):
    """Server-side apply of cluster-scoped manifests (CRDs)."""
    import yaml
    for doc in yaml.safe_load_all(text):
        group, _, version = doc["apiVersion"].rpartition("/")
        plural = doc["kind"].lower() + "s"
        path = f"/apis/{group}/{version}/{plural}/{doc['metadata']['name']}"
        api.patch(f"{path}?fieldManager=belay-install&force=true", doc, "application/apply-patch+yaml")


def dump(value):
    return json.dumps(value, indent=2)
