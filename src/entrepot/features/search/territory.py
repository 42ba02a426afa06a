# SPDX-License-Identifier: Apache-2.0
"""Which repositories somebody may read: all of them by name where they are few, else whichever are asked about."""

import asyncio
from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.features.search.models import Hits
from entrepot.features.search.models import Known
from entrepot.features.search.store import names as store
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import system_clock
from entrepot.kernel.recent import Recent
from entrepot.kernel.spans import EVERY_NAME
from entrepot.kernel.spans import Span
from entrepot.kernel.spans import beginning_with
from entrepot.kernel.spans import behind
from entrepot.oci.reference import RepositoryName
from entrepot.registry.repositories import Repositories
from entrepot.registry.rights import Rights
from entrepot.registry.store import repositories
from entrepot.registry.store.repositories import MAX_SPANS


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a search looks at before it says that there may be more."""

    few: int = 1_000
    """Somebody who may read no more repositories than these is told of everything in them that is looked for."""

    names: int = 250_000
    """How many names of repositories are looked at, for a text that may stand anywhere in them."""

    checked: int = 10_000
    """How many repositories, tags or artifacts are looked at to find some that may be read."""

    reaches: int = 50
    """How many stretches of the public projects are looked at before somebody counts as one who may read much."""

    at_once: int = 2_000
    """How many names one statement looks at: about a millisecond, for which other requests wait."""


_BOUNDS = Bounds()
_NOT_FEW_MS = MINUTE_MS
_NOT_FEW = 1_000
"""How many principals are remembered."""


class Territories:
    """What each principal may read, and of whom it was found a moment ago that it is not little."""

    def __init__(
        self,
        database: Database,
        rights: Rights,
        listings: Repositories,
        clock: Clock = system_clock,
        bounds: Bounds = _BOUNDS,
    ) -> None:
        self.database = database
        self.rights = rights
        self.listings = listings
        self.bounds = bounds
        self.not_few: Recent[Principal, bool] = Recent(clock, _NOT_FEW_MS, _NOT_FEW)
        """Being told so once more is dear, and changes nothing of what is shown: each hit is asked about."""

    def of(self, principal: Principal) -> "Territory":
        """Return what `principal` may read at this moment."""
        return Territory(self, principal)


class Territory:
    """What a principal may read at this moment."""

    def __init__(self, territories: Territories, principal: Principal) -> None:
        self.database = territories.database
        self.bounds = territories.bounds
        self._rights = territories.rights
        self._listings = territories.listings
        self._not_few = territories.not_few
        self._principal = principal

    async def few(self) -> list[Known] | None:
        """Return all that the principal may read, None when they are not `Bounds.few` or it takes long to tell.

        That they are not may be what was so a minute ago.
        """
        if self._principal.allows_scope(Action.PULL, "*"):
            if self._not_few.get(self._principal):
                return None
            names = await self._few_names()
            if names is not None:
                return await self._known(names)
            self._not_few.put(self._principal, True)
            return None
        covered = {scope.repository for scope in self._principal.scopes or () if Action.PULL in scope.actions}
        return await self._known(await self._listings.among(self._principal, covered))

    async def readable(self, names: Collection[RepositoryName]) -> set[str]:
        """Return those of `names` that the principal may read."""
        return await self._rights.readable(self._principal, names)

    async def containing(self, text: str, limit: int) -> Hits[Known]:
        """Return repositories whose names contain `text`, those that begin so first, at most `limit`."""
        hits: Hits[Known] = Hits((), is_complete=True)
        for span in beginning_first(text):
            hits = hits.and_more(await self._scan(span, text, limit - len(hits.found)))
            if len(hits.found) == limit and not hits.is_complete:
                break
        return hits

    async def _scan(self, span: Span, text: str, limit: int) -> Hits[Known]:
        """Look at a span of names, some at a time."""
        bounds = self.bounds
        found: list[Known] = []
        checked = 0
        for _ in range(0, bounds.names, bounds.at_once):
            end = await self.database.read(store.name_behind, span, bounds.at_once)
            some = await self.database.read(store.containing_text, Span(span.first, end or span.end), text)
            readable = await self.readable([each.name for each in some])
            found += [each for each in some if each.name in readable]
            checked += len(some)
            if end is None or len(found) > limit or checked > bounds.checked:
                return Hits(found, is_complete=end is None).cut(limit)
            span = Span(end, span.end)
            await asyncio.sleep(0)
        return Hits(found, is_complete=False).cut(limit)

    async def _few_names(self) -> list[RepositoryName] | None:
        found: list[RepositoryName] = []
        after = ""
        for _ in range(self.bounds.reaches):
            reach = await self._rights.reach(self._principal, after)
            if list(reach.spans) == [EVERY_NAME]:
                return None
            names = await self._readable_within(reach.spans)
            if names is None or len(found) + len(names) > self.bounds.few:
                return None
            found += names
            if reach.last is None:
                return found
            after = reach.last
        return None

    async def _readable_within(self, spans: Sequence[Span]) -> list[RepositoryName] | None:
        """Return the readable names in `spans`, None when they are many or are found among too many."""
        bounds = self.bounds
        found: list[RepositoryName] = []
        checked = 0
        for start in range(0, len(spans), MAX_SPANS):
            left = list(spans[start : start + MAX_SPANS])
            while left:
                at_once = min(bounds.at_once, bounds.few + 1 - len(found))
                names = await self.database.read(repositories.names_within, left, at_once)
                readable = await self.readable(names)
                found += [name for name in names if name in readable]
                checked += len(names)
                if len(found) > bounds.few or checked > bounds.checked:
                    return None
                left = behind(left, names[-1]) if len(names) == at_once else []
                await asyncio.sleep(0)
        return found

    async def _known(self, names: Sequence[RepositoryName]) -> list[Known]:
        found = await self.database.read(store.known, names)
        return sorted(found, key=lambda each: each.name)


def beginning_first(text: str) -> list[Span]:
    """Return spans over every name, first that of the names that begin with `text`."""
    beginning = beginning_with(text)
    return [beginning, Span("", beginning.first), Span(beginning.end, EVERY_NAME.end)]
