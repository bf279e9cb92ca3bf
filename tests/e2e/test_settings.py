"""Settings that change while the daemons run, and projects that inherit."""

import pytest

from tests.cluster import ApiError, wait_for
from tests.e2e.apps import config_map, service
from tests.stack import RestClient

CHANGED = '"msg":"parameter changed","key":"timeout.reconciliation"'
LABELS = {"app.kubernetes.io/part-of": "argocd"}


@pytest.fixture(name="settings")
def fixture_settings(cluster, stack):
    """Puts keys into argocd-cm or argocd-cmd-params-cm; they are gone at the end."""
    base = f"/api/v1/namespaces/{stack.namespace}/configmaps"
    put = []

    def change(which, **data):
        keys = {k.replace("__", "."): v for k, v in data.items()}
        put.append((which, keys))
        try:
            cluster.api.patch(f"{base}/{which}", {"data": keys})
        except ApiError as e:
            if e.status != 404:
                raise
            cluster.api.create(base, {"apiVersion": "v1", "kind": "ConfigMap", "data": keys,
                                      "metadata": {"name": which, "labels": LABELS}})

    yield change
    for which, keys in put:
        cluster.api.patch(f"{base}/{which}", {"data": dict.fromkeys(keys)})


def metrics(stack, daemon):
    client = RestClient(f"http://127.0.0.1:{stack.ports[daemon]}")
    return client.raw("GET", "/metrics")[2].decode()


def n_logged(stack, part):
    return stack.log_tail("app-controller", lines=100_000).count(part)


def test_parameters_apply_or_wait_for_a_restart(settings, stack):
    changed = '"msg":"parameter changed","key":"controller.repo.error.grace.period.seconds"'
    before = n_logged(stack, changed)
    settings("argocd-cmd-params-cm", controller__repo__error__grace__period__seconds="7",
             controller__status__processors="3")
    wait_for("the parameter", lambda: n_logged(stack, changed) > before, 20)
    line = 'belay_params_restart_needed{key="controller.status.processors"} 1'
    wait_for("the metric", lambda: line in metrics(stack, "app-controller"), 20)
    settings("argocd-cmd-params-cm", controller__status__processors="20")
    wait_for("the metric to go", lambda: line not in metrics(stack, "app-controller"), 20)


def n_refreshes(stack):
    for line in metrics(stack, "app-controller").splitlines():
        if line.startswith("argocd_app_reconcile_count") and "kubernetes.default.svc" in line:
            return float(line.rsplit(" ", 1)[1])
    return 0


def test_the_interval_of_argocd_cm(settings, stack, apps, repo):
    """Nobody asks for a refresh, but with a shorter interval there are some."""
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={})
    apps.wait_status("Synced", "Healthy")
    before, n_before = n_refreshes(stack), n_logged(stack, CHANGED)
    settings("argocd-cm", timeout__reconciliation="1s", timeout__reconciliation__jitter="0s")
    wait_for("some refreshes", lambda: n_refreshes(stack) >= before + 3, 30)
    settings("argocd-cm", timeout__reconciliation=None, timeout__reconciliation__jitter=None)
    wait_for("the usual interval", lambda: n_logged(stack, CHANGED) == n_before + 2, 20)


def test_projects_inherit_from_global_ones(settings, stack, apps, repo, cluster, name):
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{stack.namespace}/appprojects"
    base, team = f"{name}-base", f"{name}-team"
    for project, labels, spec in (
            (team, {"tier": name}, {"destinations": [{"server": "*", "namespace": "*"}]}),
            (base, {}, {"sourceRepos": [repo.url]})):
        cluster.api.create(path, {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
                                  "metadata": {"name": project, "labels": labels}, "spec": spec})
    try:
        repo.commit({"a.yaml": config_map("a", x="1")}, "first")
        apps.create(repo.url, automated={}, project=team)
        apps.wait_condition("InvalidSpecError", "is not permitted in project")
        settings("argocd-cm", globalProjects=(
            f"- projectName: {base}\n  labelSelector:\n    matchExpressions:\n"
            f"      - {{key: tier, operator: In, values: [{name}]}}\n"))
        apps.wait_status("Synced", "Healthy")
        cluster.api.patch(f"{path}/{base}", {"spec": {"sourceRepos": ["https://else.example/*"]}})
        apps.wait_condition("InvalidSpecError", "is not permitted in project")
    finally:
        for project in (team, base):
            cluster.api.delete(f"{path}/{project}")


