# SPDX-License-Identifier: Apache-2.0
"""The use cases of immutability: showing and setting rules, and giving an override."""

from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.access import parse_pattern
from entrepot.features.immutability import store
from entrepot.features.immutability.errors import ImmutabilityInvalid
from entrepot.features.immutability.errors import OverrideInvalid
from entrepot.features.immutability.errors import OverrideUnknown
from entrepot.features.immutability.errors import TooManyOverrides
from entrepot.features.immutability.keeping import Keeper
from entrepot.features.immutability.models import MAX_OVERRIDE_MS
from entrepot.features.immutability.models import MAX_OVERRIDES
from entrepot.features.immutability.models import MAX_REASON_CHARACTERS
from entrepot.features.immutability.models import MAX_RULES
from entrepot.features.immutability.models import NOUN
from entrepot.features.immutability.models import Override
from entrepot.features.immutability.models import Rule
from entrepot.features.immutability.models import RuleList
from entrepot.features.immutability.telling import told_of
from entrepot.features.immutability.telling import told_of_override
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import require_existing
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
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
from entrepot.registry.store import repositories
from entrepot.registry.store import rule_books as books
from entrepot.registry.store.rule_books import REGISTRY
from entrepot.registry.store.rule_books import Book


class Immutability:
    """Rules of the registry and of projects. What changes counts here at once, in every process within two seconds."""

    def __init__(self, platform: Platform, keeper: Keeper, project_rights: ProjectRights) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._keeper = keeper
        self._project_rights = project_rights

    async def show(self, principal: Principal) -> RuleList:
        """Return the rules of the registry. Raises as `Rights.require_system`."""
        await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        return _listed(await self._database.read(books.find, NOUN, REGISTRY))

    async def show_project(self, principal: Principal, project: ProjectName) -> RuleList:
        """Return the rules of a project. Raises as `ProjectRights.require_reading`."""
        await self._project_rights.require_reading(principal, project)
        return _listed(await self._database.read(books.find, NOUN, project))

    async def set(self, principal: Principal, rules: Sequence[Rule], revision: int | None) -> RuleList:
        """Put rules in the place of those of the registry, if they still have that revision.

        Takes an administrator who logged in of late. Raises as `Rights.require_system`, `ReauthenticationNeeded`,
        `ImmutabilityInvalid`, `RulesChanged` and `TooManyRules`.
        """
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)
        return await self._set(principal, REGISTRY, rules, revision)

    async def set_project(
        self, principal: Principal, project: ProjectName, rules: Sequence[Rule], revision: int | None
    ) -> RuleList:
        """Put rules in the place of those of a project.

        Raises as `ProjectRights.require_administering`, `ProjectUnknown`, and as `set` about the rules.
        """
        await self._project_rights.require_administering(principal, project, Action.MANAGE_POLICY)
        whole = parse_pattern(f"{project}/**")
        for number, rule in enumerate(rules, 1):
            if not whole.includes(parse_pattern(rule.repositories)):
                raise ImmutabilityInvalid(
                    f"rule {number} is about {rule.repositories}, which is not within the project {project}",
                    hint=f"Write {project}/** for all of it, or a pattern that begins with {project}/.",
                )
            if rule.is_binding:
                raise ImmutabilityInvalid(
                    f"rule {number} is binding, which only rules of the registry are",
                    hint="Leave is_binding out: the rules of a project count in their order.",
                )
        return await self._set(principal, project, rules, revision)

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

    async def _set(self, principal: Principal, project: str, rules: Sequence[Rule], revision: int | None) -> RuleList:
        if len(rules) > MAX_RULES:
            raise ImmutabilityInvalid(f"there are more than {MAX_RULES} rules", hint="Let one be about more tags.")
        wanted = Book(project, store.encode(rules), len(rules), 0, self._clock(), principal.identity)
        book = await self._database.write_locked(_replace, wanted, revision)
        await self._keeper.in_force.refresh()
        return _listed(book)


def forget_project(connection: Connection, project: str, now: Milliseconds) -> None:
    """Forget the rules and overrides of a project that is deleted: another one of its name inherits none."""
    store.remove_within(connection, project)
    before = books.find(connection, NOUN, project)
    if before.count:
        books.replace(connection, NOUN, Book(project, changed_at=now, changed_by="internal:entrepot"))
        announce(connection, Change.IMMUTABILITY_CHANGED, now, told_of(project, store.decode(before.rules), ()))


def _replace(connection: Connection, wanted: Book, revision: int | None) -> Book:
    if wanted.project:
        require_existing(connection, ProjectName(wanted.project))
    before = books.replace(connection, NOUN, wanted, revision)
    rules = store.decode(before.rules), store.decode(wanted.rules)
    if rules[0] != rules[1]:
        announce(connection, Change.IMMUTABILITY_CHANGED, wanted.changed_at, told_of(wanted.project, *rules))
    return books.find(connection, NOUN, wanted.project)


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


def _listed(book: Book) -> RuleList:
    return RuleList(book.project, store.decode(book.rules), book.revision, book.changed_at, book.changed_by)
