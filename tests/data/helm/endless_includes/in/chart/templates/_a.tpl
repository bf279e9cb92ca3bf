{{ define "a" }}{{ if true }}{{ tpl "{{ include \"b\" . }}" . }}{{ end }}{{ end }}
{{ define "b" }}{{ with . }}{{ include "a" . }}{{ end }}{{ end }}
