"""The daemons on a local cluster: start, memory, idling, refreshing, from commit to cluster."""

import contextlib
import http.client
import os
import queue
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from bench import usage
from bench.figures import median, percentile
from tests.cluster import ApiError, Cluster, wait_for
from tests.servers.git.http_server import GitHttpServer
from tests.servers.git.repository import Repository
from tests.stack import Stack
from tests.stack.stack import DAEMONS

MIB = 1 << 20
APPLICATIONS = "/apis/argoproj.io/v1alpha1/namespaces/{}/applications"
REFRESH = "argocd.argoproj.io/refresh"
WRITES = ("create", "update", "patch", "apply", "delete")
PATIENCE_S = 600
QUIET_S = 5
API_TIMEOUT_S = 60


class ControlPlane:
    """Cluster, Git server and daemons, and the Applications made for measuring."""

    def __init__(self, report, args, cluster, stack, repo, repo_url):
        self.report = report
        self.args = args
        self.cluster = cluster
        self.api = cluster.api
        self.stack = stack
        self.repo = repo
        self.repo_url = repo_url
        self.collection = APPLICATIONS.format(stack.namespace)

    # ---- Applications

    def application(self, name, path):
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name, "namespace": self.stack.namespace},
            "spec": {
                "project": "default",
                "source": {"repoURL": self.repo_url, "path": path, "targetRevision": "main"},
                "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
                "syncPolicy": {"automated": {"prune": True, "selfHeal": True},
                               "syncOptions": ["CreateNamespace=true"]},
            },
        }

    def create(self, name, path):
        self.api.create(self.collection, self.application(name, path))

    def applications(self):
        return self.api.get(self.collection)["items"]

    def refresh(self, name):
        """What a webhook does."""
        body = {"metadata": {"annotations": {REFRESH: "normal"}}}
        return self.api.patch(f"{self.collection}/{name}", body)

    def is_refreshed(self):
        time.sleep(0.2)
        return not any(REFRESH in a["metadata"].get("annotations", {})
                       for a in self.applications())

    def versions(self):
        return {a["metadata"]["name"]: a["metadata"]["resourceVersion"]
                for a in self.applications()}

    def events(self):
        """How many Kubernetes Events there are of Applications."""
        page = self.api.get(f"/api/v1/namespaces/{self.stack.namespace}/events?limit=1")
        return len(page["items"]) + page["metadata"].get("remainingItemCount", 0)

    def wait_synced(self, n):
        """Until n Applications are Synced, telling now and then how many are."""
        told = [0.0]

        def reached():
            synced = sum(name.startswith("argocd_app_info{") and 'sync_status="Synced"' in name
                         for name in self.stack.metrics("app-controller"))
            if time.monotonic() - told[0] > 5:
                told[0] = time.monotonic()
                self.report.say(f"{synced} of {n} applications are synced")
            time.sleep(0.2)
            return synced >= n

        wait_for(f"{n} synced applications", reached, PATIENCE_S)

    def settle(self):
        """Until no Application has been written for some seconds, nor an Event: those are sent slowly."""
        last = {"versions": None, "since": 0.0}

        def quiet():
            now = (self.versions(), self.events())
            if now != last["versions"]:
                last.update(versions=now, since=time.monotonic())
            time.sleep(1)
            return time.monotonic() - last["since"] > QUIET_S

        wait_for("the applications to rest", quiet, PATIENCE_S)

    # ---- what the daemons say about themselves

    def count(self, metric, part):
        """Rows of the controller's metrics."""
        time.sleep(0.2)
        return sum(name.startswith(f"{metric}{{") and part in name
                   for name in self.stack.metrics("app-controller"))

    def renders(self):
        """Renders that took work; answers from memory and proofs are none."""
        rows = self.stack.metrics("repo-server")
        return rows.get('belay_render_total{outcome="rendered"}', 0)

    def proofs(self):
        return self.stack.metrics("repo-server").get('belay_render_total{outcome="proved"}', 0)

    def requests(self):
        """{(verb, kind): requests of the controller to API servers}."""
        found = Counter()
        for name, value in self.stack.metrics("app-controller").items():
            if name.startswith("argocd_app_k8s_request_total{"):
                labels = dict(part.split("=", 1) for part in name[:-1].split("{")[1].split(","))
                verb, kind = labels["verb"].strip('"').lower(), labels["resource_kind"].strip('"')
                found[verb, kind] += value
        return found

    def writes(self):
        """Writing requests of the controller to the cluster, Leases and Events not among them."""
        return sum(n for (verb, kind), n in self.requests().items()
                   if verb in WRITES and kind not in ("Lease", "Event"))

    def processes(self):
        """{name: processes} of the daemons, the cluster's servers, and what measures them (with the Git server)."""
        daemons = {daemon: usage.tree(self.stack.pid(daemon)) for daemon in DAEMONS}
        servers = {name: [pid] for name, pid in self.cluster.status().items() if pid}
        return {**daemons, **servers, "bench_and_git_server": [os.getpid()]}

    def add_memory(self, when):
        for daemon in DAEMONS:
            used = usage.memory(usage.tree(self.stack.pid(daemon)))
            self.report.add(f"{daemon}_rss_{when}", used.rss / MIB, "MiB")
            self.report.add(f"{daemon}_private_{when}", used.private / MIB, "MiB")

    def private(self, daemon):
        return usage.memory(usage.tree(self.stack.pid(daemon))).private


