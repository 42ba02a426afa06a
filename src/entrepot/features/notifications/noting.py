# SPDX-License-Identifier: Apache-2.0
"""Telling people of something, in the transaction in which it becomes known: who hears of it, where, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from entrepot.features.notifications.digests import next_mail
from entrepot.features.notifications.folding import fold_key
from entrepot.features.notifications.folding import is_folded
from entrepot.features.notifications.kinds import KINDS
from entrepot.features.notifications.kinds import Kind
from entrepot.features.notifications.models import Channels
from entrepot.features.notifications.models import Mute
from entrepot.features.notifications.models import Notice
from entrepot.features.notifications.models import Preferences
from entrepot.features.notifications.muting import is_muted
from entrepot.features.notifications.recipients import Recipients
from entrepot.features.notifications.store import inbox
from entrepot.features.notifications.store import preferences
from entrepot.infra.jobs.queue import enqueue
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid

SEND = "notifications.send"


class MailWish(msgspec.Struct, frozen=True):
    """Whom a mail is for, and whether what it says was held back."""

    person: str
    was_held_back: bool = False


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody who hears of something."""

    name: str
    wants: Preferences
    mutes: Sequence[Mute]


class Noting:
    """Notes what people hear of."""

    def __init__(self, *, is_mail_on: bool) -> None:
        self._is_mail_on = is_mail_on

    def note(self, connection: Connection, notices: Sequence[Notice], now: Milliseconds) -> None:
        """Note things for everybody who hears of them, in their order."""
        recipients = Recipients(connection, now)
        told = [(notice, recipients.of(notice)) for notice in notices if notice.kind in KINDS]
        people = {person for _, found in told for person in found}
        if not people:
            return
        wanted, mutes = preferences.of_all(connection, people), preferences.mutes_of(connection, people, now)
        for notice, found in told:
            for name in found:
                person = _Person(name, wanted.get(name, Preferences()), mutes.get(name, ()))
                self._note(connection, notice, person, now)

    def _note(self, connection: Connection, notice: Notice, person: _Person, now: Milliseconds) -> None:
        kind = KINDS[notice.kind]
        channels = self._channels(kind, notice, person, now)
        if channels is Channels.NONE:
            return
        key = fold_key(notice)
        earlier = inbox.latest(connection, person.name, key)
        if earlier is not None and is_folded(earlier.first_at, earlier.read_at, now):
            if earlier.source != notice.source:
                inbox.count_again(connection, earlier.number, notice.facts, now)
            return
        due_at = next_mail(person.wants, now) if channels.has_mail else None
        where = {"in_console": channels.has_console, "mail_due_at": due_at, "fold_key": key}
        is_new = inbox.add(connection, {**_row(notice, person.name, now), **where})
        if is_new and due_at is not None:
            ask_for_mail(connection, MailWish(person.name), now, due_at)

    def _channels(self, kind: Kind, notice: Notice, person: _Person, now: Milliseconds) -> Channels:
        """Return where somebody hears of it; in the console where no mail can be sent to them."""
        if not kind.is_essential and is_muted(notice, person.mutes, now):
            return Channels.NONE
        chosen = person.wants.kinds.get(kind.name, kind.channels)
        if chosen.has_mail and not (self._is_mail_on and person.wants.address):
            return Channels.CONSOLE
        if kind.is_essential and not chosen.has_console:
            return Channels.BOTH if chosen.has_mail else Channels.CONSOLE
        return chosen


def ask_for_mail(connection: Connection, wish: MailWish, now: Milliseconds, due_at: Milliseconds) -> None:
    """Have a mail made at a moment of everything that is due by then."""
    enqueue(connection, SEND, wish, now, unique_key=f"{wish.person[:200]}@{due_at}", run_after=due_at)


def _row(notice: Notice, person: str, now: Milliseconds) -> dict[str, Any]:
    return {
        "id": new_ulid(),
        "person": person,
        "kind": notice.kind,
        "severity": (notice.severity or KINDS[notice.kind].severity).value,
        "need": notice.need.value,
        "project": notice.project,
        "repository": notice.repository,
        "facts": inbox.encoded(notice.facts),
        "source": notice.source,
        "count": 1,
        "first_at": now,
        "last_at": now,
        "read_at": None,
        "mail_id": None,
    }
