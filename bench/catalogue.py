# SPDX-License-Identifier: Apache-2.0
"""The data set that reads are measured on: many repositories, tags, users and tokens, and which are asked for.

1,000 projects of 10 repositories of 10 tags, each tag on an image manifest of
its own; 1,000 users, each of whom may read one project and holds one token for
its 10 repositories. The rows and files are those that pushes, and the facts
that are derived after them, would have left; they are inserted in bulk. Layers
are a few bytes each. Manifests are about 1.4 KB, so all of them together are
four times what a server process keeps in memory.
"""

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import insert

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from bench.issuing import issue
from entrepot.entry.opening import DEFAULT_STORE
from entrepot.features.artifacts import store as artifact_store
from entrepot.features.artifacts.facts import RULES_VERSION
from entrepot.features.artifacts.facts import facts_of
from entrepot.features.identity.tables import users
from entrepot.infra.database import schema
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.layout import Layout
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from entrepot.oci.digest import Digest
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import OCI_MANIFEST
from entrepot.oci.version_order import version_key
from entrepot.registry.store import repositories as repository_store
from entrepot.registry.tables import blobs
from entrepot.registry.tables import grants
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifests
from entrepot.registry.tables import objects
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags

PROJECTS = 1_000
REPOSITORIES_PER_PROJECT = 10
TAGS = 10
LAYERS = 6
LAYER_POOL = 60
ZIPF_EXPONENT = 1.1
SEED = 20
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"


def digest_of(content: bytes) -> str:
    """Return the sha256 digest of `content`."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Image:
    """One tag: where it is, who may read it, and the manifest it points at."""

    repository: str
    tag: str
    user: int
    digest: str
    payload: bytes
    blobs: tuple[bytes, ...]
    """The contents of configuration and layers (small, and different from image to image only in the first)."""


def image(number: int) -> Image:
    """Make the image of one of the `PROJECTS` x `REPOSITORIES_PER_PROJECT` x `TAGS` tags."""
    of_repository, tag = divmod(number, TAGS)
    project, name = divmod(of_repository, REPOSITORIES_PER_PROJECT)
    config = json.dumps({"architecture": "amd64", "os": "linux", "repository": of_repository}).encode()
    layers = [b"layer %d" % ((of_repository * 7 + place) % LAYER_POOL) for place in range(LAYERS)]
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": _descriptor(CONFIG_TYPE, config),
        "layers": [_descriptor(LAYER_TYPE, layer) for layer in layers],
        "annotations": {"org.opencontainers.image.version": f"1.{tag}.0"},
    }
    payload = json.dumps(manifest, indent=1).encode()
    repository = f"project-{project:04}/app-{name}"
    return Image(repository, f"1.{tag}.0", project, digest_of(payload), payload, (config, *layers))


def count() -> int:
    """Return how many images there are."""
    return PROJECTS * REPOSITORIES_PER_PROJECT * TAGS


def zipf_draws(length: int, seed: int = SEED) -> list[int]:
    """Draw images: the one of rank r with a probability in proportion to r^-1.1, ranks shuffled once."""
    source = random.Random(SEED)
    order = list(range(count()))
    source.shuffle(order)
    weights = list(accumulate(rank**-ZIPF_EXPONENT for rank in range(1, count() + 1)))
    return random.Random(seed).choices(order, cum_weights=weights, k=length)


def build(data: Path) -> None:
    """Make the data directory."""
    data.mkdir(parents=True)
    database = SqliteDatabase(data / "entrepot.db")
    schema.upgrade(database)
    layout = Layout(data / "blobs")
    layout.prepare()
    database.write_now(_fill, layout)
    database.close()


async def issue_tokens(data: Path) -> list[str]:
    """Issue every user's token for the repositories of its project, as the token endpoint does."""
    apps = range(REPOSITORIES_PER_PROJECT)
    wanted = [
        (f"user-{project:04}", [f"repository:project-{project:04}/app-{app}:pull" for app in apps])
        for project in range(PROJECTS)
    ]
    return await issue(data, wanted)