@contextlib.contextmanager
def running(report, args):
    """A control plane without Applications."""
    with contextlib.ExitStack() as open_things:
        directory = Path(open_things.enter_context(
            tempfile.TemporaryDirectory(prefix="belay-bench-")))
        report.say("bringing up a local cluster")
        cluster = Cluster.up(node="fake", name="bench", die_with=os.getpid())
        open_things.callback(cluster.down)
        server = open_things.enter_context(GitHttpServer(directory / "git"))
        repo = Repository(directory / "git" / "bench.git")
        repo.commit({"README.md": "what is measured\n"})
        cluster.api.timeout_s = API_TIMEOUT_S
        stack = Stack(args.build, directory / "run", cluster.kubeconfig, cluster.api)
        stack.install_crds()
        stack.install_settings()
        open_things.callback(stack.stop)
        stack.start()
        yield ControlPlane(report, args, cluster, stack, repo, server.url("bench.git"))


# ---- the parts


def start_one(stack, daemon):
    """From starting a daemon until it says that it is ready; the others run. And its processor time."""
    stack.kill(daemon, 15)
    begin = time.monotonic()
    stack.spawn(daemon)
    while not is_ready(stack, daemon):
        if not stack.alive(daemon):
            raise RuntimeError(f"{daemon} ended:\n{stack.log_tail(daemon)}")
        time.sleep(0.001)
    took = time.monotonic() - begin
    return took * 1e3, usage.cpu_seconds(usage.tree(stack.pid(daemon))) * 1e3


def is_ready(stack, daemon):
    connection = http.client.HTTPConnection("127.0.0.1", stack.ports[daemon], timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def start(plane):
    """Start to ready, each daemon by itself."""
    runs = 2 if plane.args.quick else 5
    for daemon in DAEMONS:
        took, cpu = zip(*(start_one(plane.stack, daemon) for _ in range(runs)))
        plane.report.add(f"{daemon}_start_to_ready", median(took), "ms")
        plane.report.add(f"{daemon}_start_to_ready_best", min(took), "ms")
        plane.report.add(f"{daemon}_start_cpu", min(cpu), "ms_of_a_core")


def push(plane):
    """From a commit, announced as a webhook would, until the first object is changed in the cluster."""
    name, rounds = "bench-push", 5 if plane.args.quick else 20
    plane.repo.commit(push_files("start"))
    plane.create(name, "push")
    plane.wait_synced(1)
    plane.settle()
    path = f"/api/v1/namespaces/{name}/configmaps"
    arrivals = queue.Queue()
    version = plane.api.get(path)["metadata"]["resourceVersion"]

    def follow():
        for event in plane.api.watch(path, version):
            arrivals.put((event["object"].get("data", {}).get("round"), time.monotonic()))

    threading.Thread(target=follow, daemon=True).start()
    pids = [pid for daemon in DAEMONS for pid in usage.tree(plane.stack.pid(daemon))]
    cpu = usage.cpu_seconds(pids)
    took = [push_once(plane, name, str(i), arrivals) for i in range(rounds)]
    cpu = usage.cpu_seconds(pids) - cpu
    plane.report.add("push_to_first_object_p50", percentile(took, 50), "ms")
    plane.report.add("push_to_first_object_p95", percentile(took, 95), "ms")
    plane.report.add("push_to_first_object_best", min(took), "ms")
    plane.report.add("push_daemons_cpu", cpu / rounds * 1e3, "ms_of_a_core")
    plane.api.delete(f"{plane.collection}/{name}")


def push_once(plane, name, content, arrivals):
    plane.repo.commit(push_files(content))
    begin = time.monotonic()
    plane.refresh(name)
    while True:
        seen, at = arrivals.get(timeout=60)
        if seen == content:
            return (at - begin) * 1e3


def push_files(content):
    return {f"push/{i}.yaml": config_map(f"settings-{i}", content) for i in range(3)}


def config_map(name, content):
    return ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
            f"  name: {name}\ndata:\n  round: '{content}'\n")


