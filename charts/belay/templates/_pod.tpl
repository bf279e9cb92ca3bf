{{/* Pieces of the pods that are the same in all components; each takes (dict "root" $ "component" NAME). */}}

{{/* Metadata of the pod template. The checksums restart the pods when what they read at start changes. */}}
{{- define "belay.podMetadata" -}}
{{- $values := include "belay.values" . | fromYaml -}}
annotations:
  checksum/params: {{ .root.Values.configs.params | toJson | sha256sum }}
  {{- if include "belay.tlsMade" .root }}
  {{- include "belay.tlsFill" .root }}
  checksum/tls: {{ get .root.Values.madeTls .component | toJson | sha256sum }}
  {{- end }}
  {{- with $values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
labels:
  {{- include "belay.selectorLabels" . | nindent 2 }}
  {{- with .root.Values.commonLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with $values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* What stands in a pod's spec beside containers and volumes. */}}
{{- define "belay.podSpec" -}}
{{- $values := include "belay.values" . | fromYaml -}}
serviceAccountName: {{ include "belay.serviceAccountName" . }}
automountServiceAccountToken: {{ ne .component "repo-server" }}
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- range $field := list "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" }}
{{- with get $values $field }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* What stands in the container beside its arguments, ports and mounts. */}}
{{- define "belay.container" -}}
{{- $values := include "belay.values" . | fromYaml -}}
image: {{ include "belay.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{- with $values.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
readinessProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 2
livenessProbe:
  httpGet: {path: /livez, port: metrics}
  initialDelaySeconds: 10
  periodSeconds: 10
  timeoutSeconds: 5
resources:
  {{- toYaml $values.resources | nindent 2 }}
securityContext:
  {{- toYaml .root.Values.containerSecurityContext | nindent 2 }}
{{- end }}

{{- define "belay.mounts" -}}
- {name: tls, mountPath: /etc/belay/tls, readOnly: true}
- {name: params, mountPath: /etc/belay/params, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end }}

{{- define "belay.volumes" -}}
- name: tls
  secret:
    secretName: {{ include "belay.tlsSecretName" . }}
    defaultMode: 0440
- name: params
  configMap:
    name: argocd-cmd-params-cm
    optional: true
- name: tmp
  emptyDir: {}
{{- end }}
