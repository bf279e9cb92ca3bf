"""Applications that deploy Applications: a nested set comes up, and goes in cascade."""

import yaml

from tests.cluster import ApiError, wait_for
from tests.e2e.apps import config_map

CASCADE = "resources-finalizer.argocd.argoproj.io"


def child(apps, name, repo, path, namespace, wave=None):
    obj = apps.manifest(name, repo.url, path=path, automated={"prune": True, "selfHeal": True},
                        namespace=namespace, finalizer=True)
    if wave is not None:
        obj["metadata"]["annotations"] = {"argocd.argoproj.io/sync-wave": str(wave)}
    return yaml.safe_dump(obj)


def exists(api, path):
    try:
        api.get(path)
        return True
    except ApiError as e:
        if e.status == 404:
            return False
        raise


def test_a_nested_set_comes_and_goes(apps, repo, cluster, stack, name):
    """root -> branch -> two leaves, each with objects of its own."""
    names = {n: f"{name}-{n}" for n in ("branch", "one", "two")}
    repo.commit({
        "root/branch.yaml": child(apps, names["branch"], repo, "branch", stack.namespace),
        "root/own.yaml": config_map(f"{name}-root", x="1"),
        "branch/one.yaml": child(apps, names["one"], repo, "leaf", name, wave=1),
        "branch/two.yaml": child(apps, names["two"], repo, "other", name, wave=2),
        "leaf/a.yaml": config_map("a", x="1"),
        "other/b.yaml": config_map("b", x="1"),
    }, "all")
    apps.make_namespace(name)
    apps.adopt(name)
    obj = apps.manifest(name, repo.url, path="root", automated={"prune": True},
                        namespace=stack.namespace, finalizer=True)
    cluster.api.create(apps.collection, obj)
    for which in (name, *names.values()):
        wait_for(which, lambda w=which: exists(cluster.api, f"{apps.collection}/{w}"), 40)
        apps.wait_status("Synced", "Healthy", name=which)
    maps = [f"/api/v1/namespaces/{name}/configmaps/{n}" for n in ("a", "b")]
    assert all(exists(cluster.api, path) for path in maps)
    tracked = apps.get(names["branch"])["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
    assert tracked == f"{name}:argoproj.io/Application:{stack.namespace}/{names['branch']}"

    repo.commit({"leaf/a.yaml": config_map("a", x="2")}, "a change below")
    apps.refresh(name=names["one"])
    wait_for("the change to arrive",
             lambda: cluster.api.get(maps[0])["data"] == {"x": "2"}, 40)

    apps.delete()
    for which in (names["two"], names["one"], names["branch"], name):
        apps.wait_gone(f"{apps.collection}/{which}")
    assert not any(exists(cluster.api, path) for path in maps)
    assert not exists(cluster.api, f"/api/v1/namespaces/{stack.namespace}/configmaps/{name}-root")


def test_a_leaf_that_left_the_source_is_pruned_with_its_objects(apps, repo, cluster, stack, name):
    leaf = f"{name}-leaf"
    repo.commit({
        "root/leaf.yaml": child(apps, leaf, repo, "leaf", name),
        "leaf/a.yaml": config_map("a", x="1"),
    }, "all")
    apps.make_namespace(name)
    apps.create(repo.url, path="root", automated={"prune": True, "allowEmpty": True},
                namespace=name, destination={"server": "https://kubernetes.default.svc",
                                             "namespace": stack.namespace})
    wait_for("the leaf", lambda: exists(cluster.api, f"{apps.collection}/{leaf}"), 40)
    apps.wait_status("Synced", "Healthy", name=leaf)
    repo.commit({"root/none.yaml": ""}, "no leaf", remove=["root/leaf.yaml"])
    apps.refresh()
    apps.wait_gone(f"{apps.collection}/{leaf}")
    assert not exists(cluster.api, f"/api/v1/namespaces/{name}/configmaps/a")
    apps.wait_status("Synced")
