"""First process of a full node's namespaces: mounts, network, control plane, kubelet, DNS.

Everything happens below the cluster's directory or in file systems of its own.  There is no default
route: nothing leaves the namespace, and pulling an image that is not there fails at once.
"""

import functools
import http.client
import json
import os
import subprocess
import threading
import time
from pathlib import Path

from tests.cluster import fake_cloud, images
from tests.cluster.api import ApiError
from tests.cluster.components import NODE_ADDRESS as ADDRESS
from tests.cluster.components import POD_CIDR, SERVICE_CIDR
from tests.cluster.process import wait_for

NODE = "node1"
DNS_SERVICE = "10.96.0.10"
RUN = Path("/run/belay-node")
SOCKET = RUN / "containerd.sock"
DOMAIN = "svc.cluster.local"

# The kubelet writes machine-wide settings: it is given files of its own to write to.
SYSCTLS = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}
DEVICES = (
    ("null", 0o666, 1, 3),
    ("zero", 0o666, 1, 5),
    ("full", 0o666, 1, 7),
    ("random", 0o666, 1, 8),
    ("urandom", 0o666, 1, 9),
    ("tty", 0o666, 5, 0),
    ("kmsg", 0o600, 1, 11),
    ("fuse", 0o600, 10, 229),
)


def run(*words, check=True):
    subprocess.run([str(word) for word in words], check=check, stdin=subprocess.DEVNULL)


def mount(kind, target, options=None, source=None):
    words = ["mount", "-t", kind] + (["-o", options] if options else [])
    run(*words, source or kind, target)


def bind(source, target):
    run("mount", "--bind", source, target)


def serve(cluster):
    """Bring the node up, say so in its state file, then reap what is orphaned, for ever."""
    set_up_file_systems(cluster)
    set_up_network()
    start_containerd(cluster)
    cluster.make_etcd_directory()
    cluster.bring_up(lambda text: print(text, flush=True))
    start_api_socket(cluster)
    threading.Thread(target=reap, daemon=True).start()
    load_images(cluster)
    start_kubelet(cluster)
    start_kube_proxy(cluster)
    fake_cloud.register(cluster.api)
    fake_cloud.FakeCloud(cluster.api).start()
    dns = Dns(cluster)
    kubelet_runs = functools.partial(cluster.processes.alive, "kubelet")
    wait_for("node", lambda: node_is_ready(cluster.api), 60, kubelet_runs)
    cluster.mark_ready()
    dns.serve()


def start_api_socket(cluster):
    script = 'cd "$1" && exec socat UNIX-LISTEN:api.sock,fork,unlink-early "$2"'
    target = f"TCP:{cluster.addresses.server}:{cluster.ports['api']},nodelay"
    cluster.processes.start("api-socket", ["sh", "-c", script, "api-socket", cluster.dir, target])


def reap():
    while True:
        try:
            os.wait()
        except ChildProcessError:
            time.sleep(0.5)


def set_up_file_systems(cluster):
    kept = keep_open([cluster.dir.parent, cluster.assets.bin, __file__])
    mount("proc", "/proc")
    run("hostname", NODE)
    mount("sysfs", "/sys")
    mount_cgroups()
    for directory in ("/run", "/var/lib"):
        mount("tmpfs", directory, "mode=755")
    for path, descriptor in kept.items():
        put_back(path, descriptor)
    if not os.path.islink("/var/run"):
        bind("/run", "/var/run")
    for directory in (RUN, "/run/netns", "/run/lock", "/var/lib/cni", "/var/lib/kubelet"):
        os.makedirs(directory, exist_ok=True)
    for name in ("kubelet", "varlog", "cni", "containerd", "sysctl", "dev", "images"):
        (cluster.dir / name).mkdir()
    bind(cluster.dir / "kubelet", "/var/lib/kubelet")
    bind(cluster.dir / "varlog", "/var/log")
    for name, value in SYSCTLS.items():
        stand_in = cluster.dir / "sysctl" / name.replace("/", ".")
        stand_in.write_text(value + "\n", encoding="ascii")
        bind(stand_in, f"/proc/sys/{name}")
    make_devices(cluster.dir / "dev")
    set_up_resolver(cluster)
    run("mount", "--make-rshared", "/")


def keep_open(paths):
    """{path: descriptor} of directories that the new /run and /var/lib would hide."""
    hidden = ("/run/", "/var/run/", "/var/lib/")
    directories = {os.path.realpath(p if os.path.isdir(p) else os.path.dirname(p)) for p in paths}
    return {p: os.open(p, os.O_PATH) for p in sorted(directories) if p.startswith(hidden)}


def put_back(path, descriptor):
    if not os.path.isdir(path):
        os.makedirs(path)
        bind(f"/proc/{os.getpid()}/fd/{descriptor}", path)
    os.close(descriptor)


