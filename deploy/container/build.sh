#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs Entrepot into the folder that is named, from the wheels of a bundle or, in a clone, from what it is built of.
set -eu
place=$1

pip() {
    "$place/bin/python" -m pip --disable-pip-version-check --no-cache-dir install --quiet "$@"
}

python3 -m venv "$place"
if [ -d wheels ]; then
    pip --no-index --find-links wheels --require-hashes -r requirements/runtime.lock
    pip --no-index --no-deps wheels/entrepot-*.whl
else
    # Node and what builds wheels go into an environment of their own, which stays behind.
    python3 -m venv /tmp/build
    /tmp/build/bin/pip --disable-pip-version-check --no-cache-dir install --quiet --require-hashes -r requirements/build.lock
    /tmp/build/bin/python -m dev.console
    /tmp/build/bin/pip --disable-pip-version-check wheel --quiet --no-build-isolation --no-deps --wheel-dir /tmp/wheels .
    pip --require-hashes -r requirements/runtime.lock
    pip --no-index --no-deps /tmp/wheels/entrepot-*.whl
fi
"$place/bin/python" -m pip uninstall --quiet --yes pip setuptools
"$place/bin/python" -m compileall -q "$place/lib"
"$place/bin/entrepot" version
