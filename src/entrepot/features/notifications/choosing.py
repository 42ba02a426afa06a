# SPDX-License-Identifier: Apache-2.0
"""The use cases of choosing what one hears of, where, how often, and of what not."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.notifications.digests import next_mail
from entrepot.features.notifications.digests import parse_time_zone
from entrepot.features.notifications.errors import KindEssential
from entrepot.features.notifications.errors import MuteInvalid
from entrepot.features.notifications.errors import MuteUnknown
from entrepot.features.notifications.errors import TooManyMutes
from entrepot.features.notifications.kinds import kind_of
from entrepot.features.notifications.models import MAX_MUTES
from entrepot.features.notifications.models import Channels
from entrepot.features.notifications.models import Digest
from entrepot.features.notifications.models import Mute
from entrepot.features.notifications.models import Preferences
from entrepot.features.notifications.noting import MailWish
from entrepot.features.notifications.noting import ask_for_mail
from entrepot.features.notifications.people import require_person
from entrepot.features.notifications.store import inbox
from entrepot.features.notifications.store import preferences
from entrepot.features.projects import parse_project_name
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import AppError
from entrepot.kernel.identifiers import is_ulid
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.reference import namespace_of
from entrepot.oci.reference import parse_repository_name


@dataclass(frozen=True, slots=True)
class WantedPreferences:
    """How somebody wants to hear from now on."""

    digest: Digest
    hour: int
    weekday: int
    time_zone: str
    kinds: Mapping[str, Channels]


class Choosing:
    """What people want to hear of, each for themselves. Raises as `require_person`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def preferences(self, principal: Principal) -> Preferences:
        """Return how they want to hear."""
        return await self._database.read(preferences.find, require_person(principal))

    async def choose(self, principal: Principal, wanted: WantedPreferences) -> Preferences:
        """Change it; what waits for a mail goes into the next one of the new sort.

        Raises `TimeZoneUnknown`, `NotificationKindUnknown` and `KindEssential`.
        """
        person, now = require_person(principal), self._clock()
        await asyncio.to_thread(parse_time_zone, wanted.time_zone)
        for name, channels in wanted.kinds.items():
            if kind_of(name).is_essential and not channels.has_console:
                raise KindEssential

        def change(connection: Connection) -> Preferences:
            """Store it."""
            before, _ = preferences.lock(connection, person)
            after = replace(
                before,
                digest=wanted.digest,
                hour=wanted.hour,
                weekday=wanted.weekday,
                time_zone=wanted.time_zone,
                kinds=wanted.kinds,
            )
            preferences.replace(connection, person, after)
            due_at = next_mail(after, now)
            if inbox.reschedule(connection, person, due_at):
                ask_for_mail(connection, MailWish(person), now, due_at)
            return after

        return await self._database.write_locked(change)

    async def mutes(self, principal: Principal) -> list[Mute]:
        """Return what they do not want to hear of."""
        person = require_person(principal)
        return (await self._database.read(preferences.mutes_of, [person], self._clock())).get(person, [])

    async def mute(
        self, principal: Principal, kind: str, project: str, repository: str, until: Milliseconds | None
    ) -> Mute:
        """Hear no more of something, until a moment or for ever.

        Raises `MuteInvalid`, `NotificationKindUnknown`, `KindEssential`, `TooManyMutes` and what names raise.
        """
        person, now = require_person(principal), self._clock()
        muted = _checked(kind, project, repository)
        if until is not None and until <= now:
            raise MuteInvalid("the moment until which it is muted is over")
        mute = Mute(new_ulid(), *muted, until, now)

        def put(connection: Connection) -> Mute:
            """Store it."""
            preferences.lock(connection, person)
            if preferences.count_mutes(connection, person) >= MAX_MUTES:
                raise TooManyMutes
            preferences.put_mute(connection, person, mute)
            return mute

        return await self._database.write_locked(put)

    async def unmute(self, principal: Principal, mute_id: str) -> None:
        """Hear of it again. Raises `MuteUnknown`."""
        person = require_person(principal)
        if not is_ulid(mute_id) or not await self._database.write(preferences.remove_mute, person, mute_id):
            raise MuteUnknown


def _checked(kind: str, project: str, repository: str) -> tuple[str, str, str]:
    """Return what is muted. Raises as `Choosing.mute`."""
    if not (kind or project or repository):
        raise MuteInvalid
    if kind and kind_of(kind).is_essential:
        raise KindEssential
    try:
        of_project = parse_project_name(project) if project else ""
        of_repository = parse_repository_name(repository) if repository else None
    except AppError as error:
        raise MuteInvalid(error.message) from error
    if of_project and of_repository and namespace_of(of_repository) != of_project:
        raise MuteInvalid(f"the repository {of_repository} is not in the project {of_project}")
    return kind, of_project, of_repository or ""
