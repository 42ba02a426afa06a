# SPDX-License-Identifier: Apache-2.0
"""Which projects are public, for decisions about rights."""

from collections.abc import Collection
from functools import partial

from entrepot.features.projects import store
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Reach
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.recent import Recent
from entrepot.kernel.spans import subtree
from entrepot.registry.last_answers import read_or_recall

FRESH_MS = 2 * SECOND_MS
MAX_REMEMBERED = 10_000
PROJECTS_AT_ONCE = 25


class ProjectVisibility:
    """Answers from one indexed statement; an answer is used for at most two seconds.

    A project that does not exist is not public, after the same statement.
    """

    def __init__(self, database: Database, clock: Clock, grace_ms: int = 0) -> None:
        """While the database is away, use answers that are not older than `grace_ms`."""
        self._database = database
        self._grace_ms = grace_ms
        self._recent: Recent[str, bool] = Recent(clock, FRESH_MS, MAX_REMEMBERED)

    async def is_public(self, project: str) -> bool:
        """Tell whether the project of this name is public."""
        known = self._recent.get(project)
        if known is None:
            read = partial(self._database.read, store.is_public, project)
            return await read_or_recall(self._recent, project, read, self._grace_ms)
        return known

    async def public_among(self, projects: Collection[str]) -> set[str]:
        """Return those of `projects` that are public, after at most one statement."""
        return await self._database.read(store.public_among, projects) if projects else set()

    async def public_behind(self, after: str) -> Reach:
        """Tell where the repositories of public projects lie behind the name `after`, after two statements."""
        around, following = await self._database.snapshot(store.public_behind, after, PROJECTS_AT_ONCE)
        spans = [span for project in (*around, *following) for span in subtree(project)]
        return Reach(spans, following[-1] if len(following) == PROJECTS_AT_ONCE else None)

    def remember(self, project: str, is_public: bool) -> None:
        """Take the answer of a caller who read it just now, along with something else."""
        self._recent.put(project, is_public)

    def forget(self, project: str) -> None:
        """Let what changed count at once in this process."""
        self._recent.forget(project)
