"""A whole node (containerd, kubelet, kube-proxy, DNS) with its control plane, in namespaces.

This is the outside: whether it is possible, the cgroups, the namespaces' first process and the
loopback port that leads in.  node_init.py is what runs inside.  The host sees one process tree and
one port; no interface, route, rule or directory of it is touched.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
PROGRAMS = (
    *("containerd", "runc", "ctr", "socat", "dnsmasq", "conntrack", "iptables", "ip"),
    *("unshare", "nsenter", "mount"),
)
FILES = ("/usr/lib/cni/bridge", "/usr/lib/cni/portmap", "/bin/busybox")
SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Enter the cgroups first, so that the new cgroup namespace has them as its root.
ENTER = (
    'for d in $CGROUP_DIRS; do echo $$ >"$d/cgroup.procs" || exit 1; done; '
    "exec unshare -m -n -u -C -p --fork --kill-child --propagation private "
    '"$@"'
)


def obstacle():
    """Why no full node can run here; None when one can."""
    if os.geteuid() != 0:
        return "not root"
    lacking = [name for name in PROGRAMS if not shutil.which(name, path=SEARCH)]
    lacking += [name for name in FILES if not os.path.exists(name)]
    if lacking:
        return f"missing {', '.join(lacking)} (tools/deps.sh node)"
    if not _own_cgroups():
        return "no cgroup v1 hierarchies"
    trial = ["unshare", "-m", "-n", "-u", "-C", "-p", "--fork", "--propagation", "private", "true"]
    done = subprocess.run(trial, capture_output=True, text=True, check=False)
    return f"no namespaces: {done.stderr.strip()}" if done.returncode else None


def _own_cgroups():
    """{hierarchy's mount: our own directory in it} of the mounted cgroup v1 hierarchies."""
    own = {}
    for line in Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines():
        _, controllers, path = line.split(":", 2)
        mount = CGROUPS / controllers.removeprefix("name=")
        if controllers and mount.is_dir():
            own[mount] = Path(f"{mount}{path}")
    return own


def cgroups(name):
    """Where the node's cgroups go: below our own, so that whatever limits we are under stay."""
    return [str(own / name) for own in _own_cgroups().values()]


def make_cgroups(paths):
    """Make each, with the one below that the node's first process lives in."""
    for top in map(Path, paths):
        inner = top / "node"
        inner.mkdir(parents=True)
        if (top / "cpuset.cpus").exists():
            for directory in (top, inner):
                for setting in ("cpuset.cpus", "cpuset.mems"):
                    (directory / setting).write_text((directory.parent / setting).read_text())
            (top / "cgroup.clone_children").write_text("1")


def remove_cgroups(paths, timeout_s=5.0):
    """Remove cgroups whose processes have been killed; they may take a moment to be empty."""
    deadline = time.monotonic() + timeout_s
    left = [Path(path) for path in paths if os.path.isdir(path)]
    while left:
        for top in left:
            for directory, _, _ in os.walk(top, topdown=False):
                try:
                    os.rmdir(directory)
                except OSError:
                    break  # still busy: all of them again
        left = [path for path in left if path.is_dir()]
        if left and time.monotonic() > deadline:
            raise OSError(f"cgroups still busy: {', '.join(map(str, left))}")
        time.sleep(0.05 if left else 0)


def command(program, cluster, paths):
    """(argv, additional environment) of the namespaces' first process."""
    argv = ["/bin/sh", "-c", ENTER, "node", program, "node-init", cluster.dir]
    return argv, {"CGROUP_DIRS": " ".join(paths), "PATH": SEARCH}


def forward_command(cluster):
    """argv of what leads from a loopback port through a socket in the file system into the node.

    It changes to the directory first: socket paths are limited to 107 bytes.
    """
    listen = f"TCP-LISTEN:{cluster.ports['api']},bind=127.0.0.1,fork,reuseaddr,nodelay"
    script = 'cd "$1" && exec socat "$2" UNIX-CONNECT:api.sock'
    return ["/bin/sh", "-c", script, "forward", cluster.inner_dir, listen]
