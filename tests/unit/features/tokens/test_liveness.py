# SPDX-License-Identifier: Apache-2.0
"""Registry tokens end with what they were fetched with."""

import asyncio
from collections.abc import Callable

import pytest

from entrepot.features.tokens.errors import LoginEnded
from entrepot.features.tokens.models import LIFETIME_SECONDS
from entrepot.features.tokens.scopes import parse_scopes
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from tests.builders.instance import Instance

PASSWORD = "a long password"
FRESH_MS = 2 * SECOND_MS

pytestmark = pytest.mark.anyio


@pytest.fixture
def instance(instance: Instance) -> Instance:
    """An instance with a user and a robot."""
    instance.add_user("alice", PASSWORD)
    instance.add_robot("team.ci")
    return instance


async def log_in(instance: Instance, identity: str, expires_in_ms: int = DAY_MS) -> Principal:
    """Log in with a secret that was just made."""
    issued = await asyncio.to_thread(instance.add_secret, identity, expires_in_ms=expires_in_ms)
    return await instance.credentials.authenticate(identity.partition(":")[2], issued.secret, "192.0.2.1")


async def fetch_token(instance: Instance, principal: Principal) -> str:
    """Fetch a token, and use it once."""
    token = (await instance.tokens.issue(principal, parse_scopes([]))).token
    await instance.tokens.verify(token)
    return token


async def is_refused(instance: Instance, token: str, *, allows_expired: bool = False) -> bool:
    """Tell whether a token is refused because its login has ended."""
    try:
        await instance.tokens.verify(token, allows_expired=allows_expired)
    except LoginEnded:
        return True
    return False


def change_password(instance: Instance) -> None:
    """Change the password of alice."""
    instance.change_user("alice", password_changed_at=instance.clock() + 1)


def disable_user(instance: Instance) -> None:
    """Disable alice."""
    instance.change_user("alice", disabled_at=1)


def disable_robot(instance: Instance) -> None:
    """Disable the robot."""
    instance.change_robot("team.ci", disabled_at=1)


@pytest.mark.parametrize("allows_expired", [False, True])
@pytest.mark.parametrize("happens", [change_password, disable_user])
async def test_tokens_of_a_password_end_with_it(
    instance: Instance, happens: Callable[[Instance], None], allows_expired: bool
) -> None:
    """A changed password and a disabled account end every token fetched before, within two seconds, for uploads too."""
    token = await fetch_token(instance, await instance.logged_in("alice"))
    await asyncio.to_thread(happens, instance)
    instance.clock.advance(LIFETIME_SECONDS * SECOND_MS + MINUTE_MS if allows_expired else FRESH_MS)

    assert await is_refused(instance, token, allows_expired=allows_expired)


@pytest.mark.parametrize(("identity", "happens"), [("user:alice", disable_user), ("robot:team.ci", disable_robot)])
async def test_tokens_of_a_secret_end_with_its_account(
    instance: Instance, identity: str, happens: Callable[[Instance], None]
) -> None:
    """Disabling a user or a robot ends what their secrets fetched."""
    token = await fetch_token(instance, await log_in(instance, identity))
    await asyncio.to_thread(happens, instance)
    instance.clock.advance(FRESH_MS)

    assert await is_refused(instance, token)


async def test_tokens_of_a_secret_end_when_it_is_revoked(instance: Instance) -> None:
    """Another secret of the same account is not touched, and neither is its password."""
    issued = await asyncio.to_thread(instance.add_secret, "user:alice", "stolen")
    stolen = await instance.credentials.authenticate("alice", issued.secret, "192.0.2.1")
    logins = [stolen, await log_in(instance, "user:alice"), await instance.logged_in("alice")]
    tokens = [await fetch_token(instance, login) for login in logins]
    await asyncio.to_thread(instance.revoke, issued)
    instance.clock.advance(FRESH_MS)

    assert [await is_refused(instance, token) for token in tokens] == [True, False, False]


