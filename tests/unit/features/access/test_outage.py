# SPDX-License-Identifier: Apache-2.0
"""Decisions about rights while the database is away."""

from asyncio import to_thread
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.access import GrantAuthorizer
from entrepot.features.identity import Accounts
from entrepot.features.projects import ProjectVisibility
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from tests.builders.instance import Instance
from tests.fakes.cut_database import CutDatabase

pytestmark = pytest.mark.anyio

ALICE = Principal(PrincipalKind.USER, "alice")
GRACE_MS = 300_000


class Stage:
    """An instance with a user who may push, a public project, and an authorizer whose database can be cut off."""

    def __init__(self, folder: Path) -> None:
        self.instance = Instance(folder)
        self.clock = self.instance.clock
        self.instance.add_user("alice", "secret")
        self.instance.grant("user:alice", "team/**", "write")
        self.instance.add_project("open", "public")
        self.database = CutDatabase(folder)
        accounts = Accounts(self.database, self.instance.passwords, self.instance.throttle)
        visibility = ProjectVisibility(self.database, self.clock, GRACE_MS)
        standings = {PrincipalKind.USER: accounts.standing}
        self.authorizer = GrantAuthorizer(self.database, standings, visibility, self.clock, grace_ms=GRACE_MS)

    async def decide(self) -> tuple[bool, bool, bool]:
        """Ask what alice may do, and what everybody may."""
        return (
            await self.authorizer.allows(ALICE, Action.PUSH, "team/app"),
            await self.authorizer.allows(ALICE, Action.PULL, "other/app"),
            await self.authorizer.allows(ANONYMOUS, Action.PULL, "open/app"),
        )


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage, whose threads and files end with the test."""
    stage = Stage(tmp_path)
    yield stage
    stage.database.close()
    stage.instance.passwords.close()
    stage.instance.database.close()


async def test_decisions_stand_for_the_grace(stage: Stage) -> None:
    """Those that were made less than the grace ago; after that nobody can tell."""
    before = await stage.decide()
    stage.database.is_away = True
    stage.clock.advance(GRACE_MS - 1)
    during = await stage.decide()
    stage.clock.advance(1)

    assert before == during == (True, False, True)
    with pytest.raises(DatabaseUnavailable):
        await stage.decide()


async def test_a_right_that_was_taken_stays_taken(stage: Stage) -> None:
    """What this process has seen of a change, or was told to forget, is not recalled."""
    await stage.decide()
    await to_thread(stage.instance.change_project, "open", visibility="private")
    stage.clock.advance(2_000)
    await stage.decide()
    stage.authorizer.forget(PrincipalKind.USER, "alice")
    stage.database.is_away = True

    assert not await stage.authorizer.allows(ANONYMOUS, Action.PULL, "open/app")
    with pytest.raises(DatabaseUnavailable):
        await stage.authorizer.allows(ALICE, Action.PUSH, "team/app")
