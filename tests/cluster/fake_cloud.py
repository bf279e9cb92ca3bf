"""What a cloud gives a cluster: volumes for claims, addresses for services of type LoadBalancer.

Volumes are directories on the node (on a fake node nobody makes them); the default storage class is
"standard".  Addresses are from a range reserved for documentation and lead nowhere; the annotation
fake.node/load-balancer: never keeps a service waiting for one.
"""

import itertools
import threading

from tests.cluster.api import MERGE_PATCH, ApiError

CLASS = "standard"
PROVISIONER = "fake.node/volumes"
VOLUMES = "/api/v1/persistentvolumes"


def register(api):
    """Create the default storage class."""
    meta = {
        "name": CLASS,
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    }
    storage_class = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": meta,
        "provisioner": PROVISIONER,
    }
    api.create("/apis/storage.k8s.io/v1/storageclasses", storage_class)


class FakeCloud:
    """Follows claims, volumes and services on threads of its own."""

    def __init__(self, api):
        self.api = api
        self._addresses = itertools.count(1)

    def start(self):
        for path, handle in (
            ("/api/v1/persistentvolumeclaims", self._claim),
            (VOLUMES, self._volume),
            ("/api/v1/services", self._service),
        ):
            threading.Thread(target=self.api.follow, args=(path, handle), daemon=True).start()

    def _claim(self, claim):
        spec, meta = claim["spec"], claim["metadata"]
        if spec.get("volumeName") or spec.get("storageClassName") != CLASS:
            return
        name = f"pvc-{meta['uid']}"
        reference = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "uid": meta["uid"]}
        reference.update(name=meta["name"], namespace=meta["namespace"])
        volume = {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {
                "name": name,
                "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER},
            },
            "spec": {
                "accessModes": spec["accessModes"],
                "capacity": {"storage": spec["resources"]["requests"]["storage"]},
                "claimRef": reference,
                "hostPath": {"path": f"/var/lib/volumes/{name}", "type": "DirectoryOrCreate"},
                "persistentVolumeReclaimPolicy": "Retain",
                "storageClassName": CLASS,
            },
        }
        unless(409, self.api.create, VOLUMES, volume)

    def _volume(self, volume):
        ours = volume["spec"].get("storageClassName") == CLASS
        if ours and volume.get("status", {}).get("phase") == "Released":
            unless(404, self.api.delete, f"{VOLUMES}/{volume['metadata']['name']}")

    def _service(self, service):
        meta = service["metadata"]
        waits = meta.get("annotations", {}).get("fake.node/load-balancer") == "never"
        has_one = service.get("status", {}).get("loadBalancer", {}).get("ingress")
        if service["spec"].get("type") != "LoadBalancer" or waits or has_one:
            return
        ingress = [{"ip": f"192.0.2.{next(self._addresses) % 254 + 1}"}]
        path = f"/api/v1/namespaces/{meta['namespace']}/services/{meta['name']}/status"
        body = {"status": {"loadBalancer": {"ingress": ingress}}}
        unless(404, self.api.patch, path, body, MERGE_PATCH)


def unless(status, call, *args):
    """Make a call; an error of this status means that there is nothing left to do."""
    try:
        call(*args)
    except ApiError as error:
        if error.status != status:
            raise
