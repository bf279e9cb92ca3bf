"""Charts to measure with: an umbrella of subcharts that look like what `helm create` and its users make."""

CHART = """\
apiVersion: v2
name: {name}
version: 1.{i}.0
appVersion: "{i}.2.1"
description: Serves requests, number {i}
"""

VALUES = """\
# How many pods run when there is no autoscaling.
replicaCount: {replicas}
image:
  repository: registry.example.com/team/{name}
  pullPolicy: IfNotPresent
  tag: ""
imagePullSecrets: []
nameOverride: ""
fullnameOverride: ""
serviceAccount:
  create: true
  annotations: {{}}
podAnnotations:
  prometheus.io/scrape: "true"
  prometheus.io/port: "9090"
securityContext:
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
service:
  type: ClusterIP
  ports:
    - name: http
      port: 80
    - name: metrics
      port: 9090
ingress:
  enabled: true
  className: nginx
  hosts:
    - host: {name}.example.com
      paths: [/, /api]
resources:
  requests: {{cpu: 100m, memory: 128Mi}}
  limits: {{memory: 256Mi}}
env:
  LOG_LEVEL: info
  REGION: north
config:
  server:
    listen: ":8080"
    timeouts: {{read: 5s, write: 10s}}
  features: [search, cart, pay]
autoscaling:
  enabled: {autoscaling}
  minReplicas: 2
  maxReplicas: 10
nodeSelector: {{}}
tolerations: []
"""

HELPERS = """\
{{/* The name, short enough for a label. */}}
{{- define "NAME.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "NAME.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "NAME.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "NAME.selectorLabels" . }}
{{- with .Chart.AppVersion }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "NAME.selectorLabels" -}}
app.kubernetes.io/name: {{ include "NAME.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
"""

TEMPLATES = {
    "deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "NAME.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      annotations:
        checksum/config: {{ include (print $.Template.BasePath "/configmap.yaml") . | sha256sum }}
        {{- with .Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      labels:
        {{- include "NAME.selectorLabels" . | nindent 8 }}
    spec:
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      serviceAccountName: {{ include "NAME.fullname" . }}
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          securityContext:
            {{- toYaml .Values.securityContext | nindent 12 }}
          env:
            {{- range $name, $value := .Values.env }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
          ports:
            {{- range .Values.service.ports }}
            - name: {{ .name }}
              containerPort: {{ .port }}
            {{- end }}
          readinessProbe:
            httpGet: {path: /ready, port: http}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          volumeMounts:
            - {name: config, mountPath: /etc/NAME}
      volumes:
        - name: config
          configMap:
            name: {{ include "NAME.fullname" . }}
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
""",
    "service.yaml": """\
apiVersion: v1
kind: Service
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  ports:
    {{- range .Values.service.ports }}
    - port: {{ .port }}
      targetPort: {{ .name }}
      name: {{ .name }}
    {{- end }}
  selector:
    {{- include "NAME.selectorLabels" . | nindent 4 }}
""",
    "configmap.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
data:
  config.yaml: |
    {{- toYaml .Values.config | nindent 4 }}
  region: {{ .Values.global.region | default "none" | quote }}
""",
    "serviceaccount.yaml": """\
{{- if .Values.serviceAccount.create }}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
  {{- with .Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
""",
    "ingress.yaml": """\
{{- if .Values.ingress.enabled }}
{{- $fullname := include "NAME.fullname" . }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ $fullname }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  ingressClassName: {{ .Values.ingress.className }}
  rules:
    {{- range .Values.ingress.hosts }}
    - host: {{ .host | quote }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ . }}
            pathType: Prefix
            backend:
              service:
                name: {{ $fullname }}
                port: {name: http}
          {{- end }}
    {{- end }}
{{- end }}
""",
    "hpa.yaml": """\
{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "NAME.fullname" . }}
  minReplicas: {{ .Values.autoscaling.minReplicas }}
  maxReplicas: {{ .Values.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: 80}
{{- end }}
""",
    "NOTES.txt": """\
{{ include "NAME.fullname" . }} serves {{ len .Values.ingress.hosts }} host(s).
""",
}


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def subchart(directory, name, i):
    write(directory / "Chart.yaml", CHART.format(name=name, i=i))
    write(directory / "values.yaml",
          VALUES.format(name=name, replicas=i % 4 + 1, autoscaling=str(i % 3 == 0).lower()))
    write(directory / "templates/_helpers.tpl", HELPERS.replace("NAME", name))
    for file, text in TEMPLATES.items():
        write(directory / "templates" / file, text.replace("NAME", name))


def umbrella(directory, n):
    """A chart of n subcharts, each with six templates, named in its dependencies."""
    names = [f"part-{i:03}" for i in range(n)]
    dependencies = "".join(f"  - name: {name}\n    version: 1.{i}.0\n    condition: {name}.enabled\n"
                           for i, name in enumerate(names))
    write(directory / "Chart.yaml",
          CHART.format(name="umbrella", i=0) + "dependencies:\n" + dependencies)
    write(directory / "values.yaml", "global:\n  region: north\n" +
          "".join(f"{name}:\n  enabled: true\n  env:\n    SHARD: \"{i}\"\n"
                  for i, name in enumerate(names)))
    for i, name in enumerate(names):
        subchart(directory / "charts" / name, name, i)
    return directory
