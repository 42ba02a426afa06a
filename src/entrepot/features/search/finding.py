# SPDX-License-Identifier: Apache-2.0
"""Finding artifacts by what they are, at a cost that is bounded however many there are.

The term that fewest artifacts have is where it begins: where it has few, they are all looked at and counted. Where
every term has many, they are looked at in order, as many as a page may cost; then the next page goes on from there.
Somebody who may read little begins with what that is, so that nothing of the rest shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from itertools import islice

from sqlalchemy import Connection

from entrepot.features.search.findings import FoundPage
from entrepot.features.search.findings import Hit
from entrepot.features.search.findings import Shown
from entrepot.features.search.findings import Total
from entrepot.features.search.findings import facets_of
from entrepot.features.search.store import finding as store
from entrepot.features.search.store import writing
from entrepot.features.search.store.conditions import places_between
from entrepot.features.search.store.finding import EVERYTHING
from entrepot.features.search.store.finding import Matching
from entrepot.features.search.store.finding import Source
from entrepot.features.search.terms import Age
from entrepot.features.search.terms import ArtifactQuery
from entrepot.features.search.terms import Day
from entrepot.features.search.terms import Kind
from entrepot.features.search.terms import Range
from entrepot.features.search.terms import Term
from entrepot.features.search.territory import Territory
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.repositories import RepositoryId


@dataclass(frozen=True, slots=True)
class Effort:
    """How much a page of artifacts may cost."""

    few: int = 1_000
    """A term that no more artifacts have than these is where it begins, and all of them are looked at."""

    very_few: int = 100
    """With no more than these no other term is tried."""

    compared: int = 20_000
    """How far terms are counted that have many, to begin with the one that fewer have."""

    looked_at: int = 5_000
    """How many artifacts one page looks at. What somebody may read is all looked at where it is no more."""

    asked: int = 1_000
    """Of how many that were found a page asks whether they may be read, at which it ends."""

    sample: int = 500
    """How many that were found are counted where there are more."""

    at_once: int = 1_000
    """How many one statement looks at."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for, from which place on, and how many are shown."""

    query: ArtifactQuery
    after: int | None
    limit: int
    is_newest_first: bool


@dataclass(frozen=True, slots=True)
class Route:
    """Where it is looked: at these places, in order, or in a source."""

    source: Source
    places: Sequence[int] | None = None
    is_small: bool = False
    """Whether all of the places are looked at for the first page."""


