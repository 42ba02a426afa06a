# SPDX-License-Identifier: Apache-2.0
"""Secrets of robots, in the transactions in which they are made."""

from asyncio import to_thread
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.features.robots import store
from entrepot.features.robots.errors import RobotChanged
from entrepot.features.robots.errors import RobotUnknown
from entrepot.features.robots.errors import SecretReplaced
from entrepot.features.robots.errors import TooManySecrets
from entrepot.features.robots.making import Handover
from entrepot.features.robots.making import SecretOrder
from entrepot.features.robots.making import add_secret
from entrepot.features.robots.making import rotate
from entrepot.features.robots.models import MAX_SECRETS
from entrepot.features.robots.models import IssuedRobot
from entrepot.features.robots.models import RobotName
from entrepot.features.tokens import live_secrets
from entrepot.features.tokens import revoke_secret
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import after
from entrepot.kernel.identifiers import Ulid
from tests.builders.instance import Instance
from tests.builders.instance import an_instance

CI = RobotName("team.ci")
IDENTITY = "robot:team.ci"
ORDER = SecretOrder(CI, "user:alice", None, None, None)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """Hold an instance with a robot."""
    with an_instance(tmp_path) as instance:
        instance.add_robot(CI)
        yield instance


def add(instance: Instance, order: SecretOrder = ORDER) -> IssuedRobot:
    """Add a secret."""
    return instance.database.write_now(add_secret, order, instance.clock())


def turn(instance: Instance, overlap_ms: int = 0, login: str | None = None) -> IssuedRobot:
    """Rotate."""
    now = instance.clock()
    return instance.database.write_now(rotate, ORDER, Handover(after(now, overlap_ms), login), now)


def good(instance: Instance) -> list[Ulid]:
    """Return the ids of the secrets that are good, oldest first."""
    return [secret.id for secret in instance.database.snapshot_now(live_secrets, IDENTITY, instance.clock())]


@pytest.mark.anyio
async def test_a_robot_that_got_more_meanwhile_gives_no_secret(instance: Instance) -> None:
    """What it may do was looked at before: by itself, and through a group."""
    held = await instance.database.read(store.held, IDENTITY, instance.clock())
    order = SecretOrder(CI, "user:alice", None, None, held)
    await to_thread(add, instance, order)
    await to_thread(instance.add_group, "devs", IDENTITY)
    await to_thread(instance.grant, "group:devs", "other/**", "read")

    with pytest.raises(RobotChanged):
        await to_thread(add, instance, order)


def test_what_a_robot_lost_meanwhile_does_not_matter(instance: Instance) -> None:
    """Whoever had all that it had has what is left of it."""
    instance.grant(IDENTITY, "team/**", "read", expires_at=instance.clock() + MINUTE_MS)
    held = instance.database.snapshot_now(store.held, IDENTITY, instance.clock())
    instance.clock.advance(MINUTE_MS)

    assert len(held) == 1
    assert add(instance, SecretOrder(CI, "user:alice", None, None, held)).is_new


def test_a_robot_that_is_gone_gets_no_secret(instance: Instance) -> None:
    """It was deleted in between."""
    instance.database.write_now(store.remove, CI)

    with pytest.raises(RobotUnknown):
        add(instance)
    with pytest.raises(RobotUnknown):
        turn(instance)


def test_a_secret_that_was_replaced_rotates_nothing(instance: Instance) -> None:
    """Though it is still good; nor does one that has ended, or belongs to somebody else."""
    first = add(instance).credential
    turn(instance, MINUTE_MS)
    for login in (first.mark, "token:nil", "password:1:2"):
        with pytest.raises(SecretReplaced):
            turn(instance, login=login)
    assert first.id in good(instance)


steps = st.lists(
    st.tuples(st.sampled_from(["add", "rotate", "revoke", "wait"]), st.integers(0, 5), st.booleans()), max_size=12
)


@given(steps)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_more_than_two_secrets_are_ever_good(instance: Instance, steps: list[tuple[str, int, bool]]) -> None:
    """Whatever is done to them in whatever order; and a rotation always leaves the secret that it made."""
    for what, minutes, is_first in steps:
        before = good(instance)
        if what == "wait":
            instance.clock.advance(minutes * MINUTE_MS)
        elif what == "rotate":
            assert turn(instance, minutes * MINUTE_MS).credential.id in good(instance)
        elif what == "revoke" and before:
            instance.database.write_now(revoke_secret, before[0 if is_first else -1], instance.clock())
        elif what == "add" and len(before) < MAX_SECRETS:
            add(instance)
        elif what == "add":
            with pytest.raises(TooManySecrets):
                add(instance)
        assert len(good(instance)) <= MAX_SECRETS
