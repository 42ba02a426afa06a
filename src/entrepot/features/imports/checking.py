# SPDX-License-Identifier: Apache-2.0
"""Comparing what is here with what the source has now."""

from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.imports.filters import Filters
from entrepot.features.imports.going_on import AT_ONCE
from entrepot.features.imports.going_on import GoingOn
from entrepot.features.imports.models import Item
from entrepot.features.imports.models import ItemState
from entrepot.features.imports.models import Kind
from entrepot.features.imports.models import Source
from entrepot.features.imports.store import items
from entrepot.features.imports.walking import Place
from entrepot.infra.distribution.paging import pages
from entrepot.infra.distribution.paging import tags_of
from entrepot.oci.digest import Digest
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.reference import TagName
from entrepot.oci.reference import parse_repository_name

NOT_AT_SOURCE = "the source does not have it"
CAME_LATER = "the source has it since it was gone through"


class Checking:
    """Compares the repositories of an import: what each name is at the source now, and what is here alone.

    Tags that the source got since are noted too: whoever resumes the import has them come.
    """

    def __init__(self, going: GoingOn) -> None:
        self._going = going
        self._filters = Filters(going.wanted.terms, going.wanted.project)

    async def repository(self, source: Source) -> None:
        """Compare one repository. Raises as `pages` and `Repository`."""
        await self._note_new(source)
        place, behind = self._going.place(source), ""
        while True:
            batch = await self._going.read(items.compared, source.import_id, source.name, behind, AT_ONCE)
            if not batch:
                break
            for item in batch:
                await self._compare(place, item)
            behind = batch[-1].name
        await self._note_extra(place, source)

    async def _compare(self, place: Place, item: Item) -> None:
        reference = Digest(item.name) if item.kind is Kind.REFERRER else TagName(item.name)
        digest = await place.origin.manifest_digest(reference)
        await self._going.write(_note, item, digest)

    async def _note_new(self, source: Source) -> None:
        listed = tags_of(parse_repository_name(source.name))
        async for page in pages(self._going.session, listed):
            found = []
            for name in page.names:
                if not is_ordinary_tag(name) or len(name) > 128:
                    continue
                kind, reason = self._filters.judged(name)
                item = Item(source.import_id, source.name, name, kind)
                if reason:
                    item = replace(item, state=ItemState.EXCLUDED, reason=reason)
                elif not self._going.wanted.terms.is_about_dates:
                    item = replace(item, reason=CAME_LATER)
                else:
                    continue
                found.append(item)
            await self._going.write(items.add, found)

    async def _note_extra(self, place: Place, source: Source) -> None:
        behind = ""
        while True:
            here = await place.intake.tags_after(place.target, behind, AT_ONCE)
            if not here:
                return
            names = [name for name, _ in here]
            known = await self._going.read(items.names_among, source.import_id, source.name, names)
            extra = [
                Item(source.import_id, source.name, name, Kind.EXTRA, ItemState.EXCLUDED, reason=NOT_AT_SOURCE)
                for name in names
                if name not in known
            ]
            await self._going.write(items.add, extra)
            behind = names[-1]


def _note(connection: Connection, item: Item, digest: Digest | None) -> None:
    items.note_checked(connection, item, digest or "", is_gone=digest is None)
