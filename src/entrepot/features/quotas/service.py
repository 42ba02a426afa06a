# SPDX-License-Identifier: Apache-2.0
"""The use cases of quotas: showing who uses what, setting quotas, and having everything counted anew."""

from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import require_existing
from entrepot.features.quotas.errors import QuotaUnknown
from entrepot.features.quotas.forecast import FORECAST_DAYS
from entrepot.features.quotas.forecast import Forecast
from entrepot.features.quotas.forecast import forecast
from entrepot.features.quotas.models import EVERY_PROJECT
from entrepot.features.quotas.models import Amounts
from entrepot.features.quotas.models import Quota
from entrepot.features.quotas.models import SetQuota
from entrepot.features.quotas.models import Standing
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.models import SubjectKind
from entrepot.features.quotas.models import is_project
from entrepot.features.quotas.models import of_account
from entrepot.features.quotas.models import of_principal
from entrepot.features.quotas.models import of_project
from entrepot.features.quotas.noticing import notice
from entrepot.features.quotas.requesting import CHECK
from entrepot.features.quotas.requesting import Requests
from entrepot.features.quotas.store import checks
from entrepot.features.quotas.store import counted
from entrepot.features.quotas.store import limits
from entrepot.features.quotas.store import listing
from entrepot.features.quotas.store import reservations
from entrepot.features.quotas.store.checks import Check
from entrepot.features.quotas.store.listing import Listed
from entrepot.features.quotas.store.listing import Wish
from entrepot.features.quotas.telling import told_of_change
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.platform import Platform
from entrepot.registry.store import project_storage
from entrepot.registry.store.project_storage import ProjectStorage

