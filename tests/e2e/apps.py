"""Applications as users write them, and waiting for what becomes of them."""

import textwrap

from tests.cluster import ApiError, wait_for

APPS = "/apis/argoproj.io/v1alpha1/namespaces/{ns}/applications"
SECRETS = "/api/v1/namespaces/{ns}/secrets"


class Apps:
    """Applications of one test, through the Kubernetes API."""

    def __init__(self, api, stack, name):
        self.api = api
        self.stack = stack
        self.name = name
        self.collection = APPS.format(ns=stack.namespace)
        self._made = []
        self._namespaces = set()

    def manifest(self, name, repo_url, path=".", automated=None, revision="HEAD", options=(),
                 namespace=None, finalizer=False, **spec):
        """An Application; automated: None, or the dict of syncPolicy.automated."""
        namespace = namespace or name
        policy = {"syncOptions": list(options)} if options else {}
        if automated is not None:
            policy["automated"] = automated
        meta = {"name": name, "namespace": self.stack.namespace}
        if finalizer:
            meta["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": meta,
            "spec": {
                "project": "default",
                "source": {"repoURL": repo_url, "path": path, "targetRevision": revision},
                "destination": {"server": "https://kubernetes.default.svc", "namespace": namespace},
                "syncPolicy": policy,
                **spec,
            },
        }

    def create(self, repo_url, name=None, namespace=None, make_namespace=True, **options):
        name = name or self.name
        namespace = namespace or name
        if make_namespace:
            self.make_namespace(namespace)
        self._namespaces.add(namespace)
        obj = self.manifest(name, repo_url, namespace=namespace, **options)
        self._made.append(name)
        return self.api.create(self.collection, obj)

    def adopt(self, name=None, namespace=None):
        """Take away at the end what a test made without create()."""
        self._made.append(name or self.name)
        self._namespaces.add(namespace or name or self.name)

    def make_namespace(self, namespace):
        try:
            self.api.create("/api/v1/namespaces", {
                "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        except ApiError as e:
            if e.status != 409:
                raise

    def get(self, name=None):
        return self.api.get(f"{self.collection}/{name or self.name}")

    def patch(self, body, name=None):
        return self.api.patch(f"{self.collection}/{name or self.name}", body)

    def delete(self, name=None):
        return self.api.delete(f"{self.collection}/{name or self.name}")

    def sync(self, name=None, **sync):
        """Ask for a sync the way kubectl users do."""
        return self.patch({"operation": {"initiatedBy": {"username": "test"}, "sync": sync}}, name)

    def refresh(self, kind="normal", name=None):
        self.patch({"metadata": {"annotations": {"argocd.argoproj.io/refresh": kind}}}, name)
        self.wait(lambda a: "argocd.argoproj.io/refresh" not in a["metadata"].get("annotations", {}),
                  "the refresh to be done", name=name)

    def wait(self, test, what, name=None, timeout_s=60):
        """The Application once test(app) is true."""
        seen = {}

        def look():
            seen["app"] = self.get(name)
            return test(seen["app"])

        try:
            wait_for(what, look, timeout_s)
        except Exception as e:
            state = seen.get("app", {}).get("status")
            logs = self.stack.log_tail("app-controller", 15)
            raise AssertionError(f"{e}\nstatus: {state}\ncontroller: {logs}") from e
        return seen["app"]

    def wait_status(self, sync=None, health=None, name=None, timeout_s=60):
        def reached(app):
            status = app.get("status", {})
            return ((sync is None or status.get("sync", {}).get("status") == sync) and
                    (health is None or status.get("health", {}).get("status") == health))
        return self.wait(reached, f"sync {sync}, health {health}", name, timeout_s)

    def wait_operation(self, phase="Succeeded", name=None, timeout_s=60):
        def reached(app):
            return (app.get("operation") is None and
                    app.get("status", {}).get("operationState", {}).get("phase") == phase)
        return self.wait(reached, f"the operation to be {phase}", name, timeout_s)

    def wait_condition(self, kind, part="", name=None, timeout_s=60):
        def reached(app):
            return any(c["type"] == kind and part in c["message"]
                       for c in app.get("status", {}).get("conditions", []))
        return self.wait(reached, f"condition {kind} with {part!r}", name, timeout_s)

    def wait_no_condition(self, kind, name=None, timeout_s=60):
        def reached(app):
            return all(c["type"] != kind for c in app.get("status", {}).get("conditions", []))
        return self.wait(reached, f"no condition {kind}", name, timeout_s)

    def wait_gone(self, path, timeout_s=60):
        def gone():
            try:
                self.api.get(path)
                return False
            except ApiError as e:
                return e.status == 404
        wait_for(f"{path} to be gone", gone, timeout_s)

    def clean(self):
        for name in self._made:
            try:
                self.delete(name)
            except ApiError:
                pass
        for namespace in self._namespaces:
            try:
                self.api.delete(f"/api/v1/namespaces/{namespace}")
            except ApiError:
                pass


def config_map(name, **data):
    lines = "\n".join(f"  {k}: {v!r}" for k, v in data.items())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n{lines}\n"


def deployment(name, replicas=1, image="registry.example/web:1"):
    return textwrap.dedent(f"""\
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {name}
        spec:
          replicas: {replicas}
          selector:
            matchLabels: {{app: {name}}}
          template:
            metadata:
              labels: {{app: {name}}}
            spec:
              containers:
                - name: web
                  image: {image}
                  ports: [{{containerPort: 8080}}]
                  resources:
                    limits: {{cpu: 1000m, memory: 1024Mi}}
                    requests: {{cpu: "0.1"}}
        """)


def service(name, port=80):
    return textwrap.dedent(f"""\
        apiVersion: v1
        kind: Service
        metadata:
          name: {name}
        spec:
          selector: {{app: {name}}}
          ports:
            - port: {port}
              targetPort: 8080
        """)
