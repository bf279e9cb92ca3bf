"""Pruning on a real API server: in which order, and what becomes of what an object owns."""

from tests.cluster import ApiError, wait_for
from tests.e2e.apps import config_map, deployment
from tests.e2e.test_sync_options import annotated, path_of, results, with_options

SLOW = "example.org/slow"
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
"""


def find(api, path):
    try:
        return api.get(path)
    except ApiError as e:
        if e.status == 404:
            return None
        raise


def give_address(api, name):
    """What an ingress controller does: the Ingress is healthy then."""
    api.patch(path_of(name, "ingresses", "web/status", "/apis/networking.k8s.io/v1"),
              {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}})


def test_prune_last_comes_after_everything_else(apps, repo, cluster, name):
    last = with_options(config_map("last", x="1"), "PruneLast=true")
    repo.commit({"now.yaml": config_map("now", x="1"), "last.yaml": last})
    apps.create(repo.url)
    apps.sync()
    apps.wait_operation()
    repo.commit({"web.yaml": annotated(INGRESS, **{"argocd.argoproj.io/sync-wave": "1"})},
                remove=["now.yaml", "last.yaml"])
    apps.sync(prune=True)
    apps.wait(lambda a: "waiting for healthy state of networking.k8s.io/Ingress/web" in
              a["status"]["operationState"].get("message", ""), "the wave")
    assert find(cluster.api, path_of(name, "configmaps", "now")) is None
    assert find(cluster.api, path_of(name, "configmaps", "last")) is not None
    give_address(cluster.api, name)
    done = results(apps.wait_operation())
    assert {n: r["status"] for n, r in done.items()} == {
        "now": "Pruned", "last": "Pruned", "web": "Synced"}
    apps.wait_gone(path_of(name, "configmaps", "last"))


def replica_set(api, name, owner):
    owned = [r for r in api.get(f"/apis/apps/v1/namespaces/{name}/replicasets")["items"]
             if r["metadata"]["name"].startswith(f"{owner}-")]
    return owned[0]["metadata"] if owned else None


def test_propagation_policies(apps, repo, cluster, name):
    """What owns others goes after them, before them, or without them."""
    policies = ("foreground", "background", "orphan")
    repo.commit({f"{p}/web.yaml": deployment(p, replicas=0) for p in policies} |
                {f"{p}/keep.yaml": config_map(f"keep-{p}", x="1") for p in policies})
    app_of = {p: f"{name}-{p[:4]}" for p in policies}
    for p in policies:
        apps.create(repo.url, name=app_of[p], namespace=name, path=p, options=[f"PrunePropagationPolicy={p}"])
        apps.sync(name=app_of[p])
    for p in policies:
        apps.wait_operation(name=app_of[p])
        wait_for("the ReplicaSet", lambda p=p: replica_set(cluster.api, name, p), 30)
        held = replica_set(cluster.api, name, p)["name"]
        cluster.api.patch(path_of(name, "replicasets", held, "/apis/apps/v1"),
                          {"metadata": {"finalizers": [SLOW]}})
    repo.commit({}, remove=[f"{p}/web.yaml" for p in policies])
    for p in policies:
        apps.sync(name=app_of[p], prune=True)
    for p in policies:
        app = apps.wait(lambda a, p=p: a.get("operation") is None and
                        a["status"]["operationState"]["operation"]["sync"].get("prune"), "the pruning", app_of[p])
        assert results(app)[p]["status"] == "Pruned"

    def owner(p):
        return find(cluster.api, path_of(name, "deployments", p, "/apis/apps/v1"))

    def owned(p):
        return replica_set(cluster.api, name, p)

    wait_for("the dependents to be deleted first",
             lambda: "deletionTimestamp" in owned("foreground"), 30)
    assert owner("foreground")["metadata"]["finalizers"] == ["foregroundDeletion"]
    wait_for("the owner to go", lambda: owner("background") is None, 30)
    wait_for("the dependents to go afterwards", lambda: "deletionTimestamp" in owned("background"), 30)
    wait_for("the owner to go alone", lambda: owner("orphan") is None, 30)
    assert "deletionTimestamp" not in owned("orphan") and not owned("orphan").get("ownerReferences")
    for p in policies:
        cluster.api.patch(path_of(name, "replicasets", owned(p)["name"], "/apis/apps/v1"),
                          {"metadata": {"finalizers": None}})
    wait_for("the owner to go last", lambda: owner("foreground") is None, 30)
