# SPDX-License-Identifier: Apache-2.0
"""The use cases of naming: showing and setting rules."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.access import parse_pattern
from entrepot.features.naming import store
from entrepot.features.naming.errors import NamingInvalid
from entrepot.features.naming.models import MAX_RULES
from entrepot.features.naming.models import NOUN
from entrepot.features.naming.models import Rule
from entrepot.features.naming.models import RuleList
from entrepot.features.naming.telling import told_of
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import require_existing
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import announce
from entrepot.registry.platform import Platform
from entrepot.registry.store import rule_books as books
from entrepot.registry.store.rule_books import REGISTRY
from entrepot.registry.store.rule_books import Book


class Naming:
    """Rules of the registry and of projects. What changes counts here at once, in every process within two seconds."""

    def __init__(
        self, platform: Platform, take_effect: Callable[[], Awaitable[None]], project_rights: ProjectRights
    ) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._take_effect = take_effect
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
        `NamingInvalid`, `RulesChanged` and `TooManyRules`.
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
                raise NamingInvalid(
                    f"rule {number} is about {rule.repositories}, which is not within the project {project}",
                    hint=f"Write {project}/** for all of it, or a pattern that begins with {project}/.",
                )
        return await self._set(principal, project, rules, revision)

    async def _set(self, principal: Principal, project: str, rules: Sequence[Rule], revision: int | None) -> RuleList:
        if len(rules) > MAX_RULES:
            raise NamingInvalid(f"there are more than {MAX_RULES} rules", hint="Let one be about more repositories.")
        wanted = Book(project, store.encode(rules), len(rules), 0, self._clock(), principal.identity)
        book = await self._database.write_locked(_replace, wanted, revision)
        await self._take_effect()
        return _listed(book)


def forget_naming(connection: Connection, project: str, now: Milliseconds) -> None:
    """Forget the rules of a project that is deleted: another one of its name inherits none."""
    before = books.find(connection, NOUN, project)
    if before.count:
        books.replace(connection, NOUN, Book(project, changed_at=now, changed_by="internal:entrepot"))
        announce(connection, Change.NAMING_CHANGED, now, told_of(project, store.decode(before.rules), ()))


def _replace(connection: Connection, wanted: Book, revision: int | None) -> Book:
    if wanted.project:
        require_existing(connection, ProjectName(wanted.project))
    before = books.replace(connection, NOUN, wanted, revision)
    rules = store.decode(before.rules), store.decode(wanted.rules)
    if rules[0] != rules[1]:
        announce(connection, Change.NAMING_CHANGED, wanted.changed_at, told_of(wanted.project, *rules))
    return books.find(connection, NOUN, wanted.project)


def _listed(book: Book) -> RuleList:
    return RuleList(book.project, store.decode(book.rules), book.revision, book.changed_at, book.changed_by)
