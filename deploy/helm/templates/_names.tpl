{{/* The name of everything that is made. */}}
{{- define "entrepot.name" -}}
{{- .Values.nameOverride | default .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* What tells the pods of this release from others; never changes. */}}
{{- define "entrepot.selector" -}}
app.kubernetes.io/name: entrepot
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "entrepot.labels" -}}
{{ include "entrepot.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "entrepot.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "entrepot.name" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{- define "entrepot.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "entrepot.host" -}}
{{- (urlParse .Values.publicUrl).hostname -}}
{{- end -}}

{{- define "entrepot.scheme" -}}
{{- ternary "HTTPS" "HTTP" (not (empty .Values.tls.secretName)) -}}
{{- end -}}
