# SPDX-License-Identifier: Apache-2.0
"""Forgetting what has ended long ago."""

import asyncio

import pytest
from sqlalchemy import Connection

from entrepot.features.tokens.jobs import BATCH
from entrepot.features.tokens.jobs import KEPT_ENDED_MS
from entrepot.features.tokens.jobs import forget_ended
from entrepot.features.tokens.models import RefreshToken
from entrepot.features.tokens.refresh import UNUSED_MS
from entrepot.features.tokens.store import credentials
from entrepot.features.tokens.store import refresh_tokens
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.identifiers import new_ulid
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio


async def left(instance: Instance) -> set[str]:
    """Forget, and return the names of the secrets that are left."""
    await forget_ended(instance.database, instance.clock())
    return {each.name for each in await instance.database.read(credentials.page, "user:alice", "8", 100)}


async def test_secrets_are_forgotten_a_while_after_their_end(instance: Instance) -> None:
    """Those that expired or were revoked 30 days ago are gone; those that are good stay, however old."""
    lifetimes = {"eternal": None, "long": KEPT_ENDED_MS + 2 * DAY_MS, "short": DAY_MS, "revoked": None}
    issued = {}
    for name, lifetime in lifetimes.items():
        issued[name] = await asyncio.to_thread(instance.add_secret, "user:alice", name, expires_in_ms=lifetime)
    await asyncio.to_thread(instance.revoke, issued["revoked"])
    instance.clock.advance(KEPT_ENDED_MS - 1)
    before = await left(instance)
    instance.clock.advance(1)
    without_revoked = await left(instance)
    instance.clock.advance(DAY_MS)

    assert before == {"revoked", "short", "long", "eternal"}
    assert without_revoked == {"short", "long", "eternal"}
    assert await left(instance) == {"long", "eternal"}


async def test_unused_refresh_tokens_are_forgotten(instance: Instance) -> None:
    """All that are too old go, also when they are more than one batch; those in use stay."""
    old = [a_refresh_token(Milliseconds(0)) for _ in range(BATCH + 1)]
    in_use = a_refresh_token(after(instance.clock(), -UNUSED_MS))
    await instance.database.write(add_all, [*old, in_use])

    await forget_ended(instance.database, instance.clock())

    assert await instance.database.read(refresh_tokens.find, in_use.id) == in_use
    assert {await instance.database.read(refresh_tokens.find, token.id) for token in old} == {None}


def add_all(connection: Connection, tokens: list[RefreshToken]) -> None:
    """Store rows."""
    for token in tokens:
        refresh_tokens.add(connection, token, BATCH * 2)


def a_refresh_token(used_at: Milliseconds) -> RefreshToken:
    """Make a row."""
    return RefreshToken(new_ulid(), b"x" * 32, "user:alice", "password:1", used_at, used_at)
