"""One control plane: everything it is lies under one directory, everything it runs is recorded there.

DIR/state.json   what was asked for, ports, where etcd's data is, whether it came up
DIR/pid, DIR/log the processes (process.py)
DIR/pki          certificates (pki.py)
DIR/admin.conf   kubeconfig of cluster-admin
"""

import concurrent.futures
import http.client
import json
import os
import shutil
import signal
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import assets as asset_lanes
from tests.cluster import fake_node
from tests.cluster.api import Api, ApiError
from tests.cluster.components import COMMANDS, SERVICE_IP
from tests.cluster.pki import Pki
from tests.cluster.process import ProcessError, ProcessTable, free_ports, start_time, wait_for

PROGRAM = Path(__file__).resolve().with_name("cluster")
STATE = "state.json"
PORTS = ("api", "etcd", "etcd-peer")
PORT_TAKEN = "address already in use"
ATTEMPTS = 3
SHM = Path("/dev/shm")
SHM_NEEDED = 512 << 20
NODES = ("fake", "full", "none")
STOP_ORDER = (
    "guard",
    "fake-node",
    "kube-scheduler",
    "kube-controller-manager",
    "kube-apiserver",
    "etcd",
)
USERS = {
    "admin": (("O", "system:masters"), ("CN", "admin")),
    "kubelet-client": (("O", "system:masters"), ("CN", "kube-apiserver-kubelet-client")),
    "controller-manager": (("CN", "system:kube-controller-manager"),),
    "scheduler": (("CN", "system:kube-scheduler"),),
    "front-proxy": (("CN", "front-proxy-client"),),
}


class ClusterError(Exception):
    """The cluster could not be brought up or found."""


@dataclass(frozen=True)
class Addresses:
    """Where the API server listens and what it calls itself."""

    bind: str = "127.0.0.1"
    server: str = "127.0.0.1"

    @property
    def is_loopback(self):
        return self.server.startswith("127.")


