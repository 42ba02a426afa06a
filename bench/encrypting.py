# SPDX-License-Identifier: Apache-2.0
"""The row of what encryption at rest costs: one large blob pushed, and pulled again, with and without it."""

from contextlib import ExitStack
from time import perf_counter

from bench.catalogue import digest_of
from bench.client import Connection
from bench.client import download
from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import Sample
from bench.measurement import measure
from bench.measurement import ratio_at_most
from bench.pushes import push_blob
from bench.pushes import user_of
from bench.reads import wire
from bench.servers import Server
from bench.servers import entrepot
from bench.workspace import Workspace
from entrepot.infra.keys.key_file import make_key_file

BLOB_BYTES = 256 * 2**20
MOST_PUSHING = 2
MOST_PULLING = 4
REPOSITORY = "bench/encrypted"
KINDS = ("plain", "encrypted")


def encrypting(workspace: Workspace, rounds: int) -> Outcome:
    """Push and pull a blob of 256 MiB at two servers, one of which encrypts."""
    key = workspace.fresh("store-key")
    make_key_file(key)
    sides: dict[str, Round] = {}
    with ExitStack() as stack:
        for kind in KINDS:
            data, password = workspace.empty()
            more = {"ENTREPOT_STORAGE__ENCRYPTION__KEY_FILE": str(key)} if kind == "encrypted" else {}
            server = stack.enter_context(entrepot(data, more=more))
            sides |= _push_and_pull(kind, server, password)
        samples = measure(sides, rounds)
    cpu = {side: [each.cpu_seconds or 0 for each in of] for side, of in samples.items()}
    bounds = [
        ratio_at_most(
            f"CPU of a {what} over that of a plain one", cpu[f"{what}, encrypted"], cpu[f"{what}, plain"], most
        )
        for what, most in (("push", MOST_PUSHING), ("pull", MOST_PULLING))
    ]
    conditions = {"bytes": BLOB_BYTES, "connections": 1, "cpu": "seconds per GiB"}
    return Outcome("encryption at rest", "MiB/s", samples, [], conditions, bounds)


def _push_and_pull(kind: str, server: Server, password: str) -> dict[str, Round]:
    user = user_of(server, password)

    def push(number: int) -> Sample:
        content = _content(number)
        with Connection(server.port, user.authorization(REPOSITORY)) as connection:
            before, begin = server.cpu_seconds(), perf_counter()
            push_blob(connection, REPOSITORY, content)
        return _sample(server, before, begin)

    def pull(_number: int) -> Sample:
        request = wire("GET", f"/v2/{REPOSITORY}/blobs/{pulled}", server.port, user.token(REPOSITORY))
        before, begin = server.cpu_seconds(), perf_counter()
        download(server.port, request, BLOB_BYTES)
        return _sample(server, before, begin)

    pulled = digest_of(_content(-1))
    with Connection(server.port, user.authorization(REPOSITORY)) as connection:
        push_blob(connection, REPOSITORY, _content(-1))
    return {f"push, {kind}": push, f"pull, {kind}": pull}


def _content(number: int) -> bytes:
    """Return a blob that is like no other round's."""
    return number.to_bytes(8, "big", signed=True) * (BLOB_BYTES // 8)


def _sample(server: Server, before: float, begin: float) -> Sample:
    seconds = perf_counter() - begin
    return Sample(BLOB_BYTES / 2**20 / seconds, (server.cpu_seconds() - before) / BLOB_BYTES * 2**30)
