"""Hooks on a real API server: when they run, what becomes of them, and of the sync when they fail."""

import textwrap

from tests.cluster import ApiError, wait_for
from tests.e2e.apps import config_map

FINALIZER = "argocd.argoproj.io/hook-finalizer"


def job(name, hook, policy="", exit_code=0, seconds=0.1, generate=False):
    annotations = f'argocd.argoproj.io/hook: "{hook}"'
    if policy:
        annotations += f', argocd.argoproj.io/hook-delete-policy: "{policy}"'
    return textwrap.dedent(f"""\
        apiVersion: batch/v1
        kind: Job
        metadata:
          {"generateName" if generate else "name"}: {name}
          annotations: {{{annotations}}}
        spec:
          backoffLimit: 0
          template:
            metadata:
              annotations: {{fake.node/run-seconds: "{seconds}", fake.node/exit-code: "{exit_code}"}}
            spec:
              restartPolicy: Never
              containers: [{{name: main, image: "registry.example/job:1"}}]
        """)


def hook_map(name, hook, policy=""):
    text = config_map(name, x="1")
    lines = f'    argocd.argoproj.io/hook: "{hook}"\n'
    if policy:
        lines += f'    argocd.argoproj.io/hook-delete-policy: "{policy}"\n'
    return text.replace("metadata:\n", "metadata:\n  annotations:\n" + lines, 1)


def results(app):
    return {r["name"]: r for r in app["status"]["operationState"]["syncResult"]["resources"]}


def jobs(cluster, ns):
    return {j["metadata"]["name"]: j
            for j in cluster.api.get(f"/apis/batch/v1/namespaces/{ns}/jobs")["items"]}


def maps(cluster, ns):
    return {m["metadata"]["name"]
            for m in cluster.api.get(f"/api/v1/namespaces/{ns}/configmaps")["items"]} - {"kube-root-ca.crt"}


def test_hooks_of_all_phases(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1"), "pre.yaml": job("pre", "PreSync"),
                 "post.yaml": job("post", "PostSync", "HookSucceeded"),
                 "fail.yaml": hook_map("fail", "SyncFail"),
                 "gen.yaml": job("gen-", "PreSync", generate=True)})
    apps.create(repo.url)
    apps.sync()
    app = apps.wait_operation()
    done = results(app)
    state = app["status"]["operationState"]
    short = repo.head()[:7]
    generated = next(n for n in done if n.startswith("gen-"))
    assert generated.startswith(f"gen-{short}-presync-")
    assert [done[n]["hookPhase"] for n in ("pre", "post", generated)] == ["Succeeded"] * 3
    assert done["pre"]["hookType"] == "PreSync" and done["pre"]["images"] == ["registry.example/job:1"]
    assert "fail" not in done and "fail" not in maps(cluster, name)
    wait_for("the finished hook to be deleted", lambda: "post" not in jobs(cluster, name), 30)
    kept = jobs(cluster, name)
    assert FINALIZER not in kept["pre"]["metadata"].get("finalizers", [])
    stamps = [kept["pre"]["status"]["completionTime"], state["finishedAt"]]
    assert stamps == sorted(stamps)
    uid = kept["pre"]["metadata"]["uid"]
    apps.sync()
    apps.wait(lambda a: a["status"]["operationState"]["startedAt"] != state["startedAt"] and
              a.get("operation") is None, "the second sync")
    assert jobs(cluster, name)["pre"]["metadata"]["uid"] != uid


def test_a_failing_post_sync_hook_fails_the_sync(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1"),
                 "test.yaml": job("test", "PostSync", "HookFailed", exit_code=3),
                 "fail.yaml": hook_map("told", "SyncFail")})
    apps.create(repo.url)
    apps.sync()
    app = apps.wait_operation("Failed")
    done = results(app)
    assert done["a"]["status"] == "Synced"
    assert done["test"]["hookPhase"] == "Failed"
    assert (done["told"]["hookType"], done["told"]["hookPhase"]) == ("SyncFail", "Succeeded")
    assert "completed unsuccessfully" in app["status"]["operationState"]["message"]
    assert "told" in maps(cluster, name)
    wait_for("the failed hook to be deleted", lambda: "test" not in jobs(cluster, name), 30)
    assert "history" not in app["status"]


def test_helm_hooks_without_helm(apps, repo, cluster, name):
    def helm(text, hook, weight=0):
        return text.replace("metadata:\n", "metadata:\n  annotations:\n"
                            f'    helm.sh/hook: "{hook}"\n    helm.sh/hook-weight: "{weight}"\n', 1)
    repo.commit({"a.yaml": config_map("a", x="1"),
                 "b.yaml": helm(config_map("late", x="1"), "pre-install,pre-upgrade", 5),
                 "c.yaml": helm(config_map("early", x="1"), "pre-install", -5),
                 "d.yaml": helm(config_map("never", x="1"), "test"),
                 "e.yaml": helm(config_map("after", x="1"), "post-upgrade")})
    apps.create(repo.url)
    apps.sync()
    done = results(apps.wait_operation())
    assert {n: r.get("hookType") for n, r in done.items()} == {
        "a": None, "late": "PreSync", "early": "PreSync", "after": "PostSync"}
    assert maps(cluster, name) == {"a", "late", "early", "after"}
    order = {n: int(cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/{n}")
                    ["metadata"]["creationTimestamp"].replace("-", "").replace(":", "")
                    .replace("T", "").replace("Z", "")) for n in done}
    assert order["early"] <= order["late"] <= order["a"] <= order["after"]


