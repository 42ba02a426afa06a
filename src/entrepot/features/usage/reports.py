# SPDX-License-Identifier: Apache-2.0
"""What people ask about usage: who pulls and pushes what, what goes in and out, and how a project grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.usage.errors import UsageQueryInvalid
from entrepot.features.usage.models import KEPT_DAYS
from entrepot.features.usage.models import KEPT_HOURS
from entrepot.features.usage.models import KEPT_NAME_DAYS
from entrepot.features.usage.models import OTHERS
from entrepot.features.usage.models import Count
from entrepot.features.usage.models import Growth
from entrepot.features.usage.models import Kind
from entrepot.features.usage.models import Traffic
from entrepot.features.usage.models import day_of
from entrepot.features.usage.store import counts
from entrepot.features.usage.store import totals
from entrepot.features.usage.store.places import Place
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.platform import Platform
from entrepot.registry.store import usage

DEFAULT_DAYS = 30


class By(StrEnum):
    """What figures are broken down by."""

    HOUR = "hour"
    DAY = "day"
    REPOSITORY = "repository"
    ARTIFACT = "artifact"
    TAG = "tag"
    PRINCIPAL = "principal"
    CLIENT = "client"


_KEPT_MS = {By.HOUR: KEPT_HOURS * HOUR_MS, By.DAY: KEPT_DAYS * DAY_MS, By.REPOSITORY: KEPT_DAYS * DAY_MS}
_NAMED_KEPT_MS = KEPT_NAME_DAYS * DAY_MS
_ONLY_OF_A_PROJECT = frozenset({By.REPOSITORY})
_ONLY_OF_A_REPOSITORY = frozenset({By.ARTIFACT, By.TAG})


@dataclass(frozen=True, slots=True)
class Question:
    """Of which project or repository, by what, from when to when (moments, or None for as usual), at most how many."""

    project: ProjectName | None
    repository: RepositoryName | None
    by: By
    since: Milliseconds | None = None
    until: Milliseconds | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """What was counted in whole hours or days from `since` to `until`.

    `others` is what has no name any more, or None; `is_complete` is false where there are more names than asked for.
    """

    since: Milliseconds
    until: Milliseconds
    counts: Sequence[Count]
    others: Count | None = None
    is_complete: bool = True


class Reports:
    """The asking use cases."""

    def __init__(self, platform: Platform, project_rights: ProjectRights) -> None:
        self._database = platform.database
        self._clock = platform.clock
        self._rights = platform.rights
        self._project_rights = project_rights

    async def ask(self, principal: Principal, question: Question) -> Answer:
        """Answer a question. Raises `UsageQueryInvalid`, and as `Rights.require` and `ProjectRights` do."""
        _require_sense(question)
        await self._require(principal, question.project, question.repository)
        if question.by is By.PRINCIPAL:
            await self._require_principals(principal, question)
        unit = HOUR_MS if question.by is By.HOUR else DAY_MS
        since, until = self._span(question, unit)
        span = since // unit, (until - 1) // unit
        place = await self._place(question.project, question.repository)
        began, ended = Milliseconds(span[0] * unit), Milliseconds((span[1] + 1) * unit)
        if question.by in (By.HOUR, By.DAY):
            found = await self._database.survey(counts.series, place, Kind(question.by.value), span)
            timed = [Count(str(int(each.name) * unit), each.pulls, each.pushes) for each in found]
            return Answer(began, ended, timed)
        found = await self._database.survey(_named, place, question.by, span, question.limit + 2)
        others = next((each for each in found if each.name == OTHERS), None)
        names = [each for each in found if each.name != OTHERS]
        return Answer(began, ended, names[: question.limit], others, len(names) <= question.limit)

    async def traffic(
        self, principal: Principal, project: ProjectName | None, repository: RepositoryName | None, days: int
    ) -> list[Traffic]:
        """Return the bytes that went in and out in the last `days` days. Raises as `ask`."""
        await self._require(principal, project, repository)
        place, today = await self._place(project, repository), day_of(self._clock())
        return await self._database.survey(totals.traffic, place, today - days + 1, today)

    async def growth(self, principal: Principal, project: ProjectName, days: int) -> list[Growth]:
        """Return what a project held at the end of each of the last `days` days. Raises as `ask`."""
        await self._require(principal, project, None)
        return await self._database.snapshot(_growth, project, day_of(self._clock()), days)

    async def _require(
        self, principal: Principal, project: ProjectName | None, repository: RepositoryName | None
    ) -> None:
        if (project is None) == (repository is None):
            raise UsageQueryInvalid("ask about one project, or about one repository")
        if repository is not None:
            await self._rights.require(principal, Action.READ, repository)
        elif project is not None:
            await self._project_rights.require_reading_all(principal, project)

    async def _require_principals(self, principal: Principal, question: Question) -> None:
        """Let those see who pulls what who may look it up in the audit log."""
        if await self._rights.may_system(principal, SystemAction.READ_AUDIT):
            return
        project = question.project or ProjectName(namespace_of(question.repository or RepositoryName("")))
        await self._project_rights.require_administering(principal, project)

    async def _place(self, project: ProjectName | None, repository: RepositoryName | None) -> Place:
        if repository is None:
            return str(project)
        ids = await self._database.read(usage.ids_of, [repository])
        for repo_id in ids:
            return repo_id
        raise NameUnknown(detail={"name": repository})

    def _span(self, question: Question, unit: int) -> tuple[Milliseconds, Milliseconds]:
        now = self._clock()
        until = question.until or now
        usual = after(until, -(DAY_MS if question.by is By.HOUR else (DEFAULT_DAYS - 1) * DAY_MS))
        since = usual if question.since is None else question.since
        if since >= until:
            raise UsageQueryInvalid("it ends before it begins", hint="Give a since that is before the until.")
        oldest = after(now, -_KEPT_MS.get(question.by, _NAMED_KEPT_MS) - unit)
        return Milliseconds(max(since, oldest)), Milliseconds(max(until, oldest + 1))


def _require_sense(question: Question) -> None:
    if question.by in _ONLY_OF_A_PROJECT and question.repository is not None:
        raise UsageQueryInvalid(f"a repository cannot be broken down by {question.by}")
    if question.by in _ONLY_OF_A_REPOSITORY and question.repository is None:
        raise UsageQueryInvalid(
            f"a project cannot be broken down by {question.by}", hint="Ask about one of its repositories."
        )


def _named(connection: Connection, place: Place, by: By, span: tuple[int, int], limit: int) -> list[Count]:
    if by is By.REPOSITORY:
        return counts.busiest(connection, str(place), span, limit)
    found = counts.shares(connection, place, Kind(by.value), span, limit)
    if any(each.name == OTHERS for each in found):
        return found
    return [*found, *counts.others(connection, place, Kind(by.value), span)]


def _growth(connection: Connection, project: ProjectName, today: int, days: int) -> list[Growth]:
    """Count back from what the project holds now."""
    held = totals.of_project(connection, project).bytes
    changes = dict(totals.growth(connection, project, today - days + 1))
    found = []
    for day in range(today, today - days, -1):
        grown = changes.get(day, 0)
        found.append(Growth(day, max(0, held), grown))
        held -= grown
    return found[::-1]
