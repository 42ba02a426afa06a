{{/* Everything that can be written to is here: the data folder, and with a bucket the folder for parts of uploads. */}}
{{- define "entrepot.mounts" -}}
- {name: data, mountPath: /var/lib/entrepot}
{{- if .Values.instanceKey.secretName }}
- {name: instance-key, mountPath: /var/lib/entrepot/instance.key, subPath: instance.key, readOnly: true}
{{- end }}
{{- if regexMatch "^(s3|azure|gs)://" .Values.storage.url }}
- {name: spool, mountPath: /var/spool/entrepot}
{{- end }}
{{- if .Values.tls.secretName }}
- {name: tls, mountPath: /etc/entrepot/tls, readOnly: true}
{{- end }}
{{- if .Values.database.secretName }}
- {name: database, mountPath: /etc/entrepot/database, readOnly: true}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "entrepot.volumes" -}}
- name: data
  {{- if .Values.persistence.enabled }}
  persistentVolumeClaim: {claimName: {{ .Values.persistence.existingClaim | default (include "entrepot.name" .) }}}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- with .Values.instanceKey }}
{{- if .secretName }}
- name: instance-key
  secret: {secretName: {{ .secretName }}, defaultMode: 0440, items: [{key: {{ .secretKey | quote }}, path: instance.key}]}
{{- end }}
{{- end }}
{{- if regexMatch "^(s3|azure|gs)://" .Values.storage.url }}
- name: spool
  emptyDir: {sizeLimit: {{ .Values.storage.spoolSize }}}
{{- end }}
{{- with .Values.tls.secretName }}
- name: tls
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- with .Values.database }}
{{- if .secretName }}
- name: database
  secret: {secretName: {{ .secretName }}, defaultMode: 0440, items: [{key: {{ .secretKey | quote }}, path: password}]}
{{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
