"""One control plane: what it is lies under one directory, and what it runs is recorded there.

DIR/state.json   what was asked for, ports, where etcd's data is, whether it came up
DIR/pid, DIR/log the processes (process.py)
DIR/pki          certificates (pki.py)
DIR/admin.conf   kubeconfig of cluster-admin
"""

import concurrent.futures
import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import assets as asset_lanes
from tests.cluster import fake_cloud, fake_kubelet, fake_node, full_node, node_init
from tests.cluster.api import Api, ApiError
from tests.cluster.components import COMMANDS, NODE_ADDRESS, SERVICE_IP
from tests.cluster.pki import Pki
from tests.cluster.process import ProcessError, ProcessTable, free_ports, start_time, wait_for

PROGRAM = Path(__file__).resolve().with_name("cluster")
STATE = "state.json"
PORTS = ("api", "etcd", "etcd-peer")
PORT_TAKEN = "address already in use"
ATTEMPTS = 3
SHM = Path("/dev/shm")
SHM_NEEDED = 512 << 20
STOP_ORDER = (
    "guard",
    "fake-node",
    "forward",
    "node",
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
    """Where the API server listens and under which address it is reached."""

    bind: str
    server: str

    @property
    def is_loopback(self):
        return self.server.startswith("127.")


LOOPBACK = Addresses("127.0.0.1", "127.0.0.1")
INSIDE_NODE = Addresses("0.0.0.0", NODE_ADDRESS)


class Cluster:
    """A cluster in a directory.  Make one with Cluster.up(), find one again with Cluster.load().

    With a full node the servers run inside the node's namespaces, as a cluster of their own in
    DIR/inner that node_init.py brings up; this object is then what leads to it.
    """

    def __init__(self, directory, state):
        self.dir = Path(directory)
        self.state = state
        self.processes = ProcessTable(self.dir)
        self.inner_dir = self.dir / "inner"
        self.leads_inside = self.node == "full" and not state["inside"]
        self.pki = Pki((self.inner_dir if self.leads_inside else self.dir) / "pki")
        self.addresses = INSIDE_NODE if state["inside"] else LOOPBACK
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
        lane       where its programs are from: see assets.find()
        node       "fake", "full", "none", or "auto": full where that can run, else fake
        die_with   pid of a process after whose end the cluster goes down by itself
        say        receives progress lines

        However this ends other than by returning, nothing is left running; that holds for a
        SIGKILL of the calling process, too.
        """
        say = say or (lambda text: None)
        lane = lane or asset_lanes.default_lane()
        node = resolve_node(node, lane)
        assets = asset_lanes.find(lane, node, say)
        cluster = cls(_new_directory(directory, name), _new_state(name, node, assets))
        try:
            cluster._save()
            cluster._start_guard(die_with)
            if cluster.leads_inside:
                cluster._bring_up_node(say)
            else:
                cluster.make_etcd_directory()
                cluster.bring_up(say)
            cluster.mark_ready()
        except BaseException:
            cluster.down()
            raise
        say(f"{name}: Kubernetes {assets.version} is ready at {cluster.server}")
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
        full_node.remove_cgroups(self.state["cgroups"])
        for directory in (self.state["etcd_dir"], self.dir):
            if directory and os.path.isdir(directory):
                shutil.rmtree(directory)

    def stop(self, component, sig=signal.SIGTERM):
        """Stop one component, for tests; start() brings it back with the same ports and data."""
        if self.leads_inside:
            kill = ["--kill"] if sig == signal.SIGKILL else []
            self.run_inside([PROGRAM, "stop", *kill, self.inner_dir, component])
            return
        self.processes.stop(component, sig)

    def start(self, component):
        """Start a component that stop() has stopped; the API server is waited for."""
        if self.leads_inside:
            self.run_inside([PROGRAM, "start", self.inner_dir, component])
            return
        self._run(component)
        if component == "kube-apiserver":
            self._await("kube-apiserver", "API server", self.api.ready, 60)

    def run_inside(self, words):
        """Run a command in the full node's namespaces; CalledProcessError when it fails."""
        pid = self.processes.pid("node")
        if pid is None:
            raise ClusterError(f"{self.name} has no full node that runs")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        enter = ["nsenter", "-t", children[0], "-m", "-n", "-p", "-u", "-C"]
        subprocess.run([*enter, *map(str, words)], check=True)

    def status(self):
        """{component: pid or None} of everything that was started."""
        return {name: self.processes.pid(name) for name in self.processes.names()}

    # ---- steps of up()

    def bring_up(self, say):
        """Start the control plane where we are, with the fake node if that is wanted."""
        progress = self._progress(say)
        self._make_pki()
        progress("certificates made")
        self._start_control_plane(progress)
        self._start_controllers(progress)

    def _bring_up_node(self, say):
        """Start a full node in namespaces of its own, with the control plane in it."""
        progress = self._progress(say)
        self.state["cgroups"] = full_node.cgroups(f"belay-{secrets.token_hex(4)}")
        self._save()
        full_node.make_cgroups(self.state["cgroups"])
        self.inner_dir.mkdir()
        inner = Cluster(self.inner_dir, {**self.state, "inside": True, "cgroups": []})
        inner._save()
        self.state["ports"] = {"api": free_ports(1)[0]}
        self._save()
        argv, environment = full_node.command(PROGRAM, inner, self.state["cgroups"])
        self.processes.start("node", argv, _environment() | environment)
        self._await("node", "full node", lambda: Cluster.load(inner.dir).state["ready"], 120)
        progress("the node is ready")
        self.processes.start("forward", full_node.forward_command(self))
        self._write_kubeconfig("admin")
        self._await("forward", "API server through its port", self.api.ready, 20)

    def mark_ready(self):
        self.state["ready"] = True
        self._save()

    def _progress(self, say):
        begin = time.monotonic()
        return lambda text: say(f"{self.name}: {text} ({time.monotonic() - begin:.1f} s)")

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

    def _start_controllers(self, progress):
        if self.node == "full":
            self._run("kube-scheduler")
        if self.node == "fake":
            fake_node.register(self.api, self.assets.version)
            fake_cloud.register(self.api)
            self.processes.start("fake-node", [PROGRAM, "fake-node", self.dir])
        if not self.assets.controller_manager:
            progress("no kube-controller-manager among the given programs: no controllers")
            return
        self._run("kube-controller-manager")
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

    def make_etcd_directory(self):
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


def serve_node(directory):
    """Be the first process of a full node's namespaces."""
    node_init.serve(Cluster.load(directory))


def serve_fake_node(directory):
    cluster = Cluster.load(directory)
    api = cluster.api
    kubelet = "kubelet-client"  # its certificate is good for servers, too
    fake_kubelet.serve(api, fake_node.NAME, cluster.pki.crt(kubelet), cluster.pki.key(kubelet))
    fake_cloud.FakeCloud(api).start()
    fake_node.FakeNode(api).run()


def _environment():
    return {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}


def resolve_node(node, lane):
    if node in ("fake", "none"):
        return node
    if node not in ("full", "auto"):
        raise ClusterError(f"unknown node '{node}': one of full, fake, none, auto")
    obstacle = full_node.obstacle()
    if lane != "debian":
        obstacle = "it takes the programs of lane debian"
    if obstacle and node == "full":
        raise ClusterError(f"a full node cannot run here: {obstacle}")
    return "fake" if obstacle else "full"


def _new_state(name, node, assets):
    return {
        "name": name,
        "node": node,
        "inside": False,
        "kubernetes": assets.version,
        "bin": str(assets.bin),
        "etcd": str(assets.etcd),
        "ports": {},
        "etcd_dir": None,
        "cgroups": [],
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
