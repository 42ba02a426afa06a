# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about how people want to hear of things: where, how often, and of what not."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.notifications.models import Channels
from entrepot.features.notifications.models import Digest
from entrepot.features.notifications.models import Mute
from entrepot.features.notifications.models import Preferences
from entrepot.features.notifications.tables import notification_mutes as mutes
from entrepot.features.notifications.tables import notification_preferences as preferences
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

_KINDS = msgspec.json.Decoder(dict[str, str])
_KNOWN_CHANNELS = {each.value for each in Channels}
_NEW: dict[str, Any] = {
    "address": "",
    "awaited_address": "",
    "code_sha256": None,
    "code_until": None,
    "code_tries": 0,
    "codes_sent": 0,
    "codes_since": 0,
    "digest": Digest.AT_ONCE.value,
    "hour": Preferences().hour,
    "weekday": 0,
    "time_zone": "UTC",
    "kinds": "{}",
}


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was sent to an address that somebody says is theirs."""

    sha256: bytes | None
    until: Milliseconds | None
    tries: int
    sent: int
    """How many were, since the first of a day."""
    since: Milliseconds


def find(connection: Connection, person: str) -> Preferences:
    """Return how somebody wants to hear; the defaults of those who said nothing."""
    row = connection.execute(select(preferences).where(preferences.c.person == person)).first()
    return Preferences() if row is None else _preferences(row)


def of_all(connection: Connection, people: Collection[str]) -> dict[str, Preferences]:
    """Return it of several people, without those who said nothing."""
    rows = connection.execute(select(preferences).where(preferences.c.person.in_(sorted(people))))
    return {row.person: _preferences(row) for row in rows}


def lock(connection: Connection, person: str) -> tuple[Preferences, Code]:
    """Return it, and let nobody else change it until this transaction ends."""
    insert_if_absent(connection, preferences, {"person": person, **_NEW})
    row = connection.execute(select(preferences).where(preferences.c.person == person).with_for_update()).one()
    code = Code(row.code_sha256, row.code_until, row.code_tries, row.codes_sent, row.codes_since)
    return _preferences(row), code


def replace(connection: Connection, person: str, new: Preferences) -> None:
    """Store how somebody wants to hear, but for the address."""
    values = {
        "digest": new.digest.value,
        "hour": new.hour,
        "weekday": new.weekday,
        "time_zone": new.time_zone,
        "kinds": msgspec.json.encode({name: each.value for name, each in new.kinds.items()}).decode(),
    }
    connection.execute(update(preferences).where(preferences.c.person == person).values(values))


def await_address(connection: Connection, person: str, address: str, code: Code) -> None:
    """Note that a code was sent somewhere."""
    values = {
        "awaited_address": address,
        "code_sha256": code.sha256,
        "code_until": code.until,
        "code_tries": code.tries,
        "codes_sent": code.sent,
        "codes_since": code.since,
    }
    connection.execute(update(preferences).where(preferences.c.person == person).values(values))


def count_try(connection: Connection, person: str) -> None:
    """Count a code that was wrong."""
    change = update(preferences).where(preferences.c.person == person)
    connection.execute(change.values(code_tries=preferences.c.code_tries + 1))


def set_address(connection: Connection, person: str, address: str) -> None:
    """Let mail go to an address, or nowhere where it is empty."""
    values = {"address": address, "awaited_address": "", "code_sha256": None, "code_until": None, "code_tries": 0}
    connection.execute(update(preferences).where(preferences.c.person == person).values(values))


def mutes_of(connection: Connection, people: Collection[str], now: Milliseconds) -> dict[str, list[Mute]]:
    """Return the mutes of people that are in force, by person, the oldest first."""
    query = select(mutes).where(mutes.c.person.in_(sorted(people)), _in_force(now)).order_by(mutes.c.id)
    found: dict[str, list[Mute]] = {}
    for row in connection.execute(query):
        mute = Mute(Ulid(row.id), row.kind, row.project, row.repository, row.until, row.created_at)
        found.setdefault(row.person, []).append(mute)
    return found


def count_mutes(connection: Connection, person: str) -> int:
    """Return how many mutes somebody has."""
    query = select(func.count()).select_from(mutes).where(mutes.c.person == person)
    return int(connection.execute(query).scalar_one())


def put_mute(connection: Connection, person: str, mute: Mute) -> None:
    """Store a mute in place of one about the same."""
    same = (mutes.c.kind == mute.kind, mutes.c.project == mute.project, mutes.c.repository == mute.repository)
    connection.execute(delete(mutes).where(mutes.c.person == person, *same))
    row = {
        "id": mute.id,
        "person": person,
        "kind": mute.kind,
        "project": mute.project,
        "repository": mute.repository,
        "until": mute.until,
        "created_at": mute.created_at,
    }
    insert_if_absent(connection, mutes, row)


def remove_mute(connection: Connection, person: str, mute_id: str) -> bool:
    """Remove one of somebody's mutes; False if there is none."""
    return connection.execute(delete(mutes).where(mutes.c.person == person, mutes.c.id == mute_id)).rowcount == 1


def forget_mutes(connection: Connection, now: Milliseconds) -> int:
    """Remove mutes whose time is over; return how many."""
    return connection.execute(delete(mutes).where(mutes.c.until <= now)).rowcount


def _in_force(now: Milliseconds) -> ColumnElement[bool]:
    return or_(mutes.c.until.is_(None), mutes.c.until > now)


def _preferences(row: Any) -> Preferences:
    chosen = _KINDS.decode(row.kinds).items()
    return Preferences(
        address=row.address,
        awaited_address=row.awaited_address,
        digest=Digest(row.digest),
        hour=row.hour,
        weekday=row.weekday,
        time_zone=row.time_zone,
        kinds={name: Channels(each) for name, each in chosen if each in _KNOWN_CHANNELS},
    )
