# SPDX-License-Identifier: Apache-2.0
"""The rows on a bucket: Entrepot and docker-registry on one SeaweedFS, and neither sends a client there.

`BENCH_QUICK=1` takes less of everything, to try them.
"""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from bench.catalogue import digest_of
from bench.client import Connection
from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import compare
from bench.measurement import measure
from bench.measurement import ratio_at_most
from bench.pushes import CLIENTS
from bench.pushes import GIB
from bench.pushes import LAYER_BYTES
from bench.pushes import LAYERS
from bench.pushes import User
from bench.pushes import push_blob
from bench.pushes import push_images
from bench.pushes import push_stream
from bench.pushes import user_of
from bench.reads import LARGE_BYTES
from bench.reads import LARGE_CONNECTIONS
from bench.reads import PER_REQUESTS
from bench.reads import downloads
from bench.reads import wire
from bench.scale import QUICK
from bench.servers import ENTREPOT
from bench.servers import PEER
from bench.servers import Server
from bench.servers import docker_registry
from bench.servers import entrepot
from bench.workspace import Workspace
from bench.workspace import first_start
from entrepot.infra.storage.s3.answers import parse_xml
from tests.interop.tools import load_pins
from tests.scale.object_stores import BUCKET
from tests.scale.object_stores import KEY_ID
from tests.scale.object_stores import REGION
from tests.scale.object_stores import S3
from tests.scale.object_stores import seaweedfs

STREAM_BYTES = 16 * 2**20 if QUICK else GIB
IMAGES = 32 if QUICK else 1_000
PULLED_BYTES = 8 * 2**20 if QUICK else LARGE_BYTES
LARGE_OBJECT_BYTES = 2**20
VOLUMES = 1_000
"""Of 64 MiB each: what is deleted there is given back later."""

SEAWEEDFS = load_pins().python["seaweedfs"].requirement


@dataclass(frozen=True, slots=True)
class Sides:
    """Both registries on one bucket, and who pushes to each."""

    s3: S3
    servers: list[tuple[Server, User]]

    def forget(self) -> None:
        """Delete the large objects: what was pushed is not asked for again."""
        listed = self.s3.ask("GET", f"/{BUCKET}", (("list-type", "2"), ("max-keys", "1000")))
        for each in parse_xml(listed.body).iter():
            told = {child.tag.rpartition("}")[2]: child.text or "" for child in each}
            if int(told.get("Size", 0)) >= LARGE_OBJECT_BYTES:
                self.s3.ask("DELETE", f"/{BUCKET}/{told['Key']}")


def bucket_environment(s3: S3) -> dict[str, str]:
    """Return the variables by which Entrepot keeps its bytes there."""
    return {
        "ENTREPOT_STORAGE__URL": f"s3://{BUCKET}/entrepot",
        "ENTREPOT_STORAGE__S3__ENDPOINT": s3.url,
        "ENTREPOT_STORAGE__S3__REGION": REGION,
        "ENTREPOT_STORAGE__S3__ACCESS_KEY_ID": KEY_ID,
        "ENTREPOT_STORAGE__S3__SECRET_ACCESS_KEY": s3.secret,
    }


def stream(workspace: Workspace, rounds: int) -> Outcome:
    """Push 1 GiB in one request."""
    conditions = {"bytes": STREAM_BYTES, "streams": 1, "cpu": "seconds per GiB", "requests": "POST, then PUT"}
    with _sides(workspace) as sides:
        push = partial(push_stream, forget=sides.forget, size=STREAM_BYTES)
        return _row("push one blob to a bucket", "MiB/s", sides, push, rounds, conditions)


def images(workspace: Workspace, rounds: int) -> Outcome:
    """Push 1,000 images of three layers of 64 KiB by 16 clients at once."""
    conditions = {"images a round": IMAGES, "clients": CLIENTS, "layers": f"{LAYERS} x {LAYER_BYTES} bytes, fresh"}
    conditions["cpu"] = PER_REQUESTS
    with _sides(workspace) as sides:
        push = partial(push_images, count=IMAGES)
        return _row("push small images to a bucket", "images/s", sides, push, rounds, conditions)


def blob(workspace: Workspace, rounds: int) -> Outcome:
    """Read one blob of 200 MB on four connections at once, every byte of it through the registry."""
    conditions = {"connections": LARGE_CONNECTIONS, "bytes": PULLED_BYTES, "cpu": "seconds per GiB"}
    with _sides(workspace) as sides:
        return _row("GET blob of 200 MB from a bucket", "MiB/s", sides, _pulled, rounds, conditions)


def _pulled(server: Server, user: User) -> Round:
    content, repository = bytes(range(256)) * (PULLED_BYTES // 256), "bench/large"
    with Connection(server.port, user.authorization(repository)) as connection:
        push_blob(connection, repository, content)
    path = f"/v2/{repository}/blobs/{digest_of(content)}"
    return downloads(server, wire("GET", path, server.port, user.token(repository)), PULLED_BYTES)


def _row(
    what: str,
    unit: str,
    sides: Sides,
    begin: Callable[[Server, User], Round],
    rounds: int,
    conditions: dict[str, object],
) -> Outcome:
    samples = measure({server.name: begin(server, user) for server, user in sides.servers}, rounds)
    cpu = {side: [each.cpu_seconds or 0 for each in some] for side, some in samples.items()}
    cost = ratio_at_most("CPU over docker-registry's", cpu[ENTREPOT], cpu[PEER], 1)
    told = {**conditions, "bucket": f"{SEAWEEDFS}, one for both, on this machine", "redirects": "off on both"}
    return Outcome(what, unit, samples, compare(samples, ENTREPOT, []), told, [cost])


@contextmanager
def _sides(workspace: Workspace) -> Iterator[Sides]:
    """Start SeaweedFS and both registries."""
    with ExitStack() as stack:
        s3 = stack.enter_context(seaweedfs(VOLUMES))
        place, data = bucket_environment(s3), workspace.fresh("entrepot")
        password = first_start(data, place)
        ours = stack.enter_context(entrepot(data, more=place))
        theirs = stack.enter_context(docker_registry(workspace.fresh("peer"), _place_of_peer(s3)))
        yield Sides(s3, [(server, user_of(server, password)) for server in (ours, theirs)])


def _place_of_peer(s3: S3) -> dict[str, object]:
    driver = {
        "accesskey": KEY_ID,
        "secretkey": s3.secret,
        "region": REGION,
        "regionendpoint": s3.url,
        "bucket": BUCKET,
        "rootdirectory": "/peer",
        "secure": False,
        "v4auth": True,
    }
    return {"s3": driver, "redirect": {"disable": True}}
