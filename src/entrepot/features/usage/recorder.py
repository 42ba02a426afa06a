# SPDX-License-Identifier: Apache-2.0
"""Keeping, of each tag and each manifest, when a client last used it."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.usage.models import Recording
from entrepot.features.usage.store import uses
from entrepot.features.usage.store.uses import Used
from entrepot.features.usage.store.uses import UsePlace
from entrepot.features.usage.uses import newest_uses
from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.oci.reference import RepositoryName
from entrepot.registry.events import Event
from entrepot.registry.store import usage
from entrepot.registry.store.repositories import RepositoryId

CONSUMER = "usage-uses"
"""The consumer of the outbox that learns of uses."""

KEPT_AFTER_DELETION_MS = 90 * DAY_MS
"""When a tag was last used is known for as long as the longest time in which it can be restored."""

ROWS_PER_LOOK = 1_000
NAMES_PER_STATEMENT = 500


class Recorder:
    """Notes uses as events tell of them, and forgets those of what is gone."""

    def __init__(self, database: Database, clock: Clock, ignored: Collection[str] = ()) -> None:
        """Leave out what principals of the identities `ignored` do."""
        self._database = database
        self._clock = clock
        self._ignored = frozenset(ignored)

    def begin(self, connection: Connection) -> None:
        """Note since when uses are recorded: now, unless that is known."""
        uses.note_start(connection, self._clock())

    def note(self, connection: Connection, events: Iterable[Event], ids: Mapping[RepositoryName, RepositoryId]) -> None:
        """Note the uses that events tell of, in repositories that have an id. What comes twice, or late, is nothing."""
        newest = newest_uses(events, self._ignored, self._clock())
        uses.note_tags(connection, {(ids[name], tag): at for (name, tag), at in newest.tags.items() if name in ids})
        uses.note_artifacts(
            connection, {(ids[name], digest): at for (name, digest), at in newest.artifacts.items() if name in ids}
        )

    async def forget_gone(self, report: Callable[[int], None] = lambda _done: None) -> None:
        """Forget uses of manifests that are purged, and of tags that nobody can restore any more.

        Stopped anywhere and done again, it comes to the same.
        """
        before = after(self._clock(), -KEPT_AFTER_DELETION_MS)
        looked_at = 0
        for used in (uses.OF_TAGS, uses.OF_ARTIFACTS):
            place: UsePlace | None = uses.BEGINNING
            while place is not None:
                place = await self._forget_behind(used, place, before)
                looked_at += ROWS_PER_LOOK
                report(looked_at)

    async def _forget_behind(self, used: Used, place: UsePlace, before: Milliseconds) -> UsePlace | None:
        gone, place_behind = await self._database.survey(uses.look, used, place, before, ROWS_PER_LOOK)
        if gone:
            await self._database.write_locked(uses.forget, used, gone, before)
        return place_behind


def recording(connection: Connection) -> Recording:
    """Return which uses are known. Ask it before deleting what seems not to be used."""
    [waiting] = [lag.waiting_since for lag in outbox.lag(connection) if lag.name == CONSUMER] or [None]
    return Recording(uses.recorded_since(connection), waiting)


def ids_of(connection: Connection, names: Sequence[RepositoryName]) -> dict[RepositoryName, RepositoryId]:
    """Return those of `names` that listed repositories have, with their ids."""
    ids: dict[RepositoryName, RepositoryId] = {}
    for start in range(0, len(names), NAMES_PER_STATEMENT):
        found = usage.ids_of(connection, names[start : start + NAMES_PER_STATEMENT])
        ids.update({name: repo_id for repo_id, name in found.items()})
    return ids
