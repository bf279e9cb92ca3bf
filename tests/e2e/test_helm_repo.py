"""Charts from chart repositories and registries, dependencies and value files from elsewhere: to the cluster."""

import hashlib
import json
import urllib.parse

import pytest

from tests.e2e.apps import SECRETS
from tests.e2e.test_rest import refused
from tests.e2e.test_sync import data_of
from tests.servers.charts import ChartServer, OciServer

MAP = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-%s
data:
  chart: {{ .Chart.Version | quote }}
  greeting: {{ .Values.greeting | quote }}
"""


def chart_files(name, greeting="hello"):
    """A chart that writes its version and a value into a ConfigMap."""
    return {"values.yaml": f"greeting: {greeting}\n", "templates/map.yaml": MAP % name}


def in_git(directory, files):
    return {f"{directory}/{path}": content for path, content in files.items()}


def lock_of(declared, locked):
    """Chart.lock, with the digest Helm would write."""
    text = json.dumps([declared, locked], separators=(",", ":"))
    for plain, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(plain, escaped)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return json.dumps({"dependencies": locked, "digest": f"sha256:{digest}",
                       "generated": "2026-01-01T00:00:00Z"})


@pytest.fixture(name="charts")
def fixture_charts():
    with ChartServer() as server:
        server.add("web", "1.0.0", chart_files("web"))
        server.add("web", "1.1.0", chart_files("web"))
        server.add("web", "2.0.0-rc.1", chart_files("web"))
        yield server


@pytest.fixture(name="registry")
def fixture_registry():
    with OciServer() as server:
        server.add("team", "web", "1.0.0", chart_files("web"))
        server.add("team", "web", "1.2.0", chart_files("web"))
        yield server


def chart_source(url, revision, chart="web", **helm):
    source = {"repoURL": url, "chart": chart, "targetRevision": revision}
    return source | ({"helm": helm} if helm else {})


def create(apps, source, **more):
    return apps.create(source["repoURL"], automated={"prune": True, "selfHeal": True},
                       source=source, **more)


def synced_at(revision):
    def reached(app):
        sync = app.get("status", {}).get("sync", {})
        return sync.get("revision") == revision and sync.get("status") == "Synced"
    return reached


def test_a_chart_repository(apps, charts, cluster, name):
    create(apps, chart_source(charts.url, "1.0.0", releaseName="rel",
                              valuesObject={"greeting": "good day"}))
    app = apps.wait_status("Synced", "Healthy")
    assert app["status"]["sync"]["revision"] == "1.0.0"
    assert app["status"]["sourceType"] == "Helm"
    assert data_of(cluster.api, name, "rel-web") == {"chart": "1.0.0", "greeting": "good day"}


def test_a_range_takes_newer_charts(apps, charts, cluster, name):
    create(apps, chart_source(charts.url, "1.x", releaseName="rel"))
    apps.wait(synced_at("1.1.0"), "the highest version")
    charts.add("web", "1.2.0", chart_files("web", "from 1.2"))
    apps.refresh()
    apps.wait(synced_at("1.2.0"), "the newer version")
    assert data_of(cluster.api, name, "rel-web") == {"chart": "1.2.0", "greeting": "from 1.2"}


def test_value_files_of_the_chart(apps, charts, cluster, name):
    charts.add("web", "3.0.0", chart_files("web") | {"prod.yaml": "greeting: in production\n"})
    create(apps, chart_source(charts.url, "3.0.0", releaseName="rel", valueFiles=["prod.yaml"]))
    apps.wait_status("Synced", "Healthy")
    assert data_of(cluster.api, name, "rel-web")["greeting"] == "in production"


def test_charts_are_listed(charts, secrets, rest):
    secrets(url=charts.url, type="helm", name="charts")
    path = f"/api/v1/repositories/{urllib.parse.quote(charts.url, safe='')}/helmcharts"

    wanted = [{"name": "web", "versions": ["2.0.0-rc.1", "1.1.0", "1.0.0"]}]
    rest.wait("the charts", lambda: rest.get(path)["items"] == wanted)


def test_a_hard_refresh_asks_for_dependencies_again(apps, repo, charts, cluster, name):
    head = {"apiVersion": "v2", "name": "umbrella", "version": "0.1.0", "dependencies": [
        {"name": "web", "version": "1.x", "repository": charts.url}]}
    repo.commit(in_git("umbrella", {"Chart.yaml": json.dumps(head)}))
    create(apps, {"repoURL": repo.url, "path": "umbrella", "targetRevision": "HEAD",
                  "helm": {"releaseName": "rel"}})
    apps.wait_status("Synced", "Healthy")
    assert data_of(cluster.api, name, "rel-web")["chart"] == "1.1.0"
    charts.add("web", "1.9.0", chart_files("web"))
    apps.refresh()
    assert data_of(cluster.api, name, "rel-web")["chart"] == "1.1.0"
    apps.refresh("hard")
    apps.wait(lambda _: data_of(cluster.api, name, "rel-web")["chart"] == "1.9.0", "the newer one")


def test_what_is_not_there_is_told(apps, charts):
    create(apps, chart_source(charts.url, "9.9.9"))
    app = apps.wait_condition("ComparisonError", "9.9.9")
    message = next(c["message"] for c in app["status"]["conditions"]
                   if c["type"] == "ComparisonError")
    assert charts.url in message and "2.0.0-rc.1, 1.1.0, 1.0.0" in message
    apps.patch({"spec": {"source": {"chart": "nonesuch"}}})
    apps.wait_condition("ComparisonError", "nonesuch")


def test_wrong_credentials_say_what_to_do(apps, secrets, stack, cluster):
    with ChartServer(user="me", password="right") as server:
        server.add("web", "1.0.0", chart_files("web"))
        secret = secrets(url=server.url, type="helm", name="charts", username="me",
                         password="wrong")
        create(apps, chart_source(server.url, "1.0.0"))
        app = apps.wait_condition("ComparisonError", server.url)
        message = next(c["message"] for c in app["status"]["conditions"]
                       if c["type"] == "ComparisonError")
        assert "user" in message and "password" in message and "wrong" not in message
        cluster.api.patch(f"{SECRETS.format(ns=stack.namespace)}/{secret}",
                          {"stringData": {"password": "right"}})
        apps.wait_status("Synced", "Healthy")


def test_credentials_and_tls(apps, secrets, tmp_path, cluster, name):
    with ChartServer(user="me", password="right", tls_dir=tmp_path) as server:
        server.add("web", "1.0.0", chart_files("web"))
        secrets(url=server.url, type="helm", name="charts", username="me", password="right",
                insecure="true")
        create(apps, chart_source(server.url, "1.0.0", releaseName="rel"))
        apps.wait_status("Synced", "Healthy")
        assert data_of(cluster.api, name, "rel-web")["chart"] == "1.0.0"


@pytest.mark.parametrize("scheme", ["", "oci://"])
def test_a_registry(apps, registry, secrets, cluster, name, scheme):
    url = registry.url("team").removeprefix("oci://")
    secrets(url=url, type="helm", name="team", enableOCI="true", insecureOCIForceHttp="true")
    create(apps, chart_source(scheme + url, "^1.0.0", releaseName="rel"))
    apps.wait(synced_at("1.2.0"), "the highest version")
    registry.add("team", "web", "1.3.0", chart_files("web", "from 1.3"))
    apps.refresh()
    apps.wait(synced_at("1.3.0"), "the newer version")
    assert data_of(cluster.api, name, "rel-web") == {"chart": "1.3.0", "greeting": "from 1.3"}


def test_dependencies_with_a_lock_file(apps, repo, charts, cluster, name):
    declared = [{"name": "web", "version": ">=1.0.0", "repository": charts.url}]
    locked = [{"name": "web", "version": "1.0.0", "repository": charts.url}]
    head = {"apiVersion": "v2", "name": "umbrella", "version": "0.1.0", "dependencies": declared}
    files = {"Chart.yaml": json.dumps(head), "Chart.lock": lock_of(declared, locked),
             "values.yaml": "web: {greeting: from above}\n"}
    repo.commit(in_git("umbrella", files))
    source = {"repoURL": repo.url, "path": "umbrella", "targetRevision": "HEAD",
              "helm": {"releaseName": "rel"}}
    create(apps, source)
    apps.wait_status("Synced", "Healthy")
    assert data_of(cluster.api, name, "rel-web") == {"chart": "1.0.0", "greeting": "from above"}

    declared[0]["version"] = ">=1.0.1"
    repo.commit(in_git("umbrella", {"Chart.yaml": json.dumps(head)}))
    apps.refresh()
    apps.wait_condition("ComparisonError", "the lock file (Chart.lock) is out of sync")
    repo.commit({}, remove=["umbrella/Chart.lock"])
    apps.refresh()
    apps.wait_no_condition("ComparisonError")
    apps.wait_status("Synced", "Healthy")
    assert data_of(cluster.api, name, "rel-web")["chart"] == "1.1.0"


def test_dependencies_of_a_directory_and_a_registry(apps, repo, registry, secrets, cluster, name):
    url = registry.url("team")
    secrets(kind="repo-creds", url=url.removeprefix("oci://").rpartition("/")[0], type="helm",
            enableOCI="true", insecureOCIForceHttp="true")
    head = {"apiVersion": "v2", "name": "umbrella", "version": "0.1.0", "dependencies": [
        {"name": "web", "version": "1.x", "repository": url},
        {"name": "local", "version": "0.1.0", "repository": "file://../local"}]}
    local = {"Chart.yaml": "apiVersion: v2\nname: local\nversion: 0.1.0\n"} | chart_files("local")
    repo.commit(in_git("umbrella", {"Chart.yaml": json.dumps(head)}) | in_git("local", local))
    source = {"repoURL": repo.url, "path": "umbrella", "targetRevision": "HEAD",
              "helm": {"releaseName": "rel"}}
    create(apps, source)
    apps.wait_status("Synced", "Healthy")
    assert data_of(cluster.api, name, "rel-web")["chart"] == "1.2.0"
    assert data_of(cluster.api, name, "rel-local")["greeting"] == "hello"
    repo.commit({"local/values.yaml": "greeting: changed\n"})
    apps.refresh()
    apps.wait(lambda _: data_of(cluster.api, name, "rel-local")["greeting"] == "changed",
              "the change of the local chart")


def test_value_files_of_other_sources(apps, repo, charts, cluster, name):
    revision = repo.commit({"env/prod.yaml": "greeting: from git\n"})
    sources = [chart_source(charts.url, "1.1.0", releaseName="rel",
                            valueFiles=["$values/env/prod.yaml"]),
               {"repoURL": repo.url, "targetRevision": "HEAD", "ref": "values"}]
    apps.create(repo.url, automated={"prune": True}, source=None, sources=sources)
    app = apps.wait_status("Synced", "Healthy")
    assert app["status"]["sync"]["revisions"] == ["1.1.0", revision]
    assert data_of(cluster.api, name, "rel-web")["greeting"] == "from git"
    repo.commit({"env/prod.yaml": "greeting: from git again\n"})
    apps.refresh()
    apps.wait(lambda _: data_of(cluster.api, name, "rel-web")["greeting"] == "from git again",
              "the changed values")


def test_value_files_at_urls(apps, repo, charts, cluster, name):
    charts.publish("values", "1", b"greeting: from afar\n")
    repo.commit(in_git("web", chart_files("web") |
                       {"Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n"}))
    source = {"repoURL": repo.url, "path": "web", "targetRevision": "HEAD", "helm": {
        "releaseName": "rel", "valueFiles": [f"{charts.url}/values-1.tgz"]}}
    create(apps, source)
    apps.wait_status("Synced", "Healthy")
    assert data_of(cluster.api, name, "rel-web")["greeting"] == "from afar"
    apps.patch({"spec": {"source": {"helm": {"valueFiles": ["s3://bucket/values.yaml"]}}}})
    apps.wait_condition("ComparisonError", "helm.valuesFileSchemes")


def test_capabilities_are_those_of_the_cluster(apps, repo, cluster, name):
    template = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-caps
data:
  apps: {{ .Capabilities.APIVersions.Has "apps/v1/Deployment" | quote }}
  own: {{ .Capabilities.APIVersions.Has "argoproj.io/v1alpha1/Application" | quote }}
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
"""
    repo.commit({"web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
                 "web/templates/map.yaml": template})
    create(apps, {"repoURL": repo.url, "path": "web", "targetRevision": "HEAD",
                  "helm": {"releaseName": "rel"}})
    apps.wait_status("Synced", "Healthy")
    version = cluster.api.get("/version")["gitVersion"].partition("+")[0].partition("-")[0]
    assert data_of(cluster.api, name, "rel-caps") == {"apps": "true", "own": "true",
                                                      "kube": version}


