# SPDX-License-Identifier: Apache-2.0
"""Rights that end: by themselves at a moment, or because they were taken away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import delete

from entrepot.features.access import GrantAuthorizer
from entrepot.features.access import parse_pattern
from entrepot.features.projects import ProjectVisibility
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import grants
from tests.builders.databases import opened_again
from tests.builders.instance import Instance
from tests.fakes.cut_database import CutDatabase
from tests.fakes.interrupted_database import InterruptedDatabase

ALICE = Principal(PrincipalKind.USER, "alice")
APP = parse_pattern("team/app")
GRACE_MS = 300_000
SPAN_MS = 1_000

pytestmark = pytest.mark.anyio


@pytest.fixture
def instance(instance: Instance) -> Instance:
    """An instance on which alice may pull for good, and for a second longer push, delete some tags and operate it."""
    ends = int(instance.clock.now) + SPAN_MS
    instance.add_user("alice", "secret")
    instance.grant("user:alice", "team/**", "read")
    instance.grant("user:alice", "team/app", "write", "", ends)
    instance.grant("user:alice", "team/app", "maintain", "v*", ends)
    instance.grant("user:alice", "SYSTEM", "operator", "", ends)
    return instance


async def may(authorizer: GrantAuthorizer) -> tuple[bool, bool, bool, bool, bool]:
    """Tell whether alice may push, delete a tag, operate, give the right to push away, and pull."""
    return (
        await authorizer.allows(ALICE, Action.PUSH, "team/app"),
        (await authorizer.tags(ALICE, Action.DELETE, "team/app")).covers("v1"),
        await authorizer.may_system(ALICE, SystemAction.OPERATE),
        await authorizer.covers(ALICE, Action.PUSH, APP),
        await authorizer.allows(ALICE, Action.PULL, "team/app"),
    )


@pytest.mark.parametrize("is_remembered", [True, False])
async def test_rights_end_with_the_millisecond(instance: Instance, is_remembered: bool) -> None:
    """Also those that were read before, well within the time that they are used for."""
    before = await may(instance.authorizer)
    instance.clock.advance(SPAN_MS - 1)
    last = await may(instance.authorizer)
    instance.clock.advance(1)
    if not is_remembered:
        instance.authorizer.forget_all()

    assert before == last == (True,) * 5
    assert await may(instance.authorizer) == (False, False, False, False, True)


@pytest.fixture
def cut(tmp_path: Path, instance: Instance) -> Iterator[CutDatabase]:
    """The database of the instance, for somebody to whom it may be away."""
    database = CutDatabase(tmp_path)
    yield database
    database.close()


async def test_rights_end_while_the_database_is_away(instance: Instance, cut: CutDatabase) -> None:
    """What lasts is bridged over, what ends is not: nobody needs to be asked about it."""
    visibility = ProjectVisibility(cut, instance.clock, GRACE_MS)
    standings = {PrincipalKind.USER: instance.accounts.standing}
    authorizer = GrantAuthorizer(cut, standings, visibility, instance.clock, grace_ms=GRACE_MS)
    await may(authorizer)
    cut.is_away = True

    instance.clock.advance(SPAN_MS - 1)
    last = await may(authorizer)
    instance.clock.advance(1)
    ended = await may(authorizer)
    instance.clock.advance(GRACE_MS - SPAN_MS - 1)
    late = await may(authorizer)

    assert last == (True,) * 5
    assert ended == late == (False, False, False, False, True)


@pytest.mark.parametrize(("later_ms", "is_covered"), [(-1, True), (0, False), (2**62, False)])
async def test_what_ends_covers_nothing_that_lasts_longer(instance: Instance, later_ms: int, is_covered: bool) -> None:
    """The last moment of what is given must be one at which the giver still has it; what has no end covers all."""
    end = Milliseconds(int(instance.clock.now) + SPAN_MS + later_ms)

    assert await instance.authorizer.covers(ALICE, Action.PUSH, APP, until=end) is is_covered
    assert await instance.authorizer.covers(ALICE, Action.DELETE, APP, "v1", until=end) is is_covered
    assert await instance.authorizer.covers(ALICE, Action.PULL, APP, until=end)


@pytest.fixture
def interrupted(instance: Instance) -> Iterator[InterruptedDatabase]:
    """The database of the instance, for somebody who is slow."""
    database = InterruptedDatabase(opened_again(instance.database))
    yield database
    database.close()


@pytest.mark.parametrize("forgets_all", [True, False])
async def test_what_was_taken_meanwhile_is_not_remembered(
    instance: Instance, interrupted: InterruptedDatabase, forgets_all: bool
) -> None:
    """Rights that were read just before they were taken count for the request under way, and for no other."""
    visibility = ProjectVisibility(instance.database, instance.clock)
    authorizer = GrantAuthorizer(interrupted, {}, visibility, instance.clock)

    def take() -> None:
        """Take everything away, as giving and taking does."""
        instance.database.write_now(_remove_all)
        if forgets_all:
            authorizer.forget_all()
        else:
            authorizer.forget(PrincipalKind.USER, "alice")

    interrupted.meanwhile = take

    assert await authorizer.allows(ALICE, Action.PUSH, "team/app")
    assert not await authorizer.allows(ALICE, Action.PUSH, "team/app")


def _remove_all(connection: Connection) -> None:
    connection.execute(delete(grants))
