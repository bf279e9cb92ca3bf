"""Helm charts in Git, from a commit to the cluster."""

import pytest

from tests.e2e.test_sync import data_of

CHART = {
    "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "web/values.yaml": "greeting: hello\ncache: {size: 1}\n",
    "web/templates/_helpers.tpl": '{{ define "web.name" }}{{ .Release.Name }}-web{{ end }}',
    "web/templates/map.yaml": """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "web.name" . | trunc 63 }}
data:
  greeting: {{ .Values.greeting | upper | quote }}
  kube: {{ .Capabilities.KubeVersion.Major | quote }}
""",
    "web/charts/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 2.0.0\n",
    "web/charts/cache/templates/map.yaml": """apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-cache}
data: {size: {{ .Values.size | quote }}}
""",
    "prod.yaml": "greeting: good day\n",
}


@pytest.fixture(name="chart")
def fixture_chart(apps, repo):
    """A synced Application whose source is a chart with a subchart, values and a parameter."""
    repo.commit(CHART)
    source = {"repoURL": repo.url, "path": "web", "targetRevision": "HEAD", "helm": {
        "releaseName": "rel", "valueFiles": ["../prod.yaml"],
        "parameters": [{"name": "cache.size", "value": "5"}]}}
    apps.create(repo.url, automated={"prune": True, "selfHeal": True}, source=source)
    return apps.wait_status("Synced", "Healthy")


def test_chart_with_subchart(chart, cluster, name):
    assert chart["status"]["sourceType"] == "Helm"
    assert data_of(cluster.api, name, "rel-web") == {"greeting": "GOOD DAY", "kube": "1"}
    assert data_of(cluster.api, name, "rel-cache") == {"size": "5"}


def test_changed_values_arrive(chart, apps, repo, cluster, name):
    revision = repo.commit({"prod.yaml": "greeting: good night\n"})
    apps.refresh()
    apps.wait(lambda a: a["status"]["sync"].get("revision") == revision and
              a["status"]["sync"]["status"] == "Synced", "the change to arrive")
    assert data_of(cluster.api, name, "rel-web")["greeting"] == "GOOD NIGHT"


def test_a_template_error_is_a_condition(chart, apps, repo, cluster, name):
    repo.commit({"web/templates/bad.yaml": "a: 1\nb: {{ .Values.none.such }}\n"})
    apps.refresh()
    app = apps.wait_condition("ComparisonError", "web/templates/bad.yaml:2")
    assert app["status"]["sync"]["status"] == "Unknown"
    assert data_of(cluster.api, name, "rel-web")["greeting"] == "GOOD DAY"
    repo.commit({}, remove=["web/templates/bad.yaml"])
    apps.refresh()
    apps.wait_no_condition("ComparisonError")
