"""Kustomizations in Git, from a commit to the cluster: a base, an overlay for each environment, settings of the Application."""

import pytest

from tests.e2e.test_sync import data_of

FILES = {
    "base/kustomization.yaml": """resources: [deployment.yaml]
configMapGenerator:
- name: settings
  literals: [greeting=hello]
""",
    "base/deployment.yaml": """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: example.com/web:1
        envFrom: [{configMapRef: {name: settings}}]
""",
    "overlays/prod/kustomization.yaml": """resources: [../../base]
namePrefix: prod-
configMapGenerator:
- name: settings
  behavior: merge
  literals: [greeting=good day, env=prod]
- name: plain
  literals: [a=b]
  options: {disableNameSuffixHash: true}
""",
    "parts/extra/kustomization.yaml": """apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
configMapGenerator:
- name: extra
  literals: [c=d]
  options: {disableNameSuffixHash: true}
""",
}


@pytest.fixture(name="overlay")
def fixture_overlay(apps, repo):
    """A synced Application whose source is an overlay, with settings of its own."""
    repo.commit(FILES)
    source = {"repoURL": repo.url, "path": "overlays/prod", "targetRevision": "HEAD", "kustomize": {
        "images": ["example.com/web:2"], "nameSuffix": "-x", "components": ["../../parts/extra"],
        "commonAnnotations": {"app": "$ARGOCD_APP_NAME"}, "commonAnnotationsEnvsubst": True}}
    apps.create(repo.url, automated={"prune": True, "selfHeal": True}, source=source)
    return apps.wait_status("Synced", "Healthy")


def container_of(cluster, name):
    path = f"/apis/apps/v1/namespaces/{name}/deployments/prod-web-x"
    return cluster.api.get(path)["spec"]["template"]["spec"]["containers"][0]


def test_overlay_over_base(overlay, cluster, name):
    assert overlay["status"]["sourceType"] == "Kustomize"
    container = container_of(cluster, name)
    assert container["image"] == "example.com/web:2"
    generated = container["envFrom"][0]["configMapRef"]["name"]
    assert generated.startswith("prod-settings-x-")
    assert data_of(cluster.api, name, generated) == {"greeting": "good day", "env": "prod"}
    assert data_of(cluster.api, name, "prod-plain-x") == {"a": "b"}
    assert data_of(cluster.api, name, "prod-extra-x") == {"c": "d"}


def test_changed_data_has_a_new_name(overlay, apps, repo, cluster, name):
    before = container_of(cluster, name)["envFrom"][0]["configMapRef"]["name"]
    text = FILES["base/kustomization.yaml"].replace("greeting=hello", "more=1")
    revision = repo.commit({"base/kustomization.yaml": text})
    apps.refresh()
    apps.wait(lambda a: a["status"]["sync"].get("revision") == revision and
              a["status"]["sync"]["status"] == "Synced", "the change to arrive")
    after = container_of(cluster, name)["envFrom"][0]["configMapRef"]["name"]
    assert after != before
    assert data_of(cluster.api, name, after) == {"greeting": "good day", "env": "prod", "more": "1"}


def test_an_error_is_a_condition(overlay, apps, repo):
    repo.commit({"base/kustomization.yaml": "resources: [none.yaml]\n"})
    apps.refresh()
    app = apps.wait_condition("ComparisonError", "none.yaml")
    assert app["status"]["sync"]["status"] == "Unknown"
