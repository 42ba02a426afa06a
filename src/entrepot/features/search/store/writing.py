# SPDX-License-Identifier: Apache-2.0
"""Every statement that keeps the index of artifacts. All are about one repository at a time."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from sqlalchemy import BigInteger
from sqlalchemy import BindParameter
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.features.search.entries import SALT_BITS
from entrepot.features.search.entries import Entry
from entrepot.features.search.entries import Held
from entrepot.features.search.entries import first_place
from entrepot.features.search.entries import packed
from entrepot.features.search.entries import unpacked
from entrepot.features.search.tables import search_artifacts
from entrepot.features.search.tables import search_terms
from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories

TERMS_PER_STATEMENT = 250

_ITS_DIGESTS: BindParameter[Any] = bindparam("digests", expanding=True)
_LIVE = (
    select(repositories.c.name, manifests.c.digest, manifests.c.pushed_at)
    .join(repositories, repositories.c.id == manifests.c.repo_id)
    .where(
        manifests.c.repo_id == bindparam("repo_id"),
        manifests.c.digest.in_(_ITS_DIGESTS),
        manifests.c.deleted_at.is_(None),
    )
)
_HOLDERS = (
    select(manifests.c.repo_id, manifests.c.digest)
    .where(
        manifests.c.digest == bindparam("digest"),
        manifests.c.repo_id > bindparam("after", type_=BigInteger),
        manifests.c.deleted_at.is_(None),
    )
    .order_by(manifests.c.repo_id)
    .limit(bindparam("limit"))
)
_PARENTS = select(manifest_children.c.parent).where(
    manifest_children.c.repo_id == bindparam("repo_id"), manifest_children.c.child_digest.in_(_ITS_DIGESTS)
)
_IDS = select(repositories.c.name, repositories.c.id).where(repositories.c.name.in_(bindparam("names", expanding=True)))
_STORED = (
    select(search_artifacts.c.digest, search_artifacts.c.place, search_artifacts.c.terms)
    .where(search_artifacts.c.repo_id == bindparam("repo_id"), search_artifacts.c.digest.in_(_ITS_DIGESTS))
    .with_for_update()
)
_TAKEN = select(search_artifacts.c.place).where(search_artifacts.c.place.in_(bindparam("places", expanding=True)))
_REMOVE = delete(search_artifacts).where(search_artifacts.c.place.in_(bindparam("places", expanding=True)))
_REMOVE_TERMS = delete(search_terms).where(
    tuple_(search_terms.c.term, search_terms.c.place).in_(bindparam("pairs", expanding=True))
)
_COLUMNS = tuple(column.name for column in search_artifacts.c)
_PUT = InsertOrUpdate(
    search_artifacts,
    _COLUMNS,
    ("place",),
    lambda new: {name: new[name] for name in _COLUMNS if name != "place"},
)
_ADD_TERMS = Prepared(insert(search_terms), "term", "place")


class Stored(NamedTuple):
    """Where the index has an artifact, and by which terms."""

    place: int
    terms: frozenset[int]


def ids_of(connection: Connection, names: Collection[str]) -> dict[str, RepositoryId]:
    """Return the repositories of these names that are there."""
    return {name: RepositoryId(found) for name, found in connection.execute(_IDS, {"names": sorted(names)})}


def holders(
    connection: Connection, digest: Digest, after: RepositoryId, limit: int
) -> list[tuple[RepositoryId, Digest]]:
    """Return the next repositories behind `after` that hold a manifest, at most `limit`."""
    values = {"digest": digest, "after": after, "limit": limit}
    return [(RepositoryId(repo_id), Digest(found)) for repo_id, found in connection.execute(_HOLDERS, values)]


def live(connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest]) -> list[Held]:
    """Return those of the manifests that are in a repository and not deleted."""
    rows = connection.execute(_LIVE, {"repo_id": repo_id, "digests": list(digests)})
    return [Held(repo_id, RepositoryName(name), Digest(digest), Milliseconds(at)) for name, digest, at in rows]


def parents(connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest]) -> list[Digest]:
    """Return the indexes of a repository that list one of the manifests."""
    rows = connection.execute(_PARENTS, {"repo_id": repo_id, "digests": list(digests)}).scalars()
    return [Digest(each) for each in sorted(set(rows))]


def put(connection: Connection, repo_id: RepositoryId, entries: Sequence[Entry]) -> None:
    """Write what is known of artifacts of a repository, in place of what was."""
    if not entries:
        return
    stored = _stored(connection, repo_id, [entry.held.digest for entry in entries])
    moved = [
        stored.pop(entry.held.digest)
        for entry in entries
        if entry.held.digest in stored and stored[entry.held.digest].place >> SALT_BITS != entry.held.pushed_at
    ]
    _remove(connection, moved)
    places = {digest: each.place for digest, each in stored.items()}
    places |= _new_places(connection, [entry.held for entry in entries if entry.held.digest not in places])
    _PUT.run_all(connection, [_row(places[entry.held.digest], entry) for entry in entries])
    nothing = Stored(0, frozenset())
    changes = [(places[each.held.digest], each.terms, stored.get(each.held.digest, nothing).terms) for each in entries]
    _remove_terms(connection, ((term, place) for place, new, old in changes for term in sorted(old - new)))
    _ADD_TERMS.run_all(connection, [(term, place) for place, new, old in changes for term in sorted(new - old)])


def remove(connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest]) -> None:
    """Forget artifacts of a repository."""
    if digests:
        _remove(connection, list(_stored(connection, repo_id, digests).values()))


def _stored(connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest]) -> dict[Digest, Stored]:
    rows = connection.execute(_STORED, {"repo_id": repo_id, "digests": list(digests)})
    return {Digest(digest): Stored(place, unpacked(terms)) for digest, place, terms in rows}


def _remove(connection: Connection, some: Sequence[Stored]) -> None:
    if some:
        _remove_terms(connection, ((term, each.place) for each in some for term in sorted(each.terms)))
        connection.execute(_REMOVE, {"places": [each.place for each in some]})


def _remove_terms(connection: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    wanted = list(pairs)
    for start in range(0, len(wanted), TERMS_PER_STATEMENT):
        connection.execute(_REMOVE_TERMS, {"pairs": wanted[start : start + TERMS_PER_STATEMENT]})


def _new_places(connection: Connection, held: Sequence[Held]) -> Mapping[Digest, int]:
    """Return a place for each that no other has: its own, or one of the next."""
    wanted = {each.digest: first_place(each) for each in held}
    found: dict[Digest, int] = {}
    while wanted:
        taken = set(connection.execute(_TAKEN, {"places": list(wanted.values())}).scalars()) | set(found.values())
        for digest, place in list(wanted.items()):
            if place in taken:
                wanted[digest] = place + 1
            else:
                taken.add(place)
                found[digest] = wanted.pop(digest)
    return found


def _row(place: int, entry: Entry) -> tuple[object, ...]:
    return (
        place,
        entry.held.repo_id,
        entry.held.digest,
        entry.type,
        entry.size,
        "\n".join(entry.platforms),
        "\n".join(entry.label_keys),
        entry.revision,
        packed(entry.terms),
    )
