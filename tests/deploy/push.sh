#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Pushes a small artifact with curl and pulls it back, or with a third argument only pulls: push.sh URL USER:PASSWORD [pull]
set -eu
url=$1 user=$2

manifest='{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}'
kind="application/vnd.oci.image.manifest.v1+json"
blob=sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a

told=$(curl -fsS --user "$user" "$url/auth/token?service=entrepot&scope=repository:demo/note:pull,push")
token=$(printf %s "$told" | sed 's/.*"token": *"\([^"]*\)".*/\1/')
ask() {
    curl -fsS --header "Authorization: Bearer $token" "$@"
}

if [ "${3:-push}" = push ]; then
    ask --data-binary '{}' --header "Content-Type: application/octet-stream" "$url/v2/demo/note/blobs/uploads/?digest=$blob"
    ask --request PUT --header "Content-Type: $kind" --data-binary "$manifest" "$url/v2/demo/note/manifests/1"
fi
[ "$(ask --header "Accept: $kind" "$url/v2/demo/note/manifests/1")" = "$manifest" ]
[ "$(ask "$url/v2/demo/note/blobs/$blob")" = '{}' ]
