# SPDX-License-Identifier: Apache-2.0
"""Signing keys over time, and between processes that share a database."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.util import json_b64encode

from entrepot.features.tokens import InstanceKey
from entrepot.features.tokens import SigningKeys
from entrepot.features.tokens import load_signing_keys
from entrepot.features.tokens import rotate_signing_key
from entrepot.features.tokens.keys import generate_key
from entrepot.features.tokens.signing_keys import OVERLAP_MS
from entrepot.features.tokens.signing_keys import REPLACE_AFTER_MS
from entrepot.features.tokens.signing_keys import REREAD_MS
from entrepot.features.tokens.store import signing_keys as store
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from tests.builders.databases import a_database
from tests.builders.databases import opened_again
from tests.builders.instance import Instance

INSTANCE_KEY = InstanceKey(b"k" * 32)
PAYLOAD = b'{"sub":"user:alice"}'

pytestmark = pytest.mark.anyio


@pytest.fixture
def other(instance: Instance) -> Iterator[SigningKeys]:
    """The keys as a second process on the same database has them."""
    database = opened_again(instance.database)
    yield load_signing_keys(database, INSTANCE_KEY, instance.clock)
    database.close()


def rotate(instance: Instance) -> str:
    """Let a new key sign, as the command does."""
    return rotate_signing_key(instance.database, INSTANCE_KEY, instance.clock)


async def stored(instance: Instance) -> list[str]:
    """Return the usable keys in the database, the one that signs first."""
    return [key.kid for key in await instance.database.read(store.usable_keys, instance.clock())]


async def test_processes_that_start_together_load_the_same_keys(instance: Instance, tmp_path: Path) -> None:
    """One of them stores its key, all of them use it."""
    databases = [await asyncio.to_thread(a_database, tmp_path / "fresh") for _ in range(8)]
    loading = [asyncio.to_thread(load_signing_keys, each, INSTANCE_KEY, instance.clock) for each in databases]
    loaded = await asyncio.gather(*loading)
    token = await loaded[0].sign(PAYLOAD)

    assert [await keys.verified_payload(token) for keys in loaded] == [PAYLOAD] * len(databases)
    assert len({keys.ring.signer.kid for keys in loaded if keys.ring.signer}) == 1
    for database in databases:
        await asyncio.to_thread(database.close)


def test_a_key_past_its_time_is_replaced(instance: Instance) -> None:
    """When no key is usable any more, the next start makes one of the next generation."""
    before = instance.keys.ring.signer
    instance.end_signing_keys()

    ring = load_signing_keys(instance.database, INSTANCE_KEY, instance.clock).ring

    assert before is not None
    assert ring.signer is not None
    assert ring.verified_payload(before.sign(PAYLOAD)) is None


async def test_the_newest_generation_comes_first(instance: Instance) -> None:
    """While two keys are usable, the later one signs."""
    first = await stored(instance)
    later = await asyncio.to_thread(rotate, instance)

    assert await stored(instance) == [later, *first]


async def test_a_new_key_is_known_to_others_at_once(instance: Instance, other: SigningKeys) -> None:
    """A process that has not seen a key yet verifies the tokens of one that signs with it."""
    await asyncio.to_thread(rotate, instance)
    fresh = await asyncio.to_thread(load_signing_keys, instance.database, INSTANCE_KEY, instance.clock)
    instance.clock.advance(SECOND_MS)

    assert await other.verified_payload(await fresh.sign(PAYLOAD)) == PAYLOAD


async def test_every_process_signs_with_a_new_key_within_a_minute(instance: Instance, other: SigningKeys) -> None:
    """Old and new tokens are verified meanwhile."""
    old = await other.sign(PAYLOAD)
    newest = await asyncio.to_thread(rotate, instance)
    instance.clock.advance(REREAD_MS)
    new = await other.sign(PAYLOAD)

    assert other.ring.signer is not None
    assert other.ring.signer.kid == newest
    assert [await other.verified_payload(token) for token in (old, new)] == [PAYLOAD] * 2


async def test_a_replaced_key_verifies_until_its_last_token_is_over(instance: Instance, other: SigningKeys) -> None:
    """It does for the longest time that a token signed just before may be presented; after that it is forgotten."""
    token = await other.sign(PAYLOAD)
    await asyncio.to_thread(rotate, instance)
    instance.clock.advance(OVERLAP_MS - 1)
    late = await other.verified_payload(token)
    instance.clock.advance(REREAD_MS)

    assert late == PAYLOAD
    assert await other.verified_payload(token) is None


async def test_keys_are_replaced_by_their_age(instance: Instance, other: SigningKeys) -> None:
    """The first process that signs after 90 days makes a key, and the others use that one."""
    before = await stored(instance)
    instance.clock.advance(REPLACE_AFTER_MS)
    token = await instance.keys.sign(PAYLOAD)
    await other.sign(PAYLOAD)

    assert len(await stored(instance)) == 2
    assert (await stored(instance))[1:] == before
    assert await other.verified_payload(token) == PAYLOAD


async def test_of_processes_that_replace_a_key_together_one_does(instance: Instance) -> None:
    """However many find the key too old at once, there is one new key, which all of them use."""
    signer, end = (await stored(instance))[0], Milliseconds(instance.clock() + OVERLAP_MS)
    keys = [generate_key().seal(INSTANCE_KEY, instance.clock()) for _ in range(4)]
    replacing = [instance.database.write(store.replace_key, signer, key, end) for key in keys]
    seen = [[key.kid for key in usable] for usable in await asyncio.gather(*replacing)]

    assert len(await stored(instance)) == 2
    assert seen == [await stored(instance)] * len(keys)


async def test_a_key_that_cannot_be_replaced_goes_on(instance: Instance) -> None:
    """While the database takes no writes, tokens are signed with the old key."""
    before = await stored(instance)
    instance.clock.advance(REPLACE_AFTER_MS)
    await asyncio.to_thread(instance.refuse_writes)

    assert await instance.keys.verified_payload(await instance.keys.sign(PAYLOAD)) == PAYLOAD
    assert await stored(instance) == before


async def test_made_up_keys_cost_one_look_a_second(instance: Instance) -> None:
    """Tokens that name keys nobody has lead to one statement a second, however many there are."""
    header = json_b64encode({"typ": "JWT", "alg": "ES256", "kid": "nobody's"}).decode()
    instance.clock.advance(SECOND_MS)
    with instance.traced_reads() as statements:
        payloads = {await instance.keys.verified_payload(f"{header}.{number}.") for number in range(100)}

    assert payloads == {None}
    assert len(statements) == 1


async def test_known_keys_are_not_read_again(instance: Instance) -> None:
    """Signing and verifying within a minute asks the database nothing."""
    with instance.traced_reads() as statements:
        assert await instance.keys.verified_payload(await instance.keys.sign(PAYLOAD)) == PAYLOAD

    assert statements == []
