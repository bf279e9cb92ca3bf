"""Objects that several applications have, that one has twice, and copies of tracking ids."""

from tests.e2e.apps import config_map

TRACKING = "argocd.argoproj.io/tracking-id"


def path_of(name, obj="a"):
    return f"/api/v1/namespaces/{name}/configmaps/{obj}"


def status_of(app):
    return {r["name"]: r.get("status") for r in app["status"]["resources"]}


def test_the_one_that_syncs_last_has_a_shared_object(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={})
    apps.wait_status("Synced", "Healthy")
    other = f"{name}-o"
    apps.create(repo.url, name=other, namespace=name)
    apps.wait_condition("SharedResourceWarning",
                        f"ConfigMap/a is part of applications argocd/{other} and {name}", name=other)
    assert status_of(apps.wait_status("OutOfSync", name=other)) == {"a": "OutOfSync"}
    apps.sync(name=other)
    apps.wait_operation("Succeeded", name=other)
    assert cluster.api.get(path_of(name))["metadata"]["annotations"][TRACKING].startswith(other + ":")
    apps.wait_no_condition("SharedResourceWarning", name=other)
    apps.wait_condition("SharedResourceWarning",
                        f"ConfigMap/a is part of applications argocd/{name} and {other}")
    apps.wait_status("OutOfSync")


def test_an_object_that_is_there_twice(apps, repo, cluster, name):
    twice = config_map("a", x="1") + "---\n" + config_map("a", x="2")
    repo.commit({"a.yaml": twice}, "first")
    apps.create(repo.url, automated={})
    apps.wait_condition("RepeatedResourceWarning",
                        f"Resource /ConfigMap/{name}/a appeared 2 times among application resources.")
    apps.wait_status("Synced", "Healthy")
    assert cluster.api.get(path_of(name))["data"] == {"x": "2"}
    repo.commit({"a.yaml": config_map("a", x="2")}, "once")
    apps.refresh()
    apps.wait_no_condition("RepeatedResourceWarning")


def test_a_copied_tracking_id(apps, repo, cluster, name):
    """A copy belongs to nobody until it is in the source itself."""
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={"prune": True})
    apps.wait_status("Synced", "Healthy")
    annotations = cluster.api.get(path_of(name))["metadata"]["annotations"]
    cluster.api.create(f"/api/v1/namespaces/{name}/configmaps", {
        "apiVersion": "v1", "kind": "ConfigMap", "data": {"x": "1"},
        "metadata": {"name": "copy", "annotations": {TRACKING: annotations[TRACKING]}}})
    apps.refresh()
    assert status_of(apps.wait_status("Synced")).get("copy") is None
    repo.commit({"copy.yaml": config_map("copy", x="1")}, "second")
    apps.refresh()
    apps.wait(lambda app: status_of(app) == {"a": "Synced", "copy": "Synced"}, "the copy to be synced")
    tracked = cluster.api.get(path_of(name, "copy"))["metadata"]["annotations"][TRACKING]
    assert tracked == f"{name}:/ConfigMap:{name}/copy"
