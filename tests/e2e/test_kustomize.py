"""Kustomizations in Git, from a commit to the cluster: a base, an overlay for each environment, settings of the Application."""

import urllib.parse

import pytest

from tests.e2e.apps import config_map
from tests.e2e.test_sync import data_of
from tests.servers.git.http_server import GitHttpServer
from tests.servers.git.repository import Repository

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


@pytest.fixture(name="private")
def fixture_private(tmp_path):
    """A repository with bases, on a server that wants to know who asks."""
    with GitHttpServer(tmp_path, user="ann", password="secret") as server:
        made = Repository(tmp_path / "bases.git")
        made.commit({"maps/kustomization.yaml": "resources: [map.yaml]\n",
                     "maps/map.yaml": config_map("shared", x="1")}, "first")
        made.tag("v1")
        made.address = server.url("bases.git")
        yield made


def create_over(apps, repo, resource):
    repo.commit({"kustomization.yaml": f"namePrefix: my-\nresources:\n- {resource}\n"})
    apps.create(repo.url, automated={"prune": True, "selfHeal": True},
                source={"repoURL": repo.url, "path": ".", "targetRevision": "HEAD"})


def test_a_base_of_another_repository(apps, repo, private, secrets, cluster, name):
    create_over(apps, repo, f"{private.address}//maps?ref=v1")
    apps.wait_condition("ComparisonError", "authentication required")
    secrets(url=private.address, username="ann", password="secret")
    apps.refresh()
    apps.wait_status("Synced", "Healthy")
    assert data_of(cluster.api, name, "my-shared") == {"x": "1"}


def test_a_branch_of_another_repository(apps, repo, private, secrets, cluster, name):
    secrets(kind="repo-creds", url=private.address.rpartition("/")[0], username="ann",
            password="secret")
    create_over(apps, repo, f"{private.address}//maps")
    apps.wait_status("Synced", "Healthy")
    private.commit({"maps/map.yaml": config_map("shared", x="2")})
    apps.refresh()
    apps.wait_status("Synced", "Healthy")
    assert data_of(cluster.api, name, "my-shared") == {"x": "1"}  # until it is asked for again
    apps.refresh("hard")
    apps.wait(lambda _: data_of(cluster.api, name, "my-shared") == {"x": "2"}, "the new base")


def test_a_base_in_a_submodule(apps, repo, private, secrets, cluster, name):
    server = private.address.rpartition("/")[0]
    outer = Repository(private.path.parent / "outer.git")
    modules = '[submodule "lib"]\n\tpath = lib\n\turl = ../bases.git\n'
    outer.commit({".gitmodules": modules, ("lib", "160000"): private.head()})
    secrets(kind="repo-creds", url=server, username="ann", password="secret")
    create_over(apps, repo, f"{server}/outer.git//lib/maps")
    apps.wait_status("Synced", "Healthy")
    assert data_of(cluster.api, name, "my-shared") == {"x": "1"}
    repo.commit({"kustomization.yaml":
                 f"resources: ['{server}/outer.git//lib/maps?submodules=false']\n"})
    apps.refresh()
    apps.wait_condition("ComparisonError", "lib/maps")


def test_images_are_told(overlay, repo, rest, name):
    path = f"/api/v1/repositories/{urllib.parse.quote(repo.url, safe='')}/appdetails"
    details = rest.post(path, {"appName": name, "source": overlay["spec"]["source"]})
    assert details == {"type": "Kustomize", "kustomize": {"images": ["example.com/web:2"]}}