MAX_LINKS = 20_000
"""So many links of blobs are looked at while somebody waits: a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Shown:
    """All there is to say about who uses what. `own` may hold no quota; `quota` is what counts then."""

    own: SetQuota
    quota: Quota | None
    standing: Standing
    reserved: Amounts
    """What passed and is not counted yet, as far as processes told each other of it."""
    beside: ProjectStorage | None
    """What a project stores that does not count, and what it shares; None for users and robots."""
    forecast: Forecast


class Quotas:
    """Quotas and their use. What is set counts here at once, in every process within two seconds."""

    def __init__(
        self,
        platform: Platform,
        take_effect: Callable[[], Awaitable[None]],
        project_rights: ProjectRights,
        requests: Requests,
    ) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._doorbell = platform.doorbell
        self._take_effect = take_effect
        self._project_rights = project_rights
        self._requests = requests

    async def page(self, principal: Principal, wish: Wish) -> list[Listed]:
        """Return who uses what. Raises as `Rights.require_system`."""
        await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        return await self._database.snapshot(listing.page, wish)

    async def show_default(self, principal: Principal) -> SetQuota:
        """Return the quota of every project without its own. Raises as `Rights.require_system`."""
        await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        return await self._database.read(limits.find, EVERY_PROJECT)

    async def show_project(self, principal: Principal, project: ProjectName) -> Shown:
        """Return what a project may use, and does. Raises as `ProjectRights.require_reading_all`."""
        await self._project_rights.require_reading_all(principal, project)
        return await self._database.survey(_show, of_project(project), self._clock())

    async def show_account(self, principal: Principal, kind: SubjectKind, name: str) -> Shown:
        """Return what a user or a robot may use, and does: to themselves, and to who may see how the registry runs.

        Raises as `Rights.require_system`.
        """
        subject = of_account(kind, name)
        if of_principal(principal) != subject:
            await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        return await self._database.survey(_show, subject, self._clock())

    async def set_default(self, principal: Principal, quota: Quota | None, revision: int | None) -> SetQuota:
        """Set the quota of every project without its own, or take it away.

        Takes an administrator who logged in of late. Raises as `Rights.require_system`, `ReauthenticationNeeded`,
        `QuotaUnknown`, `QuotaChanged` and `TooManyQuotas`.
        """
        return await self._set(principal, EVERY_PROJECT, quota, revision)

    async def set_project(
        self, principal: Principal, project: ProjectName, quota: Quota | None, revision: int | None
    ) -> Shown:
        """Set a project's own quota, or take it away. Raises as `set_default`, and `ProjectUnknown`."""
        await self._set(principal, of_project(project), quota, revision)
        return await self._database.survey(_show, of_project(project), self._clock())

    async def set_account(
        self, principal: Principal, account: tuple[SubjectKind, str], quota: Quota | None, revision: int | None
    ) -> Shown:
        """Set the quota of a user or a robot, or take it away; what they pushed before is counted first.

        Raises as `set_default`.
        """
        subject = of_account(*account)
        await self._set(principal, subject, quota, revision)
        return await self._database.survey(_show, subject, self._clock())

    async def last_check(self, principal: Principal) -> Check | None:
        """Return what came of the last time that everything was counted. Raises as `Rights.require_system`."""
        await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        return await self._database.read(checks.last)

    async def check(self, principal: Principal) -> Ulid:
        """Have everything counted anew; return the job. Raises as `Rights.require_system`."""
        await self._rights.require_system(principal, SystemAction.OPERATE)
        now = self._clock()

        def request(connection: Connection) -> Ulid:
            """Enqueue the job, and say who asked for it."""
            job = self._requests.check(connection)
            announce(connection, Change.JOB_STARTED, now, Told(object=f"job:{job}", after={"kind": CHECK}))
            return job

        job = await self._database.write_locked(request)
        self._doorbell.ring()
        return job

    async def _set(self, principal: Principal, subject: Subject, quota: Quota | None, revision: int | None) -> SetQuota:
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)
        wanted = SetQuota(subject, quota, changed_at=self._clock(), changed_by=principal.identity)
        found = await self._database.write_locked(self._replace, wanted, revision)
        await self._take_effect()
        self._doorbell.ring()
        return found

    def _replace(self, connection: Connection, wanted: SetQuota, revision: int | None) -> SetQuota:
        subject, now = wanted.subject, wanted.changed_at
        if is_project(subject):
            require_existing(connection, ProjectName(subject.partition(":")[2]))
        before = limits.replace(connection, wanted, revision)
        if before.quota is None and wanted.quota is None:
            raise QuotaUnknown("there is no such quota")
        if before.quota != wanted.quota:
            announce(connection, Change.QUOTA_CHANGED, now, told_of_change(subject, before.quota, wanted.quota))
        if subject != EVERY_PROJECT:
            limits.ensure_listed(connection, subject)
            notice(connection, [subject], now)
        if subject != EVERY_PROJECT and not is_project(subject) and before.quota is None:
            self._requests.check(connection)
        return limits.find(connection, subject)


def forget_quota(connection: Connection, subject: Subject, now: Milliseconds) -> None:
    """Take away the quota of a project or an account that is deleted: another one of its name inherits none."""
    before = limits.find(connection, subject)
    if before.quota is not None:
        limits.replace(connection, replace(before, quota=None, changed_at=now, changed_by="internal:entrepot"))
        announce(connection, Change.QUOTA_CHANGED, now, told_of_change(subject, before.quota, None))


def _show(connection: Connection, subject: Subject, now: Milliseconds) -> Shown:
    quota, standing = limits.in_force(connection, subject), counted.standing(connection, subject)
    beside = None
    if is_project(subject):
        beside = project_storage.of_project(connection, subject.partition(":")[2], MAX_LINKS)
    today = now // DAY_MS
    first = today - FORECAST_DAYS
    before, days = counted.last_before(connection, subject, first), counted.days_of(connection, subject, first)
    if before is not None:
        days = [(first, before), *days]
    return Shown(
        own=limits.find(connection, subject),
        quota=quota,
        standing=standing,
        reserved=reservations.reserved(connection, subject, now),
        beside=beside,
        forecast=forecast(days, today, standing.used.bytes, quota.limits.bytes if quota else None),
    )
