"""No false differences: objects as people write them, compared in every way, after a sync and after a refresh."""


import pytest
import yaml

from tests.cluster import ApiError, wait_for
from tests.e2e.apps import config_map, deployment

AUTOMATED = {"prune": True, "selfHeal": True}

WORKLOADS = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {}
  labels: {app: web, "n": "1"}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  strategy: {}
  template:
    metadata:
      creationTimestamp: null
      labels: {app: web}
    spec:
      nodeSelector: {nowhere: "true"}
      volumes:
      - {name: tmp, emptyDir: {sizeLimit: 1024Mi}}
      - name: cfg
        configMap: {name: cfg, items: []}
      containers:
      - name: web
        image: registry.example/web:1
        args: []
        env:
        - {name: A, value: ""}
        - {name: B, value: "1"}
        - name: C
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        ports:
        - {containerPort: 80}
        - {containerPort: 80, protocol: UDP, name: udp}
        resources:
          requests: {cpu: 1000m, memory: 1024Mi, ephemeral-storage: 1e9}
          limits: {cpu: "1.5", memory: 2147483648}
        livenessProbe: {httpGet: {path: /, port: 80}, initialDelaySeconds: 0}
        securityContext: {}
        volumeMounts:
        - {name: tmp, mountPath: /tmp, readOnly: false}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      nodeSelector: {nowhere: "true"}
      containers: [{name: db, image: "registry.example/db:1", resources: {limits: {cpu: 0.1}}}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 1024Mi}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      nodeSelector: {nowhere: "true"}
      tolerations: [{operator: Exists}]
      containers: [{name: agent, image: "registry.example/agent:1"}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  suspend: true
  template:
    spec:
      restartPolicy: Never
      containers: [{name: once, image: "registry.example/once:1"}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: "0 3 * * *"
  suspend: true
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers: [{name: c, image: "registry.example/c:1"}]
"""

NETWORK = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports:
  - {name: http, port: 80}
  - {name: dns, port: 53, protocol: UDP, targetPort: 5353}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec:
  clusterIP: None
  selector: {app: db}
  ports: [{port: 5432}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
  - host: web.example
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  ingress:
  - ports: [{port: 80}]
    from: [{podSelector: {matchLabels: {app: x}}}]
"""

POLICY = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: v2}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 3
  metrics:
  - type: Resource
    resource: {name: memory, target: {type: AverageValue, averageValue: 1024Mi}}
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}
---
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: v1}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 3
  targetCPUUtilizationPercentage: 70
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  minAvailable: 1
  selector: {matchLabels: {app: web}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects:
- {kind: ServiceAccount, name: web}
---
apiVersion: v1
kind: Secret
metadata: {name: plain}
stringData: {user: admin}
data: {pass: eA==}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cfg, labels: null}
data: {a: "1", empty: ""}
binaryData: {}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: "1073741824"}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: q}
spec: {hard: {cpu: 10000m, memory: 20480Mi}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: l}
spec: {limits: [{type: Container, max: {cpu: 4000m}, default: {memory: 0.5Gi}}]}
"""

CLUSTER_WIDE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: NAME-all}
aggregationRule:
  clusterRoleSelectors: [{matchLabels: {NAME/part: "true"}}]
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: NAME-none}
rules: []
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: NAME}
value: 1000
globalDefault: false
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: NAME}
provisioner: example.test/none
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: NAME}
webhooks:
- name: nobody.example.test
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Ignore
  objectSelector: {matchLabels: {NAME: never}}
  clientConfig: {service: {name: hook, namespace: NAME, path: /}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.NAME.test}
spec:
  group: NAME.test
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer, default: 3}
              memory: {type: string}
              ports:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [port]
                items:
                  type: object
                  required: [port]
                  properties:
                    port: {type: integer}
                    protocol: {type: string, default: TCP}
                    name: {type: string}
---
apiVersion: NAME.test/v1
kind: Thing
metadata: {name: one, annotations: {argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true}}
spec:
  ports:
  - {port: 80}
  - {port: 81, name: x}
"""

THING = "/apis/{name}.test/v1/namespaces/{name}/things/one"


def served(api, group_version, kind):
    group = f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"
    try:
        return any(r["kind"] == kind for r in api.get(group)["resources"])
    except ApiError as e:
        if e.status == 404:
            return False
        raise


# What Kubernetes 1.20 takes in an object, but not in a server-side apply
PLAIN = (("1e9}", '"1e9"}'), ("2147483648", '"2147483648"'), ("cpu: 0.1", 'cpu: "0.1"'),
         ("{name: http, port: 80}", "{name: http, port: 80, protocol: TCP}"),
         ("[{port: 5432}]", "[{port: 5432, protocol: TCP}]"))
