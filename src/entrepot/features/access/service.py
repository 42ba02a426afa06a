# SPDX-License-Identifier: Apache-2.0
"""The one decision point: what a principal may do, from its grants of this moment and what is open to it."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import partial

from entrepot.features.access import store
from entrepot.features.access.evaluate import READ_EVERYTHING
from entrepot.features.access.evaluate import Rights
from entrepot.features.access.match import Pattern
from entrepot.features.access.match import parse_pattern
from entrepot.features.access.models import Standings
from entrepot.features.identity import Standing
from entrepot.features.projects import OPEN_TO_ACCOUNTS
from entrepot.features.projects import OPEN_TO_ALL
from entrepot.features.projects import ProjectVisibility
from entrepot.features.projects import Visibility
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import OPEN_ACTIONS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Reach
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import TagReach
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
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
NOW = Milliseconds(0)
"""For `covers`: every grant in force lasts until then."""


class GrantAuthorizer:
    """Decides from the table of grants; what it read of a principal is used for at most two seconds.

    A principal has what it was granted itself, what its groups were, and what
    everyone was. A disabled or unknown account and the anonymous principal have
    what anonymous was granted, and may pull from public projects. The parts of
    Entrepot itself may read everything and write nothing.
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

        While the database is away, use what was read less than `grace_ms` ago, but no grant that has expired since.
        """
        self._grace_ms = grace_ms
        self._database = database
        self._standings = standings
        self._visibility = visibility
        self._clock = clock
        self._recent: Recent[tuple[PrincipalKind, str], Rights] = Recent(clock, FRESH_MS, capacity)
        self._forgotten = 0
        """How often something was forgotten."""

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Tell whether `principal` may do `action` on `repository` (a full name, `project/path`), whatever the tag.

        At most two statements, and the same ones whether the repository exists or not.
        """
        project = namespace_of(RepositoryName(repository))
        rights = await self._rights(principal, project)
        if rights.allow(action, repository):
            return True
        return action in OPEN_ACTIONS and await self._visibility.of(project) in _opened(rights)

    async def tags(self, principal: Principal, action: Action, repository: str) -> TagReach:
        """Tell for which tags of `repository` `principal` may do `action`, one of `TAG_ACTIONS`."""
        return (await self._rights(principal, namespace_of(RepositoryName(repository)))).tags(action, repository)

    async def readable(
        self, principal: Principal, repositories: Iterable[str], action: Action = Action.READ
    ) -> set[str]:
        """Return those of `repositories` that `principal` may read, or pull from, after at most three statements."""
        names = set(repositories)
        rights = await self._rights(principal)
        granted = {name for name in names if rights.allow(action, name)}
        others = {name: namespace_of(RepositoryName(name)) for name in names - granted}
        opened = await self._visibility.among(set(others.values()), _opened(rights))
        return granted | {name for name, project in others.items() if project in opened}

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Tell where to look, behind the name `after`, for repositories that `principal` may read.

        After at most four statements, whatever repositories, grants and projects there are.
        """
        rights = await self._rights(principal)
        granted = behind(rights.readable, after)
        if len(granted) == 1 and granted[0].end == EVERY_NAME.end:
            return Reach(granted)
        opened = await self._visibility.behind(after, _opened(rights))
        spans = joined([*granted, *behind(opened.spans, after)])
        return Reach(spans if opened.last is None else up_to(spans, opened.last), opened.last)

    async def may_system(self, principal: Principal, action: SystemAction) -> bool:
        """Tell whether `principal` may do that to the registry as a whole."""
        return action in (await self._rights(principal)).system

    async def reaches(self, principal: Principal, project: str) -> bool:
        """Tell whether grants let `principal` read some name in the project, whatever its visibility."""
        return (await self._rights(principal, project)).reach(Action.READ, project)

    async def reached(self, principal: Principal, projects: Iterable[str]) -> set[str]:
        """Return those of `projects` in which grants let `principal` read some name."""
        rights = await self._rights(principal)
        return {project for project in projects if rights.reach(Action.READ, project)}

    async def governs(self, principal: Principal, action: Action, project: str) -> bool:
        """Tell whether `principal` may do `action` on every name in the project."""
        return (await self._rights(principal, project)).cover(action, parse_pattern(f"{project}/**"))

    async def covers(
        self,
        principal: Principal,
        action: Action,
        pattern: Pattern,
        tag_pattern: str = "",
        *,
        until: Milliseconds = NOW,
    ) -> bool:
        """Tell whether `principal` may do `action` wherever the patterns match, by one grant in force until then."""
        rights = await self._rights(principal)
        return rights.without_expired(until).cover(action, pattern, tag_pattern)

    async def opened(self, principal: Principal) -> AbstractSet[Visibility]:
        """Return the visibilities with which a project is open to `principal` without a grant."""
        return _opened(await self._rights(principal))

    async def is_account(self, principal: Principal) -> bool:
        """Tell whether it is an account that exists and is enabled, or of a kind that has none; nobody is not."""
        return (await self._rights(principal)).is_account

    def forget(self, kind: PrincipalKind, name: str) -> None:
        """Let changed grants of a principal count at once in this process."""
        self._forgotten += 1
        self._recent.forget((kind, name))

    def forget_all(self) -> None:
        """Let changes of what many principals share count at once in this process."""
        self._forgotten += 1
        self._recent.clear()

    async def _rights(self, principal: Principal, project: str = "") -> Rights:
        key = (principal.kind, principal.name)
        rights = self._recent.get(key)
        if rights is None or self._has_expired(rights):
            forgotten = self._forgotten
            rights = await read_or_recall(self._recent, key, partial(self._read, principal, project), self._grace_ms)
            if forgotten != self._forgotten:  # it may have been read before what has changed since
                self._recent.forget(key)
            return rights.without_expired(self._clock()) if self._has_expired(rights) else rights
        return rights

    def _has_expired(self, rights: Rights) -> bool:
        return rights.until is not None and rights.until <= self._clock()

    async def _read(self, principal: Principal, project: str) -> Rights:
        if principal.kind is PrincipalKind.INTERNAL:
            return READ_EVERYTHING
        identity, is_account = principal.identity, principal.kind is not PrincipalKind.ANONYMOUS
        standing_of = self._standings.get(principal.kind)
        if standing_of is not None and await standing_of(principal.name) is Standing.NONE:
            identity, is_account = ANONYMOUS.identity, False
        forgotten = self._visibility.forgotten
        held = await self._database.read(store.held, identity, project, self._clock())
        if project:
            self._visibility.remember(project, held.visibility or Visibility.PRIVATE, forgotten)
        return Rights(held.grants, is_account=is_account)


def _opened(rights: Rights) -> AbstractSet[Visibility]:
    return OPEN_TO_ACCOUNTS if rights.is_account else OPEN_TO_ALL
