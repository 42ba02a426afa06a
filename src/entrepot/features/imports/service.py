# SPDX-License-Identifier: Apache-2.0
"""The use cases of imports: asking for one, watching it, pausing and stopping it, and going on."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.copies import asker_of
from entrepot.features.imports import queueing
from entrepot.features.imports.errors import ImportNotLikeThat
from entrepot.features.imports.errors import ImportUnknown
from entrepot.features.imports.errors import TooManyImports
from entrepot.features.imports.filters import Filters
from entrepot.features.imports.filters import check_terms
from entrepot.features.imports.going_on import Sealed
from entrepot.features.imports.models import MAX_OPEN_OF_ONE
from entrepot.features.imports.models import Import
from entrepot.features.imports.models import ImportState
from entrepot.features.imports.models import Item
from entrepot.features.imports.models import ItemState
from entrepot.features.imports.models import Login
from entrepot.features.imports.models import Source
from entrepot.features.imports.models import Totals
from entrepot.features.imports.models import Wish
from entrepot.features.imports.models import Work
from entrepot.features.imports.store import imports
from entrepot.features.imports.store import items
from entrepot.features.imports.store import repositories
from entrepot.features.imports.telling import tell
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import parse_project_name
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.core import Caller
from entrepot.registry.platform import Platform

_OPEN = frozenset({ImportState.RUNNING, ImportState.PAUSED})


@dataclass(frozen=True, slots=True)
class Shown:
    """An import, and what it is about in all; `excluded` says why what does not come does not."""

    wanted: Import
    totals: Totals
    excluded: dict[str, int]


Step = Callable[[Connection, Import], Import]


class Imports:
    """Every import. Who asks for one takes the rights to push to, and to make, what it brings."""

    def __init__(self, platform: Platform, sealed: Sealed, project_rights: ProjectRights) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._intake = platform.intake
        self._clock = platform.clock
        self._doorbell = platform.doorbell
        self._sealed = sealed
        self._project_rights = project_rights

    async def request(self, caller: Caller, wish: Wish, *, is_dry: bool) -> Shown:
        """Have something imported, or found out what would come.

        Raises `Unauthenticated`, `ImportInvalid`, `TooManyImports`, and as `Rights.require` and `Sources.origin_of`.
        """
        if caller.principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        project = parse_project_name(wish.project)
        filters = check_terms(wish.terms, project)
        await self._require(caller, wish, filters)
        made = Import(
            id=new_ulid(),
            url=self._sealed.sources.origin_of(wish.url),
            project=project,
            terms=wish.terms,
            asker=asker_of(caller),
            requested_at=self._clock(),
            work=Work.LOOK if is_dry else Work.BRING,
        )
        sealed = self._sealed.sealing.seal(made.id, wish.login)
        shown = await self._database.write(_begin, made, sealed)
        self._doorbell.ring()
        return shown

    async def show(self, principal: Principal, import_id: str) -> Shown:
        """Return an import to who asked for it, or may see how the registry runs.

        Raises `ImportUnknown` and `Unauthenticated`.
        """
        found = await self._seen(principal, import_id)
        return await self._database.snapshot(_show, found.id)

    async def page(self, principal: Principal, before: str, limit: int, *, of_everybody: bool) -> list[Shown]:
        """Return the principal's imports, or those of everybody, the newest first.

        Raises `Unauthenticated`, and for everybody's as `Rights.require_system`.
        """
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        if of_everybody:
            await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        return await self._database.snapshot(_page, before, limit, None if of_everybody else principal.identity)

    async def repositories(
        self, principal: Principal, import_id: str, behind: str, limit: int, state: str
    ) -> list[Source]:
        """Return the repositories of an import, of one state or all. Raises as `show`."""
        found = await self._seen(principal, import_id)
        return await self._database.read(repositories.page, found.id, behind, limit, state)

    async def artifacts(
        self, principal: Principal, import_id: str, behind: tuple[str, str], limit: int, state: str, repository: str
    ) -> list[Item]:
        """Return the artifacts of an import, of one state or repository, or all. Raises as `show`."""
        found = await self._seen(principal, import_id)

        def listed(connection: Connection) -> list[Item]:
            """Read them."""
            return items.page(connection, found.id, behind, limit, of_state=state, of=repository)

        return await self._database.read(listed)

    async def pause(self, caller: Caller, import_id: str) -> Shown:
        """Let an import rest until it is resumed. Raises as `show`, and `ImportNotLikeThat`."""

        def step(connection: Connection, found: Import) -> Import:
            """Let it rest; a comparison is given up."""
            if found.state is not ImportState.RUNNING:
                raise ImportNotLikeThat(f"the import is {found.state}")
            queueing.stop(connection, found, self._clock())
            if found.work is Work.CHECK:
                return replace(found, state=found.rests, work=Work.BRING)
            return replace(found, state=ImportState.PAUSED)

        return await self._change(caller, import_id, step, Change.IMPORT_PAUSED)

    async def cancel(self, caller: Caller, import_id: str) -> Shown:
        """Stop an import, and forget the login for its source. What has come stays.

        Raises as `show`, and `ImportNotLikeThat`.
        """

        def step(connection: Connection, found: Import) -> Import:
            """End it."""
            if found.state not in _OPEN:
                raise ImportNotLikeThat(f"the import is {found.state} already")
            queueing.stop(connection, found, self._clock())
            imports.set_login(connection, found.id, None)
            return replace(found, state=ImportState.CANCELLED, ended_at=self._clock())

        return await self._change(caller, import_id, step, Change.IMPORT_CANCELLED)

    async def resume(self, caller: Caller, import_id: str, login: Login | None = None) -> Shown:
        """Go on with an import that rests or has ended: what failed is tried again, and what came later comes too.

        Raises as `show`, `ImportNotLikeThat` and `TooManyImports`.
        """

        def step(connection: Connection, found: Import) -> Import:
            """Have it go on."""
            if found.state is ImportState.RUNNING:
                raise ImportNotLikeThat("the import goes on already")
            if found.state is not ImportState.PAUSED:
                items.reopen(connection, found.id, (ItemState.FAILED,))
                repositories.reopen(connection, found.id, all_of_them=False)
                _recount(connection, found)
            return found

        return await self._go_on(caller, import_id, login, step)

    async def run(self, caller: Caller, import_id: str, login: Login | None = None) -> Shown:
        """Bring what a dry run has found. Raises as `resume`."""

        def step(connection: Connection, found: Import) -> Import:
            """Have everything that was looked at wait."""
            if found.work is not Work.LOOK or found.state in _OPEN:
                raise ImportNotLikeThat("only a dry run that has ended is brought")
            items.reopen(connection, found.id, (ItemState.LOOKED, ItemState.FAILED))
            repositories.reopen(connection, found.id, all_of_them=True)
            _recount(connection, found)
            return replace(found, work=Work.BRING, began_at=None)

        return await self._go_on(caller, import_id, login, step)

    async def check(self, caller: Caller, import_id: str, login: Login | None = None) -> Shown:
        """Compare what is here with what the source has now. Raises as `resume`."""

        def step(connection: Connection, found: Import) -> Import:
            """Have every repository compared."""
            if found.work is not Work.BRING or found.state is ImportState.RUNNING:
                raise ImportNotLikeThat("only an import that has brought something, and does not run, is compared")
            items.forget_extra(connection, found.id)
            repositories.reopen(connection, found.id, all_of_them=True)
            return replace(found, work=Work.CHECK, rests=found.state)

        return await self._go_on(caller, import_id, login, step)

    async def _go_on(self, caller: Caller, import_id: str, login: Login | None, step: Step) -> Shown:
        """Begin another turn, with another login for the source if one is given, in the name of whoever asked."""

        def begun(connection: Connection, found: Import) -> Import:
            """Do it, and have a job go on."""
            changed = step(connection, found)
            if found.state not in _OPEN:
                _require_few(connection, found.asker.identity)
            if login is not None:
                imports.set_login(connection, found.id, self._sealed.sealing.seal(found.id, login))
            if found.asker.identity == caller.principal.identity:
                imports.set_asker(connection, found.id, asker_of(caller))
            changed = replace(changed, state=ImportState.RUNNING, turn=found.turn + 1, reason="", ended_at=None)
            queueing.enqueue(connection, changed, self._clock())
            return changed

        shown = await self._change(caller, import_id, begun, Change.IMPORT_RESUMED)
        self._doorbell.ring()
        return shown

    async def _change(self, caller: Caller, import_id: str, step: Step, change: Change) -> Shown:
        seen = await self._seen(caller.principal, import_id)
        if seen.asker.identity != caller.principal.identity:
            await self._rights.require_system(caller.principal, SystemAction.OPERATE)
        return await self._database.write(_changed, seen.id, step, change, caller.principal, self._clock())

    async def _seen(self, principal: Principal, import_id: str) -> Import:
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        found = await self._database.read(imports.find, import_id)
        is_own = found is not None and found.asker.identity == principal.identity
        if found is None or not (is_own or await self._rights.may_system(principal, SystemAction.READ_SYSTEM)):
            raise ImportUnknown(f"there is no import {import_id[:64]}, or you may not see it")
        return found

    async def _require(self, caller: Caller, wish: Wish, filters: Filters) -> None:
        """Refuse at once whoever may not store what is named; for patterns it takes the right to all of the project.

        Rights are looked at again whenever something is stored.
        """
        for name in wish.terms.names:
            await self._intake.require(caller, filters.target(name))
        if wish.terms.patterns:
            project = parse_project_name(wish.project)
            await self._project_rights.require_administering(caller.principal, project, Action.CREATE)


def _require_few(connection: Connection, identity: str) -> None:
    if imports.count_open(connection, identity) >= MAX_OPEN_OF_ONE:
        raise TooManyImports(f"{MAX_OPEN_OF_ONE} imports of {identity} wait, run or are paused")


def _begin(connection: Connection, made: Import, sealed: bytes | None) -> Shown:
    _require_few(connection, made.asker.identity)
    imports.add(connection, made, sealed)
    queueing.enqueue(connection, made, made.requested_at)
    tell(connection, Change.IMPORT_STARTED, made, made.requested_at)
    return _shown(connection, made)


def _changed(
    connection: Connection, import_id: str, step: Step, change: Change, principal: Principal, now: Milliseconds
) -> Shown:
    found = imports.find(connection, import_id, to_change=True)
    if found is None:
        raise ImportUnknown
    changed = step(connection, found)
    imports.change(connection, changed)
    tell(connection, change, changed, now, principal=principal)
    return _shown(connection, changed)


def _recount(connection: Connection, found: Import) -> None:
    behind = ""
    while True:
        some = repositories.page(connection, found.id, behind, 500)
        if not some:
            return
        for each in some:
            repositories.recount(connection, found.id, each.name)
        behind = some[-1].name


def _show(connection: Connection, import_id: str) -> Shown:
    found = imports.find(connection, import_id)
    if found is None:
        raise ImportUnknown
    return _shown(connection, found)


def _shown(connection: Connection, found: Import) -> Shown:
    totals, excluded = repositories.totals(connection, found.id), items.excluded_by_reason(connection, found.id)
    return Shown(found, totals, excluded)


def _page(connection: Connection, before: str, limit: int, identity: str | None) -> list[Shown]:
    found = imports.page(connection, before, limit, identity)
    return [Shown(each, repositories.totals(connection, each.id), {}) for each in found]
