# SPDX-License-Identifier: Apache-2.0
"""How long refresh tokens last, and how many there are."""

import asyncio

import pytest
from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.features.tokens.errors import LoginEnded
from entrepot.features.tokens.models import RefreshToken
from entrepot.features.tokens.refresh import NOTED_EVERY_MS
from entrepot.features.tokens.refresh import UNUSED_MS
from entrepot.features.tokens.refresh import UnknownRefreshToken
from entrepot.features.tokens.store import refresh_tokens as store
from entrepot.features.tokens.tables import refresh_tokens
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.identifiers import new_ulid
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio


@pytest.fixture
def instance(instance: Instance) -> Instance:
    """An instance with a user."""
    instance.add_user("alice", "a long password")
    return instance


def rows(connection: Connection) -> list[tuple[str, int]]:
    """Return ids and last uses, oldest use first."""
    statement = select(refresh_tokens.c.id, refresh_tokens.c.used_at).order_by(refresh_tokens.c.used_at)
    return [(row.id, row.used_at) for row in connection.execute(statement)]


def a_token(created_at: int, used_at: int, principal: str = "user:alice") -> RefreshToken:
    """Make a row."""
    return RefreshToken(new_ulid(), b"x" * 32, principal, "password:1", created_at, used_at)  # type: ignore[arg-type]


async def test_a_refresh_token_in_use_lasts(instance: Instance) -> None:
    """Used before every end of its 90 days, it is good for ever."""
    secret = await instance.refresh_tokens.issue(await instance.logged_in("alice"))
    for _ in range(5):
        instance.clock.advance(UNUSED_MS - 1)
        principal = await instance.refresh_tokens.redeem(secret)

    assert principal.identity == "user:alice"
    assert principal.credential == (await instance.logged_in("alice")).credential


async def test_an_unused_refresh_token_ends(instance: Instance) -> None:
    """After 90 days without use it is as unknown as one that never was."""
    secret = await instance.refresh_tokens.issue(await instance.logged_in("alice"))
    instance.clock.advance(UNUSED_MS)

    with pytest.raises(UnknownRefreshToken):
        await instance.refresh_tokens.redeem(secret)


async def test_it_ends_with_the_password(instance: Instance) -> None:
    """A changed password ends what logged in with the old one, at once where nobody asked a moment ago."""
    secret = await instance.refresh_tokens.issue(await instance.logged_in("alice"))
    await asyncio.to_thread(instance.change_user, "alice", password_changed_at=1)

    with pytest.raises(LoginEnded):
        await instance.refresh_tokens.redeem(secret)


async def test_its_use_is_noted_once_a_day(instance: Instance) -> None:
    """Fetching tokens all day long writes nothing."""
    secret = await instance.refresh_tokens.issue(await instance.logged_in("alice"))
    noted = []
    for _ in range(3):
        instance.clock.advance(NOTED_EVERY_MS // 2)
        await instance.refresh_tokens.redeem(secret)
        noted += [used_at for _, used_at in await instance.database.read(rows)]

    start = noted[0]
    assert noted == [start, start + NOTED_EVERY_MS, start + NOTED_EVERY_MS]


async def test_a_disk_that_is_full_keeps_nobody_out(instance: Instance) -> None:
    """When its use cannot be noted, a refresh token is good all the same."""
    secret = await instance.refresh_tokens.issue(await instance.logged_in("alice"))
    instance.clock.advance(NOTED_EVERY_MS)
    await asyncio.to_thread(instance.refuse_writes)

    assert (await instance.refresh_tokens.redeem(secret)).name == "alice"


async def test_logins_in_a_loop_do_not_push_out_those_in_use(instance: Instance) -> None:
    """What was never used after its first day makes room first, oldest first; then what was not used for longest."""
    in_use = [a_token(created_at=0, used_at=used_at * SECOND_MS) for used_at in (1, 2)]
    in_a_loop = [a_token(created_at=moment, used_at=moment) for moment in range(5_000, 5_010)]
    foreign = a_token(0, 0, "user:bob")
    for token in [*in_use, foreign, *in_a_loop]:
        await instance.database.write(store.add, token, 3)
    kept = {token_id for token_id, _ in await instance.database.read(rows)}

    assert kept == {token.id for token in [*in_use, foreign, *in_a_loop[-2:]]}


async def test_only_its_digest_is_stored(instance: Instance) -> None:
    """Who reads the table cannot log in with it, and a text of the row shows not even the digest."""
    secret = await instance.refresh_tokens.issue(await instance.logged_in("alice"))
    ((token_id, _),) = await instance.database.read(rows)
    stored = await instance.database.read(store.find, token_id)  # type: ignore[arg-type]

    assert stored is not None
    assert secret.encode() not in stored.secret_sha256
    assert repr(stored.secret_sha256) not in repr(stored)
