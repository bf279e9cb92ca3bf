"""Actions on objects: built-in ones and those of argocd-cm, over the REST API and the CLI."""

import contextlib

import pytest

from tests.cluster import wait_for
from tests.e2e.apps import config_map, deployment
from tests.e2e.test_rest import APPS
from tests.stack import RestError

CRONJOB = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: nightly
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          volumes: [{name: tmp, emptyDir: {}}]
          containers:
            - {name: a, image: registry.example/a:1, volumeMounts: [{name: tmp, mountPath: /tmp}]}
"""
ACTIONS = """\
discovery.lua: |
  return {mark = {iconClass = "fa fa-tag", params = {{name = "by", default = "nobody"}}},
          copy = {disabled = obj.data.x == "none"}}
definitions:
- name: mark
  action.lua: |
    obj.data.by = actionParams.by
    obj.status = {seen = true}
    return obj
- name: copy
  action.lua: |
    return {{operation = "create", resource = {apiVersion = "v1", kind = "ConfigMap",
             metadata = {name = "copy", namespace = obj.metadata.namespace}, data = obj.data}}}
- name: broken
  action.lua: return obj.metadata.nothing.here
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
"""
INGRESS_ACTIONS = """\
definitions:
- name: admit
  action.lua: |
    obj.spec.ingressClassName = "mine"
    obj.status = {loadBalancer = {ingress = {{ip = "192.0.2.7"}}}}
    return obj
