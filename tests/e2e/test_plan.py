"""Before a sync: its plan, and what it waits for."""

import json
import textwrap

import pytest

from tests.e2e.apps import config_map, deployment
from tests.stack import RestError


def blocked(app):
    """The condition's text and what it says to programs; (None, {}) when there is none."""
    for c in app.get("status", {}).get("conditions", []):
        if c["type"] == "SyncBlocked":
            text, _, line = c["message"].rpartition("\n")
            return text, json.loads(line)
    return None, {}


def wait_blocked(apps, reason, **kwargs):
    return blocked(apps.wait(lambda a: blocked(a)[1].get("reason") == reason,
                             f"to be blocked by {reason}", **kwargs))


def maps(cluster, ns):
    return {m["metadata"]["name"]
            for m in cluster.api.get(f"/api/v1/namespaces/{ns}/configmaps")["items"]} - {"kube-root-ca.crt"}


def annotate(text, key, value):
    return text.replace("metadata:\n", f"metadata:\n  annotations:\n    {key}: {json.dumps(value)}\n", 1)


def test_plan_of_a_sync(apps, repo, cluster, cli, rest, name):
    hook = annotate(config_map("pre", x="1"), "argocd.argoproj.io/hook", "PreSync")
    late = annotate(config_map("late", x="1"), "argocd.argoproj.io/sync-wave", "3")
    secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  password: first\n"
    first = repo.commit({"web.yaml": deployment("web", replicas=2), "old.yaml": config_map("old", x="1"),
                         "same.yaml": config_map("same", x="1"), "s.yaml": secret})
    apps.create(repo.url)
    apps.sync()
    apps.wait_operation()
    cluster.api.patch(f"/apis/apps/v1/namespaces/{name}/deployments/web", {"spec": {"replicas": 5}})
    second = repo.commit({"hook.yaml": hook, "late.yaml": late,
                          "s.yaml": secret.replace("first", "second")}, remove=["old.yaml"])
    apps.refresh()
    before = {"maps": maps(cluster, name), "app": apps.get()["status"].get("operationState")}
    plan = rest.get(f"/api/v1/applications/{name}/plan", prune="true")
    tasks = {(t["kind"], t["name"]): t for t in plan["tasks"]}
    assert {k[1]: t["action"] for k, t in tasks.items()} == {
        "pre": "create", "late": "create", "old": "prune", "same": "unchanged", "web": "update",
        "s": "update"}
    assert [t["phase"] for t in plan["tasks"]][0] == "PreSync"
    assert (tasks["ConfigMap", "late"]["wave"], plan["tasks"][-1]["name"]) == (3, "late")
    change = tasks["Deployment", "web"]["changes"][0]
    assert (change["path"], change["live"], change["wanted"]) == ("/spec/replicas", 5, 2)
    assert "second" not in json.dumps(plan) and "c2Vjb25k" not in json.dumps(plan)
    assert plan["revisions"] == [second]
    assert plan["counts"] == {"create": 2, "update": 2, "prune": 1, "unchanged": 1}
    assert {"maps": maps(cluster, name), "app": apps.get()["status"].get("operationState")} == before
    done = cli.run("app", "plan", name, "--prune")
    assert done.returncode == 1, done.stderr
    assert "    - ConfigMap " + name + "/old\n" in done.stdout
    assert "/spec/replicas: 5 -> 2" in done.stdout
    assert "2 to create, 2 to change, 1 to delete, 1 unchanged" in done.stdout
    apps.sync(prune=True)
    apps.wait_operation()
    apps.refresh()
    done = cli.run("app", "plan", name, "--prune")
    assert done.returncode == 0, done.stdout
    back = rest.get(f"/api/v1/applications/{name}/plan", revision=first)
    assert back["revisions"] == [first]
    assert {t["name"]: t["action"] for t in back["tasks"]}["old"] == "create"
    assert cli.run("app", "plan", name, "--revision", "no-such-branch").returncode == 2


def test_plan_says_what_would_be_refused(apps, repo, rest, name):
    repo.commit({"g.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"})
    apps.create(repo.url)
    apps.wait_status("OutOfSync")
    plan = rest.get(f"/api/v1/applications/{name}/plan", syncOptions="ApplyOutOfSyncOnly=true")
    assert plan["counts"] == {"create": 1} and "refused" not in plan


