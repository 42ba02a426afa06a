#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs one bundle, serves, pushes, and upgrades in place to another: offline.sh BUNDLE NEWER_BUNDLE FOLDER
# Run it where there is no network but the loopback.
set -eux
old=$1 new=$2 work=$3
unset PYTHONPATH # what is installed is what runs
here=$(cd "$(dirname "$0")" && pwd)
entrepot=$work/opt/entrepot/bin/entrepot
url=http://127.0.0.1:5000
server=

stop() {
    if [ -n "$server" ]; then
        kill "$server"
        wait "$server"
        server=
    fi
}
trap 'stop || true' EXIT

serve() {
    "$entrepot" serve --data "$work/data" >>"$work/log" 2>&1 &
    server=$!
    tries=0
    until curl -fsS "$url/readyz" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 240 ] || { cat "$work/log"; exit 1; }
        sleep 0.25
    done
}

ip link set lo up
[ "$(ip -o link | wc -l)" = 1 ] || exit 1
mkdir "$work/opt"

sh "$old/install.sh" "$work/opt/entrepot"
before=$("$entrepot" version)
serve
curl -fsS --header 'Accept: text/html' "$url/" | grep '<script'
user=admin:$(cat "$work/data/initial-admin-password")
sh "$here/push.sh" "$url" "$user"

# The server goes on while the new version is laid beside it, and the new one has what was pushed to the old one.
sh "$new/install.sh" "$work/opt/entrepot"
sh "$here/push.sh" "$url" "$user" pull
[ "$("$entrepot" version)" != "$before" ]
stop
serve
sh "$here/push.sh" "$url" "$user" pull
stop

# Back to the version before, and once more: what is there is not installed again.
sh "$old/install.sh" "$work/opt/entrepot"
[ "$("$entrepot" version)" = "$before" ]
[ "$(ls "$work/opt" | wc -l)" = 3 ]
