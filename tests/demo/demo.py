#!/usr/bin/python3
"""Belay on this machine: a cluster, a Git server with a sample repository, the daemons, one Application.

With KUBECONFIG set, that cluster is used (the namespaces argocd and guestbook are made in it); else a local
control plane is brought up and taken down again. --once ends when a change from Git has arrived.
"""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.cluster import Cluster, ClusterError  # noqa: E402
from tests.demo.kubectl_api import KubectlApi  # noqa: E402
from tests.servers.git.http_server import GitHttpServer  # noqa: E402
from tests.servers.git.repository import Repository  # noqa: E402
from tests.stack import RestError, Stack, StackError  # noqa: E402

APP = "guestbook"
PATIENCE = 120
# There is no webhook here: ask the Git server often, so that a commit is seen soon.
QUICK = {
    "repo-server": ["--revision-cache-expiration", "5s"],
    "app-controller": ["--app-resync", "10s", "--app-resync-jitter", "0"],
}


class DemoError(Exception):
    """The demo did not get where it should."""


def say(text):
    print(text, flush=True)


def sample_files(greeting):
    """{path: text} of the sample repository."""
    base = Path(__file__).parent / "sample"
    files = {str(p.relative_to(base)): p.read_text() for p in sorted(base.rglob("*.yaml"))}
    files["guestbook/settings.yaml"] = files["guestbook/settings.yaml"].replace("hello", greeting)
    return files


@contextlib.contextmanager
def the_cluster():
    """(kubeconfig, api client) of the user's cluster, or of one made for the demo."""
    given = os.environ.get("KUBECONFIG")
    if given:
        say(f"using the cluster of {given}")
        with KubectlApi(given) as api:
            yield given, api
        return
    say("bringing up a local Kubernetes control plane (built the first time: about ten minutes)")
    cluster = Cluster.up(node="fake", name="demo", say=lambda text: say(f"  {text}"),
                         die_with=os.getpid())
    try:
        yield str(cluster.kubeconfig), cluster.api
    finally:
        cluster.down()


def application(repo_url, namespace):
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": APP, "namespace": namespace,
                     "finalizers": ["resources-finalizer.argocd.argoproj.io"]},
        "spec": {
            "project": "default",
            "source": {"repoURL": repo_url, "path": "guestbook", "targetRevision": "main"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": APP},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True},
                           "syncOptions": ["CreateNamespace=true"]},
        },
    }


def describe(app):
    status = app.get("status", {})
    return "sync {:<9}  health {:<11}  revision {}".format(
        status.get("sync", {}).get("status", "-"),
        status.get("health", {}).get("status", "-"),
        status.get("sync", {}).get("revision", "-")[:7])


def wait_for_app(rest, done, what):
    """Follow the Application's stream until done(app), showing each change."""
    shown = None
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with rest.stream("/api/v1/stream/applications", timeout_s=PATIENCE, name=APP) as events:
            for event in events:
                app = event["result"]["application"]
                line = describe(app)
                if line != shown:
                    say(f"  {line}")
                    shown = line
                if done(app):
                    return app
                if time.monotonic() > end:
                    break
    raise DemoError(f"waited {PATIENCE} s for {what}")


def is_good(app, revision):
    status = app.get("status", {})
    return (status.get("sync", {}).get("status") == "Synced" and
            status.get("health", {}).get("status") == "Healthy" and
            status["sync"].get("revision") == revision)


def run(stack, repo, repo_url, api):
    rest = stack.login()
    say(f"creating Application {APP} from {repo_url}")
    revision = repo.head()
    rest.post("/api/v1/applications", application(repo_url, stack.namespace), upsert="true")
    wait_for_app(rest, lambda app: is_good(app, revision), "the application to be Synced and Healthy")
    say("committing a change: greeting hello -> good morning")
    start = time.monotonic()
    revision = repo.commit(sample_files("good morning"), "a friendlier greeting")
    rest.app(APP, refresh="normal")
    wait_for_app(rest, lambda app: is_good(app, revision), "the change to arrive")
    live = api.get(f"/api/v1/namespaces/{APP}/configmaps/guestbook")
    if live["data"]["greeting"] != "good morning":
        raise DemoError(f"the cluster says {live['data']}")
    say(f"the change is in the cluster, {time.monotonic() - start:.1f} s after the commit")


def instructions(stack, kubeconfig, repo):
    say(f"""
Belay is running.
  API       {stack.url}      (curl {stack.url}/api/version)
  user      admin
  password  {stack.password}
  CLI       {stack.bin}/belay login {stack.url} --username admin --password {stack.password}
            {stack.bin}/belay app get {APP}
  kubectl   KUBECONFIG={kubeconfig} kubectl -n argocd get applications
  Git       {repo.path}   (clone it, push a change: it arrives within seconds)
  logs      {stack.dir}/*.log
Stop with Ctrl-C: everything that was started here goes.""")


def demo(args):
    say("starting")
    with contextlib.ExitStack() as stack_of:
        directory = Path(stack_of.enter_context(tempfile.TemporaryDirectory(prefix="belay-demo-")))
        kubeconfig, api = stack_of.enter_context(the_cluster())
        server = stack_of.enter_context(GitHttpServer(directory / "git"))
        repo = Repository(directory / "git" / "sample.git")
        repo.commit(sample_files("hello"), "the guestbook")
        stack = Stack(args.build, directory / "run", kubeconfig, api, extra=QUICK)
        say("installing custom resources and settings")
        stack.install_crds()
        stack.install_settings()
        stack_of.callback(stack.stop)
        say("starting repo-server, app-controller and API server")
        stack.start()
        run(stack, repo, server.url("sample.git"), api)
        if args.once:
            say("done: the demo works")
            return
        instructions(stack, kubeconfig, repo)
        while all(stack.alive(d) for d in ("repo-server", "app-controller", "api-server")):
            time.sleep(0.5)
        raise DemoError("a daemon ended")


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--build", default="build", type=Path)
    ap.add_argument("--once", action="store_true")
    args = ap.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        demo(args)
    except KeyboardInterrupt:
        say("\nstopping")
    except (DemoError, StackError, ClusterError, RestError, AssertionError) as e:
        print(f"demo failed: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
