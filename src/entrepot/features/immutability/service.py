# SPDX-License-Identifier: Apache-2.0
"""The use cases of immutability: showing and setting rules, and giving an override."""

from sqlalchemy import Connection

from entrepot.features.access import is_within
from entrepot.features.immutability import store
from entrepot.features.immutability.errors import ImmutabilityInvalid
from entrepot.features.immutability.errors import OverrideInvalid
from entrepot.features.immutability.errors import OverrideUnknown
from entrepot.features.immutability.errors import TooManyOverrides
from entrepot.features.immutability.keeping import Keeper
from entrepot.features.immutability.models import MAX_OVERRIDE_MS
from entrepot.features.immutability.models import MAX_OVERRIDES
from entrepot.features.immutability.models import MAX_REASON_CHARACTERS
from entrepot.features.immutability.models import NOUN
from entrepot.features.immutability.models import Override
from entrepot.features.immutability.models import Rule
from entrepot.features.immutability.telling import plain
from entrepot.features.immutability.telling import told_of_override
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import require_existing
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.reference import namespace_of
from entrepot.registry.announcing import announce
from entrepot.registry.gates import one_line
from entrepot.registry.platform import Platform
from entrepot.registry.rule_book_keeping import RuleBooks
from entrepot.registry.rule_book_keeping import Ruleset
from entrepot.registry.rule_book_keeping import forget_rules
from entrepot.registry.store import repositories


def _require_of_project(number: int, rule: Rule) -> None:
    if rule.is_binding:
        raise ImmutabilityInvalid(
            f"rule {number} is binding, which only rules of the registry are",
            hint="Leave is_binding out: the rules of a project count in their order.",
        )


IMMUTABILITY: Ruleset[Rule] = Ruleset(
    NOUN,
    Change.IMMUTABILITY_CHANGED,
    store.encode,
    store.decode,
    plain,
    is_within,
    ImmutabilityInvalid,
    _require_of_project,
)


class Immutability(RuleBooks[Rule, ProjectName]):
    """Rules about tags, and overrides of what they keep."""

    def __init__(self, platform: Platform, keeper: Keeper, project_rights: ProjectRights) -> None:
        super().__init__(platform, IMMUTABILITY, keeper.in_force.refresh, project_rights, require_existing)

    async def give_override(
        self, principal: Principal, name: RepositoryName, tag: TagName, reason: str, expires_at: Milliseconds
    ) -> Override:
        """Let a tag be moved and deleted until then by whoever has the right to, in the place of a former override.

        Takes the right to override, and a recent login. Raises as `Rights.require`, `ReauthenticationNeeded`,
        `OverrideInvalid`, `NameUnknown` and `TooManyOverrides`.
        """
        await self._rights.require(principal, Action.OVERRIDE, name)
        require_recent_login(principal)
        now, said = self._clock(), one_line(reason, MAX_REASON_CHARACTERS)
        if not said:
            raise OverrideInvalid("an override has a reason", hint="Say in one line what it is for.")
        if not now < expires_at <= now + MAX_OVERRIDE_MS:
            raise OverrideInvalid("an override ends within 24 hours", hint="Choose an earlier end, and give another.")
        given = Override(name, tag, said, expires_at, now, principal.identity)
        await self._database.write_locked(_give, given)
        return given

    async def take_override(self, principal: Principal, name: RepositoryName, tag: TagName) -> None:
        """Take an override back before it ends. Raises as `Rights.require`, and `OverrideUnknown`."""
        await self._rights.require(principal, Action.OVERRIDE, name)
        await self._database.write_locked(_take, name, tag, self._clock())


def forget_project(connection: Connection, project: str, now: Milliseconds) -> None:
    """Forget the rules and overrides of a project that is deleted: another one of its name inherits none."""
    store.remove_within(connection, project)
    forget_rules(connection, IMMUTABILITY, project, now)


def _give(connection: Connection, given: Override) -> None:
    if repositories.lock_seen(connection, given.repository) is None:
        raise NameUnknown(detail={"name": given.repository})
    before = store.find(connection, given.repository, given.tag, given.created_at)
    if before is None and store.count(connection, given.repository, given.created_at) >= MAX_OVERRIDES:
        raise TooManyOverrides(f"{MAX_OVERRIDES} overrides of {given.repository} have not ended, which is the most")
    store.put(connection, given, namespace_of(given.repository))
    announce(connection, Change.IMMUTABILITY_OVERRIDE_GIVEN, given.created_at, told_of_override(given))


def _take(connection: Connection, name: RepositoryName, tag: TagName, now: Milliseconds) -> None:
    taken = store.find(connection, name, tag, now)
    if taken is None:
        raise OverrideUnknown(f"no override of {name}:{tag} is in force")
    store.remove(connection, name, tag)
    announce(connection, Change.IMMUTABILITY_OVERRIDE_TAKEN, now, told_of_override(taken, is_taken=True))
