"""A fake node: binds pods to itself and reports for them what a kubelet would.

It needs neither root nor a container runtime, and makes Deployments, StatefulSets, DaemonSets and
Jobs progress, succeed or fail on a control plane alone.  No container ever runs.  What happens to a
pod follows from its spec and annotations:

    image tag "bad"              ImagePullBackOff, for ever
    image tag "crash"            CrashLoopBackOff, for ever
    fake.node/ready-seconds: N   not ready before N seconds; "never" for never
    fake.node/exit-code: N       its containers end with N ...
    fake.node/run-seconds: N     ... after N seconds
    restartPolicy Never or OnFailure without an exit code: ends with 0
    nodeSelector that the node's labels do not match: stays unschedulable
    fake.node/log: text          what its containers wrote (fake_kubelet.py)
"""

import datetime
import heapq
import http.client
import itertools
import queue
import sys
import threading
import time

from tests.cluster.api import MERGE_PATCH, STRATEGIC_PATCH, ApiError
from tests.cluster.components import NODE_ADDRESS

NAME = "fake-node"
LABELS = {
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": NAME,
}
WORKERS = 8
DEFAULT_RUN_SECONDS = 0.3
RETRY_SECONDS = 0.5
HOST_IP = NODE_ADDRESS
CAPACITY = {"cpu": "1000", "memory": "1000Gi", "pods": "10000"}
HAPPY = ("Initialized", "Ready", "ContainersReady", "PodScheduled")


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def register(api, version):
    """Create the Node, Ready and without the taint that admission gives to new nodes."""
    info = {
        "architecture": "amd64",
        "bootID": "fake",
        "containerRuntimeVersion": "fake://1",
        "kernelVersion": "fake",
        "kubeProxyVersion": version,
        "kubeletVersion": version,
        "machineID": "fake",
        "operatingSystem": "linux",
        "osImage": "fake",
        "systemUUID": "fake",
    }
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "a fake"}
    ready.update(lastHeartbeatTime=now(), lastTransitionTime=now())
    status = {
        "addresses": [{"type": "InternalIP", "address": HOST_IP}],
        "allocatable": CAPACITY,
        "capacity": CAPACITY,
        "conditions": [ready],
        "nodeInfo": info,
    }
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NAME, "labels": LABELS}}
    try:
        api.create("/api/v1/nodes", node)
    except ApiError as error:
        if error.status != 409:
            raise
    api.patch(f"/api/v1/nodes/{NAME}/status", {"status": status}, STRATEGIC_PATCH)
    api.patch(f"/api/v1/nodes/{NAME}", {"spec": {"taints": None}}, MERGE_PATCH)


class FakeNode:
    """Watches all pods; workers move each one to its next state, some after a delay."""

    def __init__(self, api):
        self.api = api
        self._work = queue.SimpleQueue()
        self._later = []  # heap of (due, tie-breaker, step, pod)
        self._later_changed = threading.Condition()
        self._order = itertools.count(1)

    def run(self):
        """Serve until the process ends; survives an API server that is down for a while."""
        for target in [self._worker] * WORKERS + [self._timer]:
            threading.Thread(target=target, daemon=True).start()
        self.api.follow("/api/v1/pods", self._see)

    def _see(self, pod):
        step = next_step(pod)
        if step:
            self._work.put((step, pod))

    def _worker(self):
        while True:
            step, pod = self._work.get()
            try:
                step(self, pod)
            except ApiError as error:
                if error.status not in (404, 409):  # the pod has gone or changed: a newer event
                    log(f"{step.__name__} {path(pod)}: {error}")
                    self.after(RETRY_SECONDS, step, pod)
            except (http.client.HTTPException, OSError) as error:
                log(f"{step.__name__} {path(pod)}: {error}")
                self.after(RETRY_SECONDS, step, pod)

    def after(self, seconds, step, pod):
        """Run step(pod) on a worker in so many seconds."""
        with self._later_changed:
            heapq.heappush(self._later, (time.monotonic() + seconds, next(self._order), step, pod))
            self._later_changed.notify()

    def _timer(self):
        while True:
            with self._later_changed:
                wait = self._later[0][0] - time.monotonic() if self._later else None
                if wait is None or wait > 0:
                    self._later_changed.wait(wait)
                    continue
                _, _, step, pod = heapq.heappop(self._later)
            self._work.put((step, pod))

    def address(self):
        number = next(self._order)
        return f"10.245.{number // 250 % 250}.{number % 250 + 1}"

    def set_status(self, pod, status, at_version=False):
        """Patch the status; 409 when the name is another pod's now, or with at_version when the
        pod has changed since it was seen: its newer state is on its way to a worker."""
        meta = {"uid": pod["metadata"]["uid"]}
        if at_version:
            meta["resourceVersion"] = pod["metadata"]["resourceVersion"]
        self.api.patch(path(pod) + "/status", {"metadata": meta, "status": status}, STRATEGIC_PATCH)


def next_step(pod):
    """What has to happen to a pod in this state; None when nothing."""
    spec, status = pod["spec"], pod.get("status", {})
    if "deletionTimestamp" in pod["metadata"]:
        return remove
    if status.get("phase") != "Pending" or "startTime" in status:
        return None
    if "nodeName" in spec:
        return start if spec["nodeName"] == NAME else None
    if spec.get("schedulingGates") or status.get("conditions"):
        return None  # not to be bound yet, or already found unschedulable
    return bind