def test_apply_strategy_and_selection_run_no_hooks(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": config_map("b", x="1"),
                 "pre.yaml": hook_map("pre", "PreSync")})
    apps.create(repo.url)
    apps.sync(syncStrategy={"apply": {}})
    apps.wait_operation()
    assert maps(cluster, name) == {"a", "b"}
    repo.commit({"a.yaml": config_map("a", x="2"), "b.yaml": config_map("b", x="2")})
    apps.refresh()
    apps.sync(resources=[{"kind": "ConfigMap", "name": "b"}])
    app = apps.wait(lambda a: a["status"]["operationState"]["operation"]["sync"].get("resources") and
                    a.get("operation") is None, "the selective sync")
    assert set(results(app)) == {"b"}
    assert len(app["status"]["history"]) == 1
    assert maps(cluster, name) == {"a", "b"}


def test_terminating_after_a_restart_deletes_running_hooks(apps, repo, cluster, stack, name):
    repo.commit({"a.yaml": config_map("a", x="1"), "slow.yaml": job("slow", "PreSync", seconds=600)})
    apps.create(repo.url)
    apps.sync()
    apps.wait(lambda a: "waiting for completion of hook batch/Job/slow" in
              a.get("status", {}).get("operationState", {}).get("message", ""), "the hook to run")
    stack.kill("app-controller")
    stack.start("app-controller")
    apps.patch({"status": {"operationState": {"phase": "Terminating"}}})
    app = apps.wait_operation("Failed")
    assert app["status"]["operationState"]["message"] == "Operation terminated"
    assert (results(app)["slow"]["hookPhase"], results(app)["slow"]["message"]) == (
        "Failed", "Terminated")
    wait_for("the hook to go", lambda: "slow" not in jobs(cluster, name), 30)
    assert maps(cluster, name) == set()


def test_local_manifests(apps, repo, cluster, cli, name, tmp_path):
    repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": config_map("b", x="1")})
    apps.create(repo.url)
    (tmp_path / "local.yaml").write_text(config_map("mine", x="1") + "---\n" + config_map("a", x="9"))
    cli.ok("app", "sync", name, "--local", str(tmp_path))
    assert maps(cluster, name) == {"mine", "a"}
    assert cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/a")["data"] == {"x": "9"}
    apps.refresh()
    cli.ok("app", "sync", name, "--resource", ":ConfigMap:*", "--resource", "!*:*:mine")
    assert maps(cluster, name) == {"mine", "a", "b"}
    assert cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/a")["data"] == {"x": "1"}
    apps.patch({"spec": {"syncPolicy": {"automated": {}}}})
    error = cli.fails(20, "app", "sync", name, "--local", str(tmp_path))
    assert "cannot use local sync when Automatic Sync Policy is enabled" in error


def test_impersonation(apps, repo, cluster, stack, name):
    """What the project's account may not do fails with the API server's words; the rest is done."""
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{name}"
    settings = f"/api/v1/namespaces/{stack.namespace}/configmaps/argocd-cm"
    projects = f"/apis/argoproj.io/v1alpha1/namespaces/{stack.namespace}/appprojects"
    key = "application.sync.impersonation.enabled"
    apps.make_namespace(name)
    api = cluster.api
    api.create(f"/api/v1/namespaces/{name}/serviceaccounts", {
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "deployer"}})
    api.create(f"{rbac}/roles", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "deployer"},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]}]})
    api.create(f"{rbac}/rolebindings", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": "deployer"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "deployer"},
        "subjects": [{"kind": "ServiceAccount", "name": "deployer", "namespace": name}]})
    api.create(projects, {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": name},
        "spec": {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}],
                 "destinationServiceAccounts": [
                     {"server": "*", "namespace": name, "defaultServiceAccount": "deployer"}]}})
    api.patch(settings, {"data": {key: "true"}})
    try:
        secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n"
        repo.commit({"a.yaml": config_map("a", x="1"), "s.yaml": secret})
        apps.create(repo.url, project=name, finalizer=True)
        apps.sync()
        app = apps.wait_operation("Failed")
        done = results(app)
        assert done["a"]["status"] == "Synced" and maps(cluster, name) == {"a"}
        assert done["s"]["status"] == "SyncFailed"
        assert (f'User "system:serviceaccount:{name}:deployer" cannot create resource "secrets"'
                in done["s"]["message"])
        apps.delete()
        apps.wait_gone(f"{apps.collection}/{name}")
        assert maps(cluster, name) == set()
    finally:
        api.patch(settings, {"data": {key: None}})
        api.delete(f"{projects}/{name}")


def test_without_an_account_of_the_project_nothing_is_done(apps, repo, cluster, stack, name):
    settings = f"/api/v1/namespaces/{stack.namespace}/configmaps/argocd-cm"
    key = "application.sync.impersonation.enabled"
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url)
    apps.wait_status("OutOfSync")
    cluster.api.patch(settings, {"data": {key: "true"}})
    try:
        apps.sync()
        app = apps.wait_operation("Error")
        assert "no matching service account found for destination server" in (
            app["status"]["operationState"]["message"])
        assert maps(cluster, name) == set()
    finally:
        cluster.api.patch(settings, {"data": {key: None}})


def test_an_unknown_application_option_is_no_error(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, options=["Surprise=true"])
    apps.sync()
    apps.wait_operation()
    try:
        cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/a")
    except ApiError as e:
        raise AssertionError("not applied") from e
