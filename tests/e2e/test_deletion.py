"""Deletion: hooks before and after, confirmation, projects that wait, a restart in between."""

from tests.cluster import ApiError
from tests.cluster import wait_for as wait_within
from tests.e2e.apps import config_map

CASCADE = "resources-finalizer.argocd.argoproj.io"
PROJECTS = "/apis/argoproj.io/v1alpha1/namespaces/{ns}/appprojects"


def job(name, hook, exit_code=0, seconds=0.1, policy=None, weight=None):
    """A Job that the fake node ends after some seconds."""
    notes = {"argocd.argoproj.io/hook": hook} if hook[0].isupper() else {"helm.sh/hook": hook}
    if policy:
        notes["argocd.argoproj.io/hook-delete-policy"] = policy
    if weight is not None:
        notes["helm.sh/hook-weight"] = str(weight)
    lines = "".join(f"    {k}: {v!r}\n" for k, v in notes.items())
    return f"""\
apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
  annotations:
{lines}spec:
  backoffLimit: 0
  template:
    metadata:
      annotations:
        fake.node/exit-code: "{exit_code}"
        fake.node/run-seconds: "{seconds}"
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: registry.example/job:1
"""


def wait_for(what, test):
    wait_within(what, test, 40)


def find(api, path):
    try:
        return api.get(path)
    except ApiError as e:
        if e.status == 404:
            return None
        raise


def job_path(ns, name):
    return f"/apis/batch/v1/namespaces/{ns}/jobs/{name}"


def map_path(ns, name):
    return f"/api/v1/namespaces/{ns}/configmaps/{name}"


def succeeded(api, path):
    found = find(api, path)
    return found is not None and found.get("status", {}).get("succeeded") == 1


def hold(api, path):
    api.patch(path, {"metadata": {"finalizers": ["example.org/slow"]}})


def let_go(api, path):
    api.patch(path, {"metadata": {"finalizers": None}})


def start(apps, repo, files):
    repo.commit(files, "first")
    apps.create(repo.url, automated={}, finalizer=True)
    apps.wait_status("Synced", "Healthy")


def gone(apps):
    try:
        apps.get()
        return False
    except ApiError as e:
        return e.status == 404


def test_hooks_run_before_and_after(apps, repo, cluster, name):
    api = cluster.api
    start(apps, repo, {"a.yaml": config_map("a", x="1"), "pre.yaml": job("pre", "PreDelete"),
                       "post.yaml": job("post", "post-delete")})
    finalizers = apps.get()["metadata"]["finalizers"]
    assert sorted(finalizers) == [
        "post-delete-finalizer.argocd.argoproj.io",
        "post-delete-finalizer.argocd.argoproj.io/cleanup",
        "pre-delete-finalizer.argocd.argoproj.io",
        "pre-delete-finalizer.argocd.argoproj.io/cleanup", CASCADE]
    assert find(api, job_path(name, "pre")) is None
    hold(api, map_path(name, "a"))
    apps.delete()
    wait_for("the object to be deleted after the hook",
             lambda: "deletionTimestamp" in api.get(map_path(name, "a"))["metadata"])
    apps.wait(lambda a: all("pre-delete" not in f or f.endswith("/cleanup")
                            for f in a["metadata"]["finalizers"]), "the PreDelete hook to be done")
    assert find(api, job_path(name, "post")) is None
    let_go(api, map_path(name, "a"))
    wait_for("the application to go", lambda: gone(apps))
    assert find(api, map_path(name, "a")) is None
    assert succeeded(api, job_path(name, "post"))


def test_failed_hook_holds_up_and_is_tried_again(apps, repo, cluster, name):
    api = cluster.api
    start(apps, repo, {"a.yaml": config_map("a", x="1"),
                       "pre.yaml": job("pre", "PreDelete", exit_code=3)})
    apps.delete()
    apps.wait_condition("DeletionError", "PreDelete hook Job/pre failed")
    assert find(api, map_path(name, "a")) is not None
    repo.commit({"pre.yaml": job("pre", "PreDelete")}, "fixed")
    wait_for("the application to go", lambda: gone(apps))
    assert find(api, map_path(name, "a")) is None


def test_hooks_go_on_after_a_restart(apps, repo, cluster, stack, name):
    """Killed while the first of two runs: it is not made again, and the second comes after it."""
    api = cluster.api
    start(apps, repo, {"one.yaml": job("one", "post-delete", seconds=3, policy="HookSucceeded"),
                       "two.yaml": job("two", "post-delete", weight=1)})
    apps.delete()
    wait_for("the first hook", lambda: find(api, job_path(name, "one")) is not None)
    uid = api.get(job_path(name, "one"))["metadata"]["uid"]
    stack.kill("app-controller")
    assert find(api, job_path(name, "two")) is None
    stack.start("app-controller")
    wait_for("the second hook", lambda: find(api, job_path(name, "two")) is not None)
    assert api.get(job_path(name, "one"))["metadata"]["uid"] == uid
    assert succeeded(api, job_path(name, "one"))
    wait_for("the application to go", lambda: gone(apps))
    assert "deletionTimestamp" in (find(api, job_path(name, "one")) or
                                   {"metadata": {"deletionTimestamp": ""}})["metadata"]
    assert succeeded(api, job_path(name, "two"))


def test_confirmation_names_the_annotation(apps, repo, cluster, name):
    text = config_map("a", x="1").replace(
        "  name: a", "  name: a\n  annotations: {argocd.argoproj.io/sync-options: Delete=confirm}")
    start(apps, repo, {"a.yaml": text, "b.yaml": config_map("b", x="1")})
    apps.delete()
    apps.wait_condition("DeletionError", "argocd.argoproj.io/deletion-approved")
    deleted = apps.get()["metadata"]["deletionTimestamp"]
    assert find(cluster.api, map_path(name, "b")) is not None
    apps.patch({"metadata": {"annotations": {"argocd.argoproj.io/deletion-approved": deleted}}})
    wait_for("the application to go", lambda: gone(apps))
    assert find(cluster.api, map_path(name, "a")) is None


def test_project_waits_for_its_applications(apps, repo, cluster, stack, name):
    api = cluster.api
    projects = PROJECTS.format(ns=stack.namespace)
    api.create(projects, {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
        "metadata": {"name": name, "finalizers": [CASCADE]},
        "spec": {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}})
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={}, finalizer=True, project=name)
    apps.wait_status("Synced", "Healthy")
    api.delete(f"{projects}/{name}")
    apps.refresh()
    assert api.get(f"{projects}/{name}")["metadata"]["finalizers"] == [CASCADE]
    apps.delete()
    apps.wait_gone(f"{projects}/{name}")
    assert gone(apps)
    assert find(api, map_path(name, "a")) is None
