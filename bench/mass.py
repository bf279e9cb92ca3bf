"""Syncs of many Applications of one ConfigMap asked for at once: what each costs, and who does the work."""

import signal
import time

from bench import usage
from bench.control_plane import PATIENCE_S, config_map, start_one
from tests.cluster import wait_for

NAMESPACE = "bench-mass"


def mass(plane):
    """One sync of each; requests are as many as the API server takes, unless --mass-qps says otherwise."""
    n = 100 if plane.args.quick else plane.args.mass
    qps = str(plane.args.mass_qps)
    plane.stack.extra["app-controller"] = ["--kube-qps", qps, "--kube-burst", qps]
    start_one(plane.stack, "app-controller")
    names = create(plane, n)
    plane.report.say(f"syncing {n} applications")
    cost = Cost(plane)
    plane.stack.send("app-controller", signal.SIGSTOP)  # it finds all of them when it wakes up
    for name in names:
        plane.api.patch(f"{plane.collection}/{name}", {"operation": {"sync": {}}})
    cost.start()
    plane.stack.send("app-controller", signal.SIGCONT)
    wait_for("the syncs", lambda: count(plane, "Synced") == n, PATIENCE_S)
    took = cost.seconds()
    plane.report.add(f"mass_sync_{n}", n / took, "applications/s")
    plane.settle()
    cost.tell(plane, n)


def create(plane, n):
    """Applications that are compared and not synced."""
    plane.repo.commit({f"mass/{i}/m.yaml": config_map(f"mass-{i}", "1") for i in range(n)})
    plane.api.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace",
                                            "metadata": {"name": NAMESPACE}})
    names = [f"mass-{i:04d}" for i in range(n)]
    for i, name in enumerate(names):
        app = plane.application(name, f"mass/{i}")
        app["spec"]["destination"]["namespace"] = NAMESPACE
        app["spec"]["syncPolicy"] = {}
        plane.api.create(plane.collection, app)
    wait_for("the applications to be compared", lambda: count(plane, "OutOfSync") == n, PATIENCE_S)
    plane.settle()
    return names


def count(plane, status):
    return plane.count("argocd_app_info", f'dest_namespace="{NAMESPACE}",sync_status="{status}"')


class Cost:
    """What is used from here on."""

    def __init__(self, plane):
        self.processes = plane.processes()
        self.requests = plane.requests()
        self.listings = listings(plane)
        self.start()

    def start(self):
        """Time and processors from here on."""
        self.cpu = self._cpu()
        self.begin = time.monotonic()

    def _cpu(self):
        return {name: usage.cpu_seconds(pids) for name, pids in self.processes.items()}

    def seconds(self):
        return time.monotonic() - self.begin

    def tell(self, plane, n):
        """Figures for each of n Applications."""
        prefix = f"mass_sync_{n}"
        for name, after in self._cpu().items():
            plane.report.add(f"{prefix}_{name}_cpu", (after - self.cpu[name]) / n * 1e3,
                             "ms_per_app")
        after = plane.requests()
        after.subtract(self.requests)
        for (verb, kind), times in sorted(after.items()):
            if times * 20 >= n:
                plane.report.add(f"{prefix}_{verb}_{kind}", times / n, "per_app")
        plane.report.add(f"{prefix}_git_listings", listings(plane) - self.listings, "in_all")


def listings(plane):
    """How often a Git server was asked for its references."""
    return sum(value for name, value in plane.stack.metrics("repo-server").items()
               if name.startswith("argocd_git_request_total") and "ls-remote" in name)
