"""Ways to apply: each sync option, seen in what becomes of the objects."""

import json
import textwrap

import pytest

from tests.cluster import ApiError
from tests.e2e.apps import config_map, deployment

OPTIONS = "argocd.argoproj.io/sync-options"


def path_of(ns, resource, name, group="/api/v1"):
    return f"{group}/namespaces/{ns}/{resource}/{name}"


def annotated(text, **annotations):
    lines = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in annotations.items())
    return text.replace("metadata:\n", "metadata:\n  annotations:\n" + lines, 1)


def with_options(text, options):
    return annotated(text, **{OPTIONS: options})


def results(app):
    return {r["name"]: r for r in app["status"]["operationState"]["syncResult"]["resources"]}


def sync(apps, **request):
    apps.sync(**request)
    return apps.wait_operation()


def managers(obj):
    return {(m["manager"], m["operation"]) for m in obj["metadata"].get("managedFields", [])}


def test_replace_force_and_namespaces(apps, repo, cluster, name):
    replaced = with_options(config_map("replaced", x="1"), "Replace=true")
    forced = with_options(config_map("forced", x="1"), "Replace=true,Force=true")
    room = with_options(
        f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}-room\n  labels:\n    x: 'one'\n",
        "Replace=true,Force=true")
    repo.commit({"a.yaml": replaced, "b.yaml": forced, "c.yaml": room})
    apps.create(repo.url)
    apps.adopt(namespace=f"{name}-room")
    sync(apps)
    maps = {n: path_of(name, "configmaps", n) for n in ("replaced", "forced")}
    room_path = f"/api/v1/namespaces/{name}-room"
    before = {n: cluster.api.get(p)["metadata"]["uid"] for n, p in maps.items()}
    before["room"] = cluster.api.get(room_path)["metadata"]["uid"]
    cluster.api.patch(maps["replaced"], {"data": {"foreign": "x"}})
    repo.commit({"a.yaml": replaced.replace("'1'", "'2'"), "b.yaml": forced.replace("'1'", "'2'"),
                 "c.yaml": room.replace("'one'", "'two'")})
    done = results(sync(apps))
    after = {n: cluster.api.get(p) for n, p in maps.items()}
    assert after["replaced"]["data"] == {"x": "2"}
    assert after["replaced"]["metadata"]["uid"] == before["replaced"]
    assert after["forced"]["metadata"]["uid"] != before["forced"]
    live = cluster.api.get(room_path)
    assert live["metadata"]["uid"] == before["room"] and live["metadata"]["labels"]["x"] == "two"
    assert done["replaced"]["message"] == "configmap/replaced replaced"


def test_force_makes_anew_what_cannot_change(apps, repo, cluster, name):
    def web(label):
        text = deployment("web").replace("{app: web}", "{app: %s}" % label)
        return with_options(text, "Force=true")
    repo.commit({"web.yaml": web("one")})
    apps.create(repo.url)
    sync(apps)
    path = path_of(name, "deployments", "web", "/apis/apps/v1")
    uid = cluster.api.get(path)["metadata"]["uid"]
    repo.commit({"web.yaml": web("two")})
    done = results(sync(apps))
    live = cluster.api.get(path)
    assert live["metadata"]["uid"] != uid
    assert live["spec"]["selector"]["matchLabels"] == {"app": "two"}
    assert done["web"]["images"] == ["registry.example/web:1"]


def test_validation_refuses_unknown_fields(apps, repo, cluster, name):
    wrong = config_map("a", x="1") + "surprise: true\n"
    repo.commit({"a.yaml": wrong})
    apps.create(repo.url)
    apps.sync()
    app = apps.wait_operation("Failed")
    assert 'unknown field "surprise"' in app["status"]["operationState"]["message"]
    repo.commit({"a.yaml": with_options(wrong, "Validate=false")})
    sync(apps)
    assert cluster.api.get(path_of(name, "configmaps", "a"))["data"] == {"x": "1"}


