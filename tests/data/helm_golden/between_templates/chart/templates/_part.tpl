{{- define "part" }}part of {{ .Template.Name }}{{ end }}
