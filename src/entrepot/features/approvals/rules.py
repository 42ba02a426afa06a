# SPDX-License-Identifier: Apache-2.0
"""The use cases of the rules: which acts take a second person."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.approvals import store
from entrepot.features.approvals.deciding import approvers
from entrepot.features.approvals.errors import ApprovalInvalid
from entrepot.features.approvals.errors import TooFewApprovers
from entrepot.features.approvals.models import MIN_APPROVERS
from entrepot.features.approvals.models import Rule
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.platform import Platform


@dataclass(frozen=True, slots=True)
class _Acts:
    """The acts that take a second person."""

    acts: list[str]


class Rules:
    """Which acts take a second person. Administrators set them, having logged in of late; auditors see them."""

    def __init__(self, platform: Platform) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._four_eyes = platform.four_eyes
        self._clock: Clock = platform.clock

    async def show(self, principal: Principal) -> list[Rule]:
        """Return the rules there are. Raises as `Rights.require_system`."""
        await self._rights.require_system(principal, SystemAction.READ_AUDIT)
        return await self._database.read(store.rules)

    async def set(self, principal: Principal, acts: AbstractSet[Act]) -> list[Rule]:
        """Let these acts take a second person, and no others.

        To leave one out that takes one now takes one itself. Raises as `Rights.require_system`,
        `ReauthenticationNeeded`, `ApprovalInvalid`, `TooFewApprovers` and `ApprovalNeeded`.
        """
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)
        if Act.APPROVALS_WEAKEN in acts:
            raise ApprovalInvalid(
                f"{Act.APPROVALS_WEAKEN} takes a second person as soon as anything does", hint="Leave it out."
            )
        return await self._database.write(self._set, principal, acts)

    def _set(self, connection: Connection, principal: Principal, acts: AbstractSet[Act]) -> list[Rule]:
        now, before = self._clock(), {rule.act for rule in store.rules(connection)}
        added, removed = sorted(acts - before), sorted(before - acts)
        if removed:
            self._four_eyes.require(connection, principal, Attempt(Act.APPROVALS_WEAKEN, ",".join(removed)))
        if added and approvers(connection, now) < MIN_APPROVERS:
            raise TooFewApprovers(f"there are not {MIN_APPROVERS} people who administer the registry")
        store.remove_rules(connection, removed)
        store.add_rules(connection, [Rule(act, now, principal.identity) for act in added])
        if added or removed:
            _tell(connection, before, acts, now)
        return store.rules(connection)


def end_all(connection: Connection, now: Milliseconds) -> list[Act]:
    """Let no act take a second person any more; return which did. For whoever has the server: nobody is asked."""
    before = {rule.act for rule in store.rules(connection)}
    store.remove_rules(connection, before)
    if before:
        _tell(connection, before, frozenset(), now)
    return sorted(before)


def _tell(connection: Connection, before: AbstractSet[Act], after: AbstractSet[Act], now: Milliseconds) -> None:
    told = Told(object="approvals:rules", before=_Acts(sorted(before)), after=_Acts(sorted(after)))
    announce(connection, Change.APPROVAL_RULES_CHANGED, now, told)
