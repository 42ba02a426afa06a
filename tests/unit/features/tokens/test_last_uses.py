# SPDX-License-Identifier: Apache-2.0
"""When and from where secrets were last used."""

import asyncio
from asyncio import to_thread

import pytest

from entrepot.features.tokens.last_uses import NOTED_EVERY_MS
from entrepot.features.tokens.last_uses import LastUses
from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.store import credentials as store
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio


async def issue(instance: Instance) -> Credential:
    """Make a secret."""
    return (await to_thread(instance.add_secret, "user:alice")).credential


async def stored(instance: Instance, secret: Credential) -> tuple[int | None, str | None]:
    """Return when and from where a secret was used, as the database knows it."""
    found = await instance.database.read(store.find, secret.id)
    assert found is not None
    return found.used_at, found.used_from


async def test_a_use_is_stored_beside_the_requests(instance: Instance) -> None:
    """Noting it asks and writes nothing; the next flush does, once."""
    uses, secret = LastUses(instance.database, instance.clock), await issue(instance)
    uses.note(secret.id, "192.0.2.1")
    before = await stored(instance, secret)
    await uses.flush()

    assert before == (None, None)
    assert await stored(instance, secret) == (instance.clock(), "192.0.2.1")


async def test_one_use_in_five_minutes_is_stored(instance: Instance) -> None:
    """The first; after that time the next one counts, wherever it is from."""
    uses, secret, began = LastUses(instance.database, instance.clock), await issue(instance), instance.clock()
    seen = []
    for wait, address in ((0, "192.0.2.1"), (NOTED_EVERY_MS - 1, "192.0.2.2"), (1, "192.0.2.3")):
        instance.clock.advance(wait)
        uses.note(secret.id, address)
        await uses.flush()
        seen.append(await stored(instance, secret))

    first = (began, "192.0.2.1")
    assert seen == [first, first, (began + NOTED_EVERY_MS, "192.0.2.3")]


async def test_of_several_processes_the_latest_use_stays(instance: Instance) -> None:
    """Whichever of them stores last."""
    slow, quick = (LastUses(instance.database, instance.clock) for _ in range(2))
    secret = await issue(instance)
    slow.note(secret.id, "192.0.2.1")
    instance.clock.advance(1)
    quick.note(secret.id, "192.0.2.2")
    await quick.flush()
    await slow.flush()

    assert await stored(instance, secret) == (instance.clock(), "192.0.2.2")


async def test_what_cannot_be_stored_waits(instance: Instance) -> None:
    """A failing flush fails nobody, and loses nothing that was noted: the next one stores it."""
    uses, secret = LastUses(instance.database, instance.clock), await issue(instance)
    uses.note(secret.id, "192.0.2.1")
    await to_thread(instance.refuse_writes)
    await uses.flush()
    before, waiting = await stored(instance, secret), uses.waiting
    await uses.flush()

    assert (before, waiting) == ((None, None), 1)
    assert (await stored(instance, secret), uses.waiting) == ((instance.clock(), "192.0.2.1"), 0)


async def test_a_long_address_is_cut(instance: Instance) -> None:
    """Nothing that a client calls itself fills the table."""
    uses, secret = LastUses(instance.database, instance.clock), await issue(instance)
    uses.note(secret.id, "x" * 1_000)
    await uses.flush()

    assert await stored(instance, secret) == (instance.clock(), "x" * 64)


async def test_it_runs_beside_the_requests_until_it_is_cancelled(instance: Instance) -> None:
    """And can be cancelled at any time."""
    task = asyncio.create_task(LastUses(instance.database, instance.clock).run())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
