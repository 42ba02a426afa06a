# SPDX-License-Identifier: Apache-2.0
"""What would count if something was pushed or taken out of the bin."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import select

from entrepot.features.quotas.models import Item
from entrepot.features.quotas.models import Kind
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.store import truth
from entrepot.features.quotas.store.truth import Place
from entrepot.registry.store import recycle_bin
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import blobs
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories


@dataclass(frozen=True, slots=True)
class Arrival:
    """A manifest that is about to be there: `size` bytes that list blobs; pushed, or only taken out of the bin."""

    repository: str
    digest: str
    size: int = 0
    blobs: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Needed:
    """What would count, by whose it is; `is_new` tells whether somebody pushes what is not there in any form."""

    items: dict[Subject, list[Item]]
    is_new: bool = False


_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_FIND = (
    select(
        repositories.c.id,
        repositories.c.visible_at.is_not(None).label("is_visible"),
        manifests.c.digest,
        manifests.c.deleted_at.is_not(None).label("is_deleted"),
        manifests.c.deletion_id,
    )
    .select_from(repositories)
    .outerjoin(manifests, (manifests.c.repo_id == repositories.c.id) & (manifests.c.digest == bindparam("digest")))
    .where(repositories.c.name == bindparam("name"))
)
_SIZES = (
    select(blobs.c.digest, blobs.c.size)
    .join(repo_blobs, repo_blobs.c.digest == blobs.c.digest)
    .where(repo_blobs.c.repo_id == bindparam("repo_id"), repo_blobs.c.digest.in_(_KEYS))
)


def of_arrival(connection: Connection, arrival: Arrival, owner: Subject, *, with_blobs: bool) -> Needed:
    """Return what would count for `owner`, who brings it, or for those whose it was when it went into the bin.

    Nothing where it is there. Blobs are left out where nobody limits bytes. What is counted already is among it.
    """
    row = connection.execute(_FIND, {"name": arrival.repository, "digest": arrival.digest}).first()
    if row is not None and row.digest is not None:
        if not row.is_deleted:
            return Needed({})
        together = _together(connection, row.id, row.digest, row.deletion_id)
        return _taken_out(connection, arrival.repository, row.id, together, with_blobs=with_blobs)
    items = [Item(Kind.ARTIFACT, arrival.repository, arrival.digest, arrival.size)]
    if row is None or not row.is_visible:
        items.append(Item(Kind.REPOSITORY, arrival.repository, ""))
    if row is not None and with_blobs:
        for some in truth.portions(dict.fromkeys(arrival.blobs)):
            found = connection.execute(_SIZES, {"repo_id": row.id, "keys": some})
            items += [Item(Kind.BLOB, "", digest, size) for digest, size in found]
    return Needed({owner: items}, is_new=True)


def room_is_new(connection: Connection, repository: str) -> bool:
    """Tell whether a repository would have to be made, or be seen for the first time."""
    row = connection.execute(_FIND, {"name": repository, "digest": ""}).first()
    return row is None or not row.is_visible


def _together(connection: Connection, repo_id: int, digest: str, deletion_id: str | None) -> list[str]:
    """Return what comes out of the bin with a manifest."""
    together = recycle_bin.deleted_together(connection, RepositoryId(repo_id), deletion_id) if deletion_id else []
    return [*together] or [digest]


def _taken_out(
    connection: Connection, repository: str, repo_id: int, digests: Collection[str], *, with_blobs: bool
) -> Needed:
    places: list[Place] = [(repo_id, digest) for digest in digests]
    artifacts = truth.artifacts(connection, places)
    items: dict[Subject, list[Item]] = {}
    for each in artifacts.values():
        items.setdefault(each.owner, []).append(Item(Kind.ARTIFACT, repository, each.place[1], each.size))
    if with_blobs:
        for held in truth.held_by(connection, places):
            items[artifacts[held.artifact].owner].append(Item(Kind.BLOB, "", held.digest, held.size))
    return Needed(items)
