# SPDX-License-Identifier: Apache-2.0
"""The use cases of guardrails: setting, showing, changing and deleting them, and what violates them."""

from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.guardrails import standing
from entrepot.features.guardrails.errors import GuardrailExists
from entrepot.features.guardrails.errors import GuardrailUnknown
from entrepot.features.guardrails.errors import TooManyGuardrails
from entrepot.features.guardrails.evaluate import Rule
from entrepot.features.guardrails.in_force import InForce
from entrepot.features.guardrails.models import MAX_GUARDRAILS
from entrepot.features.guardrails.models import MAX_REASON_CHARACTERS
from entrepot.features.guardrails.models import Guardrail
from entrepot.features.guardrails.models import GuardrailMode
from entrepot.features.guardrails.models import GuardrailTerms
from entrepot.features.guardrails.models import Simulated
from entrepot.features.guardrails.models import Violations
from entrepot.features.guardrails.models import parse_guardrail_name
from entrepot.features.guardrails.simulations import Simulations
from entrepot.features.guardrails.store import exceptions
from entrepot.features.guardrails.store import guardrails as store
from entrepot.features.guardrails.store import simulations
from entrepot.features.guardrails.telling import told_of
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import announce
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.four_eyes import FourEyes
from entrepot.registry.gates import one_line
from entrepot.registry.platform import Platform


@dataclass(frozen=True, slots=True)
class GuardrailPage:
    """One page of guardrails by name; `is_more` says whether another follows."""

    guardrails: list[Guardrail]
    is_more: bool


@dataclass(frozen=True, slots=True)
class SetGuardrail:
    """A guardrail that was set or changed, and what violates it at that moment."""

    guardrail: Guardrail
    violations: Violations


@dataclass(frozen=True, slots=True)
class SimulatedPage:
    """What a guardrail would have refused, what happened last first; `others` is how often what is not listed did."""

    listed: list[Simulated]
    others: int


