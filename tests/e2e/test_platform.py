"""The shape platform teams have: a base that inflates a public chart, an overlay and an Application for each environment."""

import pytest

from tests.e2e.test_helm_repo import chart_files
from tests.e2e.test_sync import data_of
from tests.servers.charts import ChartServer

AUTOMATED = {"prune": True, "selfHeal": True}
ENVIRONMENTS = ("dev", "prod")

BASE = """helmCharts:
- name: web
  repo: {url}
  version: 1.0.0
  releaseName: tool
  valuesInline: {{greeting: from the base}}
"""
OVERLAY = """resources: [../../base, extra.yaml]
nameSuffix: -{env}
commonLabels: {{env: {env}}}
helmCharts:
- name: agent
  repo: {url}
  version: {version}
  releaseName: tool
  valuesFile: values.yaml
patches:
- target: {{kind: ConfigMap, name: tool-web}}
  patch: |-
    - {{op: add, path: /data/env, value: {env}}}
"""
EXTRA = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\ndata: {a: b}\n"


def overlay(url, env, version="1.0.0"):
    return {f"overlays/{env}/kustomization.yaml":
            OVERLAY.format(url=url, env=env, version=version)}


@pytest.fixture(name="charts")
def fixture_charts():
    with ChartServer() as server:
        server.add("web", "1.0.0", chart_files("web"))
        for version in ("1.0.0", "1.1.0"):
            server.add("agent", version, chart_files("agent"))
        yield server


@pytest.fixture(name="with_helm", autouse=True)
def fixture_with_helm(cluster, stack):
    """Kustomizations may inflate charts, as the installation's settings say."""
    config = f"/api/v1/namespaces/{stack.namespace}/configmaps/argocd-cm"
    cluster.api.patch(config, {"data": {"kustomize.buildOptions": "--enable-helm"}})
    yield
    cluster.api.patch(config, {"data": {"kustomize.buildOptions": None}})


@pytest.fixture(name="environments")
def fixture_environments(apps, repo, charts, name):
    """{env: name of its Application}, synced."""
    files = {"base/kustomization.yaml": BASE.format(url=charts.url)}
    for env in ENVIRONMENTS:
        files |= overlay(charts.url, env)
        files[f"overlays/{env}/values.yaml"] = f"greeting: from {env}\n"
        files[f"overlays/{env}/extra.yaml"] = EXTRA
    repo.commit(files, "first")
    made = {env: f"{name}-{env}" for env in ENVIRONMENTS}
    for env, app in made.items():
        apps.create(repo.url, name=app, path=f"overlays/{env}", automated=AUTOMATED)
    for app in made.values():
        apps.wait_status("Synced", "Healthy", name=app)
    return made


def test_an_application_for_each_overlay(environments, cluster, apps):
    for env, app in environments.items():
        assert apps.get(app)["status"]["sourceType"] == "Kustomize"
        assert data_of(cluster.api, app, f"tool-web-{env}") == {
            "chart": "1.0.0", "greeting": "from the base", "env": env}
        assert data_of(cluster.api, app, f"tool-agent-{env}") == {
            "chart": "1.0.0", "greeting": f"from {env}"}
        assert data_of(cluster.api, app, f"extra-{env}") == {"a": "b"}


def test_another_chart_version_in_one_overlay_changes_that_one(environments, apps, repo, charts,
                                                               cluster):
    before = apps.get(environments["prod"])["status"]["operationState"]
    repo.commit(overlay(charts.url, "dev", "1.1.0"), "dev: agent 1.1.0")
    for app in environments.values():
        apps.refresh(name=app)
    apps.wait(lambda _: (data_of(cluster.api, environments["dev"], "tool-agent-dev") or {})
              .get("chart") == "1.1.0", "the new version in dev", name=environments["dev"])
    prod = apps.wait_status("Synced", "Healthy", name=environments["prod"])
    assert prod["status"]["sync"]["revision"] == repo.head()
    assert prod["status"]["operationState"] == before
    assert data_of(cluster.api, environments["prod"], "tool-agent-prod")["chart"] == "1.0.0"
