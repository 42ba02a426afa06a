# SPDX-License-Identifier: Apache-2.0
"""The row of what is done besides: the archive and the keys of the store, at each start and at each push."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import measure
from bench.measurement import ratio_at_most
from bench.pushes import CLIENTS
from bench.pushes import IMAGES
from bench.pushes import push_images
from bench.pushes import user_of
from bench.scale import LARGE
from bench.scale import built
from bench.servers import entrepot
from bench.start import started
from bench.workspace import Workspace
from bench.workspace import first_start
from entrepot.infra.keys.key_file import make_key_file

AT_MOST = 1.1
NEITHER, ARCHIVE, KEYS = "neither", "archive", "keys"


def extras(workspace: Workspace, rounds: int) -> Outcome:
    """Start on the large data set, and push small images, with the archive, with keys, and without both.

    The keys are those of the store: content that is pushed with them is encrypted, small as it is.
    """
    key = workspace.fresh("store-key")
    make_key_file(key)
    off = {"ENTREPOT_ARCHIVE__ENABLED": "false"}
    kinds = {
        NEITHER: off,
        ARCHIVE: {"ENTREPOT_ARCHIVE__ENABLED": "true"},
        KEYS: {**off, "ENTREPOT_STORAGE__ENCRYPTION__KEY_FILE": str(key)},
    }
    sides: dict[str, Round] = {}
    large = built(workspace, LARGE)
    with ExitStack() as stack:
        for kind, environment in kinds.items():
            sides[f"start, {kind}"] = _starts(large.data, environment)
            data = workspace.fresh("entrepot")
            password = first_start(data, environment)
            server = stack.enter_context(entrepot(data, more=environment))
            sides[f"push, {kind}"] = push_images(server, user_of(server, password))
        samples = measure(sides, rounds)
    cpu = {side: [each.cpu_seconds or 0 for each in some] for side, some in samples.items()}
    bounds = [
        ratio_at_most(f"CPU of a {what}, {kind} over neither", cpu[f"{what}, {kind}"], cpu[f"{what}, neither"], AT_MOST)
        for what in ("start", "push")
        for kind in (ARCHIVE, KEYS)
    ]
    conditions = {
        "start": f"seconds to the first manifest; {large.description}",
        "push": f"images/s, {IMAGES} a round by {CLIENTS} clients",
        "cpu": "seconds until the first manifest; of pushes, seconds per 100,000 requests",
    }
    return Outcome("archive and keys", "s; images/s", samples, [], conditions, bounds)


def _starts(data: Path, environment: Mapping[str, str]) -> Round:
    return lambda _number: started(data, environment)
