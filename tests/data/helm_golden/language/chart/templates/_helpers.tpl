{{ define "language.greet" }}hello {{ . }}{{ end }}
{{- define "language.nil" }}[{{ . }}]{{ end }}
{{- define "language.scope" -}}{{ $.root.Chart.Name }}{{ .v }}{{- end -}}
