# SPDX-License-Identifier: Apache-2.0
"""Finding what somebody may read by a part of its name."""

from collections.abc import Sequence

from entrepot.features.projects import ProjectName
from entrepot.features.projects import Projects
from entrepot.features.search.models import Found
from entrepot.features.search.models import H
from entrepot.features.search.models import Hits
from entrepot.features.search.models import Known
from entrepot.features.search.query import Place
from entrepot.features.search.query import parse_query
from entrepot.features.search.sorts import ARTIFACTS
from entrepot.features.search.sorts import TAGS
from entrepot.features.search.sorts import Sort
from entrepot.features.search.sorts import look_everywhere
from entrepot.features.search.sorts import look_inside
from entrepot.features.search.territory import Territories
from entrepot.features.search.territory import Territory
from entrepot.features.search.territory import beginning_first
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import Unauthenticated
from entrepot.registry.platform import Platform


class Search:
    """The use case of search. What it costs is bounded, however much there is."""

    def __init__(self, platform: Platform, projects: Projects) -> None:
        self._territories = Territories(platform.database, platform.rights, platform.repositories, platform.clock)
        self._projects = projects

    async def find(self, principal: Principal, text: str, limit: int) -> Found:
        """Return what `text` may mean, at most `limit` of each sort. Raises `Unauthenticated`."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        query = parse_query(text)
        territory = self._territories.of(principal)
        few = await territory.few()
        projects = await self._projects_containing(principal, query.name, limit)
        repositories = await _repositories(territory, few, query.name, limit)
        tags = await self._look(territory, few, TAGS, (query.tag,) if query.tag else (), limit)
        artifacts = await self._look(territory, few, ARTIFACTS, query.digests, limit)
        return Found(
            projects=projects.found,
            repositories=[known.name for known in repositories.found],
            tags=tags.found,
            artifacts=artifacts.found,
            is_complete=all(hits.is_complete for hits in (projects, repositories, tags, artifacts)),
        )

    async def _projects_containing(self, principal: Principal, text: str, limit: int) -> Hits[ProjectName]:
        if not text:
            return Hits((), is_complete=True)
        page = await self._projects.containing(principal, beginning_first(text), text, limit)
        return Hits(page.names, not page.is_more)

    async def _look(
        self, territory: Territory, few: Sequence[Known] | None, sort: Sort[H], places: Sequence[Place], limit: int
    ) -> Hits[H]:
        """Return what is in one of `places`, at most `limit`."""
        hits: Hits[H] = Hits((), is_complete=True)
        named = {text: await _named(territory, few, text) for text in {place.repository for place in places}}
        for place in places:
            inside = named[place.repository]
            if inside is None:
                more = await look_everywhere(territory, sort, place.beginning, place.repository, limit)
            else:
                more = await look_inside(territory, sort, inside, place.beginning, limit)
            hits = hits.and_more(more).cut(limit)
        return hits


async def _repositories(territory: Territory, few: Sequence[Known] | None, text: str, limit: int) -> Hits[Known]:
    if not text:
        return Hits((), is_complete=True)
    if few is None:
        return await territory.containing(text, limit)
    found = [known for known in few if text in known.name]
    return Hits(sorted(found, key=lambda known: not known.name.startswith(text)), is_complete=True).cut(limit)


async def _named(territory: Territory, few: Sequence[Known] | None, text: str) -> Sequence[Known] | None:
    """Return all readable repositories whose names contain `text`, None when they are many."""
    if few is not None:
        return [known for known in few if text in known.name]
    if not text:
        return None
    found = await territory.containing(text, territory.bounds.few)
    return found.found if found.is_complete else None