class Cluster:
    """A cluster in a directory.  Make one with Cluster.up(), find one again with Cluster.load()."""

    def __init__(self, directory, state):
        self.dir = Path(directory)
        self.state = state
        self.processes = ProcessTable(self.dir)
        self.pki = Pki(self.dir / "pki")
        self.addresses = Addresses()
        self.assets = asset_lanes.Assets(
            Path(state["bin"]), Path(state["etcd"]), state["kubernetes"]
        )
        self._api = None

    # ---- what it is

    @property
    def name(self):
        return self.state["name"]

    @property
    def node(self):
        return self.state["node"]

    @property
    def ports(self):
        return self.state["ports"]

    @property
    def etcd_dir(self):
        return Path(self.state["etcd_dir"])

    @property
    def server(self):
        return f"https://{self.addresses.server}:{self.ports['api']}"

    @property
    def kubeconfig(self):
        return self.dir / "admin.conf"

    @property
    def api(self):
        """Client with cluster-admin rights."""
        if self._api is None:
            pki = self.pki
            self._api = Api(self.server, pki.crt("ca"), pki.crt("admin"), pki.key("admin"))
        return self._api

    def user_kubeconfig(self, user, groups=()):
        """Kubeconfig with a client certificate of any user in any groups; the rights are RBAC's."""
        certificate = "-".join(["user", user, *groups]).replace("/", "_").replace(":", "_")
        self.pki.issue(certificate, [("O", group) for group in groups] + [("CN", user)])
        return self._write_kubeconfig(certificate)

    def component_kubeconfig(self, component):
        return self._write_kubeconfig(component)

    def _write_kubeconfig(self, certificate):
        path = self.dir / f"{certificate}.conf"
        return self.pki.write_kubeconfig(path, self.server, certificate, f"belay-{self.name}")

    # ---- coming and going

    @classmethod
    def up(cls, directory=None, name="test", lane=None, node="fake", die_with=None, say=None):
        """Bring a cluster up and return it when it is ready for use.

        directory  a new or empty one; None makes one
        lane       see assets.find()
        node       "fake", "full", "none", or "auto": full where that can run, else fake
        die_with   pid of a process after whose end the cluster goes down by itself
        say        receives progress lines

        However this ends other than by returning, nothing is left running; that holds for a
        SIGKILL of the calling process, too.
        """
        say = say or (lambda text: None)
        node = _resolve_node(node)
        assets = asset_lanes.find(lane, node, say)
        cluster = cls(_new_directory(directory, name), _new_state(name, node, assets, die_with))
        try:
            cluster._make_etcd_directory()
            cluster._start_guard(die_with)
            cluster._bring_up(say)
        except BaseException:
            cluster.down()
            raise
        return cluster

    @classmethod
    def load(cls, directory):
        """The cluster in a directory; ClusterError when there is none."""
        path = Path(directory) / STATE
        try:
            state = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ClusterError(f"no cluster in {directory}") from None
        return cls(Path(directory).resolve(), state)

    def down(self):
        """Stop every process and remove every file of the cluster.  It may be down already."""
        self.processes.seal()
        known = set(self.processes.names())
        for name in [n for n in STOP_ORDER if n in known] + sorted(known - set(STOP_ORDER)):
            if self.processes.pid(name) != os.getpid():  # the guard may be the one to call this
                self.processes.stop(name, signal.SIGKILL)
        for directory in (self.state["etcd_dir"], self.dir):
            if directory and os.path.isdir(directory):
                shutil.rmtree(directory)

    def stop(self, component, sig=signal.SIGTERM):
        """Stop one component, for tests; start() brings it back with the same ports and data."""
        self.processes.stop(component, sig)

    def start(self, component):
        """Start a component that stop() has stopped; the API server is waited for."""
        self.processes.start(component, COMMANDS[component](self), _environment())
        if component == "kube-apiserver":
            self._await("kube-apiserver", "API server", self.api.ready, 60)

    def status(self):
        """{component: pid or None} of everything that was started."""
        return {name: self.processes.pid(name) for name in self.processes.names()}

    # ---- steps of up()

    def _bring_up(self, say):
        begin = time.monotonic()

        def progress(text):
            say(f"{self.name}: {text} ({time.monotonic() - begin:.1f} s)")

        self._make_pki()
        progress("certificates made")
        self._start_control_plane(progress)
        self._start_node(progress)
        self.state["ready"] = True
        self._save()
        progress(f"Kubernetes {self.assets.version} is up at {self.server}")

    def _make_pki(self):
        self.pki.create()
        hosts = ["localhost", "kubernetes"]
        hosts += [f"kubernetes.default{suffix}" for suffix in ("", ".svc", ".svc.cluster.local")]
        ips = sorted({"127.0.0.1", SERVICE_IP, self.addresses.server})
        names = [f"DNS:{host}" for host in hosts] + [f"IP:{ip}" for ip in ips]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(self.pki.issue_rsa_pair, "service-account")]
            jobs.append(pool.submit(self.pki.issue, "apiserver", [("CN", "apiserver")], names))
            jobs += [pool.submit(self.pki.issue, *user) for user in USERS.items()]
            for job in jobs:
                job.result()

    def _start_control_plane(self, progress):
        for attempt in range(1, ATTEMPTS + 1):
            self.state["ports"] = dict(zip(PORTS, free_ports(len(PORTS))))
            self._save()
            try:
                self._start_servers(progress)
                return
            except ClusterError as error:
                if PORT_TAKEN not in str(error) or attempt == ATTEMPTS:
                    raise
            progress("a port was taken meanwhile, trying others")
            self._forget_servers()

    def _forget_servers(self):
        for component in ("kube-apiserver", "etcd"):
            self.processes.stop(component, signal.SIGKILL)
            self.processes.log(component).unlink(missing_ok=True)
        shutil.rmtree(self.etcd_dir)
        self.etcd_dir.mkdir(mode=0o700)

    def _start_servers(self, progress):
        self._api = None
        self._write_kubeconfig("admin")
        self._run("etcd")
        self._await("etcd", "etcd", self._etcd_ready, 30)
        progress("etcd is ready")
        self._run("kube-apiserver")
        self._await("kube-apiserver", "API server", self.api.ready, 60)
        progress("API server is ready")

    def _start_node(self, progress):
        if self.assets.controller_manager:
            self._run("kube-controller-manager")
        else:
            progress("no kube-controller-manager among the given programs: no controllers")
        if self.node == "fake":
            fake_node.register(self.api, self.assets.version)
            self.processes.start("fake-node", [PROGRAM, "fake-node", self.dir])
        if self.assets.controller_manager:
            what = "service account from the controller-manager"
            self._await("kube-controller-manager", what, self._has_service_account, 60)
            progress("controllers are ready")

    def _run(self, component):
        self.processes.start(component, COMMANDS[component](self), _environment())

    def _await(self, component, what, condition, timeout_s):
        try:
            wait_for(what, condition, timeout_s, lambda: self.processes.alive(component))
        except ProcessError as error:
            tail = self.processes.tail(component)
            raise ClusterError(f"{error}; end of {component}.log:\n{tail}") from error

    def _etcd_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["etcd"], timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (http.client.HTTPException, OSError):
            return False
        finally:
            connection.close()

    def _has_service_account(self):
        try:
            account = self.api.get("/api/v1/namespaces/default/serviceaccounts/default")
        except ApiError:
            return False
        return self.assets.minor >= 24 or bool(account.get("secrets"))

    def _make_etcd_directory(self):
        """In memory when there is room: the data need not outlive the machine."""
        if SHM.is_dir() and shutil.disk_usage(SHM).free >= SHM_NEEDED and os.access(SHM, os.W_OK):
            self.state["etcd_dir"] = tempfile.mkdtemp(prefix="belay-etcd.", dir=SHM)
        else:
            self.state["etcd_dir"] = str(self.dir / "etcd")
            self.etcd_dir.mkdir(mode=0o700)
        self._save()

    def _start_guard(self, die_with):
        words = [PROGRAM, "guard", self.dir, os.getpid()]
        self.processes.start("guard", words + ([die_with] if die_with else []))

    def _save(self):
        path = self.dir / STATE
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(self.state, indent=2) + "\n", encoding="utf-8")
        fresh.rename(path)