def path(pod):
    meta = pod["metadata"]
    return f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}"


def annotation(pod, name, default=None):
    return pod["metadata"].get("annotations", {}).get(f"fake.node/{name}", default)


def remove(node, pod):
    uid = {"uid": pod["metadata"]["uid"]}
    node.api.delete(path(pod), {"gracePeriodSeconds": 0, "preconditions": uid})


def bind(node, pod):
    wanted = pod["spec"].get("nodeSelector", {})
    if any(LABELS.get(key) != value for key, value in wanted.items()):
        node.set_status(pod, {"conditions": [unschedulable()]})
        return
    meta = {"name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
    target = {"apiVersion": "v1", "kind": "Node", "name": NAME}
    binding = {"apiVersion": "v1", "kind": "Binding", "metadata": meta, "target": target}
    node.api.create(path(pod) + "/binding", binding)


def unschedulable():
    message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
    return condition("PodScheduled", False, "Unschedulable", message)


def start(node, pod):
    """Bound and Pending: to the state its images and annotations ask for."""
    address, delay = node.address(), annotation(pod, "ready-seconds", "0")
    tags = {tag(container["image"]) for container in pod["spec"]["containers"]}
    if "bad" in tags:
        status = stuck_status(pod, "Pending", "bad", image_pull_back_off)
    elif "crash" in tags:
        status = stuck_status(pod, "Running", "crash", crash_loop_back_off)
    else:
        status = running_status(pod, delay == "0")
    status.update(startTime=now(), hostIP=HOST_IP, podIP=address, podIPs=[{"ip": address}])
    node.set_status(pod, status, at_version=True)
    if tags & {"bad", "crash"}:
        return
    if ends(pod):
        node.after(float(annotation(pod, "run-seconds", DEFAULT_RUN_SECONDS)), end, pod)
    elif delay not in ("0", "never"):
        node.after(float(delay), become_ready, pod)


def become_ready(node, pod):
    node.set_status(pod, running_status(pod, True))


def ends(pod):
    return annotation(pod, "exit-code") is not None or pod["spec"]["restartPolicy"] != "Always"


def end(node, pod):
    """Containers end; a pod that restarts its containers goes into a crash loop instead."""
    code = int(annotation(pod, "exit-code", "0"))
    if pod["spec"]["restartPolicy"] == "Always":
        node.set_status(pod, stuck_status(pod, "Running", None, crash_loop_back_off))
        return
    succeeded = code == 0
    why = "PodCompleted" if succeeded else "PodFailed"
    state = {"terminated": terminated(code, "Completed" if succeeded else "Error")}
    status = {
        "phase": "Succeeded" if succeeded else "Failed",
        "conditions": [condition(kind, False, why) for kind in ("Ready", "ContainersReady")],
        "containerStatuses": [container_status(c, state) for c in pod["spec"]["containers"]],
    }
    node.set_status(pod, status)


def running_status(pod, ready):
    false = () if ready else ("Ready", "ContainersReady")
    containers = pod["spec"]["containers"]
    return {
        "phase": "Running",
        "conditions": [condition(kind, kind not in false, "ContainersNotReady") for kind in HAPPY],
        "containerStatuses": [container_status(c, running(), ready) for c in containers],
        "initContainerStatuses": init_statuses(pod),
    }


def stuck_status(pod, phase, bad_tag, waiting_status):
    """Status of a pod whose containers with bad_tag (None: all of them) do not get to run."""
    statuses = [
        waiting_status(container)
        if bad_tag in (None, tag(container["image"]))
        else container_status(container, running(), ready=True)
        for container in pod["spec"]["containers"]
    ]
    true = ("Initialized", "PodScheduled")
    return {
        "phase": phase,
        "conditions": [condition(kind, kind in true, "ContainersNotReady") for kind in HAPPY],
        "containerStatuses": statuses,
        "initContainerStatuses": init_statuses(pod),
    }


def image_pull_back_off(container):
    message = f'Back-off pulling image "{container["image"]}"'
    waiting = {"reason": "ImagePullBackOff", "message": message}
    return container_status(container, {"waiting": waiting})


def crash_loop_back_off(container):
    message = f"back-off 5m0s restarting failed container={container['name']}"
    waiting = {"reason": "CrashLoopBackOff", "message": message}
    status = container_status(container, {"waiting": waiting})
    return {**status, "lastState": {"terminated": terminated(1, "Error")}, "restartCount": 5}


def init_statuses(pod):
    state = {"terminated": terminated(0, "Completed")}
    containers = pod["spec"].get("initContainers", [])
    return [container_status(c, state, ready=True) for c in containers]


def running():
    return {"running": {"startedAt": now()}}


def terminated(code, reason):
    return {"exitCode": code, "reason": reason, "startedAt": now(), "finishedAt": now()}


def container_status(container, state, ready=False):
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": "fake",
        "ready": ready,
        "started": "running" in state,
        "restartCount": 0,
        "state": state,
    }


def condition(kind, is_true, reason="", message=""):
    fields = {"type": kind, "status": str(is_true), "lastTransitionTime": now()}
    if not is_true:
        fields.update(reason=reason, message=message)
    return fields


def tag(image):
    name = image.rpartition("/")[2].partition("@")[0]
    return name.partition(":")[2] or "latest"


def log(text):
    print(now(), text, file=sys.stderr, flush=True)
