# SPDX-License-Identifier: Apache-2.0
"""Finding artifacts by the index. Each statement follows an index, and looks at no more rows than its caller says."""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.features.search.entries import SALT_BITS
from entrepot.features.search.findings import Hit
from entrepot.features.search.findings import Shown
from entrepot.features.search.store.conditions import INDEXED
from entrepot.features.search.store.conditions import condition
from entrepot.features.search.store.conditions import digest_spans
from entrepot.features.search.store.conditions import hashes_of
from entrepot.features.search.store.conditions import lies_in
from entrepot.features.search.tables import search_terms
from entrepot.features.search.terms import Bytes
from entrepot.features.search.terms import Kind
from entrepot.features.search.terms import Range
from entrepot.features.search.terms import Term
from entrepot.features.usage import last_use_of
from entrepot.infra.database.among import Among
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.spans import Span
from entrepot.kernel.spans import beginning_with
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags

MAX_TAGS = 10

Places = Select[Any]

_AT_A_PLACE = INDEXED.c.place + 0
"""A place by which nothing is looked up: where another index leads to fewer."""

_HIT = select(
    INDEXED.c.place,
    INDEXED.c.repo_id,
    INDEXED.c.digest,
    repositories.c.name,
    INDEXED.c.type,
    INDEXED.c.size,
    INDEXED.c.platforms,
    INDEXED.c.label_keys,
    INDEXED.c.revision,
).join_from(INDEXED, repositories, repositories.c.id == INDEXED.c.repo_id)

_AMONG = Among(INDEXED.c.place, "places", BigInteger())

