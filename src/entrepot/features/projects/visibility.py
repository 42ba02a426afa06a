# SPDX-License-Identifier: Apache-2.0
"""Which projects are open to everybody, or to everybody who is logged in, and which are never read elsewhere."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Set as AbstractSet
from functools import partial

from entrepot.features.projects import store
from entrepot.features.projects.models import Redirects
from entrepot.features.projects.models import Visibility
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.access import Reach
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.recent import Recent
from entrepot.kernel.spans import subtree
from entrepot.registry.last_answers import read_or_recall

FRESH_MS = 2 * SECOND_MS
MAX_REMEMBERED = 10_000
PROJECTS_AT_ONCE = 25

OPEN_TO_ALL = frozenset({Visibility.PUBLIC})
OPEN_TO_ACCOUNTS = frozenset({Visibility.PUBLIC, Visibility.INTERNAL})
"""The visibilities that let those who are logged in pull without a grant."""

Closed = Callable[[str], AbstractSet[Visibility]]
"""Which visibilities count as private for the project of a name, whatever is stored. Answers from memory."""


def _none_closed(_project: str) -> AbstractSet[Visibility]:
    return frozenset()


class ProjectVisibility:
    """Answers from one indexed statement; an answer is used for at most two seconds.

    A project that does not exist is private, after the same statement; so is one whose visibility is closed to it.
    """

    def __init__(self, database: Database, clock: Clock, grace_ms: int = 0, closed: Closed = _none_closed) -> None:
        """While the database is away, use answers that are not older than `grace_ms`."""
        self._database = database
        self._closed = closed
        self._grace_ms = grace_ms
        self._recent: Recent[str, Visibility] = Recent(clock, FRESH_MS, MAX_REMEMBERED)
        self._redirects: Recent[str, Redirects] = Recent(clock, FRESH_MS, MAX_REMEMBERED)
        self.forgotten = 0
        """How often something was forgotten: an answer that was read before that is not remembered."""

    async def of(self, project: str) -> Visibility:
        """Return the visibility of the project of this name."""
        known = self._recent.get(project)
        if known is None:
            read, forgotten = partial(self._database.read, store.visibility, project), self.forgotten
            known = await read_or_recall(self._recent, project, read, self._grace_ms)
            if forgotten != self.forgotten:
                self._recent.forget(project)
        return self.counted(project, known)

    async def allows_redirects(self, project: str) -> bool:
        """Tell whether clients may be sent to the storage for what a project holds; not while nobody can say."""
        known, forgotten = self._redirects.get(project), self.forgotten
        if known is None:
            try:
                known = await self._database.read(store.redirect, project)
            except DatabaseUnavailable:
                return False
            if forgotten == self.forgotten:
                self._redirects.put(project, known)
        return known is Redirects.ALLOWED

    def counted(self, project: str, stored: Visibility) -> Visibility:
        """Return the visibility that counts, where `stored` is what is stored of a project."""
        return Visibility.PRIVATE if stored in self._closed(project) else stored

    async def among(self, projects: Collection[str], these: Collection[Visibility]) -> set[str]:
        """Return those of `projects` whose visibility is one of `these`. One statement, one more if some are closed."""
        asked: dict[frozenset[Visibility], list[str]] = {}
        for project in projects:
            asked.setdefault(frozenset(these) - self._closed(project), []).append(project)
        found: set[str] = set()
        for visibilities, names in asked.items():
            if visibilities:
                found |= await self._database.read(store.open_among, names, visibilities)
        return found

    async def behind(self, after: str, these: Collection[Visibility]) -> Reach:
        """Tell where the repositories of projects of `these` visibilities lie behind the name `after`.

        None of them is stored as private. After two statements.
        """
        around, following = await self._database.snapshot(store.open_behind, after, these, PROJECTS_AT_ONCE)
        spans = [span for project in (*around, *following) for span in subtree(project)]
        return Reach(spans, following[-1] if len(following) == PROJECTS_AT_ONCE else None)

    def remember(self, project: str, visibility: Visibility, forgotten: int) -> None:
        """Take the answer of a caller who read it just now, when `forgotten` was so much, along with something else."""
        if forgotten == self.forgotten:
            self._recent.put(project, visibility)

    def forget(self, project: str) -> None:
        """Let what changed count at once in this process."""
        self.forgotten += 1
        self._recent.forget(project)
        self._redirects.forget(project)
