# SPDX-License-Identifier: Apache-2.0
"""The report of an import: what each name is at the source, and what it is here."""

import csv
import io
from collections.abc import AsyncIterator
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from entrepot.features.imports.models import Import
from entrepot.features.imports.models import Item
from entrepot.features.imports.models import ItemState
from entrepot.features.imports.models import Kind
from entrepot.features.imports.models import Source
from entrepot.features.imports.models import Verdict
from entrepot.features.imports.store import items
from entrepot.features.imports.store import repositories
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.clock import rfc3339
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.intake import Intake
from entrepot.registry.rights import Rights

AT_ONCE = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Line(msgspec.Struct, frozen=True):
    """One name: what it is at the source, and here."""

    repository: str
    target: str
    name: str
    kind: str
    verdict: str
    state: str
    source_digest: str
    here_digest: str
    created_at: str
    """When the artifact says that it was made; empty where it does not."""
    created_from: str
    """Where that is said: config or annotation."""
    size: int
    new_bytes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reporting:
    """Compares what was found at the source with what is here at this moment."""

    database: Database
    intake: Intake
    rights: Rights

    async def lines(self, principal: Principal, wanted: Import) -> AsyncIterator[Line]:
        """Yield a line for each name, but for those in repositories that the principal may not read here."""
        behind = ("", "")
        source: Source | None = None
        is_readable = False
        while True:
            batch = await self.database.read(items.page, wanted.id, behind, AT_ONCE)
            if not batch:
                return
            for some in _by_repository(batch):
                if source is None or source.name != some[0].repository:
                    source = await self.database.read(repositories.find, wanted.id, some[0].repository)
                    is_readable = source is not None and await self._may_read(principal, source)
                if source is None or not is_readable:
                    continue
                here = await self._here(source, some)
                for item in some:
                    yield _line(source, item, here.get(item.name, ""))
            behind = batch[-1].repository, batch[-1].name

    async def _may_read(self, principal: Principal, source: Source) -> bool:
        return bool(source.target) and bool(await self.rights.readable(principal, [source.target]))

    async def _here(self, source: Source, some: Sequence[Item]) -> dict[str, str]:
        target = RepositoryName(source.target)
        named = [TagName(item.name) for item in some if item.kind is not Kind.REFERRER]
        tagged = await self.intake.tagged(target, named)
        found: dict[str, str] = {str(tag): digest for tag, digest in tagged.items()}
        digests = [Digest(item.name) for item in some if item.kind is Kind.REFERRER]
        return found | {digest: digest for digest in await self.intake.holding(target, digests)}


def as_json(lines: Iterable[Line], *, between: str) -> str:
    """Write lines as objects, with something between them."""
    return between.join(msgspec.json.encode(line).decode() for line in lines)


def as_csv(lines: Iterable[Line], *, with_header: bool) -> str:
    """Write lines as a table, in which no program takes a text for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if with_header:
        writer.writerow(Line.__struct_fields__)
    for line in lines:
        writer.writerow([_plain(getattr(line, name)) for name in Line.__struct_fields__])
    return text.getvalue()


def verdict_of(item: Item, here: str) -> Verdict:
    """Compare a name of the source with the same name here."""
    if item.kind is Kind.EXTRA:
        return Verdict.EXTRA
    if item.state is ItemState.EXCLUDED:
        return Verdict.EXCLUDED
    if item.is_gone:
        return Verdict.EXTRA if here else Verdict.EXCLUDED
    if not item.digest:
        return Verdict.UNKNOWN if item.state is ItemState.FAILED else Verdict.MISSING
    if not here:
        return Verdict.MISSING
    return Verdict.EQUAL if here == item.digest else Verdict.DIFFERENT


def _line(source: Source, item: Item, here: str) -> Line:
    return Line(
        repository=item.repository,
        target=source.target,
        name=item.name,
        kind=item.kind.value,
        verdict=verdict_of(item, here).value,
        state=item.state.value,
        source_digest="" if item.kind is Kind.EXTRA or item.is_gone else item.digest,
        here_digest=here,
        created_at="" if item.created_at is None else rfc3339(item.created_at),
        created_from=item.date_source.value,
        size=item.size,
        new_bytes=item.new_bytes,
        reason=item.reason,
    )


def _by_repository(batch: Sequence[Item]) -> list[list[Item]]:
    groups: dict[str, list[Item]] = {}
    for item in batch:
        groups.setdefault(item.repository, []).append(item)
    return list(groups.values())


def _plain(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
