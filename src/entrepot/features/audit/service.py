# SPDX-License-Identifier: Apache-2.0
"""Reading the audit log: who may, and what they get to see."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.audit.errors import FilterUnknown
from entrepot.features.audit.errors import TooManyFilters
from entrepot.features.audit.errors import UnknownType
from entrepot.features.audit.models import TYPES
from entrepot.features.audit.models import Checkpoint
from entrepot.features.audit.models import Filter
from entrepot.features.audit.models import Hold
from entrepot.features.audit.models import Partition
from entrepot.features.audit.models import Place
from entrepot.features.audit.models import Record
from entrepot.features.audit.models import SavedFilter
from entrepot.features.audit.models import Stamped
from entrepot.features.audit.settings import AuditSettings
from entrepot.features.audit.store import chain
from entrepot.features.audit.store import checkpoints
from entrepot.features.audit.store import deliveries
from entrepot.features.audit.store import filters
from entrepot.features.audit.store import holds
from entrepot.features.audit.store import records
from entrepot.features.audit.store import timestamps
from entrepot.features.audit.store import witnessed
from entrepot.features.audit.store.checkpoints import StoredKey
from entrepot.features.audit.store.deliveries import Delivery
from entrepot.features.audit.store.witnessed import Origin
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.platform import Platform

EXPORTED_AT_ONCE = 1_000
MAX_FILTERS = 100
MAX_ORIGINS = 1_000
EVERYTHING = "everything"
"""What an export is called that leaves nothing out."""

_GROUPS = frozenset(type_.partition(".")[0] for type_ in TYPES)


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page of records, newest first; `is_more` says whether another follows."""

    records: list[Record]
    is_more: bool

    @property
    def place(self) -> Place:
        """The place of its last record, behind which the next page begins."""
        return Place(self.records[-1].at, self.records[-1].seq)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the log stands."""

    settings: AuditSettings
    partitions: list[Partition]
    newest: Checkpoint | None
    holds: list[Hold]
    keys: list[StoredKey]
    deliveries: list[Delivery]
    origins: list[Origin]


class AuditLog:
    """What auditors ask of the log. Whoever administers a project may read the records of that project."""

    def __init__(self, platform: Platform, rights: ProjectRights, settings: AuditSettings) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._four_eyes = platform.four_eyes
        self._project_rights = rights
        self._settings = settings

    async def page(self, principal: Principal, wanted: Filter, before: Place | None, limit: int) -> RecordPage:
        """Return the records that `wanted` names, newest first, behind the place `before`.

        Without the right to read the audit log it takes to administer the project that is asked for. Raises as
        `Rights.require_system`, and `UnknownType`.
        """
        await self._require_reading(principal, wanted)
        _require_type(wanted.type)
        found = await self._database.survey(records.search, wanted, before, limit + 1)
        return RecordPage(found[:limit], len(found) > limit)

    async def begin_export(self, principal: Principal, wanted: Filter, what: str) -> AsyncIterator[list[Record]]:
        """Return all records that `wanted` names until now, newest first, some at a time; it is recorded as `what`.

        Raises as `page`, and as `FourEyes.require`.
        """
        await self._require_reading(principal, wanted)
        _require_type(wanted.type)
        now = self._clock()

        def begin(connection: Connection) -> None:
            """Ask for a second person, and record it."""
            self._four_eyes.require(connection, principal, Attempt(Act.AUDIT_EXPORT, what or EVERYTHING))
            told = Told(object="audit:records", project=wanted.project, after={"filter": what})
            announce(connection, Change.AUDIT_EXPORTED, now, told)

        await self._database.write(begin)
        until = now if wanted.until is None else min(now, wanted.until)
        return self._all(replace(wanted, until=until))

    async def standing(self, principal: Principal) -> Standing:
        """Return how the log stands. Raises as `Rights.require_system`."""
        await self._rights.require_system(principal, SystemAction.READ_AUDIT)
        return await self._database.survey(self._standing)

    async def types(self, principal: Principal) -> tuple[str, ...]:
        """Return every type of record. Raises as `standing`."""
        await self._rights.require_system(principal, SystemAction.READ_AUDIT)
        return TYPES

    async def holds(self, principal: Principal) -> list[Hold]:
        """Return every hold, oldest first, those that were released too. Raises as `standing`."""
        await self._rights.require_system(principal, SystemAction.READ_AUDIT)
        return await self._database.read(holds.all_of)

    async def checkpoints(self, principal: Principal, after: int, limit: int) -> list[Checkpoint]:
        """Return up to `limit` checkpoints behind the one at record `after`, oldest first. Raises as `standing`."""
        await self._rights.require_system(principal, SystemAction.READ_AUDIT)
        return await self._database.read(checkpoints.page, after, limit)

    async def timestamps(self, principal: Principal, after: Place, limit: int) -> list[Stamped]:
        """Return up to `limit` time stamps behind the one at `after`, oldest first. Raises as `standing`."""
        await self._rights.require_system(principal, SystemAction.READ_AUDIT)
        return await self._database.read(timestamps.page, after.seq, Milliseconds(after.at), limit)

    async def filters(self, principal: Principal) -> list[SavedFilter]:
        """Return one's saved searches, and those that are shared. Raises as `standing`."""
        await self._rights.require_system(principal, SystemAction.READ_AUDIT)
        return await self._database.read(filters.seen_by, principal.identity, 10 * MAX_FILTERS)

    async def save_filter(self, principal: Principal, name: str, query: str, *, is_shared: bool) -> SavedFilter:
        """Keep a search, in place of one's own of that name. Raises as `standing`, and `TooManyFilters`."""
        await self._rights.require_system(principal, SystemAction.READ_AUDIT)
        saved = SavedFilter(principal.identity, name, query, is_shared, self._clock())
        await self._database.write(_save, saved)
        return saved

    async def delete_filter(self, principal: Principal, name: str) -> None:
        """Forget one of one's own saved searches. Raises as `standing`, and `FilterUnknown`."""
        await self._rights.require_system(principal, SystemAction.READ_AUDIT)
        if not await self._database.write(filters.remove, principal.identity, name):
            raise FilterUnknown(f"you have no saved search {name}")

    async def _require_reading(self, principal: Principal, wanted: Filter) -> None:
        if wanted.project and not await self._rights.may_system(principal, SystemAction.READ_AUDIT):
            project = ProjectName(wanted.project)
            await self._project_rights.require_reading(principal, project)
            await self._project_rights.require_administering(principal, project)
            return
        await self._rights.require_system(principal, SystemAction.READ_AUDIT)

    async def _all(self, wanted: Filter) -> AsyncIterator[list[Record]]:
        place = None
        while found := await self._database.survey(records.search, wanted, place, EXPORTED_AT_ONCE):
            yield found
            place = Place(found[-1].at, found[-1].seq)

    def _standing(self, connection: Connection) -> Standing:
        return Standing(
            self._settings,
            chain.partitions(connection),
            checkpoints.newest(connection),
            holds.all_of(connection),
            checkpoints.keys(connection),
            deliveries.all_of(connection),
            witnessed.origins(connection, MAX_ORIGINS),
        )


def _require_type(wanted: str) -> None:
    if wanted and wanted not in TYPES and wanted not in _GROUPS:
        raise UnknownType(f"there is no type of record {wanted}")


def _save(connection: Connection, saved: SavedFilter) -> None:
    known = {each.name for each in filters.seen_by(connection, saved.owner, 10 * MAX_FILTERS)}
    if saved.name not in known and filters.count(connection, saved.owner) >= MAX_FILTERS:
        raise TooManyFilters(f"you have {MAX_FILTERS} saved searches, which is the most")
    filters.put(connection, saved)
