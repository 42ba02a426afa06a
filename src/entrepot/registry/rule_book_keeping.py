# SPDX-License-Identifier: Apache-2.0
"""Showing and setting the rules of a noun, of the registry and of projects: what is the same whatever the rules say."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic
from typing import Protocol
from typing import TypeVar

from sqlalchemy import Connection

from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InvalidRequest
from entrepot.registry.announcing import ENTREPOT
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.platform import Platform
from entrepot.registry.store import rule_books as store
from entrepot.registry.store.rule_books import REGISTRY
from entrepot.registry.store.rule_books import Book

MAX_RULES = 30
"""In one project, and in the registry as a whole."""


class AboutRepositories(Protocol):
    """A rule about the repositories that a path pattern matches."""

    @property
    def repositories(self) -> str:
        """The pattern."""


RuleT = TypeVar("RuleT", bound=AboutRepositories)
ProjectT = TypeVar("ProjectT", bound=str)
ProjectT_contra = TypeVar("ProjectT_contra", bound=str, contravariant=True)


@dataclass(frozen=True, slots=True)
class Ruleset(Generic[RuleT]):
    """What rules of one noun are like, and how they are stored and told of."""

    noun: str
    change: Change
    """What is announced when they change."""
    encode: Callable[[Sequence[RuleT]], str]
    decode: Callable[[str], tuple[RuleT, ...]]
    plain: Callable[[RuleT], Mapping[str, object]]
    """Returns a rule as plain values."""
    is_within: Callable[[str, str], bool]
    """Tells of a project and a path pattern whether it matches repositories of the project only."""
    invalid: type[InvalidRequest]
    require_of_project: Callable[[int, RuleT], None] | None = None
    """Raises where the rule of that number is one that only the registry has."""

    def require_within(self, project: str, rules: Sequence[RuleT]) -> None:
        """Do nothing if these can be the rules of a project. Raises `invalid`, and as `require_of_project`."""
        for number, rule in enumerate(rules, 1):
            if not self.is_within(project, rule.repositories):
                raise self.invalid(
                    f"rule {number} is about {rule.repositories}, which is not within the project {project}",
                    hint=f"Write {project}/** for all of it, or a pattern that begins with {project}/.",
                )
            if self.require_of_project is not None:
                self.require_of_project(number, rule)


@dataclass(frozen=True, slots=True)
class RuleList(Generic[RuleT]):
    """The rules of a project, or of the registry where `project` is empty, in order."""

    project: str
    rules: tuple[RuleT, ...]
    revision: int
    changed_at: Milliseconds
    changed_by: str
    """Empty where none were ever set."""


class BookRights(Protocol[ProjectT_contra]):
    """Decides who may see a project, and who may change its rules."""

    async def require_reading(self, principal: Principal, project: ProjectT_contra) -> None:
        """Do nothing if `principal` may see the project."""

    async def require_administering(self, principal: Principal, project: ProjectT_contra, action: Action) -> None:
        """Do nothing if `principal` may do `action` in all of the project."""


class RuleBooks(Generic[RuleT, ProjectT]):
    """Rules of the registry and of projects. What changes counts here at once, in every process within two seconds."""

    def __init__(
        self,
        platform: Platform,
        ruleset: Ruleset[RuleT],
        take_effect: Callable[[], Awaitable[None]],
        project_rights: BookRights[ProjectT],
        require_existing: Callable[[Connection, ProjectT], None],
    ) -> None:
        """Take what is asked whether there is a project, which then stays until the transaction ends."""
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._ruleset = ruleset
        self._take_effect = take_effect
        self._project_rights = project_rights
        self._require_existing = require_existing

    async def show(self, principal: Principal) -> RuleList[RuleT]:
        """Return the rules of the registry. Raises as `Rights.require_system`."""
        await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        return self._listed(await self._database.read(store.find, self._ruleset.noun, REGISTRY))

    async def show_project(self, principal: Principal, project: ProjectT) -> RuleList[RuleT]:
        """Return the rules of a project. Raises as `BookRights.require_reading`."""
        await self._project_rights.require_reading(principal, project)
        return self._listed(await self._database.read(store.find, self._ruleset.noun, project))

    async def set(self, principal: Principal, rules: Sequence[RuleT], revision: int | None) -> RuleList[RuleT]:
        """Put rules in the place of those of the registry, if they still have that revision.

        Takes an administrator who logged in of late. Raises as `Rights.require_system`, `ReauthenticationNeeded`,
        the ruleset's `invalid`, `RulesChanged` and `TooManyRules`.
        """
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)
        return await self._set(principal, None, rules, revision)

    async def set_project(
        self, principal: Principal, project: ProjectT, rules: Sequence[RuleT], revision: int | None
    ) -> RuleList[RuleT]:
        """Put rules in the place of those of a project.

        Raises as `BookRights.require_administering`, `Ruleset.require_within`, for a project that is not there, and
        as `set` about the rules.
        """
        await self._project_rights.require_administering(principal, project, Action.MANAGE_POLICY)
        self._ruleset.require_within(project, rules)
        return await self._set(principal, project, rules, revision)

    async def _set(
        self, principal: Principal, project: ProjectT | None, rules: Sequence[RuleT], revision: int | None
    ) -> RuleList[RuleT]:
        if len(rules) > MAX_RULES:
            raise self._ruleset.invalid(f"there are more than {MAX_RULES} rules", hint="Let one be about more.")
        encoded = self._ruleset.encode(rules)
        wanted = Book(project or REGISTRY, encoded, len(rules), 0, self._clock(), principal.identity)
        book = await self._database.write_locked(self._replace, project, wanted, revision)
        await self._take_effect()
        return self._listed(book)

    def _replace(self, connection: Connection, project: ProjectT | None, wanted: Book, revision: int | None) -> Book:
        if project is not None:
            self._require_existing(connection, project)
        _replace(connection, self._ruleset, wanted, revision)
        return store.find(connection, self._ruleset.noun, wanted.project)

    def _listed(self, book: Book) -> RuleList[RuleT]:
        rules = self._ruleset.decode(book.rules)
        return RuleList(book.project, rules, book.revision, book.changed_at, book.changed_by)


def forget_rules(connection: Connection, ruleset: Ruleset[RuleT], project: str, now: Milliseconds) -> None:
    """Forget the rules of a project that is deleted: another one of its name inherits none."""
    if store.find(connection, ruleset.noun, project).count:
        _replace(connection, ruleset, Book(project, changed_at=now, changed_by=ENTREPOT.identity))


def _replace(connection: Connection, ruleset: Ruleset[RuleT], wanted: Book, revision: int | None = None) -> None:
    """Put rules in the place of others, and say so where they are not the same."""
    replaced = store.replace(connection, ruleset.noun, wanted, revision)
    before, after = ruleset.decode(replaced.rules), ruleset.decode(wanted.rules)
    if before != after:
        told = Told(
            object=f"{ruleset.noun}:{wanted.project or 'registry'}",
            project=wanted.project,
            before={"rules": [ruleset.plain(rule) for rule in before]},
            after={"rules": [ruleset.plain(rule) for rule in after]},
        )
        announce(connection, ruleset.change, wanted.changed_at, told)