def mount_cgroups():
    mount("tmpfs", "/sys/fs/cgroup", "mode=755")
    for line in Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines():
        controllers = line.split(":", 2)[1]
        if not controllers:
            continue
        directory = Path("/sys/fs/cgroup", controllers.removeprefix("name="))
        directory.mkdir()
        named = controllers.startswith("name=")
        mount("cgroup", directory, f"none,{controllers}" if named else controllers)
        (directory / "node" / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")


def make_devices(directory):
    """A /dev of its own: runtimes change what they find there, /dev/null included."""
    mount("tmpfs", directory, "mode=755")
    for name, mode, major, minor in DEVICES:
        os.mknod(directory / name, 0o020000 | mode, os.makedev(major, minor))
        os.chmod(directory / name, mode)
    for name in ("pts", "shm", "mqueue"):
        (directory / name).mkdir()
    mount("devpts", directory / "pts", "newinstance,ptmxmode=0666,mode=620,gid=5")
    mount("tmpfs", directory / "shm", "mode=1777")
    mount("mqueue", directory / "mqueue")
    links = {"ptmx": "pts/ptmx", "fd": "/proc/self/fd"}
    links |= {name: f"/proc/self/fd/{i}" for i, name in enumerate(("stdin", "stdout", "stderr"))}
    for name, target in links.items():
        (directory / name).symlink_to(target)
    run("mount", "--move", directory, "/dev")


def set_up_resolver(cluster):
    own = cluster.dir / "resolv.conf"
    own.write_text(f"nameserver {ADDRESS}\n", encoding="ascii")
    target = Path(os.path.realpath("/etc/resolv.conf"))
    if not target.exists():  # a link into the /run that is hidden
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    bind(own, target)


def set_up_network():
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "node0", "type", "bridge")
    run("ip", "addr", "add", f"{ADDRESS}/24", "dev", "node0")
    run("ip", "link", "set", "node0", "up")
    run("ip", "route", "add", SERVICE_CIDR, "dev", "node0")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1", encoding="ascii")
    filtering = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
    if filtering.exists():
        filtering.write_text("1", encoding="ascii")


CONTAINERD = """\
version = 2
root = "{dir}/containerd"
state = "{run}/containerd"
oom_score = 0
disabled_plugins = [
  "io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.aufs",
]
[grpc]
  address = "{socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  max_container_log_line_size = 262144
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{dir}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{snapshotter}"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "runc"
        SystemdCgroup = false
"""


def snapshotter(cluster):
    """overlayfs, unless the directory is on one already (in a container)."""
    done = subprocess.run(
        ["stat", "-f", "-c", "%T", cluster.dir], capture_output=True, text=True, check=True
    )
    return "native" if done.stdout.strip() == "overlayfs" else "overlayfs"


