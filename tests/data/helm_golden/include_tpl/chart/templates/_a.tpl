{{ define "t.kind" }}first file{{ end }}
{{ define "t.count" }}{{ if gt .n 0 }}{{ .n }} {{ include "t.count" (dict "n" (sub .n 1 | int)) }}{{ end }}{{ end }}
{{ define "t.none" }}{{ .Values.none }}{{ end }}