"""Command line: tests/cluster/cluster --help."""

import argparse
import os
import signal
import subprocess
import sys

from tests.cluster import assets
from tests.cluster.cluster import Cluster, ClusterError, guard, serve_fake_node, serve_node
from tests.cluster.components import COMMANDS

EXIT_UNSUPPORTED = assets.EXIT_UNSUPPORTED
DESCRIPTION = "A real Kubernetes control plane on loopback ports, for tests and the demo."
EPILOG = f"""Exit status: 0 done, 1 failed, 2 wrong usage, {EXIT_UNSUPPORTED} this machine cannot
provide the version asked for.  The version is debian unless BELAY_LANE says otherwise or KUBEBUILDER_ASSETS
names a directory with kube-apiserver, etcd and kube-controller-manager.  BELAY_CACHE_DIR is where built programs
are kept (default ~/.cache/belay)."""


def say(text):
    print(f"cluster: {text}", file=sys.stderr, flush=True)


def command_up(options):
    cluster = Cluster.up(
        directory=options.dir,
        name=options.name,
        lane=options.version,
        node=options.node,
        die_with=options.die_with,
        say=say,
    )
    if options.print_kubeconfig:
        print(cluster.kubeconfig)
        return 0
    print(f"export KUBECONFIG={cluster.kubeconfig}")
    say(f"stop with: {os.path.relpath(sys.argv[0])} down {cluster.dir}")
    return 0


def command_down(options):
    try:
        Cluster.load(options.dir).down()
    except ClusterError as error:
        say(f"{error}: nothing to stop")
    return 0


def command_status(options):
    cluster = Cluster.load(options.dir)
    pids = {name: pid for name, pid in cluster.status().items() if name != "guard"}
    for name, pid in pids.items():
        print(f"{name:26} " + (f"pid {pid:<8} {_resident(pid):5} MiB" if pid else "not running"))
    ready = cluster.state["ready"] and cluster.api.ready()
    answer = "ready" if ready else "does not answer"
    print(f"Kubernetes {cluster.assets.version} at {cluster.server}: {answer}")
    return 0 if ready and all(pids.values()) else 1


def _resident(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


def command_stop(options):
    sig = signal.SIGKILL if options.kill else signal.SIGTERM
    Cluster.load(options.dir).stop(options.component, sig)
    return 0


def command_start(options):
    Cluster.load(options.dir).start(options.component)
    return 0


def command_kubeconfig(options):
    cluster = Cluster.load(options.dir)
    path = cluster.user_kubeconfig(options.user, options.group) if options.user else None
    print(path or cluster.kubeconfig)
    return 0


def command_build(options):
    found = assets.find(options.lane, options.node, say)
    print(f"{found.version} {found.bin}")
    return 0


def command_guard(options):
    guard(options.dir, options.creator, options.die_with)
    return 0


def command_fake_node(options):
    serve_fake_node(options.dir)
    return 0


def command_node_init(options):
    serve_node(options.dir)
    return 0


def command_exec(options):
    try:
        Cluster.load(options.dir).run_inside(options.words)
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


def parser():
    top = argparse.ArgumentParser(prog="cluster", description=DESCRIPTION, epilog=EPILOG)
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    def command(name, run, description):
        sub = commands.add_parser(name, help=description, description=description)
        sub.set_defaults(run=run)
        return sub

    up = command("up", command_up, "bring a cluster up and wait until it is ready")
    up.add_argument("--dir", help="a new or empty directory for all its files")
    up.add_argument("--name", default="test", help="its name in kubeconfig and messages")
    up.add_argument("--version", choices=sorted(assets.LANES), help="where its programs are from")
    up.add_argument("--node", choices=("full", "fake", "none", "auto"), default="fake")
    up.add_argument("--die-with", type=int, metavar="PID", help="go down when this process ends")
    up.add_argument("--print-kubeconfig", action="store_true", help="print only its path")

    for name, run, description in (
        ("down", command_down, "stop a cluster and remove its files"),
        ("status", command_status, "show what runs; 0 when all of it does"),
    ):
        command(name, run, description).add_argument("dir")

    for name, run in (("stop", command_stop), ("start", command_start)):
        sub = command(name, run, f"{name} one component")
        sub.add_argument("dir")
        sub.add_argument("component", choices=sorted(COMMANDS))
        if name == "stop":
            sub.add_argument("--kill", action="store_true", help="with SIGKILL")

    config = command("kubeconfig", command_kubeconfig, "print the path of a kubeconfig")
    config.add_argument("dir")
    config.add_argument("--user", help="instead of admin; its rights are up to RBAC")
    config.add_argument("--group", action="append", default=[])

    build = command("build", command_build, "build a version's programs unless they are cached")
    build.add_argument("--lane", choices=sorted(assets.LANES))
    build.add_argument("--node", choices=("full", "fake"), default="fake")

    inside = command("exec", command_exec, "run a command inside a full node, such as ctr")
    inside.add_argument("dir")
    inside.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND...")

    watch = command("guard", command_guard, "(internal) take a cluster down after a process")
    watch.add_argument("dir")
    watch.add_argument("creator", type=int)
    watch.add_argument("die_with", type=int, nargs="?")
    command("fake-node", command_fake_node, "(internal) be the fake node").add_argument("dir")
    command("node-init", command_node_init, "(internal) be the full node").add_argument("dir")
    return top


def _exit_on_signal(number, _frame):
    raise SystemExit(128 + number)


def main(arguments=None):
    options = parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _exit_on_signal)
    try:
        return options.run(options)
    except assets.LaneUnsupported as error:
        say(error)
        return EXIT_UNSUPPORTED
    except (ClusterError, assets.AssetsError) as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