class Guardrails:
    """Every guardrail there is. What changes counts in this process at once, on all others within two seconds.

    Administrators of the registry set them, having logged in of late; whoever may read accounts sees them.
    """

    def __init__(
        self, platform: Platform, in_force: InForce, simulated: Simulations, project_rights: ProjectRights
    ) -> None:
        """`project_rights` asks no guardrail: whom one refuses may still look at it."""
        self._project_rights = project_rights
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._four_eyes = platform.four_eyes
        self._in_force = in_force
        self._simulated = simulated

    async def page(self, principal: Principal, after: str, limit: int) -> GuardrailPage:
        """Return the guardrails behind the one of a name. Raises as `Rights.require_system`."""
        await self.require_seeing(principal)
        found = await self._database.read(store.page, after, limit + 1)
        return GuardrailPage(found[:limit], len(found) > limit)

    async def of_project(self, principal: Principal, project: ProjectName) -> list[Guardrail]:
        """Return the guardrails that are about something in a project, by name, to whoever administers it.

        Raises as `ProjectRights.require_reading` and `require_administering`.
        """
        await self._project_rights.require_reading(principal, project)
        if not await self._rights.may_system(principal, SystemAction.READ_ACCOUNTS):
            await self._project_rights.require_administering(principal, project)
        rules = (await self._in_force.current()).rules
        return [rule.guardrail for rule in rules if rule.pattern.reaches(project)]

    async def show(self, principal: Principal, name: str) -> Guardrail:
        """Return a guardrail. Raises as `page`, `GuardrailInvalid` and `GuardrailUnknown`."""
        await self.require_seeing(principal)
        return known(name, await self._database.read(store.find, parse_guardrail_name(name)))

    async def create(
        self, principal: Principal, name: str, terms: GuardrailTerms, mode: GuardrailMode, reason: str
    ) -> SetGuardrail:
        """Set a guardrail, and tell what violates it. What is there stays as it is.

        Raises as `Rights.require_system`, `ReauthenticationNeeded`, `GuardrailInvalid`, `GuardrailExists` and
        `TooManyGuardrails`.
        """
        await self.require_setting(principal)
        now, by = self._clock(), principal.identity
        shown = one_line(reason, MAX_REASON_CHARACTERS)
        guardrail = Guardrail(parse_guardrail_name(name), terms, mode, shown, now, by, now, by)
        await self._database.write(_create, guardrail)
        await self.take_effect()
        return SetGuardrail(guardrail, await self._survey(guardrail))

    async def change(
        self, principal: Principal, name: str, mode: GuardrailMode | None, reason: str | None
    ) -> SetGuardrail:
        """Change whether a guardrail refuses or simulates, and why it is there; None leaves it as it is.

        Raises as `create`, `GuardrailUnknown`, and as `FourEyes.require` to let one simulate that refuses.
        """
        await self.require_setting(principal)
        shown = None if reason is None else one_line(reason, MAX_REASON_CHARACTERS)
        wanted = (parse_guardrail_name(name), mode, shown)
        guardrail = await self._database.write_locked(self._change, principal, *wanted)
        await self.take_effect()
        return SetGuardrail(guardrail, await self._survey(guardrail))

    async def delete(self, principal: Principal, name: str) -> None:
        """Delete a guardrail with its exceptions. Raises as `change`."""
        await self.require_setting(principal)
        await self._database.write_locked(self._delete, principal, parse_guardrail_name(name))
        await self.take_effect()

    async def preview(self, principal: Principal, terms: GuardrailTerms) -> Violations:
        """Return what would violate such a guardrail now. Raises as `Rights.require_system`."""
        await self.require_seeing(principal)
        now = self._clock()
        guardrail = Guardrail("preview", terms, GuardrailMode.ENFORCE, "", now, "", now, "")
        return await self._database.survey(standing.survey, Rule(guardrail), now)

    async def violations(self, principal: Principal, name: str) -> Violations:
        """Return what violates a guardrail now and is no exception from it. Raises as `show`."""
        return await self._survey(await self.show(principal, name))

    async def simulated(self, principal: Principal, name: str, limit: int) -> SimulatedPage:
        """Return what a guardrail would have refused, had it been enforced. Raises as `show`."""
        guardrail = await self.show(principal, name)
        await self._simulated.flush()
        return await self._database.snapshot(_simulated, guardrail.name, limit)

    async def require_seeing(self, principal: Principal) -> None:
        """Do nothing if `principal` may see guardrails. Raises as `Rights.require_system`."""
        await self._rights.require_system(principal, SystemAction.READ_ACCOUNTS)

    async def require_setting(self, principal: Principal) -> None:
        """Do nothing if `principal` may set guardrails. Raises as `Rights.require_system`, `ReauthenticationNeeded`."""
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)

    async def take_effect(self) -> None:
        """Let what changed count at once in this process."""
        await self._in_force.refresh()

    async def _survey(self, guardrail: Guardrail) -> Violations:
        return await self._database.survey(_survey, guardrail, self._clock())

    def _change(
        self, connection: Connection, principal: Principal, name: str, mode: GuardrailMode | None, reason: str | None
    ) -> Guardrail:
        before = known(name, store.lock(connection, name))
        changed = replace(before, mode=mode or before.mode, reason=before.reason if reason is None else reason)
        if changed == before:
            return before
        if changed.mode is not before.mode:
            require_weakening(self._four_eyes, connection, principal, before, f"simulate {name}")
        changed = replace(changed, changed_at=self._clock(), changed_by=principal.identity)
        store.change(connection, changed)
        announce(connection, Change.GUARDRAIL_CHANGED, changed.changed_at, told_of(changed, before))
        return changed

    def _delete(self, connection: Connection, principal: Principal, name: str) -> None:
        before = known(name, store.lock(connection, name))
        require_weakening(self._four_eyes, connection, principal, before, f"delete {name}")
        store.remove(connection, name)
        announce(connection, Change.GUARDRAIL_DELETED, self._clock(), told_of(None, before))


def require_weakening(
    four_eyes: FourEyes,
    connection: Connection,
    principal: Principal,
    guardrail: Guardrail,
    target: str,
    hours: int | None = None,
) -> None:
    """Do nothing unless a guardrail that refuses would refuse less without a second person. Raises as `FourEyes`."""
    if guardrail.mode is GuardrailMode.ENFORCE:
        attempt = Attempt(Act.GUARDRAIL_WEAKEN, target, hours, guardrail.created_at)
        four_eyes.require(connection, principal, attempt)


def known(name: str, guardrail: Guardrail | None) -> Guardrail:
    """Return the guardrail that was found. Raises `GuardrailUnknown`."""
    if guardrail is None:
        raise GuardrailUnknown(f"there is no guardrail {name}")
    return guardrail


def _create(connection: Connection, guardrail: Guardrail) -> None:
    if store.count(connection) >= MAX_GUARDRAILS:
        raise TooManyGuardrails(f"there are {MAX_GUARDRAILS} guardrails, which is the most there may be")
    if not store.add(connection, guardrail):
        raise GuardrailExists(f"there is a guardrail {guardrail.name} already")
    announce(connection, Change.GUARDRAIL_CREATED, guardrail.created_at, told_of(guardrail))


def _simulated(connection: Connection, name: str, limit: int) -> SimulatedPage:
    others = simulations.others(connection, name)
    return SimulatedPage(simulations.newest(connection, name, limit), others.count if others else 0)


def _survey(connection: Connection, guardrail: Guardrail, now: Milliseconds) -> Violations:
    given = (each for each in exceptions.in_force(connection, now) if each.guardrail == guardrail.name)
    return standing.survey(connection, Rule(guardrail, given), now)
