{{/* Settings that are not secret, by variable; those of .Values.settings win. */}}
{{- define "entrepot.settings" -}}
{{- $all := dict
  "ENTREPOT_DATA_DIR" "/var/lib/entrepot"
  "ENTREPOT_LOGS__FORMAT" "json"
  "ENTREPOT_METRICS__ACCESS" (ternary "token" "open" (not (empty .Values.metrics.tokenSecretName)))
  "ENTREPOT_METRICS__HOST" "::"
  "ENTREPOT_METRICS__PORT" "9090"
  "ENTREPOT_SERVER__HOST" "::"
  "ENTREPOT_SERVER__PORT" "5000"
  "ENTREPOT_SERVER__PUBLIC_URL" .Values.publicUrl
  "ENTREPOT_SERVER__STOP_SECONDS" (.Values.stopSeconds | int | toString)
  "ENTREPOT_SERVER__WORKERS" (.Values.workers | int | toString)
-}}
{{- if .Values.tls.secretName -}}
{{- $_ := set $all "ENTREPOT_SERVER__TLS__CERT" "/etc/entrepot/tls/tls.crt" -}}
{{- $_ := set $all "ENTREPOT_SERVER__TLS__KEY" "/etc/entrepot/tls/tls.key" -}}
{{- else -}}
{{- $_ := set $all "ENTREPOT_SERVER__INSECURE_HTTP" "true" -}}
{{- end -}}
{{- with .Values.trustedProxies -}}
{{- $_ := set $all "ENTREPOT_SERVER__TRUSTED_PROXIES" (join "," .) -}}
{{- end -}}
{{- if .Values.database.url -}}
{{- $_ := set $all "ENTREPOT_DATABASE__URL" .Values.database.url -}}
{{- end -}}
{{- if .Values.database.secretName -}}
{{- $_ := set $all "ENTREPOT_DATABASE__PASSWORD_FILE" "/etc/entrepot/database/password" -}}
{{- end -}}
{{- if regexMatch "^(s3|azure|gs)://" .Values.storage.url -}}
{{- $_ := set $all "ENTREPOT_SERVER__SPOOL_DIR" "/var/spool/entrepot" -}}
{{- with .Values.storage.s3.endpoint }}{{ $_ := set $all "ENTREPOT_STORAGE__S3__ENDPOINT" . }}{{ end -}}
{{- with .Values.storage.s3.region }}{{ $_ := set $all "ENTREPOT_STORAGE__S3__REGION" . }}{{ end -}}
{{- end -}}
{{- with .Values.storage.url }}{{ $_ := set $all "ENTREPOT_STORAGE__URL" . }}{{ end -}}
{{- range $name, $value := merge (dict) .Values.settings $all }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end -}}

{{/* Settings that are secret: each from a key of a secret that exists. */}}
{{- define "entrepot.secretSettings" -}}
{{- $all := deepCopy .Values.secretSettings -}}
{{- with .Values.administrator -}}
{{- if .secretName }}{{ $_ := set $all "ENTREPOT_BOOTSTRAP_ADMIN_PASSWORD" . }}{{ end -}}
{{- end -}}
{{- with .Values.storage.s3 -}}
{{- if .secretName -}}
{{- $_ := set $all "ENTREPOT_STORAGE__S3__ACCESS_KEY_ID" (dict "secretName" .secretName "secretKey" .accessKeyIdKey) -}}
{{- $_ := set $all "ENTREPOT_STORAGE__S3__SECRET_ACCESS_KEY" (dict "secretName" .secretName "secretKey" .secretAccessKeyKey) -}}
{{- end -}}
{{- end -}}
{{- with .Values.metrics -}}
{{- if .tokenSecretName }}{{ $_ := set $all "ENTREPOT_METRICS__TOKEN" (dict "secretName" .tokenSecretName "secretKey" .tokenSecretKey) }}{{ end -}}
{{- end -}}
{{- range $name, $from := $all }}
- name: {{ $name }}
  valueFrom: {secretKeyRef: {name: {{ $from.secretName | quote }}, key: {{ $from.secretKey | quote }}}}
{{- end }}
{{- end -}}
