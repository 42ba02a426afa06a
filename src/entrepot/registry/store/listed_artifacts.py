# SPDX-License-Identifier: Apache-2.0
"""The artifacts of one repository page by page: those that are there, by their push, and those in the bin."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from typing import Any
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy import ScalarSelect
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.registry.store.hold_tables import placed_holds
from entrepot.registry.store.recycle_bin import SEALED
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifests
from entrepot.registry.tables import tag_history
from entrepot.registry.tables import tags

MAX_LOOKED_AT = 5_000
"""So many artifacts one page of a filtered list looks at; it ends there, however few it has found."""

MAX_TAGS = 10
"""How many of the tags of an artifact are listed with it."""

_DIGESTS_PER_STATEMENT = 500


class PushPlace(NamedTuple):
    """Where a manifest stands in the order of pushes."""

    pushed_at: Milliseconds
    digest: str


_OLDEST = PushPlace(Milliseconds(-1), "")
_NEWEST = PushPlace(Milliseconds(2**62), "")


class BinPlace(NamedTuple):
    """Where a deleted manifest stands in the order of what can be restored the longest."""

    restorable_until: Milliseconds
    digest: str


LONGEST = BinPlace(Milliseconds(2**62), "")
"""Where the bin begins."""


@dataclass(frozen=True, slots=True)
class ListedManifest:
    """A manifest that is not deleted, with at most `MAX_TAGS` of its tags; `size` is that of its bytes."""

    tags: tuple[TagName, ...]
    digest: Digest
    media_type: str
    artifact_type: str | None
    size: int
    pushed_at: Milliseconds
    pushed_by: str
    has_referrers: bool


@dataclass(frozen=True, slots=True)
class BinnedManifest:
    """A deleted manifest, with at most `MAX_TAGS` of the tags that were deleted with it."""

    tags: tuple[TagName, ...]
    digest: Digest
    media_type: str
    deleted_at: Milliseconds
    deleted_by: str | None
    restorable_until: Milliseconds


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which manifests to list and in which order.

    Each of `among` selects digests, of which a manifest's has to be one, with `values` and `repo_id`; with `is_tagged`,
    it has to have a tag, or none.
    """

    is_newest_first: bool = True
    is_tagged: bool | None = None
    among: tuple[Select[tuple[str]], ...] = ()
    values: Mapping[str, object] = field(default_factory=dict, compare=False)

    @property
    def is_filtered(self) -> bool:
        """Whether some manifests are left out."""
        return self.is_tagged is not None or bool(self.among)


_PLACE = tuple_(manifests.c.pushed_at, manifests.c.digest)
_AFTER = tuple_(bindparam("pushed_at"), bindparam("digest"))
_LAST = tuple_(bindparam("last_pushed_at"), bindparam("last_digest"))

_others = manifests.alias("others")
_HAS_REFERRERS = exists().where(
    _others.c.repo_id == manifests.c.repo_id,
    _others.c.subject == manifests.c.digest,
    _others.c.deleted_at.is_(None),
)
_ITS_TAGS = (tags.c.repo_id == manifests.c.repo_id, tags.c.digest == manifests.c.digest)
_IS_TAGGED = exists().where(*_ITS_TAGS)


def _few(names: Select[tuple[str]]) -> ScalarSelect[str]:
    """Return the first of the names in one text: no comma is in any."""
    few = names.correlate(manifests).limit(MAX_TAGS).subquery()
    return select(func.aggregate_strings(few.c.name, ",")).scalar_subquery()


_LISTED = select(
    _few(select(tags.c.name).where(*_ITS_TAGS)),
    manifests.c.digest,
    manifests.c.media_type,
    manifests.c.artifact_type,
    manifests.c.size,
    manifests.c.pushed_at,
    manifests.c.pushed_by,
    _HAS_REFERRERS,
).where(manifests.c.repo_id == bindparam("repo_id"), manifests.c.deleted_at.is_(None))

_AMONG = _LISTED.where(manifests.c.digest.in_(bindparam("digests", expanding=True)))

_IS_HELD = exists().where(
    placed_holds.c.repo_id == manifests.c.repo_id,
    or_(placed_holds.c.digest == manifests.c.digest, placed_holds.c.digest.is_(None)),
    placed_holds.c.released_at.is_(None),
    or_(placed_holds.c.expires_at.is_(None), placed_holds.c.expires_at > bindparam("now")),
)
"""A hold keeps it: then it is not purged when its time is over."""

