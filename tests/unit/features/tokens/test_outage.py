# SPDX-License-Identifier: Apache-2.0
"""Logins while the database is away."""

from asyncio import to_thread
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.identity import Accounts
from entrepot.features.robots import RobotAccounts
from entrepot.features.tokens import CredentialChecks
from entrepot.features.tokens import HeaderAuthenticator
from entrepot.features.tokens import InstanceKey
from entrepot.features.tokens import TokenService
from entrepot.features.tokens import load_signing_keys
from entrepot.features.tokens.errors import AddressNotAllowed
from entrepot.features.tokens.errors import LoginEnded
from entrepot.features.tokens.store import credentials as store
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.access import Credentials
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import Unauthenticated
from tests.builders.instance import Instance
from tests.fakes.cut_database import CutDatabase

pytestmark = pytest.mark.anyio

GRACE_MS = 300_000


class Stage:
    """An instance with a robot, and an authenticator whose database can be cut off."""

    def __init__(self, folder: Path) -> None:
        self.instance = Instance(folder)
        self.clock = self.instance.clock
        self.instance.add_robot("team.ci")
        self.issued = self.instance.add_secret("robot:team.ci", "ci")
        self.database = CutDatabase(folder)
        accounts = Accounts(self.database, self.instance.passwords, self.instance.throttle)
        standings = {PrincipalKind.ROBOT: RobotAccounts(self.database).standing}
        keys = load_signing_keys(self.database, InstanceKey(b"k" * 32), self.clock)
        credentials = CredentialChecks(
            self.database, accounts, self.instance.throttle, standings, self.clock, grace_ms=GRACE_MS
        )
        self.tokens = TokenService(keys, self.instance.authorizer, credentials, self.clock)
        self.authenticator = HeaderAuthenticator(credentials, self.tokens)

    async def log_in(self) -> Principal:
        """Log in with the secret of the robot."""
        return await self.authenticator.authenticate(Credentials(f"Bearer {self.issued.secret}", "192.0.2.1"))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage, whose threads and files end with the test."""
    stage = Stage(tmp_path)
    yield stage
    stage.database.close()
    stage.instance.passwords.close()
    stage.instance.database.close()


async def test_a_secret_that_was_used_is_good_for_the_grace(stage: Stage) -> None:
    """So that clients that fetch a token for each pull go on; one that was not used lately has to wait."""
    before = await stage.log_in()
    stage.database.is_away = True
    stage.clock.advance(GRACE_MS - 1)
    during = await stage.log_in()
    stage.clock.advance(1)

    assert before == during
    with pytest.raises(DatabaseUnavailable):
        await stage.log_in()


async def test_a_token_goes_on_for_the_grace(stage: Stage) -> None:
    """One that was issued during the outage too, as long as the login behind it was known to be good."""
    token = (await stage.tokens.issue(await stage.log_in(), [])).token
    await stage.tokens.verify(token)
    stage.database.is_away = True
    stage.clock.advance(120_000)
    later = (await stage.tokens.issue(await stage.log_in(), [])).token

    assert (await stage.tokens.verify(token)).name == (await stage.tokens.verify(later)).name == "team.ci"


async def test_a_revocation_that_was_seen_stays(stage: Stage) -> None:
    """Of the secret and of the tokens that came from it."""
    token = (await stage.tokens.issue(await stage.log_in(), [])).token
    await stage.tokens.verify(token)
    await to_thread(stage.instance.revoke, stage.issued)
    stage.clock.advance(2_000)
    with pytest.raises(LoginEnded):
        await stage.tokens.verify(token)
    with pytest.raises(Unauthenticated):
        await stage.log_in()
    stage.database.is_away = True

    with pytest.raises(LoginEnded):
        await stage.tokens.verify(token)
    with pytest.raises(DatabaseUnavailable):
        await stage.log_in()


async def test_a_secret_is_good_from_its_networks_during_the_grace_too(stage: Stage) -> None:
    """What was known of it before the database went away says from where."""
    await stage.instance.database.write(store.allow, "robot:team.ci", "192.0.2.0/24")
    await stage.log_in()
    stage.database.is_away = True

    assert (await stage.log_in()).name == "team.ci"
    with pytest.raises(AddressNotAllowed):
        await stage.authenticator.authenticate(Credentials(f"Bearer {stage.issued.secret}", "198.51.100.7"))
