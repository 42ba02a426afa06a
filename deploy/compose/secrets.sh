#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the secrets of full.yaml in the folder secrets, once: what is there is never made anew.
set -eu
cd "$(dirname "$0")"
umask 077

if [ -e secrets ]; then
    echo "secrets.sh: the folder secrets exists; it is left as it is" >&2
    exit 1
fi
mkdir secrets.new
cd secrets.new

openssl rand -base64 32 | tr '+/' '-_' | tr -d '=' >instance.key
openssl rand -hex 24 >database-password
openssl rand -hex 24 >grafana-password

s3_secret=$(openssl rand -hex 32)
cat >entrepot.env <<END
ENTREPOT_BOOTSTRAP_ADMIN_PASSWORD=$(openssl rand -hex 16)
ENTREPOT_STORAGE__S3__ACCESS_KEY_ID=entrepot
ENTREPOT_STORAGE__S3__SECRET_ACCESS_KEY=$s3_secret
END
cat >s3-identities.json <<END
{"identities": [{"name": "entrepot", "credentials": [{"accessKey": "entrepot", "secretKey": "$s3_secret"}],
 "actions": ["Read:entrepot", "Write:entrepot", "List:entrepot", "Tagging:entrepot"]}]}
END

# Containers read these files as users of their own: the folder keeps everybody else out.
chmod 0444 instance.key database-password grafana-password s3-identities.json
cd ..
mv secrets.new secrets
echo "The password of admin is in $(pwd)/secrets/entrepot.env, that of Grafana in $(pwd)/secrets/grafana-password."