def guard(directory, creator, die_with):
    """Take the cluster down when its creator dies before it is up, or afterwards die_with does."""
    creator_runs, die_with_runs = _watch_process(creator), _watch_process(die_with)
    _poll_while(creator_runs)
    cluster = Cluster.load(directory)
    if cluster.state["ready"]:
        if die_with is None:
            return
        _poll_while(die_with_runs)
    cluster.down()


def _watch_process(pid):
    started = start_time(pid)
    return lambda: started is not None and start_time(pid) == started


def _poll_while(condition):
    while condition():
        time.sleep(0.2)


def serve_fake_node(directory):
    fake_node.FakeNode(Cluster.load(directory).api).run()


def _environment():
    return {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}


def _resolve_node(node):
    if node == "auto":
        return "fake"
    if node not in NODES:
        raise ClusterError(f"unknown node '{node}': one of {', '.join(NODES)}, auto")
    return node


def _new_state(name, node, assets, die_with):
    return {
        "name": name,
        "node": node,
        "kubernetes": assets.version,
        "bin": str(assets.bin),
        "etcd": str(assets.etcd),
        "ports": {},
        "etcd_dir": None,
        "die_with": die_with,
        "ready": False,
    }


def _new_directory(directory, name):
    if directory is None:
        base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        return Path(tempfile.mkdtemp(prefix=f"belay-cluster-{name}.", dir=base))
    directory = Path(directory).resolve()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise ClusterError(f"{directory} is not empty: is there a cluster in it already?")
    return directory
