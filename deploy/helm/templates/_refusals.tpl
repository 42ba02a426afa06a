{{/* What would start and not work, or work and not be safe, is refused here with what to do. */}}
{{- define "entrepot.refusals" -}}
{{- with .Values -}}
{{- if not .image.repository }}{{ fail "image.repository: name the image that you built, such as registry.example/infra/entrepot (docs/how-to/container.md)" }}{{ end -}}
{{- if not .publicUrl }}{{ fail "publicUrl: give the address that clients use, such as https://registry.example" }}{{ end -}}
{{- if and (not .tls.secretName) (not .trustedProxies) }}{{ fail "tls.secretName or trustedProxies: name the secret with a certificate, or the networks of the ingress controller that has one; passwords must not cross the network in the clear" }}{{ end -}}
{{- if regexMatch "://[^/@]*:[^/@]*@" .database.url }}{{ fail "database.url: leave the password out, and name the secret that holds it in database.secretName" }}{{ end -}}
{{- if not .persistence.enabled -}}
{{- if or (not .database.url) (not (regexMatch "^(s3|azure|gs)://" .storage.url)) }}{{ fail "persistence.enabled=false: without a volume everything has to be elsewhere, so give database.url and a storage.url of a bucket (s3://, azure://, gs://)" }}{{ end -}}
{{- if not .instanceKey.secretName }}{{ fail "instanceKey.secretName: without a volume, and for several nodes, the key has to be in a secret; docs/how-to/helm.md says how to make it" }}{{ end -}}
{{- if not .administrator.secretName }}{{ fail "administrator.secretName: without a volume, the first password has to be in a secret; docs/how-to/helm.md says how to make it" }}{{ end -}}
{{- end -}}
{{- if and .persistence.enabled (or (gt (int .replicas) 1) .autoscaling.enabled) }}{{ fail "replicas, autoscaling: more than one node takes database.url, a storage.url of a bucket (s3://, azure://, gs://), and persistence.enabled=false" }}{{ end -}}
{{- if and .persistence.enabled (ne .updateStrategy "Recreate") }}{{ fail "updateStrategy: a volume is one node's, so the old one has to end before the new one starts: Recreate" }}{{ end -}}
{{- range $name, $_ := .settings -}}
{{- if regexMatch "(PASSWORD|SECRET_ACCESS_KEY|ACCOUNT_KEY|TOKEN|HMAC_KEY|REDIS_URL)$" $name }}{{ fail (printf "settings.%s: this is secret; name a secret that holds it in secretSettings" $name) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
