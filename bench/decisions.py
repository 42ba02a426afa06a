# SPDX-License-Identifier: Apache-2.0
"""The row of the decision point: what it costs to tell whether a user may do something, in this process."""

import asyncio
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import closing
from contextlib import contextmanager
from statistics import median
from time import thread_time_ns

from bench import crowd
from bench.issuing import deciding
from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import Sample
from bench.measurement import at_most
from bench.measurement import measure
from bench.workspace import Workspace
from entrepot.features.access import GrantAuthorizer
from entrepot.features.identity import PasswordChecks
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock

UNCACHED = "uncached"
IN_EVERY_GROUP = "uncached, in 500 groups"
CACHED = "cached"
MOST_STATEMENTS = 2
UNCACHED_US = 1_000
CACHED_US = 20
JOINS = 50

Question = tuple[Principal, Action, str, bool]
"""Who wants to do what where, and whether that is allowed."""


def decisions(workspace: Workspace, rounds: int) -> Outcome:
    """Ask once about each of 1,000 users, of whom nothing is known yet, and then again."""
    data = workspace.fresh("crowd")
    crowd.build(data)
    questions = _questions()
    with closing(SqliteDatabase(data / "entrepot.db")) as database, closing(PasswordChecks(system_clock)) as passwords:
        statements = [asyncio.run(_most_statements(database, passwords, one)) for one in questions[:100]]
        samples = measure(_sides(database, passwords, questions), rounds)
    conditions = {
        "data": f"{crowd.PEOPLE} users, {crowd.PEOPLE * crowd.GRANTS_EACH} grants, one in ten with a * in its middle",
        "groups": f"{crowd.GROUPS}; each user is in {crowd.GROUPS_EACH} and what these are in; one is in all of them",
        "questions": f"{len(questions)} a round, half of them refused; the median of a round is a sample",
        "time": "processor time of the thread that asks",
        "statements": "counted by the driver, over the first 100 questions, nothing remembered before each",
    }
    bounds = [
        at_most("SQL statements of an uncached decision, the most", [max(statements)], MOST_STATEMENTS, "statements"),
        at_most("uncached decision", [sample.value for sample in samples[UNCACHED]], UNCACHED_US, "µs"),
        at_most(
            "uncached decision about who is in 500 groups",
            [sample.value for sample in samples[IN_EVERY_GROUP]],
            UNCACHED_US,
            "µs",
        ),
        at_most("cached decision", [sample.value for sample in samples[CACHED]], CACHED_US, "µs"),
    ]
    return Outcome("authorisation decision", "µs of CPU", samples, [], conditions, bounds)


def _questions() -> list[Question]:
    asked = []
    for person in range(crowd.PEOPLE):
        principal = Principal(PrincipalKind.USER, crowd.name_of(person))
        is_own = person % 2 == 0
        project = crowd.project_of(person if is_own else (person + crowd.PEOPLE // 2) % crowd.PEOPLE)
        asked.append((principal, Action.PULL, f"{project}/path/of/app", is_own))
    return asked


def _sides(database: SqliteDatabase, passwords: PasswordChecks, questions: Sequence[Question]) -> dict[str, Round]:
    known: list[GrantAuthorizer] = []

    def uncached(_number: int) -> Sample:
        known[:] = [_authorizer(database, passwords)]
        return asyncio.run(_ask(known[0], questions))

    def cached(number: int) -> Sample:
        if not known:
            uncached(number)
        return asyncio.run(_ask(known[0], questions))

    def in_every_group(number: int) -> Sample:
        joiner = Principal(PrincipalKind.USER, crowd.JOINER)
        team = crowd.team_of(f"group-{number % crowd.GROUPS:03}")
        samples = []
        for _ in range(JOINS):
            authorizer = _authorizer(database, passwords)
            samples.append(asyncio.run(_ask(authorizer, [(joiner, Action.PULL, f"{team}/app", True)])).value)
        return Sample(median(samples))

    return {UNCACHED: uncached, CACHED: cached, IN_EVERY_GROUP: in_every_group}


def _authorizer(database: SqliteDatabase, passwords: PasswordChecks) -> GrantAuthorizer:
    """Return one that remembers nothing yet; its clock stands still, so that nothing it remembers becomes old."""
    now: Milliseconds = system_clock()
    return deciding(database, passwords, lambda: now).authorizer


async def _ask(authorizer: GrantAuthorizer, questions: Sequence[Question]) -> Sample:
    taken = []
    for principal, action, repository, expected in questions:
        begin = thread_time_ns()
        is_allowed = await authorizer.allows(principal, action, repository)
        taken.append((thread_time_ns() - begin) / 1000)
        if is_allowed is not expected:
            raise AssertionError(f"{principal.name} and {repository}: {is_allowed}, and should be {expected}")
    return Sample(median(taken))


async def _most_statements(database: SqliteDatabase, passwords: PasswordChecks, question: Question) -> int:
    principal, action, repository, _ = question
    authorizer = _authorizer(database, passwords)
    with _counting(database) as statements:
        await authorizer.allows(principal, action, repository)
    return len(statements)


@contextmanager
def _counting(database: SqliteDatabase) -> Iterator[list[str]]:
    """Collect the statements that this thread's reading connection runs, prepared ones too."""
    statements: list[str] = []
    with database.reading() as connection:
        driver = connection.connection.driver_connection
    assert driver is not None
    driver.set_trace_callback(statements.append)
    try:
        yield statements
    finally:
        driver.set_trace_callback(None)
