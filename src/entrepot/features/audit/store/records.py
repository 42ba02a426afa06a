# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement that searches records."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import Select
from sqlalchemy import Table
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.features.audit.models import ADDRESS
from entrepot.features.audit.models import TYPES
from entrepot.features.audit.models import Filter
from entrepot.features.audit.models import Month
from entrepot.features.audit.models import Partition
from entrepot.features.audit.models import Place
from entrepot.features.audit.models import Pseudonym
from entrepot.features.audit.models import Record
from entrepot.features.audit.models import is_person
from entrepot.features.audit.record import object_text
from entrepot.features.audit.store import chain
from entrepot.features.audit.store import names
from entrepot.features.audit.tables import records_of
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.events import Outcome

_EQUAL = ("project", "repository", "tag", "digest", "credential", "request_id")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A filter whose names are those of the chain."""

    filter: Filter
    kind: str
    actor: str
    address: str
    object: str

    def conditions(self, table: Table) -> Iterator[ColumnElement[bool]]:
        """Yield what a record has to be, apart from its type."""
        given = self.filter
        for name in _EQUAL:
            if value := getattr(given, name):
                yield table.c[name] == value
        for name in ("kind", "actor", "address", "object"):
            if value := getattr(self, name):
                yield table.c[name] == value
        if given.outcome is not None:
            yield table.c.outcome == given.outcome.value
        if given.since is not None:
            yield table.c.at >= given.since
        if given.until is not None:
            yield table.c.at < given.until


def search(connection: Connection, given: Filter, before: Place | None, limit: int) -> list[Record]:
    """Return up to `limit` of the records that `given` wants, newest first, behind the place `before`."""
    wanted = _in_terms_of_chain(connection, given)
    if wanted is None:
        return []
    found: list[Row[Any]] = []
    months = sorted(_to_search(chain.partitions(connection), given, before), key=lambda each: each.last_at)
    while months:
        newest = months.pop()
        found += _in_month(connection, newest.month, wanted, before, limit)
        found.sort(key=_place, reverse=True)
        del found[limit:]
        if len(found) == limit and (not months or found[-1].at > months[-1].last_at):
            break
    return _read(connection, found)


def behind(connection: Connection, after: int, limit: int) -> list[Record]:
    """Return up to `limit` records behind the one of this number, in their order, of those that were not dropped."""
    found: list[Row[Any]] = []
    for each in chain.partitions(connection):
        if each.dropped_at is None and each.last_seq > after and len(found) < limit:
            table = records_of(each.month)
            following = select(table).where(table.c.seq > after).order_by(table.c.seq).limit(limit - len(found))
            found += connection.execute(following)
    return _read(connection, found)


def _in_terms_of_chain(connection: Connection, given: Filter) -> _Wanted | None:
    """Return the filter with pseudonyms for names; None if one stands for nothing, so that no record can match."""
    kind, _, name = given.principal.partition(":")
    actor, address, object_ = name, "", given.object
    if is_person(given.principal):
        actor = names.find(connection, kind, name) or ""
        if not actor:
            return None
    if given.address:
        address = names.find(connection, ADDRESS, given.address) or ""
        if not address:
            return None
    if is_person(given.object):
        of_kind, _, of_name = given.object.partition(":")
        pseudonym = names.find(connection, of_kind, of_name)
        if pseudonym is None:
            return None
        object_ = object_text(of_kind, pseudonym)
    return _Wanted(given, kind, actor, address, object_)


def _to_search(partitions: Iterable[Partition], given: Filter, before: Place | None) -> Iterator[Partition]:
    for each in partitions:
        is_after = given.until is not None and each.first_at >= given.until
        is_before = given.since is not None and each.last_at < given.since
        is_behind = before is not None and each.first_at > before.at
        if each.dropped_at is None and not (is_after or is_before or is_behind):
            yield each


def _in_month(
    connection: Connection, month: Month, wanted: _Wanted, before: Place | None, limit: int
) -> Iterator[Row[Any]]:
    table = records_of(month)
    order = tuple_(table.c.at, table.c.seq)
    conditions = [*wanted.conditions(table)]
    if before is not None:
        conditions += [table.c.at <= before.at, order < tuple_(before.at, before.seq)]
    chosen = select(table).where(*conditions).order_by(table.c.at.desc(), table.c.seq.desc()).limit(limit)
    for statement in _by_type(chosen, table, wanted.filter.type):
        yield from connection.execute(statement)


def _by_type(chosen: Select[Any], table: Table, wanted: str) -> Iterator[Select[Any]]:
    """Yield a statement for each type: the index then has its records in their order."""
    if not wanted:
        yield chosen
        return
    for type_ in TYPES:
        if wanted in (type_, type_.partition(".")[0]):
            yield chosen.where(table.c.type == type_)


def _place(row: Row[Any]) -> Place:
    return Place(row.at, row.seq)


def _read(connection: Connection, rows: Sequence[Row[Any]]) -> list[Record]:
    standing = {Pseudonym(text) for row in rows for text in _pseudonyms(row)}
    known = names.names_of(connection, standing)
    return [_record(row, known) for row in rows]


def _pseudonyms(row: Row[Any]) -> Iterator[str]:
    if is_person(f"{row.kind}:"):
        yield row.actor
    if row.address:
        yield row.address
    for text in (row.object, row.on_behalf_of):
        if is_person(text):
            yield text.partition(":")[2]


def _record(row: Row[Any], known: Any) -> Record:
    return Record(
        seq=row.seq,
        at=row.at,
        event=Ulid(row.event),
        type=row.type,
        kind=row.kind,
        principal=_identity(f"{row.kind}:{row.actor}", known),
        credential=row.credential,
        provider=row.provider,
        on_behalf_of=_identity(row.on_behalf_of, known),
        address=known.get(row.address) if row.address else "",
        agent=row.agent,
        project=row.project,
        repository=row.repository,
        tag=row.tag,
        digest=row.digest,
        object=_identity(row.object, known),
        outcome=Outcome(row.outcome),
        request_id=row.request_id,
        times=row.times,
        hash=row.hash,
        details=None if row.details is None else msgspec.json.decode(row.details),
        is_erased=bool(row.details_sha256) and row.details is None,
    )


def _identity(text: str, known: Any) -> str | None:
    """Return whom a text of the chain names, None if that was erased."""
    if not is_person(text):
        return text
    kind, _, pseudonym = text.partition(":")
    name = known.get(pseudonym)
    return None if name is None else f"{kind}:{name}"
