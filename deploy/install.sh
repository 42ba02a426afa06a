#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs Entrepot from this unpacked bundle, or upgrades it; no network is used.
#   sh install.sh [FOLDER]      FOLDER is a link to the version that holds, /opt/entrepot unless it is named
#   PYTHON=python3.13 sh install.sh
set -eu
umask 022
unset PYTHONPATH PYTHONHOME
cd "$(dirname "$0")"
place=${1:-/opt/entrepot}
python=${PYTHON:-python3}

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 1
}

case $place in /*) ;; *) fail "$place has to be a whole path, such as /opt/entrepot" ;; esac
[ "$(uname -s)" = Linux ] || fail "Entrepot runs on Linux"
sha256sum --check --strict --quiet SHA256SUMS || fail "the bundle is not what it was when it was made: fetch it again"
"$python" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' ||
    fail "$python has to be Python 3.11 to 3.14 with venv (on Debian: python3-venv); PYTHON= names another"
if [ -e "$place" ] && [ ! -L "$place" ]; then
    fail "$place is a folder and has to be a link: stop the server and move it away first (mv $place $place-before)"
fi

# The wheel by its name in the list that was just checked: what somebody laid beside it does not count.
wheel=$(sed -n 's|^[0-9a-f]*  \(wheels/entrepot-[^/]*\.whl\)$|\1|p' SHA256SUMS)
version=${wheel#wheels/entrepot-}
version=${version%%-*}
new=$place-$version-$(sha256sum SHA256SUMS | cut -c 1-8)

if [ ! -e "$new/.complete" ]; then
    rm -rf "$new"
    "$python" -m venv "$new"
    pip() {
        "$new/bin/python" -m pip --isolated --disable-pip-version-check install --quiet --no-index "$@"
    }
    pip --find-links wheels --only-binary :all: --require-hashes -r requirements/runtime.lock
    pip --no-deps "$wheel"
    "$new/bin/entrepot" version >/dev/null
    touch "$new/.complete"
fi

before=$(readlink "$place" || true)
ln -sfn "$new" "$place.new"
mv -T "$place.new" "$place"
printf 'Entrepot %s is in %s.\n' "$version" "$place"
if [ -n "$before" ] && [ "$before" != "$new" ]; then
    printf 'The version before is still in %s; remove it once you are sure.\n' "$before"
fi
printf 'A server that runs goes on with what it was started from, until it is started again.\n'
