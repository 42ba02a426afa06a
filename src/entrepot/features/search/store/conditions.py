# SPDX-License-Identifier: Apache-2.0
"""What the terms of a query ask of a row of the index, in SQL.

Rows are looked at by their places, which are known, so no condition may lead an engine elsewhere: terms are looked up
by a scalar subquery each, which none makes a join of, and columns are compared as expressions that no index is of.
"""

from sqlalchemy import ColumnElement
from sqlalchemy import and_
from sqlalchemy import false
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import not_
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import true

from entrepot.features.search.entries import SALT_BITS
from entrepot.features.search.entries import hash_of
from entrepot.features.search.tables import search_artifacts
from entrepot.features.search.tables import search_terms
from entrepot.features.search.terms import Age
from entrepot.features.search.terms import Bytes
from entrepot.features.search.terms import Day
from entrepot.features.search.terms import Kind
from entrepot.features.search.terms import Range
from entrepot.features.search.terms import Said
from entrepot.features.search.terms import Standing
from entrepot.features.search.terms import Term
from entrepot.features.search.wording import words_of
from entrepot.features.usage import last_use_of
from entrepot.infra.database.globs import Matches
from entrepot.infra.database.globs import pattern
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.spans import Span
from entrepot.kernel.spans import beginning_with
from entrepot.oci.digest import ALGORITHMS
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags

INDEXED = search_artifacts
MAX_MOMENT = (1 << 63 - SALT_BITS) - 1
"""The last moment that a place can hold."""


def hashes_of(term: Term) -> list[int]:
    """Return the hashes that are among those of an artifact which the term is true of; none where it asks otherwise."""
    value = term.value
    if term.kind is Kind.WORD:
        return [hash_of(Kind.WORD, word) for word in words_of(str(value))]
    if term.kind in (Kind.TYPE, Kind.PLATFORM, Kind.PROJECT):
        return [hash_of(term.kind, str(value))]
    if isinstance(value, Said):
        return [hash_of(term.kind, value.key, "" if value.value is None else f"={value.value}")]
    return []


def digest_spans(beginning: str) -> list[Span]:
    """Return where digests lie that begin so, of any algorithm where none is named."""
    if ":" in beginning:
        return [beginning_with(beginning)]
    return [beginning_with(f"{algorithm}:{beginning}") for algorithm in ALGORITHMS]


def places_between(moments: Range) -> Range:
    """Return the places of what was pushed in a stretch of time."""
    return Range(_place_at(moments.first), _place_at(moments.end))


def _place_at(moment: int | None) -> int | None:
    """Return the first place of a moment: of one before 1970 or after 2109 that of those."""
    return None if moment is None else min(max(moment, 0), MAX_MOMENT) << SALT_BITS


def condition(term: Term, now: Milliseconds, engine: str) -> ColumnElement[bool]:
    """Return what a term asks."""
    asked = _asked(term, now, engine)
    return asked if term.is_wanted else not_(asked)


def lies_in(column: ColumnElement[int], some: Range) -> ColumnElement[bool]:
    """Return whether a number, which is there, lies in a range."""
    asked = [] if some.first is None else [column >= some.first]
    asked += [] if some.end is None else [column < some.end]
    return and_(true(), *asked)


def named_like(column: ColumnElement[str], text: str, engine: str) -> ColumnElement[bool]:
    """Return whether a name is this one, or like the pattern."""
    return Matches(column, literal(pattern(text, engine))) if "*" in text else column == text


def _asked(term: Term, now: Milliseconds, engine: str) -> ColumnElement[bool]:
    value = term.value
    if term.kind is Kind.TYPE:
        return INDEXED.c.type == str(value)
    if hashes := hashes_of(term):
        return and_(*map(_has, hashes))
    if isinstance(value, Bytes):
        return lies_in(INDEXED.c.size + 0, value.range)
    if term.kind is Kind.PUSHED and isinstance(value, Day | Age):
        return lies_in(INDEXED.c.place + 0, places_between(value.range(now)))
    if term.kind is Kind.PULLED:
        return _pulled(term, now)
    return _named(term.kind, str(value), engine)


def _named(kind: Kind, text: str, engine: str) -> ColumnElement[bool]:
    match kind:
        case Kind.REVISION:
            revision, span = func.coalesce(INDEXED.c.revision, ""), beginning_with(text)
            return and_(revision >= span.first, revision < span.end)
        case Kind.DIGEST:
            digest = func.coalesce(INDEXED.c.digest, "")
            return or_(*(and_(digest >= one.first, digest < one.end) for one in digest_spans(text)))
        case Kind.REPOSITORY:
            return named_like(func.coalesce(repositories.c.name, ""), text, engine)
        case Kind.TAG:
            return _has_tag(named_like(tags.c.name, text, engine))
        case Kind.IS:
            is_tagged = _has_tag(true())
            return is_tagged if text == Standing.TAGGED else not_(is_tagged)
        case _:
            return false()


def _pulled(term: Term, now: Milliseconds) -> ColumnElement[bool]:
    """Compare when it was last pulled. What never was is as good as pulled before any moment."""
    last = last_use_of(INDEXED.c.repo_id, INDEXED.c.digest, INDEXED)
    if not isinstance(term.value, Day | Age):
        return last.is_(None)
    wanted = term.value.range(now)
    return lies_in(func.coalesce(last, -1), wanted)


def _has(term: int) -> ColumnElement[bool]:
    found = select(search_terms.c.place).where(search_terms.c.term == term, search_terms.c.place == INDEXED.c.place)
    return found.correlate(INDEXED).scalar_subquery().is_not(None)


def _has_tag(named: ColumnElement[bool]) -> ColumnElement[bool]:
    found = select(tags.c.digest).where(tags.c.repo_id == INDEXED.c.repo_id, tags.c.digest == INDEXED.c.digest, named)
    return found.limit(1).correlate(INDEXED).scalar_subquery().is_not(None)
