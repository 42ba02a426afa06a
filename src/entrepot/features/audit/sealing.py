# SPDX-License-Identifier: Apache-2.0
"""Putting what happened into the chain.

Whoever changes something says so in the outbox, in the transaction that changes
it. A consumer of the outbox, of which one process at a time has the turn, appends
it here in that order, in the transaction that moves its cursor: nothing is
recorded twice, left out or recorded that did not happen.
"""

import hashlib
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace

import msgspec
from sqlalchemy import Connection

from entrepot.features.audit.entries import UseKey
from entrepot.features.audit.entries import encoded_details
from entrepot.features.audit.entries import entry_of
from entrepot.features.audit.entries import entry_of_use
from entrepot.features.audit.entries import storable
from entrepot.features.audit.entries import uses_in
from entrepot.features.audit.models import ADDRESS
from entrepot.features.audit.models import RECORDED
from entrepot.features.audit.models import Entry
from entrepot.features.audit.models import Month
from entrepot.features.audit.models import Partition
from entrepot.features.audit.models import Pseudonym
from entrepot.features.audit.models import Pulls
from entrepot.features.audit.models import is_person
from entrepot.features.audit.models import kind_of
from entrepot.features.audit.models import month_of
from entrepot.features.audit.record import GENESIS
from entrepot.features.audit.record import Sealed
from entrepot.features.audit.record import details_sha256
from entrepot.features.audit.record import new_salt
from entrepot.features.audit.record import object_text
from entrepot.features.audit.store import chain
from entrepot.features.audit.store import names
from entrepot.features.audit.store import uses
from entrepot.features.audit.store.chain import ChainedRow
from entrepot.features.audit.store.names import Key
from entrepot.features.audit.store.uses import CountedUse
from entrepot.features.break_glass import open_between
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.events import Event
from entrepot.registry.events import EventType

OVER_AT_ONCE = 500
"""How many kinds of use of an hour that is over become records in one transaction."""