def test_charts_are_described(apps, charts, rest, name):
    chart = chart_files("web") | {"values-prod.yaml": "greeting: in production\n"}
    charts.add("web", "3.0.0", chart)
    source = chart_source(charts.url, "3.0.0", valueFiles=["values-prod.yaml"])
    path = f"/api/v1/repositories/{urllib.parse.quote(charts.url, safe='')}"
    chart_details = f"/api/v1/applications/{name}/revisions/{{}}/chartdetails"
    question = {"appName": name, "source": source}
    details = rest.post(f"{path}/appdetails", question)
    assert details["type"] == "Helm"
    assert details["helm"]["values"] == "greeting: hello\n"
    assert details["helm"]["valueFiles"] == ["values-prod.yaml", "values.yaml"]
    assert details["helm"]["parameters"] == [{"name": "greeting", "value": "in production"}]
    create(apps, source)
    apps.wait_status("Synced", "Healthy")
    assert rest.post(f"{path}/appdetails", question) == details
    question["source"] = source | {"targetRevision": "1.0.0"}
    refused(lambda: rest.post(f"{path}/appdetails", question), 403, 7, "permission denied")
    assert rest.get(chart_details.format("3.0.0")) == {}
    refused(lambda: rest.get(chart_details.format("9.9.9")), 404, 5, "9.9.9")


def test_repositories_are_tried(charts, rest):
    path = f"/api/v1/repositories/{urllib.parse.quote(charts.url + '{}', safe='')}/validate"
    path = path.replace("%7B%7D", "{}")
    assert rest.post(path.format(""), charts.url, type="helm") == {}
    refused(lambda: rest.post(path.format("x"), charts.url, type="helm"), 404, 5, "404")


def test_manifests_are_rendered_for_the_cluster(apps, repo, cluster, rest, name):
    template = MAP.replace("{{ .Chart.Version | quote }}",
                           "{{ .Capabilities.KubeVersion.Version | quote }}")
    repo.commit(in_git("web", chart_files("web") | {
        "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "templates/map.yaml": template % "web"}))
    create(apps, {"repoURL": repo.url, "path": "web", "targetRevision": "HEAD"})
    apps.wait_status("Synced", "Healthy")
    shown = rest.get(f"/api/v1/applications/{name}/manifests")["manifests"]
    assert json.loads(shown[0])["data"] == data_of(cluster.api, name, f"{name}-web")