SUSPENDED_JOB = ("metadata: {name: once}\nspec:\n  suspend: true\n", "metadata: {name: once}\nspec:\n")


def workloads(minor, applied):
    """As the server can have them: applied ones in forms that old servers take there."""
    text = WORKLOADS if minor >= 21 else WORKLOADS.replace(*SUSPENDED_JOB)
    return plain(text, minor, applied)


def plain(text, minor, applied):
    for odd, usual in PLAIN if applied and minor < 22 else ():
        text = text.replace(odd, usual)
    return text


def files(cluster, name, applied):
    """Everything the cluster has: older ones lack some versions."""
    api, minor = cluster.api, cluster.assets.minor
    texts = {"workloads": workloads(minor, applied), "network": plain(NETWORK, minor, applied), "policy": POLICY,
             "cluster": CLUSTER_WIDE.replace("NAME", name)}
    return {f"{key}.yaml": "---\n".join(
        d for d in text.split("---\n")
        if f"{name}.test/" in d or served(api, field(d, "apiVersion"), field(d, "kind")))
        for key, text in texts.items()}


def field(doc, key):
    return yaml.load(doc, yaml.BaseLoader)[key]


def not_synced(app):
    return [(r["kind"], r["name"], r.get("status")) for r in app["status"]["resources"]
            if r.get("status") != "Synced"]


def create(apps, repo, options, compare, name, **spec):
    apps.create(repo.url, name=name, options=options, **spec)
    if compare:
        apps.patch({"metadata": {"annotations": {"argocd.argoproj.io/compare-options": compare}}}, name)


WAYS = {  # of comparing: sync options, compare options
    "three-way": ((), None),
    "structured": (("ServerSideApply=true",), None),
    "server-side": ((), "ServerSideDiff=true"),
    "server-side-applied": (("ServerSideApply=true",), "ServerSideDiff=true"),
}


def cluster_wide(name):
    return (f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}-all",
            f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}-none",
            f"/apis/scheduling.k8s.io/v1/priorityclasses/{name}",
            f"/apis/storage.k8s.io/v1/storageclasses/{name}",
            f"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{name}",
            f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.{name}.test")


@pytest.fixture(name="ways")
def _ways(apps, repo, cluster, name):
    """An Application of everything for each way to compare: {its name: the way}."""
    named = {f"{name}-{i}": way for i, way in enumerate(WAYS)}
    repo.commit({f"{way}/{path}": text for app, way in named.items()
                 for path, text in files(cluster, app, applied=any(WAYS[way])).items()}, "everything")
    for app, way in named.items():
        create(apps, repo, *WAYS[way], name=app, path=way)
    yield named
    for path in (path for app in named for path in cluster_wide(app)):
        try:
            cluster.api.delete(path)
        except ApiError:
            pass