def _descriptor(media_type: str, content: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def _fill(connection: Connection, layout: Layout) -> None:
    now = system_clock()
    artifact_store.note_caught_up(connection, RULES_VERSION, now)
    store = repository_store.ensure_store(connection, DEFAULT_STORE)
    people = [
        {"name": f"user-{n:04}", "password_hash": "!", "created_at": now, "password_changed_at": now}
        for n in range(PROJECTS)
    ]
    connection.execute(insert(users), people)
    given = {"role": "read", "created_at": now, "created_by": "user:admin"}
    rows = [{"principal": f"user:user-{n:04}", "path_pattern": f"project-{n:04}/**", **given} for n in range(PROJECTS)]
    connection.execute(insert(grants), rows)
    contents: set[bytes] = set()
    for number in range(0, count(), REPOSITORIES_PER_PROJECT * TAGS):
        images = [image(number + offset) for offset in range(REPOSITORIES_PER_PROJECT * TAGS)]
        fresh = {blob for one in images for blob in one.blobs} - contents
        contents |= fresh
        _fill_blobs(connection, layout, fresh, (store, now))
        ids = {one.repository: (number + offset) // TAGS + 1 for offset, one in enumerate(images)}
        _fill_repositories(connection, images, ids, (store, now))
        _fill_images(connection, images, ids, now)


def _fill_blobs(
    connection: Connection, layout: Layout, contents: set[bytes], constants: tuple[int, Milliseconds]
) -> None:
    store, now = constants
    rows, kept = [], []
    for content in contents:
        key, digest = object_key(), digest_of(content)
        path = layout.object_path(key)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        rows.append({"digest": digest, "size": len(content), "first_seen": now})
        one = {"object_key": key, "digest": digest, "store_id": store, "state": "live", "stored_size": len(content)}
        kept.append(one | {"created_at": now})
    connection.execute(insert(blobs), rows)
    connection.execute(insert(objects), kept)


def _fill_repositories(
    connection: Connection, images: list[Image], ids: dict[str, int], constants: tuple[int, Milliseconds]
) -> None:
    store, now = constants
    made = {"store_id": store, "created_at": now, "visible_at": now}
    rows = [{"id": repo, "name": name, "namespace": name.split("/")[0], **made} for name, repo in ids.items()]
    connection.execute(insert(repositories), rows)
    leased = {"linked_at": now, "lease_until": now, "leased_by": "user:admin"}
    held = {(ids[one.repository], digest_of(blob)) for one in images for blob in one.blobs}
    connection.execute(insert(repo_blobs), [{"repo_id": repo, "digest": blob, **leased} for repo, blob in sorted(held)])


def _fill_images(connection: Connection, images: list[Image], ids: dict[str, int], now: Milliseconds) -> None:
    pushed = {"media_type": OCI_MANIFEST, "artifact_type": CONFIG_TYPE, "pushed_at": now, "pushed_by": "user:admin"}
    set_by = {"epoch": 0, "hlc": now << 16, "region": "local", "updated_at": now, "updated_by": "user:admin"}
    stored, listed, named = [], [], []
    for one in images:
        repo = ids[one.repository]
        stored.append(
            {"repo_id": repo, "digest": one.digest, "payload": one.payload, "size": len(one.payload), **pushed}
        )
        named.append(
            {"repo_id": repo, "name": one.tag, "digest": one.digest, "version_key": version_key(one.tag), **set_by}
        )
        held = sorted(set(map(digest_of, one.blobs)))
        listed += [{"repo_id": repo, "manifest": one.digest, "digest": blob, "link": blob} for blob in held]
    connection.execute(insert(manifests), stored)
    connection.execute(insert(manifest_blobs), listed)
    connection.execute(insert(tags), named)
    facts = {Digest(one.digest): facts_of(parse_manifest(one.payload, OCI_MANIFEST), one.blobs[0]) for one in images}
    artifact_store.put(connection, facts, rules_version=RULES_VERSION, now=now)


def forever(numbers: list[int]) -> Iterator[int]:
    """Yield the draws over and over."""
    while True:
        yield from numbers
