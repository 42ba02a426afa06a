# SPDX-License-Identifier: Apache-2.0
"""The data set that reads are measured on: many repositories, tags, users and tokens, and which are asked for.

1,000 projects of 10 repositories of 10 tags, each tag on an image manifest of
its own; 1,000 users, each of whom may read one project and holds one token for
its 10 repositories. The rows are those that pushes would have left, inserted in
bulk, but for the bytes of layers and configurations, which nobody asks for
here. Manifests are about 1.4 KB, so all of them are four times what a server
process keeps in memory.
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
from entrepot.entry.wiring import DEFAULT_STORE
from entrepot.features.access import GrantAuthorizer
from entrepot.features.identity import Accounts
from entrepot.features.identity import PasswordChecks
from entrepot.features.identity.tables import users
from entrepot.features.tokens import TokenService
from entrepot.features.tokens import load_instance_key
from entrepot.features.tokens import load_key_ring
from entrepot.features.tokens.scopes import parse_scopes
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import system_clock
from entrepot.oci.media_types import IMAGE_MANIFEST
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
        "mediaType": IMAGE_MANIFEST,
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
    database = Database(data / "entrepot.db")
    schema.upgrade(database)
    database.write_now(_fill)
    database.close()


async def issue_tokens(data: Path) -> list[str]:
    """Issue every user's token for the repositories of its project, as the token endpoint does."""
    database = Database(data / "entrepot.db")
    passwords = PasswordChecks(system_clock)
    authorizer = GrantAuthorizer(database, Accounts(database, passwords), system_clock)
    keys = load_key_ring(database, load_instance_key(data), system_clock)
    service = TokenService(keys, authorizer, system_clock)
    tokens = []
    for project in range(PROJECTS):
        asked = [f"repository:project-{project:04}/app-{name}:pull" for name in range(REPOSITORIES_PER_PROJECT)]
        principal = Principal(PrincipalKind.USER, f"user-{project:04}")
        tokens.append((await service.issue(principal, parse_scopes(asked))).token)
    passwords.close()
    database.close()
    return tokens


def _descriptor(media_type: str, content: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def _fill(connection: Connection) -> None:
    now = system_clock()
    store = repository_store.ensure_store(connection, DEFAULT_STORE)
    people = [
        {"name": f"user-{n:04}", "password_hash": "!", "is_admin": False, "created_at": now, "password_changed_at": now}
        for n in range(PROJECTS)
    ]
    connection.execute(insert(users), people)
    given = {"role": "read", "created_at": now, "created_by": "user:admin"}
    rows = [{"principal": f"user:user-{n:04}", "path_pattern": f"project-{n:04}/**", **given} for n in range(PROJECTS)]
    connection.execute(insert(grants), rows)
    seen: set[str] = set()
    for project in range(PROJECTS):
        _fill_project(connection, project, (store, now), seen)


def _fill_project(connection: Connection, project: int, constants: tuple[int, int], seen: set[str]) -> None:
    store, now = constants
    per_project = REPOSITORIES_PER_PROJECT * TAGS
    images = [image(project * per_project + offset) for offset in range(per_project)]
    ids = {one.repository: project * REPOSITORIES_PER_PROJECT + n // TAGS + 1 for n, one in enumerate(images)}
    held = [(ids[one.repository], digest_of(blob), len(blob)) for one in images[::TAGS] for blob in one.blobs]
    fresh = {digest: size for _, digest, size in held if digest not in seen}
    seen.update(fresh)
    connection.execute(
        insert(repositories),
        [
            {"id": repo, "name": n, "namespace": n.split("/")[0], "store_id": store, "created_at": now, "visible_at": 1}
            for n, repo in ids.items()
        ],
    )
    connection.execute(insert(blobs), [{"digest": d, "size": size, "first_seen": now} for d, size in fresh.items()])
    kept = {"store_id": store, "state": "live", "created_at": now}
    objects_here = [{"object_key": f"bench/{d[7:]}", "digest": d, "stored_size": s, **kept} for d, s in fresh.items()]
    connection.execute(insert(objects), objects_here)
    leased = {"linked_at": now, "lease_until": now, "leased_by": "user:admin"}
    connection.execute(insert(repo_blobs), [{"repo_id": repo, "digest": d, **leased} for repo, d, _ in held])
    _fill_images(connection, images, ids, now)


def _fill_images(connection: Connection, images: list[Image], ids: dict[str, int], now: int) -> None:
    pushed = {"media_type": IMAGE_MANIFEST, "artifact_type": CONFIG_TYPE, "pushed_at": now, "pushed_by": "user:admin"}
    set_by = {"epoch": 0, "hlc": now << 16, "region": "local", "updated_at": now, "updated_by": "user:admin"}
    stored, listed, named = [], [], []
    for one in images:
        repo = ids[one.repository]
        stored.append(
            {"repo_id": repo, "digest": one.digest, "payload": one.payload, "size": len(one.payload), **pushed}
        )
        named.append({"repo_id": repo, "name": one.tag, "digest": one.digest, **set_by})
        for blob in dict.fromkeys(map(digest_of, one.blobs)):
            listed.append({"repo_id": repo, "manifest": one.digest, "digest": blob, "link": blob})
    connection.execute(insert(manifests), stored)
    connection.execute(insert(manifest_blobs), listed)
    connection.execute(insert(tags), named)


def forever(numbers: list[int]) -> Iterator[int]:
    """Yield the draws over and over."""
    while True:
        yield from numbers