def revision_of(app):
    return app["status"].get("history", [{}])[-1].get("revision")


def test_references_are_asked_for_as_often_as_applications(settings, apps, repo):
    """A commit is found within timeout.reconciliation, though nobody asks for a refresh."""
    settings("argocd-cm", timeout__reconciliation="1s", timeout__reconciliation__jitter="0s")
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={})
    apps.wait_status("Synced", "Healthy")
    sha = repo.commit({"a.yaml": config_map("a", x="2")}, "second")
    apps.wait(lambda app: revision_of(app) == sha, "the second commit", timeout_s=30)


def test_pauses_of_self_heal(settings, apps, repo, cluster):
    """Drift is mended at once, or only after the pause that the settings ask for."""
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, automated={"selfHeal": True})
    apps.wait_status("Synced", "Healthy")
    path = f"/api/v1/namespaces/{apps.name}/configmaps/a"

    def value():
        return cluster.api.get(path)["data"]["x"]

    cluster.api.patch(path, {"data": {"x": "drift"}})
    wait_for("the first self-heal", lambda: value() == "1", 30)
    settings("argocd-cmd-params-cm", controller__self__heal__backoff__timeout__seconds="0",
             controller__self__heal__timeout__seconds="3600")
    apps.wait_status("Synced", "Healthy")
    cluster.api.patch(path, {"data": {"x": "drift"}})
    apps.wait_condition("SyncBlocked", "self-heal was tried already")
    assert value() == "drift"
    settings("argocd-cmd-params-cm", controller__self__heal__timeout__seconds="0")
    apps.refresh()
    wait_for("the next self-heal", lambda: value() == "1", 30)


def test_health_in_the_status(settings, apps, repo, rest):
    repo.commit({"a.yaml": service("a"), "b.yaml": config_map("b", x="1")}, "first")
    apps.create(repo.url, automated={})
    apps.wait_status("Synced", "Healthy")

    def health(app):
        return {r["kind"]: r.get("health", {}).get("status") for r in app["status"]["resources"]}

    assert health(apps.get()) == {"ConfigMap": None, "Service": None}
    assert apps.get()["status"]["resourceHealthSource"] == "appTree"
    settings("argocd-cmd-params-cm", controller__resource__health__persist="true")
    apps.refresh()
    apps.wait(lambda app: health(app) == {"ConfigMap": None, "Service": "Healthy"},
              "health in the status")
    assert "resourceHealthSource" not in apps.get()["status"]
    assert health(rest.get(f"/api/v1/applications/{apps.name}")) == \
        {"ConfigMap": None, "Service": "Healthy"}


def test_references_that_lead_nowhere(settings, stack, cluster):
    """They are told of once, by their name; with the secret they are gone."""
    secrets = f"/api/v1/namespaces/{stack.namespace}/secrets"

    def warned(what):
        return any("does not exist" in line and what in line
                   for line in stack.log_tail("api-server", 100).splitlines())

    settings("argocd-cm", oidc__config="clientSecret: $later:secret\n")
    wait_for("the warning", lambda: warned("$later:secret"), 20)
    cluster.api.create(secrets, {
        "apiVersion": "v1", "kind": "Secret", "stringData": {"secret": "top-secret"},
        "metadata": {"name": "later", "labels": LABELS}})
    try:
        settings("argocd-cm", oidc__config="{id: $later:secret, clientSecret: $other:secret}\n")
        wait_for("the other warning", lambda: warned("$other:secret"), 20)
        last = [line for line in stack.log_tail("api-server", 100).splitlines()
                if "does not exist" in line][-1]
        assert "$later" not in last and "top-secret" not in stack.log_tail("api-server", 100)
    finally:
        cluster.api.delete(f"{secrets}/later")