_BIN = (
    select(
        _few(
            select(tag_history.c.name).where(
                tag_history.c.deletion_id == manifests.c.deletion_id,
                tag_history.c.previous_digest == manifests.c.digest,
            )
        ),
        manifests.c.digest,
        manifests.c.media_type,
        manifests.c.deleted_at,
        manifests.c.deleted_by,
        manifests.c.purge_after,
    )
    .where(
        manifests.c.repo_id == bindparam("repo_id"),
        manifests.c.deleted_at.is_not(None),
        or_(manifests.c.purge_after > bindparam("now"), and_(manifests.c.purge_after != SEALED, _IS_HELD)),
        tuple_(bindparam("purge_after"), bindparam("digest")) > tuple_(manifests.c.purge_after, manifests.c.digest),
    )
    .order_by(manifests.c.purge_after.desc(), manifests.c.digest.desc())
    .limit(bindparam("limit"))
)


def page(
    connection: Connection,
    repo_id: RepositoryId,
    wanted: Wanted,
    after: PushPlace | None,
    limit: int,
    most: int = MAX_LOOKED_AT,
) -> tuple[list[ListedManifest], PushPlace | None]:
    """Return up to `limit` manifests behind `after`, and where the next page begins, None after the last.

    Of a filtered list at most so many are looked at, so that a page costs the same
    however rare it is what is looked for: it may hold fewer, even none.
    """
    beginning, end = (_NEWEST, _OLDEST) if wanted.is_newest_first else (_OLDEST, _NEWEST)
    first = after or beginning
    values = {"repo_id": repo_id, "pushed_at": first.pushed_at, "digest": first.digest, "step": most - 1}
    reach = _reach(connection, values, wanted) if wanted.is_filtered else None
    last = reach or end
    values |= {"last_pushed_at": last.pushed_at, "last_digest": last.digest, "limit": limit + 1}
    found = [_listed(row) for row in connection.execute(_page(wanted), {**wanted.values, **values})]
    if len(found) > limit:
        return found[:limit], PushPlace(found[limit - 1].pushed_at, found[limit - 1].digest)
    return found, reach


def among(connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest]) -> dict[Digest, ListedManifest]:
    """Return those of `digests` that are manifests of the repository and not deleted."""
    found: dict[Digest, ListedManifest] = {}
    for start in range(0, len(digests), _DIGESTS_PER_STATEMENT):
        values = {"repo_id": repo_id, "digests": digests[start : start + _DIGESTS_PER_STATEMENT]}
        found.update({row.digest: _listed(row) for row in connection.execute(_AMONG, values)})
    return found


def in_the_bin(
    connection: Connection, repo_id: RepositoryId, after: BinPlace, limit: int, now: Milliseconds
) -> list[BinnedManifest]:
    """Return up to `limit` deleted manifests behind `after` that can be restored for a while, or are under a hold."""
    place = {"purge_after": after.restorable_until, "digest": after.digest}
    rows = connection.execute(_BIN, {"repo_id": repo_id, **place, "now": now, "limit": limit})
    return [BinnedManifest(_names(names), *fields) for names, *fields in rows]


def _reach(connection: Connection, values: dict[str, Any], wanted: Wanted) -> PushPlace | None:
    row = connection.execute(_step(is_newest_first=wanted.is_newest_first), values).first()
    return None if row is None else PushPlace(*row)


def _listed(row: Iterable[Any]) -> ListedManifest:
    names, *fields = row
    return ListedManifest(_names(names), *fields)


def _names(joined: str | None) -> tuple[TagName, ...]:
    return tuple(sorted(map(TagName, joined.split(",")))) if joined else ()


@cache
def _step(*, is_newest_first: bool) -> Select[Any]:
    chosen = select(manifests.c.pushed_at, manifests.c.digest).where(
        manifests.c.repo_id == bindparam("repo_id"), manifests.c.deleted_at.is_(None)
    )
    return _ordered(chosen, is_newest_first=is_newest_first).offset(bindparam("step")).limit(1)


@cache
def _page(wanted: Wanted) -> Select[Any]:
    chosen = _ordered(_LISTED, is_newest_first=wanted.is_newest_first)
    chosen = chosen.where(_LAST <= _PLACE if wanted.is_newest_first else _LAST >= _PLACE)
    if wanted.is_tagged is not None:
        chosen = chosen.where(_IS_TAGGED if wanted.is_tagged else ~_IS_TAGGED)
    for some in wanted.among:
        digest = some.selected_columns[0]
        chosen = chosen.where(some.where(digest == manifests.c.digest).correlate(manifests).exists())
    return chosen.limit(bindparam("limit"))


def _ordered(chosen: Select[Any], *, is_newest_first: bool) -> Select[Any]:
    if is_newest_first:
        return chosen.where(_AFTER > _PLACE).order_by(manifests.c.pushed_at.desc(), manifests.c.digest.desc())
    return chosen.where(_AFTER < _PLACE).order_by(manifests.c.pushed_at, manifests.c.digest)
