# SPDX-License-Identifier: Apache-2.0
"""The one decision point: what a principal may do, from its grants of this moment and what is public."""

from collections.abc import Iterable
from functools import partial

from entrepot.features.access import store
from entrepot.features.access.evaluate import ALL_RIGHTS
from entrepot.features.access.evaluate import NO_RIGHTS
from entrepot.features.access.evaluate import READ_EVERYTHING
from entrepot.features.access.evaluate import Rights
from entrepot.features.access.models import Standings
from entrepot.features.identity import Standing
from entrepot.features.projects import ProjectVisibility
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Reach
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.recent import Recent
from entrepot.kernel.spans import EVERY_NAME
from entrepot.kernel.spans import behind
from entrepot.kernel.spans import joined
from entrepot.kernel.spans import up_to
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.last_answers import read_or_recall

FRESH_MS = 2 * SECOND_MS
MAX_REMEMBERED = 10_000


class GrantAuthorizer:
    """Decides from the table of grants; what it read of a principal is used for at most two seconds.

    An administrator may do everything, a disabled or unknown user and the
    anonymous principal only what everybody may: pull from public projects. The
    parts of Entrepot itself may read everything and write nothing.
    """

    def __init__(
        self,
        database: Database,
        standings: Standings,
        visibility: ProjectVisibility,
        clock: Clock,
        *,
        capacity: int = MAX_REMEMBERED,
        grace_ms: int = 0,
    ) -> None:
        """Remember the rights of `capacity` principals. A kind without a standing has what it was granted.

        While the database is away, use what was read less than `grace_ms` ago.
        """
        self._grace_ms = grace_ms
        self._database = database
        self._standings = standings
        self._visibility = visibility
        self._recent: Recent[tuple[PrincipalKind, str], Rights] = Recent(clock, FRESH_MS, capacity)

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Tell whether `principal` may do `action` on `repository` (a full name, `project/path`).

        At most two statements, and the same ones whether the repository exists or not.
        """
        project = namespace_of(RepositoryName(repository))
        if (await self._rights(principal, project)).allow(action, repository):
            return True
        return action is Action.PULL and await self._visibility.is_public(project)

    async def readable(self, principal: Principal, repositories: Iterable[str]) -> set[str]:
        """Return those of `repositories` that `principal` may pull from, after at most three statements."""
        names = set(repositories)
        rights = await self._rights(principal)
        granted = {name for name in names if rights.allow(Action.PULL, name)}
        others = {name: namespace_of(RepositoryName(name)) for name in names - granted}
        public = await self._visibility.public_among(set(others.values()))
        return granted | {name for name, project in others.items() if project in public}

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Tell where to look, behind the name `after`, for repositories that `principal` may pull from.

        After at most four statements, whatever repositories, grants and projects there are.
        """
        granted = behind((await self._rights(principal)).readable, after)
        if len(granted) == 1 and granted[0].end == EVERY_NAME.end:
            return Reach(granted)
        public = await self._visibility.public_behind(after)
        spans = joined([*granted, *behind(public.spans, after)])
        return Reach(spans if public.last is None else up_to(spans, public.last), public.last)

    async def administers(self, principal: Principal) -> bool:
        """Tell whether `principal` is an administrator of the whole registry."""
        return await self._rights(principal) is ALL_RIGHTS

    async def reaches(self, principal: Principal, project: str) -> bool:
        """Tell whether grants let `principal` pull from some name in the project, public or not."""
        return (await self._rights(principal, project)).reach(Action.PULL, project)

    async def reached(self, principal: Principal, projects: Iterable[str]) -> set[str]:
        """Return those of `projects` in which grants let `principal` pull from some name."""
        rights = await self._rights(principal)
        return {project for project in projects if rights.reach(Action.PULL, project)}

    async def governs(self, principal: Principal, project: str) -> bool:
        """Tell whether `principal` may administer every name in the project."""
        return (await self._rights(principal, project)).cover(Action.ADMIN, project)

    def forget(self, kind: PrincipalKind, name: str) -> None:
        """Let changed grants of a principal count at once in this process."""
        self._recent.forget((kind, name))

    async def _rights(self, principal: Principal, project: str = "") -> Rights:
        key = (principal.kind, principal.name)
        rights = self._recent.get(key)
        if rights is None:
            return await read_or_recall(self._recent, key, partial(self._read, principal, project), self._grace_ms)
        return rights

    async def _read(self, principal: Principal, project: str) -> Rights:
        if principal.kind is PrincipalKind.ANONYMOUS:
            return NO_RIGHTS
        if principal.kind is PrincipalKind.INTERNAL:
            return READ_EVERYTHING
        if principal.kind in self._standings:
            standing = await self._standings[principal.kind](principal.name)
            if standing is not Standing.USER:
                return ALL_RIGHTS if standing is Standing.ADMINISTRATOR else NO_RIGHTS
        grants, is_public = await self._database.read(store.grants_of, principal.identity, project)
        if project:
            self._visibility.remember(project, is_public)
        return Rights(grants)
