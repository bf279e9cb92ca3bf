"""What an Application consists of, over the REST API: tree, differences, manifests, single objects, events."""

import json

import pytest

from tests.e2e.apps import config_map, deployment, service
from tests.e2e.test_rest import APPS, refused

AUTOMATED = {"prune": True, "selfHeal": False}
SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: s
stringData:
  password: very-secret
"""


@pytest.fixture(name="web")
def fixture_web(apps, repo):
    """A healthy Application with a Deployment, a Service, a ConfigMap and a Secret."""
    repo.commit({"web.yaml": deployment("web", replicas=2) + "---\n" + service("web"),
                 "a.yaml": config_map("a", x="1"), "s.yaml": SECRET}, "first")
    apps.create(repo.url, automated=AUTOMATED)
    apps.wait_status("Synced", "Healthy")
    return apps


def node(tree, kind, name=None):
    found = [n for n in tree["nodes"] if n["kind"] == kind and name in (None, n["name"])]
    assert found, f"no {kind} {name} in {[(n['kind'], n['name']) for n in tree['nodes']]}"
    return found[0]


def resource(rest, name, kind, of, group="", version="v1", **query):
    return rest.get(f"{APPS}/{name}/resource", namespace=name, resourceName=of, kind=kind, group=group,
                    version=version, **query)


def test_tree(web, rest, name):
    def complete():
        tree = rest.get(f"{APPS}/{name}/resource-tree")
        return tree if [n["kind"] for n in tree["nodes"]].count("Pod") == 2 else None
    tree = rest.wait("the pods", complete)
    top, middle = node(tree, "Deployment"), node(tree, "ReplicaSet")
    assert "parentRefs" not in top
    assert [p["uid"] for p in middle["parentRefs"]] == [top["uid"]]
    for pod in (n for n in tree["nodes"] if n["kind"] == "Pod"):
        [parent] = pod["parentRefs"]
        assert parent["kind"] == "ReplicaSet" and parent["name"] == middle["name"]
        assert parent["group"] == "apps" and parent["namespace"] == name
        assert pod["version"] == "v1" and pod.get("group", "") == ""
        assert pod["health"]["status"] == "Healthy"
        assert {"name": "Containers", "value": "1/1"} in pod["info"]
        assert pod["images"] == ["registry.example/web:1"]
        assert pod["createdAt"].endswith("Z") and pod["resourceVersion"]
    assert top["health"]["status"] == "Healthy"
    assert any(i["name"] == "Revision" for i in top["info"])
    assert node(tree, "Service")["networkingInfo"]["targetLabels"] == {"app": "web"}
    only = rest.get(f"{APPS}/{name}/resource-tree", kind="ConfigMap", name="a")
    assert [n["name"] for n in only["nodes"]] == ["a"]
    assert rest.get(f"{APPS}/{name}/resource-tree", fields="nodes.kind")["nodes"][0].keys() == {"kind"}


def test_managed_resources(web, rest, name, cluster):
    def items(**query):
        return {i["name"]: i for i in rest.get(f"{APPS}/{name}/managed-resources", **query)["items"]
                if i["kind"] != "Service"}
    before = items()
    assert set(before) == {"web", "a", "s"}
    assert json.loads(before["a"]["targetState"])["data"] == {"x": "1"}
    assert json.loads(before["a"]["liveState"])["metadata"]["uid"]
    cluster.api.patch(f"/api/v1/namespaces/{name}/configmaps/a", {"data": {"x": "by hand"}})
    web.wait_status("OutOfSync")
    drifted = items(kind="ConfigMap", name="a", namespace=name)
    assert set(drifted) == {"a"}
    live = json.loads(drifted["a"]["normalizedLiveState"])
    predicted = json.loads(drifted["a"]["predictedLiveState"])
    assert live["data"] == {"x": "by hand"} and predicted["data"] == {"x": "1"}
    cluster.api.delete(f"/api/v1/namespaces/{name}/configmaps/a")
    rest.wait("the object to be missed",
              lambda: json.loads(items(kind="ConfigMap")["a"]["liveState"]) is None)


def test_secrets_are_masked_everywhere(web, rest, name):
    answers = [
        rest.get(f"{APPS}/{name}/managed-resources"),
        rest.get(f"{APPS}/{name}/manifests"),
        resource(rest, name, "Secret", "s"),
        rest.get(f"{APPS}/{name}/resource-tree"),
        rest.app(name),
    ]
    for answer in answers:
        text = json.dumps(answer)
        assert "very-secret" not in text and "dmVyeS1zZWNyZXQ" not in text
    live = json.loads(answers[2]["manifest"])
    assert set(live["data"]) == {"password"} and set(live["data"]["password"]) == {"+"}
    [target] = [m for m in map(json.loads, answers[1]["manifests"]) if m["kind"] == "Secret"]
    assert target["stringData"] == {"password": "++++++++"}


def test_manifests(web, rest, repo, name):
    first = repo.head()
    repo.commit({"a.yaml": config_map("a", x="2")}, "second")
    answer = rest.get(f"{APPS}/{name}/manifests", revision=first)
    assert answer["revision"] == first and answer["sourceType"] == "Directory"
    assert answer["namespace"] == name and answer["server"] == "https://kubernetes.default.svc"
    def a_of(answer):
        return next(m for m in map(json.loads, answer["manifests"]) if m["kind"] == "ConfigMap")
    assert a_of(answer)["data"] == {"x": "1"}
    newest = rest.get(f"{APPS}/{name}/manifests", revision="main", noCache="true")
    assert newest["revision"] == repo.head() and a_of(newest)["data"] == {"x": "2"}
    error = refused(lambda: rest.get(f"{APPS}/{name}/manifests", revision="nowhere"), 404, 5, "nowhere")
    assert "/tmp" not in error.message  # no paths of the server's disk


def test_one_resource(web, rest, name, cluster):
    live = json.loads(resource(rest, name, "Deployment", "web", group="apps")["manifest"])
    assert live["spec"]["replicas"] == 2
    tree = rest.get(f"{APPS}/{name}/resource-tree")
    pod = node(tree, "Pod")
    assert json.loads(resource(rest, name, "Pod", pod["name"])["manifest"])["metadata"]["uid"] == pod["uid"]
    cluster.api.create(f"/api/v1/namespaces/{name}/configmaps", {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other"}})
    for kind, of in (("ConfigMap", "other"), ("ConfigMap", "nowhere"), ("Gadget", "a")):
        with pytest.raises(Exception) as caught:
            resource(rest, name, kind, of)
        assert caught.value.status in (400, 403, 404), caught.value
    refused(lambda: rest.get(f"{APPS}/{name}/resource", kind="Pod"), 400, 3, "resourceName")


def test_patch_a_resource(web, rest, name, cluster):
    def patch(text, kind="application/merge-patch+json", of="a"):
        return rest.post(f"{APPS}/{name}/resource", text, namespace=name, resourceName=of, kind="ConfigMap",
                         group="", version="v1", patchType=kind)
    answer = patch(json.dumps({"data": {"y": "2"}}))
    assert json.loads(answer["manifest"])["data"] == {"x": "1", "y": "2"}
    answer = patch(json.dumps([{"op": "remove", "path": "/data/y"}]), "application/json-patch+json")
    assert json.loads(answer["manifest"])["data"] == {"x": "1"}
    live = cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/a")
    assert live["data"] == {"x": "1"}
    refused(lambda: patch("{"), 400, 3)
    refused(lambda: patch({"data": {}}), 400, 3, "JSON string")
    refused(lambda: patch("{}", "text/plain"), 400, 3)


def test_delete_a_resource(web, rest, name, cluster):
    def delete(kind, of, group="", **query):
        return rest.delete(f"{APPS}/{name}/resource", namespace=name, resourceName=of, kind=kind, group=group,
                           version="v1", **query)
    pod = node(rest.get(f"{APPS}/{name}/resource-tree"), "Pod")["name"]
    assert delete("Pod", pod, force="true") == {}
    web.wait_gone(f"/api/v1/namespaces/{name}/pods/{pod}")
    assert delete("Deployment", "web", "apps", orphan="true") == {}
    web.wait_gone(f"/apis/apps/v1/namespaces/{name}/deployments/web")
    assert cluster.api.get(f"/apis/apps/v1/namespaces/{name}/replicasets")["items"]
    with pytest.raises(Exception) as caught:
        delete("ConfigMap", "kube-root-ca.crt")
    assert caught.value.status in (400, 403, 404)
    assert cluster.api.get(f"/api/v1/namespaces/{name}/configmaps/kube-root-ca.crt")


def test_events(web, rest, name, cluster, stack):
    uid = rest.app(name)["metadata"]["uid"]
    made = f"{name[:50]}.1"
    cluster.api.create(f"/api/v1/namespaces/{stack.namespace}/events", {
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": made}, "reason": "Tested", "message": "m",
        "involvedObject": {"kind": "Application", "name": name, "namespace": stack.namespace, "uid": uid}})
    answer = rest.get(f"{APPS}/{name}/events")
    assert "Tested" in [e["reason"] for e in answer["items"]]
    assert all(e["involvedObject"]["uid"] == uid for e in answer["items"])
    assert answer["metadata"]["resourceVersion"]


def test_revision_metadata(web, rest, repo, name):
    repo.commit({"a.yaml": config_map("a", x="2")}, "a subject\n\nand a body")
    repo.tag("v1.0")
    rest.app(name, refresh="hard")
    answer = rest.get(f"{APPS}/{name}/revisions/{repo.head()}/metadata")
    assert answer["message"].startswith("a subject\n\nand a body")
    assert answer["author"] == "Belay Test <test@example.com>"
    assert answer["tags"] == ["v1.0"] and answer["date"].endswith("Z")
    refused(lambda: rest.get(f"{APPS}/{name}/revisions/--help/metadata"), 400, 3)
    refused(lambda: rest.get(f"{APPS}/{name}/revisions/{repo.head()}/metadata", sourceIndex=7), 400, 3)
