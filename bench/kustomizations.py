"""Kustomizations to measure with: a base of small services, and an overlay that changes all of them."""

# Five objects; the Deployment refers to three of them and to generated ones.
SERVICE = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {name}
imagePullSecrets:
  - name: registry
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}-config
data:
  listen: ":8080"
  limits.yaml: |
    requests: {i}
    burst: 20
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector:
    app: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  replicas: 1
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
      annotations:
        prometheus.io/port: "9090"
    spec:
      serviceAccountName: {name}
      containers:
        - name: server
          image: registry.example.com/team/{name}:1.{i}.0
          args: [--listen, ":8080"]
          env:
            - name: LOG_LEVEL
              value: info
            - name: LISTEN
              valueFrom:
                configMapKeyRef:
                  name: {name}-config
                  key: listen
          envFrom:
            - configMapRef:
                name: common
            - secretRef:
                name: access
          ports:
            - name: http
              containerPort: 8080
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 256Mi}}
          volumeMounts:
            - name: config
              mountPath: /etc/service
        - name: proxy
          image: proxy:3.1
          ports:
            - name: metrics
              containerPort: 9090
      volumes:
        - name: config
          configMap:
            name: {name}-config
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {name}
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: {name}
"""
OBJECTS_PER_SERVICE = 5

GENERATORS = """\
configMapGenerator:
  - name: common
    literals:
      - region=north
      - features=search cart pay
    files:
      - settings.ini
secretGenerator:
  - name: access
    literals:
      - user=service
      - password=secret
"""

SETTINGS = "[server]\ntimeout = 5s\n\n[cache]\nsize = 128Mi\n"

PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  template:
    spec:
      containers:
        - name: server
          env:
            - name: LOG_LEVEL
              value: debug
        - name: agent
          image: agent:1.0
"""

OVERLAY = """\
resources:
  - ../base
namespace: shop
namePrefix: prod-
labels:
  - pairs:
      environment: production
      team: shop
    includeSelectors: true
commonAnnotations:
  contact: shop@example.com
images:
  - name: proxy
    newTag: "3.2"
  - name: registry.example.com/team/service-0
    newName: mirror.example.com/service-0
    digest: sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
replicas:
  - name: service-0
    count: 4
configMapGenerator:
  - name: common
    behavior: merge
    literals:
      - region=south
patches:
  - target:
      kind: Deployment
      labelSelector: app
    patch: |-
      - op: add
        path: /spec/template/spec/terminationGracePeriodSeconds
        value: 30
"""

# One Deployment in so many has a patch of its own.
PATCH_EVERY = 5


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def overlay(root, n):
    """A base of n objects (a multiple of five) and its overlay, whose folder is returned."""
    names = [f"service-{i}" for i in range(n // OBJECTS_PER_SERVICE)]
    resources = "resources:\n" + "".join(f"  - {name}.yaml\n" for name in names)
    write(root / "base/kustomization.yaml", resources + GENERATORS)
    write(root / "base/settings.ini", SETTINGS)
    for i, name in enumerate(names):
        write(root / f"base/{name}.yaml", SERVICE.format(name=name, i=i))
    patched = names[::PATCH_EVERY]
    patches = "".join(f"  - path: {name}.yaml\n" for name in patched)
    write(root / "overlay/kustomization.yaml", OVERLAY + patches)
    for name in patched:
        write(root / f"overlay/{name}.yaml", PATCH.format(name=name))
    return root / "overlay"