"""


def cron_version(cluster):
    return "batch/v1" if cluster.assets.minor >= 21 else "batch/v1beta1"


def cron_job(cluster):
    return CRONJOB.replace("batch/v1", cron_version(cluster))


@pytest.fixture(name="web")
def fixture_web(apps, repo, cluster):
    repo.commit({"a.yaml": config_map("a", x="1"), "c.yaml": cron_job(cluster), "i.yaml": INGRESS,
                 "web.yaml": deployment("web", replicas=2)}, "first")
    apps.create(repo.url)
    apps.sync()
    apps.wait_operation("Succeeded")
    return apps


@contextlib.contextmanager
def refused(status, part):
    with pytest.raises(RestError) as caught:
        yield
    assert caught.value.status == status and part in caught.value.message, caught.value


def query(name, kind, of, group="", version="v1"):
    return {"namespace": name, "resourceName": of, "kind": kind, "group": group, "version": version}


def run(rest, name, action, kind, of, group="", version="v1", **params):
    body = {"name": name, "action": action, **query(name, kind, of, group, version)}
    body["resourceActionParameters"] = [{"name": k, "value": v} for k, v in params.items()]
    return rest.post(f"{APPS}/{name}/resource/actions/v2", body)


def live(apps, path):
    return apps.api.get(path.format(ns=apps.name))


WEB = "/apis/apps/v1/namespaces/{ns}/deployments/web"
JOBS = "/apis/batch/v1/namespaces/{ns}/jobs"
MAP = "/api/v1/namespaces/{ns}/configmaps/"


def test_built_in_actions(web, rest, cluster, name):
    def offered():
        found = rest.get(f"{APPS}/{name}/resource/actions", **query(name, "Deployment", "web", "apps"))
        return {a["name"]: a for a in found["actions"]}

    assert not offered()["restart"].get("disabled") and offered()["resume"]["disabled"]
    assert offered()["scale"]["params"] == [{"name": "replicas", "default": "2"}]

    answer = rest.request("POST", f"{APPS}/{name}/resource/actions", "restart",
                          query(name, "Deployment", "web", "apps"))
    assert answer == {}
    annotations = live(web, WEB)["spec"]["template"]["metadata"]["annotations"]
    assert "kubectl.kubernetes.io/restartedAt" in annotations

    run(rest, name, "pause", "Deployment", "web", "apps")
    assert live(web, WEB)["spec"]["paused"] is True
    assert offered()["pause"]["disabled"] and not offered()["resume"]["disabled"]
    run(rest, name, "resume", "Deployment", "web", "apps")
    assert not live(web, WEB)["spec"].get("paused")

    run(rest, name, "scale", "Deployment", "web", "apps", replicas="3")
    assert live(web, WEB)["spec"]["replicas"] == 3
    web.wait_status("OutOfSync")
    with refused(400, "non-negative"):
        run(rest, name, "scale", "Deployment", "web", "apps", replicas="many")

    run(rest, name, "create-job", "CronJob", "nightly", *cron_version(cluster).split("/"))
    [job] = live(web, JOBS)["items"]
    assert job["metadata"]["name"].startswith("nightly-")
    assert job["spec"]["template"]["spec"]["volumes"] == [{"name": "tmp", "emptyDir": {}}]

    with refused(404, "nonsense"):
        run(rest, name, "nonsense", "Deployment", "web", "apps")
    with refused(404, "not part of"):
        run(rest, name, "restart", "Deployment", "other", "apps")
    with refused(400, "no action"):
        run(rest, name, "", "Deployment", "web", "apps")


def test_the_application_itself(web, rest, name, stack):
    itself = {**query(stack.namespace, "Application", name, "argoproj.io", "v1alpha1")}
    [action] = rest.get(f"{APPS}/{name}/resource/actions", **itself)["actions"]
    assert action["name"] == "toggle-auto-sync"
    rest.post(f"{APPS}/{name}/resource/actions/v2", {"name": name, "action": action["name"], **itself})
    assert "automated" in web.get()["spec"]["syncPolicy"]


def test_actions_of_the_operator(web, rest, name, argocd_cm):
    argocd_cm({"resource.customizations.actions.ConfigMap": ACTIONS,
               "resource.customizations.actions.networking.k8s.io_Ingress": INGRESS_ACTIONS})
    path = f"{APPS}/{name}/resource/actions"

    def offered():
        return rest.get(path, **query(name, "ConfigMap", "a"))["actions"]

    wait_for("the actions to be known", lambda: len(offered()) == 2, 30)
    assert offered() == [
        {"name": "copy", "disabled": False},
        {"name": "mark", "disabled": False, "iconClass": "fa fa-tag",
         "params": [{"name": "by", "default": "nobody"}]}]
    run(rest, name, "mark", "ConfigMap", "a", by="me")
    assert live(web, MAP + "a")["data"] == {"x": "1", "by": "me"}
    run(rest, name, "copy", "ConfigMap", "a")
    assert live(web, MAP + "copy")["data"] == {"x": "1", "by": "me"}
    with refused(409, "already exists"):
        run(rest, name, "copy", "ConfigMap", "a")
    with refused(400, "resource.customizations.actions.ConfigMap"):
        run(rest, name, "broken", "ConfigMap", "a")

    run(rest, name, "admit", "Ingress", "web", "networking.k8s.io")  # its status is a resource of its own
    admitted = live(web, "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses/web")
    assert admitted["spec"]["ingressClassName"] == "mine"
    assert [i["ip"] for i in admitted["status"]["loadBalancer"]["ingress"]] == ["192.0.2.7"]


def test_an_action_the_project_refuses(apps, repo, rest, cluster, name, stack):
    projects = f"/apis/argoproj.io/v1alpha1/namespaces/{stack.namespace}/appprojects"
    apps.api.create(projects, {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
        "metadata": {"name": name, "namespace": stack.namespace},
        "spec": {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}],
                 "namespaceResourceBlacklist": [{"group": "batch", "kind": "Job"}]}})
    repo.commit({"c.yaml": cron_job(cluster)}, "first")
    apps.create(repo.url, project=name)
    apps.wait_status("OutOfSync")
    apps.sync()
    apps.wait_operation("Succeeded")
    with refused(403, "application is not permitted to manage batch/Job/nightly-"):
        run(rest, name, "create-job", "CronJob", "nightly", *cron_version(cluster).split("/"))
    run(rest, name, "suspend", "CronJob", "nightly", *cron_version(cluster).split("/"))
    assert live(apps, JOBS)["items"] == []
    assert live(apps, f"/apis/{cron_version(cluster)}/namespaces/{{ns}}/cronjobs/nightly")["spec"]["suspend"] is True
    apps.delete()
    apps.wait_gone(f"{apps.collection}/{name}")
    apps.api.delete(f"{projects}/{name}")


def test_command(web, cli, name):
    table = cli.ok("app", "actions", "list", name, "--kind", "Deployment")
    assert table.splitlines()[0].split() == ["GROUP", "KIND", "NAME", "ACTION", "DISABLED"]
    assert ["apps", "Deployment", "web", "resume", "true"] in [x.split() for x in table.splitlines()]
    listed = cli.json("app", "actions", "list", name, "--group", "batch")
    assert {"Group": "batch", "Kind": "CronJob", "Name": "nightly", "Action": "create-job",
            "Disabled": False} in listed
    cli.ok("app", "actions", "run", name, "scale", "--kind", "Deployment", "--resource-name", "web",
           "--param", "replicas=1")
    assert live(web, WEB)["spec"]["replicas"] == 1
    assert "No matching resource found" in cli.fails(20, "app", "actions", "run", name, "restart",
                                                     "--kind", "DaemonSet")
    assert "--kind" in cli.fails(20, "app", "actions", "run", name, "restart")