class Sealer:
    """A listener: appends what it is told to the chain."""

    name = "audit"

    def __init__(self, pulls: Pulls, clock: Clock) -> None:
        self._pulls = pulls
        self._clock = clock
        about_use = {EventType.CONTENT_USED.value} if pulls is not Pulls.OFF else set()
        self.event_types = frozenset(map(str, RECORDED)) | about_use

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Append one batch."""
        now = self._clock()
        chain.lock_head(connection)  # before uses are counted, as all who take them do
        seal(connection, list(self._entries(connection, events)), now)

    def _entries(self, connection: Connection, events: Iterable[Event]) -> Iterator[Entry]:
        told = [(event, [*_uses_of(event)]) for event in events]
        is_aggregated = self._pulls is Pulls.AGGREGATED
        firsts = uses.add(connection, [use for _, found in told for _, use in found]) if is_aggregated else set()
        others = []
        for event, found in told:
            if event.type != EventType.CONTENT_USED:
                yield entry_of(event)
            for key, use in found:
                if is_aggregated and use.kind not in firsts:
                    others.append(use)
                    continue
                firsts.discard(use.kind)
                yield entry_of_use(key, event.id, event.occurred_at, use.times)
        uses.count(connection, others)


def seal(connection: Connection, entries: Sequence[Entry], now: Milliseconds) -> None:
    """Append entries to the chain in their order. Nobody else appends before this transaction ends."""
    head = chain.lock_head(connection)
    if not entries:
        return
    month = month_of(now) if head is None else max(month_of(now), head.month)
    if head is None or head.month != month:
        head = _begin(connection, head, month, entries[0].at)
    entries = list(_marked(connection, [storable(entry) for entry in entries]))
    known = names.pseudonyms(connection, {key for entry in entries for key in _keys(entry)}, month)
    rows = list(_chained(entries, known, head))
    moments = [entry.at for entry in entries]
    grown = replace(
        head,
        last_seq=rows[-1].sealed.seq,
        last_hash=rows[-1].hash,
        first_at=min(head.first_at, *moments),
        last_at=max(head.last_at, *moments),
    )
    chain.append(connection, grown, rows)


def seal_uses(connection: Connection, now: Milliseconds) -> bool:
    """Append what was counted in hours that are over; tell whether there may be more."""
    if chain.lock_head(connection) is None:
        return False
    taken = uses.take_over(connection, now // HOUR_MS, OVER_AT_ONCE)
    seal(connection, [_entry_of_hour(use) for use in taken if use.times], now)
    return len(taken) == OVER_AT_ONCE


def seal_uses_about(connection: Connection, text: str, now: Milliseconds) -> bool:
    """Append what was counted of somebody, or of an address, before its hour is over; tell whether there may be more.

    So nothing is left from which a name that is erased would come back.
    """
    chain.lock_head(connection)
    taken = uses.take_about(connection, text, OVER_AT_ONCE)
    seal(connection, [_entry_of_hour(use) for use in taken if use.times], now)
    return len(taken) == OVER_AT_ONCE


def _marked(connection: Connection, entries: Sequence[Entry]) -> Iterator[Entry]:
    """Yield each entry, with the opening of break-glass access that it was done by, if it was."""
    moments = [entry.at for entry in entries]
    broken = open_between(connection, min(moments), max(moments))
    for entry in entries:
        glass = next((each for each in broken if each.covers(entry.principal, entry.at)), None)
        yield entry if glass is None else replace(entry, on_behalf_of=entry.on_behalf_of or glass.object)


def _begin(connection: Connection, before: Partition | None, month: Month, at: Milliseconds) -> Partition:
    last_seq, last_hash = (0, GENESIS) if before is None else (before.last_seq, before.last_hash)
    begun = Partition(month, last_seq + 1, last_seq, last_hash, last_hash, at, at)
    chain.begin(connection, begun)
    return begun


def _chained(entries: Iterable[Entry], known: dict[Key, Pseudonym], head: Partition) -> Iterator[ChainedRow]:
    previous = head.last_hash
    for seq, entry in enumerate(entries, start=head.last_seq + 1):
        details = encoded_details(entry.details)
        salt = None if details is None else new_salt()
        sealed = Sealed(
            seq=seq,
            at=entry.at,
            event=entry.event,
            type=entry.type,
            actor=_actor(entry.principal, known),
            kind=kind_of(entry.principal),
            credential=entry.credential,
            provider=entry.provider,
            on_behalf_of=_object(entry.on_behalf_of, known),
            address=known.get((ADDRESS, entry.address), Pseudonym("")),
            agent=entry.agent,
            project=entry.project,
            repository=entry.repository,
            tag=entry.tag,
            digest=entry.digest,
            object=_object(entry.object, known),
            outcome=entry.outcome.value,
            request_id=entry.request_id,
            times=entry.times,
            details_sha256="" if salt is None or details is None else details_sha256(salt, details),
        )
        previous = sealed.hash(previous)
        yield ChainedRow(sealed, previous, salt, details)


def _actor(identity: str, known: dict[Key, Pseudonym]) -> str:
    return known[_key_of(identity)] if is_person(identity) else identity.partition(":")[2]


def _object(text: str, known: dict[Key, Pseudonym]) -> str:
    return object_text(kind_of(text), known[_key_of(text)]) if is_person(text) else text


def _keys(entry: Entry) -> Iterator[Key]:
    for identity in (entry.principal, entry.on_behalf_of, entry.object):
        if is_person(identity):
            yield _key_of(identity)
    if entry.address:
        yield ADDRESS, entry.address


def _key_of(identity: str) -> Key:
    kind, _, name = identity.partition(":")
    return kind, name


def _uses_of(event: Event) -> Iterator[tuple[UseKey, CountedUse]]:
    for key, times in uses_in(event):
        use = msgspec.json.encode(key)
        id_ = hashlib.sha256(use).hexdigest()
        yield key, CountedUse(event.occurred_at // HOUR_MS, id_, use.decode(), times, event.occurred_at)


def _entry_of_hour(use: CountedUse) -> Entry:
    began = Milliseconds(use.hour * HOUR_MS)
    key = msgspec.json.decode(use.use, type=UseKey)
    return entry_of_use(key, new_ulid(), use.last_at, use.times, {"further_since": began})