def test_deletion_budget(apps, repo, cluster, cli, rest, name):
    eight = {f"m{i}.yaml": config_map(f"m{i}", x="1") for i in range(8)}
    repo.commit(eight)
    apps.create(repo.url, automated={"prune": True})
    apps.patch({"metadata": {"annotations": {"belay.dev/deletion-budget": "50%"}}})
    apps.wait_status("Synced")
    repo.commit({}, "one less", remove=["m7.yaml"])
    apps.refresh()
    apps.wait_gone(f"/api/v1/namespaces/{name}/configmaps/m7")
    apps.wait_status("Synced")
    repo.commit({"new.yaml": config_map("new", x="1")}, "six less",
                remove=[f"m{i}.yaml" for i in range(6)])
    apps.refresh()
    text, details = wait_blocked(apps, "DeletionBudget")
    assert "6 of 7 objects would be deleted, the budget is 50%" in text
    assert {r["name"] for r in details["resources"]} == {f"m{i}" for i in range(6)}
    assert maps(cluster, name) == {f"m{i}" for i in range(7)}  # nothing is begun
    rest.wait("the API server to hear of it",
              lambda: "6 of 7 objects would be deleted" in cli.ok("app", "get", name))
    assert "6 of 7 objects would be deleted" in cli.fails(
        1, "app", "wait", name, "--operation", "--timeout", "1s")
    plan = rest.get(f"/api/v1/applications/{name}/plan", prune="true")
    assert sum(t.get("overBudget", False) for t in plan["tasks"]) == 6
    cli.ok("app", "confirm-deletion", name)
    apps.wait_status("Synced")
    assert maps(cluster, name) == {"m6", "new"}
    assert blocked(apps.get()) == (None, {})


def test_protected_kinds_by_default(apps, repo, cluster, stack, name):
    settings = f"/api/v1/namespaces/{stack.namespace}/configmaps/argocd-cm"
    claim = textwrap.dedent("""\
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: data}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
        """)
    cluster.api.patch(settings, {"data": {"belay.deletion.protectedKinds": "PersistentVolumeClaim"}})
    try:
        repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": config_map("b", x="1"),
                     "c.yaml": claim})
        apps.create(repo.url)
        apps.sync()
        apps.wait_operation()
        repo.commit({}, "no data", remove=["c.yaml", "b.yaml"])
        apps.sync(prune=True)
        text, details = wait_blocked(apps, "DeletionBudget")
        assert "/PersistentVolumeClaim/data is of a protected kind" in text
        assert [r["name"] for r in details["resources"]] == ["data"]
        apps.patch({"metadata": {"annotations": {"belay.dev/deletion-protected-kinds": "none"}}})
        apps.wait_operation()
    finally:
        cluster.api.patch(settings, {"data": {"belay.deletion.protectedKinds": None}})


def test_waiting_for_health_hooks_and_retries(apps, repo, cluster, name):
    slow = deployment("web", image="registry.example/web:bad")
    early = annotate(slow, "argocd.argoproj.io/sync-wave", "-1")
    repo.commit({"web.yaml": early, "a.yaml": config_map("a", x="1")})
    apps.create(repo.url)
    apps.sync()
    text, details = wait_blocked(apps, "Health")
    assert text.startswith("waiting for healthy state of apps/Deployment/web: Progressing: ")
    resource = details["resources"][0]
    assert (resource["name"], resource["health"], resource["wave"]) == ("web", "Progressing", -1)
    apps.patch({"status": {"operationState": {"phase": "Terminating"}}})
    apps.wait_operation("Failed")
    assert blocked(apps.get()) == (None, {})
    repo.commit({"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: none-such}\n"},
                remove=["web.yaml"])
    apps.patch({"operation": {"sync": {}, "retry": {"limit": 1, "backoff": {"duration": "300s"}}}})
    text, details = wait_blocked(apps, "Retry")
    assert "Retrying attempt #1" in text and details["until"] in text
    apps.patch({"status": {"operationState": {"phase": "Terminating"}}})
    apps.wait_operation("Failed")


def test_refused_and_closed(apps, repo, cluster, stack, name):
    projects = f"/apis/argoproj.io/v1alpha1/namespaces/{stack.namespace}/appprojects"
    spec = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": name}],
            "namespaceResourceBlacklist": [{"group": "", "kind": "ConfigMap"}]}
    cluster.api.create(projects, {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
                                  "metadata": {"name": name}, "spec": spec})
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, project=name)
    apps.sync()
    apps.wait_operation("Failed")
    text, details = blocked(apps.get())
    assert details["reason"] == "Project"
    assert details["resources"][0]["message"] == f"resource :ConfigMap is not permitted in project {name}"
    cluster.api.patch(f"{projects}/{name}", {"spec": {
        "namespaceResourceBlacklist": None,
        "syncWindows": [{"kind": "deny", "schedule": "* * * * *", "duration": "1h",
                         "applications": ["*"]}]}})
    apps.sync()
    text, details = wait_blocked(apps, "SyncWindow")
    assert "deny window '* * * * *'" in text
    cluster.api.patch(f"{projects}/{name}", {"spec": {"syncWindows": None}})
    apps.wait_status("Synced")
    assert blocked(apps.get()) == (None, {})
    cluster.api.delete(f"{projects}/{name}")


def test_missing_kind(apps, repo, name):
    repo.commit({"g.yaml": "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: g}\n"})
    apps.create(repo.url)
    apps.sync()
    apps.wait_operation("Failed")
    _, details = blocked(apps.get())
    assert details["reason"] == "MissingKind" and details["resources"][0]["kind"] == "Gadget"


def test_no_plan_of_an_application_that_is_not_there(rest):
    with pytest.raises(RestError) as e:
        rest.get("/api/v1/applications/no-such/plan")
    assert e.value.status in (403, 404)