def idle(plane):
    """Memory of the daemons with nothing and with synced Applications, and what those cost at rest."""
    plane.add_memory("empty")
    before = connected(plane)
    n, objects = plane.args.apps, plane.args.objects
    plane.repo.commit({f"apps/{a}/{o}.yaml": config_map(f"settings-{o}", f"{a}-{o}")
                       for a in range(n) for o in range(objects)})
    plane.report.say(f"creating {n} applications of {objects} objects")
    begin = time.monotonic()
    for a in range(n):
        plane.create(f"bench-{a:04d}", f"apps/{a}")
    plane.wait_synced(n)
    plane.report.add(f"sync_of_{n}x{objects}", time.monotonic() - begin, "s")
    plane.settle()
    plane.add_memory(f"{n}x{objects}")
    plane.report.load()
    rest(plane, 10 if plane.args.quick else plane.args.idle_seconds)
    plane.add_memory(f"{n}x{objects}_rested")  # daemons tidy up every 30 s
    growth = (plane.private("app-controller") - before) / n
    plane.report.add("app-controller_private_per_app", growth / 1024, "KiB")


def connected(plane):
    """Private bytes of the controller that watches a cluster for one Application: what does not grow with them."""
    plane.repo.commit({"first/0.yaml": config_map("settings-0", "first")})
    plane.create("bench-first", "first")
    plane.wait_synced(1)
    plane.settle()
    plane.api.delete(f"{plane.collection}/bench-first")
    plane.settle()
    plane.add_memory("connected")
    return plane.private("app-controller")


def rest(plane, seconds):
    """What happens while nothing happens."""
    plane.report.say(f"watching the daemons rest for {seconds} s")
    trees = {daemon: usage.tree(plane.stack.pid(daemon)) for daemon in DAEMONS}
    versions, renders, writes = plane.versions(), plane.renders(), plane.writes()
    cpu = {daemon: usage.cpu_seconds(pids) for daemon, pids in trees.items()}
    time.sleep(seconds)
    used = {daemon: usage.cpu_seconds(pids) - cpu[daemon] for daemon, pids in trees.items()}
    for daemon in DAEMONS:
        plane.report.add(f"idle_cpu_{daemon}", used[daemon] / seconds * 100, "%_of_a_core")
    plane.report.add("idle_cpu_all", sum(used.values()) / seconds * 100, "%_of_a_core")
    plane.report.add("idle_renders", plane.renders() - renders, "renders")
    plane.report.add("idle_writes", plane.writes() - writes, "requests")
    now = plane.versions()
    changed = sum(version != versions.get(name) for name, version in now.items())
    plane.report.add("idle_applications_written", changed, "applications")


def refresh(plane):
    """A refresh of every Application without a new commit, then with one that concerns none of them.

    The removal of the annotation that asked for the refresh is the answer to it, not a write of state.
    """
    names = [a["metadata"]["name"] for a in plane.applications()]
    plane.report.say(f"refreshing {len(names)} unchanged applications")
    refresh_all(plane, names, "unchanged_refresh")
    plane.repo.commit({"README.md": "nothing an application reads\n"})
    proofs = plane.proofs()
    refresh_all(plane, names, "unrelated_commit")
    plane.report.add("unrelated_commit_proofs", plane.proofs() - proofs, "proofs")


