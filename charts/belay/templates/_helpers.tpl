{{/* Names, labels, addresses and certificates.

     Helpers of one component take (dict "root" $ "component" "repo-server"). */}}

{{- define "belay.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* Short enough for the longest suffix below 63 bytes. */}}
{{- define "belay.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "belay.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "belay.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* The components and the keys of their values, as YAML. */}}
{{- define "belay.components" -}}
repo-server: repoServer
app-controller: appController
api-server: apiServer
{{- end }}

{{/* Values of a component, as YAML. */}}
{{- define "belay.values" -}}
{{- $key := get (include "belay.components" .root | fromYaml) .component -}}
{{- get .root.Values $key | toYaml -}}
{{- end }}

{{- define "belay.componentName" -}}
{{- printf "%s-%s" (include "belay.fullname" .root) .component -}}
{{- end }}

{{- define "belay.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ include "belay.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "belay.componentLabels" -}}
{{ include "belay.labels" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "belay.selectorLabels" -}}
app.kubernetes.io/name: {{ include "belay.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "belay.serviceAccountName" -}}
{{- $values := include "belay.values" . | fromYaml -}}
{{- $own := ternary (include "belay.componentName" .) "default" $values.serviceAccount.create -}}
{{- default $own $values.serviceAccount.name -}}
{{- end }}

{{/* A tag that is a digest (sha256:...) is joined with "@". */}}
{{- define "belay.image" -}}
{{- $image := (include "belay.values" . | fromYaml).image -}}
{{- $all := .root.Values.image -}}
{{- $tag := coalesce $image.tag $all.tag .root.Chart.AppVersion -}}
{{- with $all.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- $image.repository -}}
{{- ternary "@" ":" (hasPrefix "sha256:" $tag) -}}
{{- $tag -}}
{{- end }}

{{/* ---- addresses: what certificates are for ---- */}}

{{- define "belay.host" -}}
{{- printf "%s.%s.svc" (include "belay.componentName" .) .root.Release.Namespace -}}
{{- end }}

{{/* Every replica by its own name: callers choose among them by repository. */}}
{{- define "belay.repoServerAddresses" -}}
{{- $at := dict "root" . "component" "repo-server" -}}
{{- $addresses := list -}}
{{- range $i := until (int .Values.repoServer.replicas) -}}
{{- $pod := printf "%s-%d" (include "belay.componentName" $at) $i -}}
{{- $addresses = append $addresses (printf "tls+tcp://%s.%s:8081" $pod (include "belay.host" $at)) -}}
{{- end -}}
{{- join "," $addresses -}}
{{- end }}

{{- define "belay.controllerAddress" -}}
{{- $at := dict "root" .root "component" "app-controller" -}}
{{- printf "tls+tcp://%s:%d" (include "belay.host" $at) (int .port) -}}
{{- end }}

{{/* ---- certificates ---- */}}

{{- define "belay.tlsSecretName" -}}
{{- $key := get (include "belay.components" .root | fromYaml) .component -}}
{{- default (printf "%s-tls" (include "belay.componentName" .)) (get .root.Values.tls.existingSecrets $key) -}}
{{- end }}

{{/* Whether the chart makes the certificates: "true" or "". All of them are given, or none. */}}
{{- define "belay.tlsMade" -}}
{{- $given := 0 -}}
{{- range $name := values .Values.tls.existingSecrets -}}
{{- if $name -}}{{- $given = add1 $given -}}{{- end -}}
{{- end -}}
{{- if eq (int $given) 0 -}}true
{{- else if ne (int $given) 3 -}}
{{- fail "tls.existingSecrets: name the secrets of all three components or of none, since one CA signs them" -}}
{{- end -}}
{{- end }}

{{/* Fill .Values.madeTls, once for a rendering: {component: data of its secret}. What is in the cluster stays; when a
     secret is missing all are made anew, since the CA's key is not kept anywhere. */}}
{{- define "belay.tlsFill" -}}
{{- if not (hasKey .Values "madeTls") -}}
{{- $root := . -}}
{{- $made := dict -}}
{{- $complete := true -}}
{{- range $component := keys (include "belay.components" .  | fromYaml) | sortAlpha -}}
{{- $at := dict "root" $root "component" $component -}}
{{- $data := (lookup "v1" "Secret" $root.Release.Namespace (include "belay.tlsSecretName" $at)).data -}}
{{- if and $data (hasKey $data "ca.crt") (hasKey $data "tls.crt") (hasKey $data "tls.key") -}}
{{- $_ := set $made $component $data -}}
{{- else -}}
{{- $complete = false -}}
{{- end -}}
{{- end -}}
{{- if not $complete -}}
{{- $days := int .Values.tls.validityDays -}}
{{- $ca := genCA (printf "%s-ca" (include "belay.fullname" .)) $days -}}
{{- range $component := keys (include "belay.components" .  | fromYaml) | sortAlpha -}}
{{- $at := dict "root" $root "component" $component -}}
{{- $host := include "belay.host" $at -}}
{{- $cert := genSignedCert (include "belay.componentName" $at) nil (list $host (printf "*.%s" $host)) $days $ca -}}
{{- $_ := set $made $component (dict "ca.crt" (b64enc $ca.Cert) "tls.crt" (b64enc $cert.Cert) "tls.key" (b64enc $cert.Key)) -}}
{{- end -}}
{{- end -}}
{{- $_ := set .Values "madeTls" $made -}}
{{- end -}}
{{- end }}
