"""How syncs go on: tried again, with hooks though little is applied, through kinds that come late, after failed hooks."""

import textwrap

from tests.e2e.apps import config_map
from tests.e2e.test_hooks import hook_map, maps
from tests.e2e.test_logs import entries
from tests.e2e.test_prune import INGRESS, give_address
from tests.e2e.test_sync_options import path_of, results, with_options

NOWHERE = config_map("a", x="1").replace("  name: a\n", "  name: a\n  namespace: none-such\n")


def state_of(app):
    return app.get("status", {}).get("operationState", {})


def test_retries_back_off_and_refresh(apps, repo, cluster, name):
    """The same revision again, or the newest with refresh: true."""
    wrong = repo.commit({"a.yaml": NOWHERE})
    apps.create(repo.url)
    apps.patch({"operation": {"sync": {}, "retry": {"limit": 2, "backoff": {"duration": "2s", "factor": 1}}}})
    app = apps.wait(lambda a: "Retrying attempt #1" in state_of(a).get("message", ""), "the first retry")
    assert (state_of(app)["phase"], state_of(app)["retryCount"]) == ("Running", 1)
    assert "finishedAt" in state_of(app)
    right = repo.commit({"a.yaml": config_map("a", x="1")})
    state = state_of(apps.wait_operation("Failed"))
    assert state["retryCount"] == 2 and state["syncResult"]["revision"] == wrong
    assert state["message"].endswith(" (retried 2 times).")
    assert maps(cluster, name) == set()

    wrong = repo.commit({"a.yaml": NOWHERE})
    apps.patch({"operation": {"sync": {}, "retry": {
        "limit": 9, "refresh": True, "backoff": {"duration": "2s", "factor": 1}}}})
    apps.wait(lambda a: state_of(a).get("retryCount") == 1 and state_of(a)["phase"] == "Running", "the first retry")
    right = repo.commit({"a.yaml": config_map("a", x="2")})
    state = state_of(apps.wait_operation())
    assert state["syncResult"]["revision"] == right and state["retryCount"] >= 1
    assert maps(cluster, name) == {"a"}


def test_hooks_run_though_only_what_differs_is_applied(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": config_map("b", x="1"),
                 "pre.yaml": hook_map("pre", "PreSync"), "post.yaml": hook_map("post", "PostSync")})
    apps.create(repo.url, options=["ApplyOutOfSyncOnly=true"])
    apps.sync()
    apps.wait_operation()
    same = cluster.api.get(path_of(name, "configmaps", "a"))["metadata"]["resourceVersion"]
    old = cluster.api.get(path_of(name, "configmaps", "pre"))["metadata"]["uid"]
    second = repo.commit({"b.yaml": config_map("b", x="2")})
    apps.sync(revision=second)
    app = apps.wait(lambda a: a.get("operation") is None and
                    state_of(a).get("syncResult", {}).get("revision") == second, "the second sync")
    assert set(results(app)) == {"b", "pre", "post"}
    assert cluster.api.get(path_of(name, "configmaps", "a"))["metadata"]["resourceVersion"] == same
    assert cluster.api.get(path_of(name, "configmaps", "pre"))["metadata"]["uid"] != old


def job(name, hook, log, exit_code):
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
              annotations: {{fake.node/run-seconds: "0.1", fake.node/exit-code: "{exit_code}", fake.node/log: "{log}"}}
            spec:
              restartPolicy: Never
              containers: [{{name: main, image: "registry.example/test:1"}}]
        """)


def test_logs_of_a_failed_test_and_of_what_ran_after_it(apps, repo, rest, name):
    repo.commit({"a.yaml": config_map("a", x="1"), "test.yaml": job("smoke", "PostSync", "no answer", 4),
                 "undo.yaml": job("undo", "SyncFail", "undone", 0)})
    apps.create(repo.url)
    apps.sync()
    done = results(apps.wait_operation("Failed"))
    assert (done["smoke"]["hookType"], done["smoke"]["hookPhase"], done["smoke"]["syncPhase"]) == (
        "PostSync", "Failed", "PostSync")
    assert (done["undo"]["hookType"], done["undo"]["hookPhase"]) == ("SyncFail", "Succeeded")
    assert done["smoke"]["message"] == "Job has reached the specified backoff limit"
    for which, text in (("smoke", "no answer"), ("undo", "undone")):
        assert entries(rest, f"/api/v1/applications/{name}/logs", group="batch", kind="Job",
                       resourceName=which) == [text]


def gadgets(group):
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"gadgets.{group}"},
            "spec": {"group": group, "scope": "Namespaced", "names": {"kind": "Gadget", "plural": "gadgets"},
                     "versions": [{"name": "v1", "served": True, "storage": True,
                                   "schema": {"openAPIV3Schema": {"type": "object"}}}]}}


def test_a_kind_that_comes_while_the_sync_runs(apps, repo, cluster, name):
    """With SkipDryRunOnMissingResource=true a sync begins without the kind; somebody else brings it."""
    group = f"{name}.test"
    crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    gadget = with_options(f"apiVersion: {group}/v1\nkind: Gadget\nmetadata:\n  name: g\n",
                          "SkipDryRunOnMissingResource=true")
    gadget = gadget.replace("  annotations:\n", "  annotations:\n    argocd.argoproj.io/sync-wave: '1'\n")
    repo.commit({"g.yaml": gadget, "web.yaml": INGRESS})
    apps.create(repo.url)
    apps.sync()
    apps.wait(lambda a: "Ingress/web" in state_of(a).get("message", ""),
              "the first wave")
    cluster.api.create(crds, gadgets(group))
    try:
        give_address(cluster.api, name)
        done = results(apps.wait_operation())
        assert done["g"]["message"] == f"gadget.{group}/g created"
        apps.wait_status("Synced")
    finally:
        cluster.api.delete(f"{crds}/gadgets.{group}")