def refresh_all(plane, names, figure):
    plane.settle()
    renders, writes = plane.renders(), plane.writes()
    tree = usage.tree(plane.stack.pid("app-controller"))
    cpu, begin = usage.cpu_seconds(tree), time.monotonic()
    for name in names:
        plane.refresh(name)
    wait_for("the refreshes to be done", plane.is_refreshed, PATIENCE_S)
    took = time.monotonic() - begin
    plane.report.add(f"{figure}_time", took, "s")
    plane.report.add(f"{figure}_rate", len(names) / took, "refreshes/s")
    plane.settle()
    cpu = usage.cpu_seconds(tree) - cpu
    plane.report.add(f"{figure}_controller_cpu", cpu / len(names) * 1e3, "ms_per_app")
    plane.report.add(f"{figure}_renders", plane.renders() - renders, "renders")
    plane.report.add(f"{figure}_writes", plane.writes() - writes - len(names), "requests")


def comparisons(plane):
    return sum(value for name, value in plane.stack.metrics("app-controller").items()
               if name.startswith("argocd_app_reconcile_count"))


def churn(plane):
    """Objects of all Applications that change all the time, in what nobody compares: what that costs."""
    names = [a["metadata"]["name"] for a in plane.applications()]
    rounds = 3 if plane.args.quick else 10
    plane.settle()
    tree = usage.tree(plane.stack.pid("app-controller"))
    cpu, before, begin = usage.cpu_seconds(tree), comparisons(plane), time.monotonic()
    for n in range(rounds):
        for name in names:
            plane.api.patch(f"/api/v1/namespaces/{name}/configmaps/settings-0",
                            {"metadata": {"annotations": {"bench/churn": str(n)}}})
    took = time.monotonic() - begin
    plane.settle()
    events = rounds * len(names)
    plane.report.add("churn_events", events / took, "events/s")
    plane.report.add("churn_comparisons", (comparisons(plane) - before) / events, "per_event")
    plane.report.add("churn_controller_cpu", (usage.cpu_seconds(tree) - cpu) / events * 1e3,
                     "ms_per_event")


def restart(plane):
    """Starting with Applications that are synced already: nothing of them is to be written again."""
    versions, renders = plane.versions(), plane.renders()
    took, _ = start_one(plane.stack, "app-controller")
    n = len(versions)
    plane.report.add(f"app-controller_start_to_ready_{n}_apps", took, "ms")
    plane.settle()
    now = plane.versions()
    changed = sum(version != versions.get(name) for name, version in now.items())
    plane.report.add("restart_applications_written", changed, "applications")
    plane.report.add("restart_renders", plane.renders() - renders, "renders")
    plane.add_memory("restarted")


def unmanaged(plane):
    """What an object that belongs to no Application costs the controller: two starts, without and with."""
    n = 500 if plane.args.quick else plane.args.unmanaged
    namespace = "bench-unmanaged"
    plane.api.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace",
                                            "metadata": {"name": namespace}})
    start_one(plane.stack, "app-controller")
    before = settled_private(plane)
    plane.report.say(f"creating {n} objects of nobody")
    fill(plane, namespace, n)
    start_one(plane.stack, "app-controller")
    plane.report.add("unmanaged_object", (settled_private(plane) - before) / n, "bytes")


def fill(plane, namespace, n):
    for i in range(n):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
            "name": f"object-of-nobody-{i:05d}",
            "labels": {"app.kubernetes.io/name": "nobody", "app.kubernetes.io/part-of": "bench"}},
            "data": {"text": "x" * 500}}
        try:
            plane.api.create(f"/api/v1/namespaces/{namespace}/configmaps", body)
        except ApiError as error:
            if error.status != 409:
                raise


def settled_private(plane):
    """Private bytes of the controller once it has seen everything that is there."""
    last = {"events": None}

    def quiet():
        rows = plane.stack.metrics("app-controller")
        now = sum(v for k, v in rows.items() if k.startswith("argocd_cluster_events_total"))
        same, last["events"] = now == last["events"], now
        time.sleep(2)
        return same and now > 0

    wait_for("the controller's watches to rest", quiet, PATIENCE_S)
    return plane.private("app-controller")
