"""Logs of pods, through the API server to the (fake) kubelet: streams, hooks, the command."""

import subprocess
import textwrap

import pytest

from tests.cluster import wait_for
from tests.e2e.apps import config_map


def pod(name, log, owner="Pod"):
    return textwrap.dedent(f"""\
        apiVersion: v1
        kind: {owner}
        metadata:
          name: {name}
          annotations: {{fake.node/log: "{log}"}}
        spec:
          containers: [{{name: main, image: "registry.example/web:1"}}]
        """)


def job(name, log, hook):
    return textwrap.dedent(f"""\
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: {name}
          annotations: {{argocd.argoproj.io/hook: {hook}}}
        spec:
          backoffLimit: 0
          template:
            metadata:
              annotations: {{fake.node/log: "{log}"}}
            spec:
              restartPolicy: Never
              containers: [{{name: main, image: "registry.example/migrate:1"}}]
        """)


def entries(rest, path, **query):
    """Content of a stream of log entries that ends; the last entry must say so."""
    with rest.stream(path, sse=False, **query) as stream:
        messages = [message["result"] for message in stream]
    assert messages[-1]["last"] is True and not any(m["last"] for m in messages[:-1])
    return [m["content"] for m in messages[:-1]]


@pytest.fixture
def synced(apps, repo):
    repo.commit({"pods.yaml": pod("one", "a\\nb") + "---\n" + pod("two", "c"),
                 "hook.yaml": job("migrate", "step 1\\nstep 2", "PreSync"),
                 "settings.yaml": config_map("settings", x="1")})
    apps.create(repo.url)
    apps.sync(revision=repo.head())
    apps.wait_operation()
    apps.wait_status("Synced", "Healthy")
    return apps


def test_logs_of_pods_and_hooks(synced, rest, name):
    path = f"/api/v1/applications/{name}"
    assert entries(rest, f"{path}/pods/one/logs", namespace=name) == ["a", "b"]
    assert entries(rest, f"{path}/pods/one/logs", namespace=name, tailLines=1) == ["b"]
    assert entries(rest, f"{path}/logs", group="batch", kind="Job", resourceName="migrate") == [
        "step 1", "step 2"]
    assert sorted(entries(rest, f"{path}/logs", filter="!b")) == ["a", "c", "step 1", "step 2"]
    assert entries(rest, f"{path}/pods/elsewhere/logs", namespace=name) == []


def test_command_prints_and_follows(synced, cli, name):
    assert cli.ok("app", "logs", name, "--kind", "Pod", "--name", "one") == "a\nb\n"
    assert cli.ok("app", "logs", name, "--kind", "Job", "--prefix").startswith("[migrate-")
    command = [str(cli.bin), "app", "logs", name, "--kind", "Pod", "--name", "two", "--follow"]
    with subprocess.Popen(command, env=cli.env, stdout=subprocess.PIPE, text=True) as follower:
        try:
            read = [follower.stdout.readline() for _ in range(3)]
            assert read == ["c\n", "tick 1\n", "tick 2\n"]
        finally:
            follower.terminate()


def test_followed_log_ends_with_its_pod(synced, cli, cluster, name):
    command = [str(cli.bin), "app", "logs", name, "--kind", "Pod", "--name", "two", "--follow"]
    with subprocess.Popen(command, env=cli.env, stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout.readline() == "c\n"
        cluster.api.delete(f"/api/v1/namespaces/{name}/pods/two", {"gracePeriodSeconds": 0})
        wait_for("the end of the log", lambda: follower.stdout.readline() == "", 30)
        assert follower.wait(30) == 0
