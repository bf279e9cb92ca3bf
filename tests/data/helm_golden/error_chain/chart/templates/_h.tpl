{{ define "one" }}
  {{ include "two" . }}{{ end }}
{{ define "two" -}}
{{ upper .Values.missing.deeper }}
{{- end }}