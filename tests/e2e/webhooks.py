"""Admission webhooks of a test: what they answer is a function of the request."""

import base64
import contextlib
import json

from tests.servers.listener import FaultyHandler, Listener, server_tls

CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/{kind}webhookconfigurations"


class Admission(FaultyHandler):
    """Asks listener.decide(request), which returns what differs from {"allowed": True}."""

    def serve(self, body):
        review = json.loads(body)
        answer = {"uid": review["request"]["uid"], "allowed": True,
                  **self.listener.decide(review["request"])}
        self.send_status(200, json.dumps({**review, "request": None, "response": answer}).encode(),
                         {"Content-Type": "application/json"})


def json_patch(*operations):
    """An answer that changes the object."""
    text = json.dumps(operations).encode()
    return {"patchType": "JSONPatch", "patch": base64.b64encode(text).decode()}


@contextlib.contextmanager
def admission(cluster, name, decide, kind="Validating"):
    """A webhook for the ConfigMaps of namespaces with the label webhook=<name>; yields its listener, whose decide
    may be replaced."""
    pki = cluster.pki
    pki.issue("webhook", [("CN", "webhook")], ["DNS:localhost", "IP:127.0.0.1"])
    path = CONFIGURATIONS.format(kind=kind.lower())
    operations = ["CREATE", "UPDATE"] + (["DELETE"] if kind == "Validating" else [])
    with Listener(Admission, tls=server_tls(pki.crt("webhook"), pki.key("webhook"))) as listener:
        listener.decide = decide
        cluster.api.create(path, {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": f"{kind}WebhookConfiguration",
            "metadata": {"name": name},
            "webhooks": [{
                "name": "test.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "clientConfig": {"url": f"https://127.0.0.1:{listener.port}/",
                                 "caBundle": base64.b64encode(pki.crt("ca").read_bytes()).decode()},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"],
                           "operations": operations}],
                "namespaceSelector": {"matchLabels": {"webhook": name}}}]})
        try:
            yield listener
        finally:
            cluster.api.delete(f"{path}/{name}")
