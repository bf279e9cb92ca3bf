"""What of argocd-cm shows over the REST API."""

import json

from tests.e2e.test_rest import APPS
from tests.stack import RestClient

SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: s
  annotations: {secret.example/token: very-secret, plain.example/note: shown}
stringData: {password: very-secret}
"""


def test_annotations_of_secrets_that_are_masked(argocd_cm, apps, repo, rest, name):
    argocd_cm({"resource.sensitive.mask.annotations": "secret.example/token, other.example/x"})
    repo.commit({"s.yaml": SECRET}, "first")
    apps.create(repo.url, automated={})
    apps.wait_status("Synced", "Healthy")

    def shown(of):
        return json.loads(of)["metadata"]["annotations"]

    def live():
        return rest.get(f"{APPS}/{name}/resource", namespace=name, resourceName="s", kind="Secret",
                        group="", version="v1")["manifest"]

    rest.wait("the mask", lambda: "very-secret" not in live())
    [rendered] = rest.get(f"{APPS}/{name}/manifests")["manifests"]
    for annotations in (shown(live()), shown(rendered)):
        assert set(annotations["secret.example/token"]) == {"+"}
        assert annotations["plain.example/note"] == "shown"
    [item] = rest.get(f"{APPS}/{name}/managed-resources")["items"]
    assert "very-secret" not in json.dumps(item)


def test_overrides_of_kinds(argocd_cm, rest, stack):
    argocd_cm({"resource.customizations.health.example.com_Widget": "return {}",
               "resource.customizations.ignoreDifferences.apps_Deployment": "jsonPointers: [/spec/replicas]"})
    shown = rest.wait("the settings", lambda: rest.get("/api/v1/settings")["resourceOverrides"]
                      .get("example.com/Widget"))
    assert shown == {"health.lua": "return {}"}
    overrides = rest.get("/api/v1/settings")["resourceOverrides"]
    assert "/status" in overrides["*/*"]["ignoreDifferences"]
    assert "/spec/replicas" in overrides["apps/Deployment"]["ignoreDifferences"]
    public = RestClient(f"http://127.0.0.1:{stack.ports['http']}").get("/api/v1/settings")
    assert "resourceOverrides" not in public and "controllerNamespace" not in public