def test_server_side_apply_takes_over_what_was_applied_before(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1", gone="1")})
    apps.create(repo.url)
    sync(apps)
    path = path_of(name, "configmaps", "a")
    assert ("argocd-controller", "Update") in managers(cluster.api.get(path))
    cluster.api.patch(path, {"data": {"theirs": "kept"}})
    repo.commit({"a.yaml": with_options(config_map("a", x="2"), "ServerSideApply=true")})
    done = results(sync(apps))
    live = cluster.api.get(path)
    assert live["data"] == {"x": "2", "theirs": "kept"}
    assert ("argocd-controller", "Apply") in managers(live)
    assert ("argocd-controller", "Update") not in managers(live)
    assert done["a"]["message"] == "configmap/a serverside-applied"


def test_roles_are_reconciled(apps, repo, cluster, name):
    def binding(role):
        return textwrap.dedent(f"""\
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata:
              name: b
            roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {role}}}
            subjects: [{{kind: ServiceAccount, name: default, namespace: {name}}}]
            """)
    repo.commit({"b.yaml": binding("view")})
    apps.create(repo.url)
    sync(apps)
    repo.commit({"b.yaml": binding("edit")})
    done = results(sync(apps))
    live = cluster.api.get(path_of(name, "rolebindings", "b", "/apis/rbac.authorization.k8s.io/v1"))
    assert live["roleRef"]["name"] == "edit"
    assert done["b"]["message"].startswith("rolebinding.rbac.authorization.k8s.io/b reconciled. ")


def test_ignored_differences_are_respected(apps, repo, cluster, name):
    repo.commit({"web.yaml": deployment("web", replicas=2)})
    apps.create(repo.url, options=["RespectIgnoreDifferences=true"], ignoreDifferences=[
        {"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}])
    sync(apps)
    path = path_of(name, "deployments", "web", "/apis/apps/v1")
    cluster.api.patch(path, {"spec": {"replicas": 5}})
    repo.commit({"web.yaml": deployment("web", replicas=2, image="registry.example/web:2")})
    sync(apps)
    live = cluster.api.get(path)
    assert live["spec"]["replicas"] == 5
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example/web:2"


def test_shared_resources_fail_when_asked(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url)
    sync(apps)
    other = f"{name}-o"
    apps.create(repo.url, name=other, namespace=name, options=["FailOnSharedResource=true"])
    apps.sync(name=other)
    app = apps.wait_operation("Failed", name=other)
    message = app["status"]["operationState"]["message"]
    assert message.startswith("Shared resource found: ") and name in message


def test_managed_namespace_metadata(apps, repo, cluster, name):
    def policy(labels):
        return {"syncOptions": ["CreateNamespace=true"],
                "managedNamespaceMetadata": {"labels": labels, "annotations": {"a": "1"}}}
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, make_namespace=False, syncPolicy=policy({"team": "one", "old": "x"}))
    app = sync(apps)
    path = f"/api/v1/namespaces/{name}"
    assert app["status"]["operationState"]["syncResult"]["managedNamespaceMetadata"]["labels"] == {
        "team": "one", "old": "x"}
    cluster.api.patch(path, {"metadata": {"labels": {"theirs": "kept"}}})
    apps.patch({"spec": {"syncPolicy": {"managedNamespaceMetadata": {
        "labels": {"team": "two", "old": None}}}}})
    apps.wait_status("OutOfSync")
    sync(apps)
    labels = cluster.api.get(path)["metadata"]["labels"]
    assert labels["team"] == "two" and labels["theirs"] == "kept" and "old" not in labels
    apps.wait_status("Synced")


def test_what_the_project_forbids_is_not_even_begun(apps, repo, cluster, stack, name):
    projects = f"/apis/argoproj.io/v1alpha1/namespaces/{stack.namespace}/appprojects"
    cluster.api.create(projects, {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": name},
        "spec": {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": name}],
                 "namespaceResourceBlacklist": [{"group": "", "kind": "Secret"}]}})
    repo.commit({"a.yaml": config_map("a", x="1"),
                 "s.yaml": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n"})
    apps.create(repo.url, project=name)
    apps.sync()
    app = apps.wait_operation("Failed")
    assert app["status"]["operationState"]["message"] == (
        "one or more synchronization tasks are not valid: "
        f"resource :Secret is not permitted in project {name}")
    assert results(app)["s"]["status"] == "SyncFailed"
    try:
        cluster.api.get(path_of(name, "configmaps", "a"))
        raise AssertionError("the ConfigMap was applied")
    except ApiError as e:
        assert e.status == 404
    cluster.api.delete(f"{projects}/{name}")


def test_prune_needs_confirmation(apps, repo, cluster, name):
    asked = with_options(config_map("b", x="1"), "Prune=confirm")
    repo.commit({"a.yaml": config_map("a", x="1"), "b.yaml": asked,
                 "c.yaml": with_options(config_map("c", x="1"), "Prune=false")})
    apps.create(repo.url)
    sync(apps)
    repo.commit({}, remove=["b.yaml", "c.yaml"])
    apps.sync(prune=True)
    app = apps.wait(lambda a: "confirmation" in a["status"]["operationState"]["message"],
                    "the question")
    assert app["status"]["operationState"]["phase"] == "Running"
    apps.patch({"metadata": {"annotations": {
        "argocd.argoproj.io/deletion-approved": "2099-01-01T00:00:00Z"}}})
    done = results(apps.wait_operation())
    assert done["b"]["status"] == "Pruned"
    assert (done["c"]["status"], done["c"]["message"]) == ("PruneSkipped", "ignored (no prune)")
    apps.wait_gone(path_of(name, "configmaps", "b"))


def test_fields_nobody_knows(apps, repo, cluster, name):
    good = config_map("good", x="1")
    bad = config_map("bad", x="1") + "zap: 1\n"
    wrong = config_map("wrong", x="1").replace("'1'", "[a]")
    repo.commit({"a.yaml": good, "b.yaml": bad, "c.yaml": wrong})
    apps.create(repo.url)
    apps.sync()
    app = apps.wait_operation("Failed")
    told = results(app)
    assert "zap" in told["bad"]["message"]
    assert told["bad"]["status"] == told["wrong"]["status"] == "SyncFailed"
    apps.wait(lambda a: a["status"].get("reconciledAt", "") >= a["status"]["operationState"]["finishedAt"],
              "the comparison after the operation")  # `argocd app wait` does
    minor = int(cluster.api.get("/version")["minor"].rstrip("+"))
    if minor < 25:  # the server would take it: seen before anything is written, in kubectl's words
        assert told["bad"]["message"] == (
            "error validating data: ValidationError(ConfigMap): "
            'unknown field "zap" in io.k8s.api.core.v1.ConfigMap')
        assert told["wrong"]["message"] == (
            "error validating data: ValidationError(ConfigMap.data.x): invalid type for "
            'io.k8s.api.core.v1.ConfigMap.data: got "array", expected "string"')
        with pytest.raises(ApiError) as error:
            cluster.api.get(path_of(name, "configmaps", "good"))
        assert error.value.status == 404
    repo.commit({"b.yaml": with_options(bad, "Validate=false"), "c.yaml": good.replace("good", "c")})
    done = results(sync(apps))
    assert done["bad"]["status"] == "Synced"
    assert "zap" not in cluster.api.get(path_of(name, "configmaps", "bad"))