def test_nothing_differs_after_a_sync(apps, ways, cluster):
    for app in ways:
        apps.wait_status("OutOfSync", name=app)
        apps.sync(name=app)
    for app, way in ways.items():
        apps.wait_operation(name=app)
        got = apps.wait(lambda a: a["status"]["sync"]["status"] == "Synced" or a["status"].get("conditions"),
                        "a verdict", app)
        assert got["status"]["sync"]["status"] == "Synced", (
            way, not_synced(got), got["status"].get("conditions"))
    for app in ways:
        hook = f"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{app}"
        cluster.api.patch(hook, [{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": "Q0E="}],
                          content_type="application/json-patch+json")
        cluster.api.patch(THING.format(name=app), {"metadata": {"labels": {"by": "hand"}}})
        apps.patch({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}}, app)
    for app, way in ways.items():
        got = apps.wait(lambda a: "argocd.argoproj.io/refresh" not in a["metadata"].get("annotations", {}) and
                        a["status"]["sync"]["status"] == "Synced", "nothing to differ", app)
        assert not_synced(got) == [], way
    # and what does differ is seen
    for app in ways:
        cluster.api.patch(f"/apis/apps/v1/namespaces/{app}/deployments/web", {"spec": {"replicas": 0}})
    for app, way in ways.items():
        got = apps.wait_status("OutOfSync", name=app)
        assert not_synced(got) == [("Deployment", "web", "OutOfSync")], way


# ---- what is ignored ----

def scale(api, name, replicas, manager):
    """As an autoscaler does it."""
    api.patch(f"/apis/apps/v1/namespaces/{name}/deployments/web?fieldManager={manager}",
              {"spec": {"replicas": replicas}})


@pytest.mark.parametrize("rule", [
    pytest.param({"jsonPointers": ["/spec/replicas"]}, id="pointer"),
    pytest.param({"jqPathExpressions": [".spec.replicas"]}, id="path"),
    pytest.param({"jqPathExpressions": [".spec | select(.replicas > 2) | .replicas"]}, id="jq"),
    pytest.param({"managedFieldsManagers": ["scaler"]}, id="manager"),
])
def test_a_field_is_ignored_exactly(apps, repo, cluster, name, rule):
    repo.commit({"web.yaml": deployment("web", replicas=1), "a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated={}, ignoreDifferences=[{"group": "apps", "kind": "Deployment", **rule}])
    apps.wait_status("Synced")
    scale(cluster.api, name, 3, "scaler")
    cluster.api.patch(f"/api/v1/namespaces/{name}/configmaps/a", {"data": {"x": "2"}})
    app = apps.wait_status("OutOfSync")  # it has seen both changes
    apps.refresh()
    assert not_synced(apps.get()) == [("ConfigMap", "a", "OutOfSync")], not_synced(app)
    cluster.api.patch(f"/apis/apps/v1/namespaces/{name}/deployments/web?fieldManager=somebody", [
        {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "registry.example/other:1"}],
                      content_type="application/json-patch+json")
    apps.wait(lambda a: ("Deployment", "web", "OutOfSync") in not_synced(a), "another field to count")


def test_jq_that_hangs_concerns_its_application_alone(apps, repo, cluster, name):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated={}, ignoreDifferences=[
        {"group": "", "kind": "ConfigMap", "jqPathExpressions": ["[limit(1; repeat(empty))]"]}])
    apps.create(repo.url, name=f"{name}-other", automated={})
    apps.wait_condition("ComparisonError", "takes longer than it may", timeout_s=90)
    apps.wait_status("Synced", name=f"{name}-other")
    apps.patch({"spec": {"ignoreDifferences": [
        {"group": "", "kind": "ConfigMap", "jqPathExpressions": [".data |"]}]}})
    apps.wait_condition("ComparisonError", "syntax error", timeout_s=90)
    apps.patch({"spec": {"ignoreDifferences": None}})
    apps.wait_status("Synced")


def test_settings_for_all_applications(apps, repo, cluster, name, argocd_cm):
    repo.commit({"web.yaml": deployment("web", replicas=1), "a.yaml": config_map("a", x="1")})
    apps.create(repo.url, automated={})
    apps.wait_status("Synced")
    scale(cluster.api, name, 4, "scaler")
    apps.wait_status("OutOfSync")
    argocd_cm({"resource.customizations.ignoreDifferences.apps_Deployment": "jsonPointers: [/spec/replicas]"})
    apps.wait_status("Synced")
    argocd_cm({"resource.exclusions": "[{apiGroups: [apps], kinds: [Deployment], clusters: ['*']}]"})
    apps.wait_condition("ExcludedResourceWarning", "Deployment")
    argocd_cm({"resource.exclusions": None})
    apps.wait_no_condition("ExcludedResourceWarning")
    apps.wait_status("Synced")


def test_who_changed_it(apps, repo, cluster, name, rest, cli):
    repo.commit({"web.yaml": deployment("web", replicas=1)})
    apps.create(repo.url, automated={})
    apps.wait_status("Synced")
    scale(cluster.api, name, 2, "night-shift")
    apps.wait_status("OutOfSync")
    items = rest.get(f"/api/v1/applications/{name}/managed-resources")["items"]
    changes = next(i for i in items if i["kind"] == "Deployment")["changes"]
    assert [(c["path"], c["live"], c["wanted"], c["manager"]) for c in changes] == [
        ("/spec/replicas", 2, 1, "night-shift")]
    assert changes[0]["time"].endswith("Z")


def test_churn_of_status_refreshes_nothing(apps, repo, cluster, name, stack):
    repo.commit({"s.yaml": """
apiVersion: v1
kind: Service
metadata: {name: s}
spec: {ports: [{port: 80}]}
"""})
    apps.create(repo.url, automated={})
    apps.wait_status("Synced")

    def count(what):
        return sum(v for k, v in stack.metrics("app-controller").items() if k.startswith(what))

    quiet = count("belay_cluster_quiet_events_total")
    for i in range(20):
        cluster.api.patch(f"/api/v1/namespaces/{name}/services/s/status", {"status": {"conditions": [
            {"type": "Test", "status": "True", "reason": f"R{i}", "message": "", "observedGeneration": i,
             "lastTransitionTime": "2026-01-01T00:00:00Z"}]}})
    before = count("argocd_app_reconcile_count")
    wait_for("the changes to be seen", lambda: count("belay_cluster_quiet_events_total") >= quiet + 20, 30)
    assert count("argocd_app_reconcile_count") - before < 10
