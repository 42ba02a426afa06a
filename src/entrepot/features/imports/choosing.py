# SPDX-License-Identifier: Apache-2.0
"""Finding out what a source has, page by page, and which of it is wanted."""

from sqlalchemy import Connection

from entrepot.features.imports.errors import ImportInvalid
from entrepot.features.imports.filters import Filters
from entrepot.features.imports.going_on import GoingOn
from entrepot.features.imports.models import MAX_REPOSITORIES
from entrepot.features.imports.models import Import
from entrepot.features.imports.models import Item
from entrepot.features.imports.models import ItemState
from entrepot.features.imports.models import RepositoryState
from entrepot.features.imports.models import Source
from entrepot.features.imports.store import items
from entrepot.features.imports.store import repositories
from entrepot.infra.distribution.errors import RegistryRefused
from entrepot.infra.distribution.errors import TooMuch
from entrepot.infra.distribution.paging import catalogue
from entrepot.infra.distribution.paging import pages
from entrepot.infra.distribution.paging import tags_of
from entrepot.infra.distribution.repository import MAX_TAGS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import AppError
from entrepot.oci.errors import NameInvalid
from entrepot.oci.errors import TagInvalid
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag

TAKEN = "another repository of this import is called the same here"


class Choosing:
    """Finds out what there is. Where a list is broken off it goes on at the same page."""

    def __init__(self, going: GoingOn) -> None:
        self._going = going
        self._filters = Filters(going.wanted.terms, going.wanted.project)

    async def catalogue(self) -> None:
        """Find the repositories whose names match, unless that was done."""
        going = self._going
        if going.wanted.is_listed:
            return
        named = [name for name in going.wanted.terms.names if self._filters.takes(name)]
        await going.write(keep_sources, sources_of(going.wanted, self._filters, named))
        if going.wanted.terms.patterns:
            await self._listed(going.wanted.catalogue)
        await going.keep(is_listed=True, catalogue="")

    async def tags(self, source: Source) -> None:
        """Find the tags of a repository, unless that was done. Raises as `pages`, and `TooMuch`."""
        if source.state is not RepositoryState.WAITING:
            return
        try:
            await self._tags(source, source.tags_place)
        except RegistryRefused:
            if not source.tags_place:
                raise
            await self._tags(source, "")
        await self._going.write(repositories.change, source, RepositoryState.LISTED)

    async def by_date(self, source: Source) -> None:
        """Leave out what is too old, or not among the newest, unless that was done."""
        terms, going = self._going.wanted.terms, self._going
        if not terms.is_about_dates or source.state is RepositoryState.CHOSEN:
            return
        await going.each_undated(source)
        await going.write(_choose, going.wanted, source)

    async def _listed(self, place: str) -> None:
        going = self._going
        try:
            await self._pages(place)
        except RegistryRefused:
            if not place:
                raise
            # The place belongs to another time: some registries forget theirs.
            await going.keep(catalogue="")
            await self._pages("")

    async def _pages(self, place: str) -> None:
        going = self._going
        async for page in pages(going.session, catalogue(), place):
            wanted = [name for name in page.names if self._filters.takes(name)]
            await going.write(keep_sources, sources_of(going.wanted, self._filters, wanted))
            await going.keep(catalogue=page.following)

    async def _tags(self, source: Source, place: str) -> None:
        going, count = self._going, 0
        async for page in pages(going.session, tags_of(parse_repository_name(source.name)), place):
            count += len(page.names)
            if count > MAX_TAGS:
                raise TooMuch(f"{source.name} has more than {MAX_TAGS} tags")
            found = [item for item in (self._item(source, name) for name in page.names) if item is not None]
            await going.write(_keep_tags, source, found, page.following)

    def _item(self, source: Source, name: str) -> Item | None:
        """Return a tag as it stands at first; None for what no tool could ask for."""
        try:
            tag = parse_tag(name)
        except TagInvalid:
            return None
        kind, reason = self._filters.judged(tag)
        state = ItemState.EXCLUDED if reason else ItemState.WAITING
        return Item(source.import_id, source.name, tag, kind, state, reason=reason)


def sources_of(wanted: Import, filters: Filters, names: list[str]) -> list[Source]:
    """Return the repositories of an import; of those that cannot be called anything here it is told why."""
    found = []
    for name in dict.fromkeys(names):
        try:
            parse_repository_name(name)
            found.append(Source(wanted.id, name, filters.target(name)))
        except NameInvalid:
            continue
        except AppError as error:
            found.append(Source(wanted.id, name, "", RepositoryState.FAILED, reason=error.message))
    return found


def keep_sources(connection: Connection, sources: list[Source]) -> None:
    """Keep repositories, of which no two are called the same here. Raises `ImportInvalid` where there are too many."""
    if not sources:
        return
    taken = repositories.targets_taken(connection, sources[0].import_id, [each.target for each in sources])
    kept = []
    for each in sources:
        other = taken.setdefault(each.target, each.name) if each.target else each.name
        is_free = other == each.name
        kept.append(each if is_free else Source(each.import_id, each.name, "", RepositoryState.FAILED, reason=TAKEN))
    repositories.add(connection, kept)
    if repositories.count(connection, sources[0].import_id) > MAX_REPOSITORIES:
        raise ImportInvalid(f"more than {MAX_REPOSITORIES} repositories match", hint="Import fewer at once.")


def _keep_tags(connection: Connection, source: Source, found: list[Item], following: str) -> None:
    items.add(connection, found)
    repositories.change(connection, source, RepositoryState.WAITING, following)


def _choose(connection: Connection, wanted: Import, source: Source) -> None:
    terms = wanted.terms
    newer = None if terms.newer_than is None else Milliseconds(terms.newer_than)
    items.exclude_by_date(connection, wanted.id, source.name, newer, terms.newest)
    repositories.recount(connection, wanted.id, source.name)
    repositories.change(connection, source, RepositoryState.CHOSEN)
