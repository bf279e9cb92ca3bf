"""What the fake node does with a pod, without any API server."""

import pytest

from tests.cluster import fake_node


class RecordingNode:
    """Stands in for FakeNode: keeps what a step wanted to write."""

    def __init__(self):
        self.status, self.later = None, []
        self.api = self

    def address(self):
        return "10.245.0.1"

    def set_status(self, _pod, status, at_version=False):
        self.status = status

    def after(self, seconds, step, _pod):
        self.later.append((step.__name__, seconds))


def make_pod(*images, restart="Always", annotations=None, **spec):
    containers = [{"name": f"c{i}", "image": image} for i, image in enumerate(images)]
    spec = {"containers": containers, "restartPolicy": restart, "nodeName": "fake-node"} | spec
    meta = {"name": "p", "namespace": "n", "uid": "u", "resourceVersion": "1"}
    meta["annotations"] = {f"fake.node/{key}": value for key, value in (annotations or {}).items()}
    return {"metadata": meta, "spec": spec, "status": {"phase": "Pending"}}


def run(pod):
    node = RecordingNode()
    fake_node.start(node, pod)
    return node


def is_ready(status):
    return {c["type"]: c["status"] for c in status["conditions"]}["Ready"] == "True"


def test_ordinary_pod_runs_and_is_ready():
    node = run(make_pod("web:1", initContainers=[{"name": "i", "image": "init"}]))
    assert node.status["phase"] == "Running" and is_ready(node.status)
    assert node.status["initContainerStatuses"][0]["state"]["terminated"]["exitCode"] == 0
    assert node.later == []


@pytest.mark.parametrize(
    "image, phase, reason",
    [
        ("web:bad", "Pending", "ImagePullBackOff"),
        ("registry:5000/web:bad@sha256:0", "Pending", "ImagePullBackOff"),
        ("web:crash", "Running", "CrashLoopBackOff"),
    ],
)
def test_image_tag_decides_about_failure(image, phase, reason):
    node = run(make_pod(image, "good:1"))
    first, second = node.status["containerStatuses"]
    assert (node.status["phase"], first["state"]["waiting"]["reason"]) == (phase, reason)
    assert "running" in second["state"]
    assert not is_ready(node.status)


def test_pod_becomes_ready_later_or_never():
    later = run(make_pod("web", annotations={"ready-seconds": "2"}))
    assert not is_ready(later.status) and later.later == [("become_ready", 2.0)]
    never = run(make_pod("web", annotations={"ready-seconds": "never"}))
    assert not is_ready(never.status) and never.later == []


@pytest.mark.parametrize(
    "restart, code, phase",
    [
        ("Never", None, "Succeeded"),
        ("OnFailure", "0", "Succeeded"),
        ("Never", "3", "Failed"),
        ("Always", "3", "Running"),
    ],
)
def test_pod_that_ends(restart, code, phase):
    pod = make_pod("job", restart=restart, annotations={"exit-code": code} if code else {})
    node = run(pod)
    assert [name for name, _ in node.later] == ["end"]
    fake_node.end(node, pod)
    assert node.status["phase"] == phase


def test_next_step_follows_the_pod_through_its_life():
    unbound = make_pod("web")
    del unbound["spec"]["nodeName"]
    assert fake_node.next_step(unbound) is fake_node.bind
    unbound["spec"]["schedulingGates"] = [{"name": "g"}]
    assert fake_node.next_step(unbound) is None
    bound = make_pod("web")
    assert fake_node.next_step(bound) is fake_node.start
    assert fake_node.next_step(make_pod("web", nodeName="elsewhere")) is None
    bound["status"]["startTime"] = "now"
    assert fake_node.next_step(bound) is None
    bound["metadata"]["deletionTimestamp"] = "now"
    assert fake_node.next_step(bound) is fake_node.remove


def test_pod_for_another_kind_of_node_is_unschedulable():
    pod = make_pod("web", nodeSelector={"disk": "fast"})
    node = RecordingNode()
    fake_node.bind(node, pod)
    assert node.status["conditions"][0]["reason"] == "Unschedulable"
    del pod["spec"]["nodeName"]
    pod["status"].update(node.status)
    assert fake_node.next_step(pod) is None