def start_containerd(cluster):
    config = CONTAINERD.format(
        dir=cluster.dir,
        run=RUN,
        socket=SOCKET,
        pause=images.PAUSE,
        snapshotter=snapshotter(cluster),
    )
    (cluster.dir / "containerd.toml").write_text(config, encoding="utf-8")
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "dataDir": f"{RUN}/ipam",
            "ranges": [[{"subnet": POD_CIDR}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    portmap = {"type": "portmap", "capabilities": {"portMappings": True}}
    network = {"cniVersion": "0.4.0", "name": "pods", "plugins": [bridge, portmap]}
    (cluster.dir / "cni/10-pods.conflist").write_text(json.dumps(network), encoding="utf-8")
    cluster.processes.start("containerd", ["containerd", "-c", cluster.dir / "containerd.toml"])


def load_images(cluster):
    ctr = ["ctr", "-a", str(SOCKET)]

    def answers():
        done = subprocess.run([*ctr, "version"], capture_output=True, check=False)
        return done.returncode == 0

    wait_for("containerd", answers, 30, lambda: cluster.processes.alive("containerd"))
    for archive in images.write_all(cluster.dir / "images"):
        kind = ["--snapshotter", snapshotter(cluster)]
        run(*ctr, "-n", "k8s.io", "images", "import", *kind, archive)


def kubelet_config(cluster):
    pki = cluster.pki
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": ADDRESS,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(pki.crt("ca"))},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(pki.crt("node")),
        "tlsPrivateKeyFile": str(pki.key("node")),
        "cgroupDriver": "cgroupfs",
        "cgroupsPerQOS": True,
        "enforceNodeAllocatable": ["pods"],
        "failSwapOn": False,
        "clusterDomain": "cluster.local",
        "clusterDNS": [DNS_SERVICE],
        "resolvConf": str(cluster.dir / "resolv.conf"),
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "serializeImagePulls": False,
        "eventRecordQPS": 0,
        "registryPullQPS": 0,
        "nodeStatusUpdateFrequency": "2s",
        "nodeStatusReportFrequency": "1m",
        "kubeAPIQPS": 100,
        "kubeAPIBurst": 200,
        "maxPods": 200,
        "readOnlyPort": 0,
        "healthzPort": 0,
    }


def start_kubelet(cluster):
    config = cluster.dir / "kubelet.json"
    config.write_text(json.dumps(kubelet_config(cluster), indent=2), encoding="utf-8")
    names = [f"DNS:{NODE}", "IP:127.0.0.1", f"IP:{ADDRESS}"]
    cluster.pki.issue("node", [("O", "system:nodes"), ("CN", f"system:node:{NODE}")], names)
    words = [cluster.assets.bin / "kubelet", "--config", config]
    words += ["--kubeconfig", cluster.component_kubeconfig("node")]
    words += ["--hostname-override", NODE, "--node-ip", ADDRESS, "--v=2"]
    words += ["--container-runtime", "remote", "--containerd", SOCKET]
    words += ["--container-runtime-endpoint", f"unix://{SOCKET}"]
    words += ["--image-service-endpoint", f"unix://{SOCKET}"]
    words += ["--root-dir", cluster.dir / "kubelet", "--cert-dir", cluster.dir / "kubelet/pki"]
    words += ["--volume-plugin-dir", cluster.dir / "kubelet/flex"]
    # Otherwise it waits 6 s for an answer from a cloud.
    cluster.processes.start("kubelet", words, {**os.environ, "AWS_EC2_METADATA_DISABLED": "true"})


def start_kube_proxy(cluster):
    cluster.pki.issue("kube-proxy", [("CN", "system:kube-proxy")])
    words = [cluster.assets.bin / "kube-proxy", "--proxy-mode=iptables", "--v=1"]
    words += ["--kubeconfig", cluster.component_kubeconfig("kube-proxy")]
    words += [f"--cluster-cidr={POD_CIDR}", f"--hostname-override={NODE}"]
    # Connection tracking limits are the whole machine's.
    words += ["--conntrack-max-per-core=0", "--conntrack-tcp-timeout-established=0s"]
    words += ["--conntrack-tcp-timeout-close-wait=0s", "--iptables-min-sync-period=100ms"]
    cluster.processes.start("kube-proxy", words)


def node_is_ready(api):
    try:
        conditions = api.get(f"/api/v1/nodes/{NODE}").get("status", {}).get("conditions", [])
    except ApiError:
        return False
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


class Dns:
    """Cluster DNS: dnsmasq on the node's address, fed with a hosts file from Services."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.hosts = RUN / "hosts"
        self.hosts.touch()
        words = ["dnsmasq", "--keep-in-foreground", "--user=root", f"--listen-address={ADDRESS}"]
        words += ["--bind-interfaces", "--no-resolv", "--no-hosts", "--domain-needed"]
        words += [f"--pid-file={RUN}/dnsmasq.pid", f"--addn-hosts={self.hosts}", "--local-ttl=1"]
        words += ["--local=/cluster.local/", "--local=/in-addr.arpa/"]
        cluster.processes.start("dns", words)
        self._create_service()

    def _create_service(self):
        ports = [{"name": "dns", "port": 53, "protocol": "UDP"}]
        ports += [{"name": "dns-tcp", "port": 53, "protocol": "TCP"}]
        meta = {"name": "kube-dns"}
        base = "/api/v1/namespaces/kube-system"
        service = {"apiVersion": "v1", "kind": "Service", "metadata": meta}
        service["spec"] = {"clusterIP": DNS_SERVICE, "ports": ports}
        self.cluster.api.create(f"{base}/services", service)
        endpoints = {"apiVersion": "v1", "kind": "Endpoints", "metadata": meta}
        endpoints["subsets"] = [{"addresses": [{"ip": ADDRESS}], "ports": ports}]
        self.cluster.api.create(f"{base}/endpoints", endpoints)

    def serve(self):
        """Follow the cluster's services, for ever."""
        while True:
            try:
                self._refresh()
            except (ApiError, http.client.HTTPException, OSError) as error:
                print(f"dns: {error}", flush=True)
            time.sleep(1)

    def _refresh(self):
        services = self.cluster.api.get("/api/v1/services?resourceVersion=0")["items"]
        endpoints = self.cluster.api.get("/api/v1/endpoints?resourceVersion=0")["items"]
        text = "".join(f"{line}\n" for line in host_lines(services, endpoints))
        if text != self.hosts.read_text(encoding="ascii"):
            self.hosts.write_text(text, encoding="ascii")
            os.kill(int((RUN / "dnsmasq.pid").read_text(encoding="ascii")), 1)


def host_lines(services, endpoints):
    """Lines "ADDRESS NAME": a service's own address, or those of a headless one's pods."""
    headless = set()
    for service in services:
        name, address = _name(service), service["spec"].get("clusterIP")
        if address == "None":
            headless.add(name)
        elif address:
            yield f"{address} {name}.{DOMAIN}"
    for entry in endpoints:
        name = _name(entry)
        if name not in headless:
            continue
        for subset in entry.get("subsets", []):
            for address in subset.get("addresses", []):
                yield f"{address['ip']} {name}.{DOMAIN}"
                if "hostname" in address:
                    yield f"{address['ip']} {address['hostname']}.{name}.{DOMAIN}"


def _name(item):
    return f"{item['metadata']['name']}.{item['metadata']['namespace']}"
