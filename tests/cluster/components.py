"""Command lines of the control plane's programs."""

SERVICE_CIDR = "10.96.0.0/16"
SERVICE_IP = "10.96.0.1"
NODE_ADDRESS = "10.199.0.1"  # of the full node, which has its own network
POD_CIDR = "10.244.0.0/24"

# With nodeipam the controller-manager stalls for 10 s.
CONTROLLERS = "*,bootstrapsigner,tokencleaner,-nodeipam"
# These need a cloud; current releases do not know them any more.
CLOUD_CONTROLLERS = ",-route,-service,-cloud-node-lifecycle"


def _words(program, flags):
    return [str(program)] + [
        f"--{name}" if value is True else f"--{name}={value}" for name, value in flags.items()
    ]


def etcd(cluster):
    client = f"http://127.0.0.1:{cluster.ports['etcd']}"
    peer = f"http://127.0.0.1:{cluster.ports['etcd-peer']}"
    return _words(
        cluster.assets.etcd,
        {
            "data-dir": cluster.etcd_dir,
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"default={peer}",
            "quota-backend-bytes": 4 << 30,
            "auto-compaction-mode": "periodic",
            "auto-compaction-retention": "5m",
            "logger": "zap",
            "log-level": "warn",
        },
    )


def kube_apiserver(cluster):
    pki, addresses = cluster.pki, cluster.addresses
    flags = {
        "etcd-servers": f"http://127.0.0.1:{cluster.ports['etcd']}",
        "bind-address": addresses.bind,
        "advertise-address": addresses.server,
        "secure-port": cluster.ports["api"],
        "tls-cert-file": pki.crt("apiserver"),
        "tls-private-key-file": pki.key("apiserver"),
        "client-ca-file": pki.crt("ca"),
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": pki.dir / "service-account.pub",
        "service-account-signing-key-file": pki.key("service-account"),
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "allow-privileged": "true",
        "service-cluster-ip-range": SERVICE_CIDR,
        "kubelet-client-certificate": pki.crt("kubelet-client"),
        "kubelet-client-key": pki.key("kubelet-client"),
        "kubelet-preferred-address-types": "InternalIP,Hostname",
        "requestheader-client-ca-file": pki.crt("ca"),
        "requestheader-allowed-names": "front-proxy-client",
        "requestheader-username-headers": "X-Remote-User",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "proxy-client-cert-file": pki.crt("front-proxy"),
        "proxy-client-key-file": pki.key("front-proxy"),
        "event-ttl": "1h",
        "v": 1,
    }
    if addresses.is_loopback:
        flags["endpoint-reconciler-type"] = "none"  # Endpoints may not hold loopback addresses
    return _words(cluster.assets.apiserver, flags)


def kube_controller_manager(cluster):
    pki, config = cluster.pki, cluster.component_kubeconfig("controller-manager")
    controllers = CONTROLLERS + (CLOUD_CONTROLLERS if cluster.assets.minor < 30 else "")
    if cluster.node != "full":
        controllers += ",-nodelifecycle"  # nobody sends heartbeats
    flags = {
        "kubeconfig": config,
        "authentication-kubeconfig": config,
        "authorization-kubeconfig": config,
        "secure-port": 0,
        "use-service-account-credentials": "true",
        "controllers": controllers,
        "service-account-private-key-file": pki.key("service-account"),
        "root-ca-file": pki.crt("ca"),
        "cluster-signing-cert-file": pki.crt("ca"),
        "cluster-signing-key-file": pki.key("ca"),
        "flex-volume-plugin-dir": cluster.dir / "flex",
        "leader-elect": "false",
        "allocate-node-cidrs": "false",
        "cluster-cidr": POD_CIDR,
        "kube-api-qps": 200,
        "kube-api-burst": 400,
        "concurrent-gc-syncs": 20,
        "concurrent-namespace-syncs": 20,
        "v": 1,
    }
    if cluster.assets.minor < 24:
        flags["port"] = 0  # the insecure port, gone since
    return _words(cluster.assets.controller_manager, flags)


def kube_scheduler(cluster):
    config = cluster.component_kubeconfig("scheduler")
    flags = {
        "kubeconfig": config,
        "authentication-kubeconfig": config,
        "authorization-kubeconfig": config,
        "secure-port": 0,
        "leader-elect": "false",
        "kube-api-qps": 200,
        "kube-api-burst": 400,
        "v": 1,
    }
    if cluster.assets.minor < 24:
        flags["port"] = 0
    return _words(cluster.assets.bin / "kube-scheduler", flags)


COMMANDS = {
    "etcd": etcd,
    "kube-apiserver": kube_apiserver,
    "kube-controller-manager": kube_controller_manager,
    "kube-scheduler": kube_scheduler,
}