_few_tags = (
    select(tags.c.name)
    .where(tags.c.repo_id == INDEXED.c.repo_id, tags.c.digest == INDEXED.c.digest)
    .limit(MAX_TAGS)
    .correlate(INDEXED)
    .subquery()
)
_SHOWN = (
    select(
        INDEXED.c.place,
        manifests.c.media_type,
        manifests.c.artifact_type,
        manifests.c.pushed_by,
        select(func.aggregate_strings(_few_tags.c.name, ",")).scalar_subquery(),
        last_use_of(INDEXED.c.repo_id, INDEXED.c.digest, INDEXED),
    )
    .join_from(
        INDEXED, manifests, (manifests.c.repo_id == INDEXED.c.repo_id) & (manifests.c.digest == INDEXED.c.digest)
    )
    .where(_AMONG, manifests.c.deleted_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where places of artifacts are read from; `is_in_order` where by their order no more are read than wanted."""

    places: Places
    column: ColumnElement[int]
    is_in_order: bool = False

    def gathered(self, connection: Connection, within: Range, limit: int) -> list[int]:
        """Return places, at most `limit`, whichever; some may be there more than once."""
        chosen = self.places.where(lies_in(self.column, within)).limit(limit)
        return list(connection.execute(chosen).scalars())

    def few(self, connection: Connection, within: Range, limit: int) -> list[int] | None:
        """Return the places in a range; None where that would take reading more than `limit`, inside or outside it."""
        if self.is_in_order:
            found = self.gathered(connection, within, limit + 1)
            return found if len(found) <= limit else None
        read = list(connection.execute(self.places.limit(limit + 1)).scalars())
        return [place for place in read if within.covers(place)] if len(read) <= limit else None

    def count(self, connection: Connection, within: Range, limit: int) -> int:
        """Count them, no further than `limit`."""
        some = self.places.where(lies_in(self.column, within)).limit(limit).subquery()
        return connection.execute(select(func.count()).select_from(some)).scalar_one()

    def next(self, connection: Connection, within: Range, limit: int, *, is_newest_first: bool) -> list[int]:
        """Return the first or the last places in the range, in order."""
        order = self.column.desc() if is_newest_first else self.column.asc()
        chosen = self.places.where(lies_in(self.column, within)).order_by(order).limit(limit)
        return list(connection.execute(chosen).scalars())


EVERYTHING = Source(select(INDEXED.c.place), INDEXED.c.place, is_in_order=True)


def sources_of(term: Term) -> Iterator[Source]:
    """Yield where everything is found that a term is true of; nothing for one that has no index."""
    if not term.is_wanted:
        return
    text = str(term.value)
    for each in hashes_of(term):
        listed = select(search_terms.c.place).where(search_terms.c.term == each)
        yield Source(listed, search_terms.c.place, is_in_order=True)
    if isinstance(term.value, Bytes):
        yield _indexed(lies_in(INDEXED.c.size, term.value.range))
    elif term.kind is Kind.REVISION:
        yield _indexed(INDEXED.c.revision.is_not(None), *_begins(INDEXED.c.revision, beginning_with(text)))
    elif term.kind is Kind.DIGEST:
        spans = digest_spans(text)
        yield _indexed(
            or_(*(_begins(INDEXED.c.digest, span)[0] & _begins(INDEXED.c.digest, span)[1] for span in spans))
        )
    elif term.kind is Kind.TAG and not text.startswith("*"):
        yield _tagged(text)


def in_repositories(ids: Collection[RepositoryId]) -> Source:
    """Return where everything is found that these repositories hold, in order where it is one."""
    chosen = select(INDEXED.c.place)
    if len(ids) == 1:
        [only] = ids
        return Source(chosen.where(INDEXED.c.repo_id == only), INDEXED.c.place, is_in_order=True)
    return Source(chosen.where(INDEXED.c.repo_id.in_(sorted(ids))), _AT_A_PLACE)


class Matching:
    """What the terms of a query are true of, among places."""

    def __init__(self, terms: Sequence[Term], now: Milliseconds, engine: str) -> None:
        self._statement = _HIT.where(_AMONG, *(condition(term, now, engine) for term in terms))

    def among(self, connection: Connection, places: Sequence[int]) -> list[Hit]:
        """Return what is as asked at these places, in any order."""
        if not places:
            return []
        return [_hit(row) for row in connection.execute(self._statement, {"places": list(places)})]


def shown(connection: Connection, hits: Sequence[Hit]) -> list[Shown]:
    """Return what is shown of those that are there still."""
    if not hits:
        return []
    rows = {place: rest for place, *rest in connection.execute(_SHOWN, {"places": [hit.place for hit in hits]})}
    return [_shown(hit, *rows[hit.place]) for hit in hits if hit.place in rows]


def _indexed(*asked: ColumnElement[bool]) -> Source:
    return Source(select(INDEXED.c.place).where(*asked), _AT_A_PLACE)


def _begins(column: ColumnElement[Any], span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column >= span.first, column < span.end


def _tagged(text: str) -> Source:
    """Return where tags are that begin so, whatever they end with: only that has an index."""
    beginning, star, _ = text.partition("*")
    within = _begins(tags.c.name, beginning_with(beginning)) if star else (tags.c.name == text,)
    named = select(tags.c.repo_id, tags.c.digest).where(*within, tags.c.digest.is_not(None))
    some = named.subquery()
    joined = select(INDEXED.c.place).join_from(
        some, INDEXED, (INDEXED.c.digest == some.c.digest) & (INDEXED.c.repo_id == some.c.repo_id)
    )
    return Source(joined, _AT_A_PLACE)


def _hit(row: Any) -> Hit:
    place, repo_id, digest, name, kind, size, platforms, label_keys, revision = row
    return Hit(
        place=place,
        repo_id=RepositoryId(repo_id),
        digest=Digest(digest),
        repository=RepositoryName(name),
        type=kind,
        size=size,
        platforms=tuple(platforms.split("\n")) if platforms else (),
        label_keys=tuple(label_keys.split("\n")) if label_keys else (),
        revision=revision,
    )


def _shown(
    hit: Hit, media_type: str, artifact_type: str | None, pushed_by: str, names: str | None, last_pulled: int | None
) -> Shown:
    return Shown(
        hit=hit,
        media_type=media_type,
        artifact_type=artifact_type,
        pushed_at=Milliseconds(hit.place >> SALT_BITS),
        pushed_by=pushed_by,
        tags=tuple(sorted(map(TagName, names.split(",")))) if names else (),
        last_pulled_at=None if last_pulled is None else Milliseconds(last_pulled),
    )