class Finder:
    """Finds artifacts for somebody, at this moment."""

    def __init__(self, territory: Territory, now: Milliseconds, effort: Effort) -> None:
        self._territory = territory
        self._database = territory.database
        self._engine = territory.database.engine_name
        self._now = now
        self._effort = effort

    async def page(self, wish: Wish) -> FoundPage:
        """Return a page of what is found; with the first, what there is in all as far as it was counted."""
        few = await self._territory.few()
        own = None if few is None else {each.id for each in few}
        within = self._within(wish)
        is_hidden = own is None and not await self._may_read_named(wish)
        route = None if is_hidden else await self._database.survey(self._route, wish, within, own)
        if route is None:
            return FoundPage([], None, Total(0, is_exact=True, facets=facets_of([])) if wish.after is None else None)
        effort, is_first = self._effort, wish.after is None
        wanted = wish.limit + 1 if not is_first else max(wish.limit + 1, effort.sample)
        if is_first and route.is_small:
            wanted = len(route.places or ()) + 1
        hits, stopped_at = await self._collect(route, wish, within, own, wanted)
        total = Total(len(hits), stopped_at is None, facets_of(hits)) if is_first else None
        shown = await self._shown(hits[: wish.limit])
        if len(hits) > wish.limit:
            return FoundPage(shown, hits[wish.limit - 1].place, total)
        return FoundPage(shown, stopped_at, total)

    async def _may_read_named(self, wish: Wish) -> bool:
        """Tell whether whoever asks may read the repositories that are named in full: what they hold shows nowhere."""
        named = set(map(RepositoryName, _named_in_full(wish.query.terms)))
        return not named or await self._territory.readable(named) == named

    async def _shown(self, hits: Sequence[Hit]) -> list[Shown]:
        return await self._database.survey(store.shown, hits)

    def _within(self, wish: Wish) -> Range:
        """Return the places in which everything lies that is looked for."""
        within = Range()
        for term in wish.query.terms:
            if term.kind is Kind.PUSHED and term.is_wanted and isinstance(term.value, Day | Age):
                within = within.narrowed(places_between(term.value.range(self._now)))
        if wish.after is None:
            return within
        return within.narrowed(Range(None, wish.after) if wish.is_newest_first else Range(wish.after + 1))

    def _route(self, connection: Connection, wish: Wish, within: Range, own: set[RepositoryId] | None) -> Route | None:
        """Choose where to begin; None where there can be nothing."""
        effort = self._effort
        if own is not None:
            if not own:
                return None
            mine = store.in_repositories(own)
            places = mine.gathered(connection, within, effort.looked_at + 1)
            if len(places) <= effort.looked_at:
                return Route(mine, _in_order(places, wish), is_small=True)
        sources = [source for term in wish.query.terms for source in store.sources_of(term)]
        named = self._named(connection, wish.query.terms)
        if named is not None:
            if not named:
                return None
            sources.insert(0, store.in_repositories(named))
        few = self._fewest(connection, sources, within)
        if few is not None:
            return Route(few[0], _in_order(few[1], wish), is_small=True)
        walked = [source for source in sources if source.is_in_order]
        if len(walked) > 1:
            walked.sort(key=lambda source: source.count(connection, within, effort.compared))
        return Route(walked[0] if walked else EVERYTHING)

    def _named(self, connection: Connection, terms: Sequence[Term]) -> list[RepositoryId] | None:
        """Return the repository that is named in full, none where it is not there, None where none is named."""
        exact = _named_in_full(terms)
        if not exact:
            return None
        return list(writing.ids_of(connection, exact).values()) if len(exact) == 1 else []

    def _fewest(
        self, connection: Connection, sources: Sequence[Source], within: Range
    ) -> tuple[Source, list[int]] | None:
        best: tuple[Source, list[int]] | None = None
        for source in sources:
            places = source.few(connection, within, self._effort.few)
            if places is not None and (best is None or len(places) < len(best[1])):
                best = source, places
            if best is not None and len(best[1]) <= self._effort.very_few:
                break
        return best

    async def _collect(
        self, route: Route, wish: Wish, within: Range, own: set[RepositoryId] | None, wanted: int
    ) -> tuple[list[Hit], int | None]:
        """Return readable hits in order, and the place at which looking ended before everything was looked at."""
        found: list[Hit] = []
        looked_at = asked = 0
        matching = Matching(wish.query.terms, self._now, self._engine)
        waiting = iter(route.places) if route.places is not None else None
        while True:
            if waiting is not None:
                places = list(islice(waiting, self._effort.at_once))
                hits = await self._database.survey(matching.among, places) if places else []
            else:
                places, hits = await self._database.survey(self._step, route.source, within, matching, wish)
            found += await self._readable(_sorted(hits, wish), own)
            looked_at, asked = looked_at + len(places), asked + len(hits)
            if len(places) < self._effort.at_once:
                return found, None
            is_enough = looked_at >= self._effort.looked_at or (own is None and asked >= self._effort.asked)
            if len(found) >= wanted or (waiting is None and is_enough):
                return found, places[-1]
            last = places[-1]
            within = replace(within, end=last) if wish.is_newest_first else replace(within, first=last + 1)

    def _step(
        self,
        connection: Connection,
        source: Source,
        within: Range,
        matching: Matching,
        wish: Wish,
    ) -> tuple[list[int], list[Hit]]:
        places = source.next(connection, within, self._effort.at_once, is_newest_first=wish.is_newest_first)
        return places, matching.among(connection, places)

    async def _readable(self, hits: Sequence[Hit], own: set[RepositoryId] | None) -> list[Hit]:
        if own is not None:
            return [hit for hit in hits if hit.repo_id in own]
        readable = await self._territory.readable({hit.repository for hit in hits}) if hits else set()
        return [hit for hit in hits if hit.repository in readable]


def _named_in_full(terms: Sequence[Term]) -> set[str]:
    names = {str(term.value) for term in terms if term.kind is Kind.REPOSITORY and term.is_wanted}
    return {name for name in names if "*" not in name}


def _in_order(places: Sequence[int], wish: Wish) -> list[int]:
    return sorted(set(places), reverse=wish.is_newest_first)


def _sorted(hits: Sequence[Hit], wish: Wish) -> list[Hit]:
    return sorted(hits, key=lambda hit: hit.place, reverse=wish.is_newest_first)