async def test_tokens_end_at_the_very_moment_their_secret_does(instance: Instance) -> None:
    """The end of a secret that is known beforehand is not a moment late."""
    token = await fetch_token(instance, await log_in(instance, "user:alice", expires_in_ms=SECOND_MS))
    instance.clock.advance(SECOND_MS - 1)
    before = await is_refused(instance, token)
    instance.clock.advance(1)

    assert (before, await is_refused(instance, token)) == (False, True)


async def test_an_upload_may_outlive_its_token_while_its_login_is_good(instance: Instance) -> None:
    """Hours after the token's end, the same principal goes on."""
    token = await fetch_token(instance, await log_in(instance, "user:alice"))
    instance.clock.advance(HOUR_MS)

    assert (await instance.tokens.verify(token, allows_expired=True)).is_expired


async def test_a_token_says_what_it_was_fetched_with(instance: Instance) -> None:
    """A bearer is marked as one, so that nobody takes it for a login with a password."""
    login = await instance.logged_in("alice")
    token = await fetch_token(instance, login)

    assert (await instance.tokens.verify(token)).credential == f"bearer:{login.credential}"


async def test_a_token_that_does_not_say_so_is_refused(instance: Instance) -> None:
    """There is no token of somebody who did not log in."""
    token = (await instance.tokens.issue(Principal(PrincipalKind.USER, "alice"), parse_scopes([]))).token

    assert await is_refused(instance, token)


async def test_a_token_of_another_principal_is_no_login(instance: Instance) -> None:
    """A credential is good for the principal it belongs to only."""
    login = await log_in(instance, "user:alice")
    other = Principal(PrincipalKind.ROBOT, "team.ci", credential=login.credential)
    token = (await instance.tokens.issue(other, parse_scopes([]))).token

    assert await is_refused(instance, token)


async def test_verifying_again_asks_the_database_nothing_for_two_seconds(instance: Instance) -> None:
    """Then one look tells for every token of that login; an anonymous token needs none at all."""
    login = await instance.logged_in("alice")
    tokens = [await fetch_token(instance, login) for _ in range(3)] + [await fetch_token(instance, ANONYMOUS)]
    costs = []
    for pause in (0, FRESH_MS - 1, 1, 0):
        instance.clock.advance(pause)
        with instance.traced_reads() as statements:
            for token in tokens:
                await instance.tokens.verify(token)
        costs.append(len(statements))

    assert costs == [0, 0, 1, 0]


async def test_a_clock_that_was_set_back_prolongs_nothing(instance: Instance) -> None:
    """What was found good later than now is asked about again."""
    token = await fetch_token(instance, await instance.logged_in("alice"))
    await asyncio.to_thread(change_password, instance)
    instance.clock.advance(-SECOND_MS)

    assert await is_refused(instance, token)


async def test_a_login_that_goes_on_is_refused_at_no_moment(instance: Instance) -> None:
    """Time goes by between the looks at the clock of one request, also when it is time to ask again."""
    token = await fetch_token(instance, await instance.logged_in("alice"))
    instance.clock.tick_ms = 0.37

    assert not [each for each in range(10 * FRESH_MS) if await is_refused(instance, token)]


@pytest.mark.parametrize(("identity", "happens"), [("user:alice", disable_user), ("robot:team.ci", disable_robot)])
async def test_a_login_is_live_while_it_would_let_in(
    instance: Instance, identity: str, happens: Callable[[Instance], None]
) -> None:
    """That is asked without the secret; of a token it is told of the login that fetched it, expired or not."""
    principal = await log_in(instance, identity)
    by_token = await instance.tokens.verify(await fetch_token(instance, principal))
    instance.clock.advance(LIFETIME_SECONDS * SECOND_MS + MINUTE_MS)
    before = [await instance.authenticator.is_live(each) for each in (principal, by_token, ANONYMOUS)]
    await asyncio.to_thread(happens, instance)
    instance.clock.advance(FRESH_MS)

    assert before == [True, True, True]
    assert [await instance.authenticator.is_live(each) for each in (principal, by_token)] == [False, False]
