# SPDX-License-Identifier: Apache-2.0
"""Signing keys."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from joserfc.jwk import OctKey
from joserfc.util import json_b64encode

from entrepot.features.tokens import InstanceKey
from entrepot.features.tokens import KeyRing
from entrepot.features.tokens import load_key_ring
from entrepot.features.tokens import store
from entrepot.features.tokens.keys import SigningKeyUnreadable
from entrepot.features.tokens.keys import generate_key
from entrepot.features.tokens.keys import unseal
from entrepot.features.tokens.models import StoredKey
from entrepot.kernel.clock import Milliseconds
from tests.builders.instance import Instance
from tests.builders.instance import a_database
from tests.fakes.settable_clock import SettableClock

INSTANCE_KEY = InstanceKey(b"k" * 32)
PAYLOAD = b'{"sub":"user:alice"}'


def test_a_key_verifies_what_it_signed_and_nothing_else() -> None:
    """A token of one key is no token of another."""
    ours, theirs = generate_key(), generate_key()
    token = ours.sign(PAYLOAD)

    assert KeyRing([theirs, ours]).verified_payload(token) == PAYLOAD
    assert KeyRing([theirs]).verified_payload(token) is None


def test_the_first_key_of_the_ring_signs() -> None:
    """New tokens are of the newest key."""
    newest, older = generate_key(), generate_key()

    assert KeyRing([newest]).verified_payload(KeyRing([newest, older]).sign(PAYLOAD)) == PAYLOAD


def test_a_token_with_any_character_changed_is_refused() -> None:
    """Header, payload and signature are all protected."""
    key = generate_key()
    token = key.sign(PAYLOAD)
    ring = KeyRing([key])
    changed = [
        f"{token[:place]}{'A' if character != 'A' else 'B'}{token[place + 1 :]}"
        for place, character in enumerate(token)
    ]

    assert {ring.verified_payload(text) for text in changed} == {None}


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "none", "typ": "JWT"}, {"alg": "HS256", "typ": "JWT"}])
def test_a_header_of_the_clients_choice_is_refused(header: dict[str, str]) -> None:
    """Neither an unsigned token nor one signed with the public key as a shared secret is taken."""
    key = generate_key()
    public_jwk = key.seal(INSTANCE_KEY).public_jwk
    unsigned = f"{json_b64encode({**header, 'kid': key.kid}).decode()}.{json_b64encode({'sub': 'user:root'}).decode()}."
    secret = OctKey.import_key(public_jwk)
    shared = jws.serialize_compact({"alg": "HS256", "kid": key.kid}, PAYLOAD, secret, algorithms=["HS256"])

    assert KeyRing([key]).verified_payload(unsigned) is None
    assert KeyRing([key]).verified_payload(shared) is None


def test_a_key_that_names_our_kid_is_refused() -> None:
    """A token signed by somebody else's key under our key's name is not ours."""
    key = generate_key()
    header = {"typ": "JWT", "alg": "ES256", "kid": key.kid}
    forged = jws.serialize_compact(header, PAYLOAD, ECKey.generate_key("P-256"), algorithms=["ES256"])

    assert forged.startswith(key.header_segment)
    assert KeyRing([key]).verified_payload(forged) is None


def test_a_stored_key_shows_its_public_half_only() -> None:
    """What the database holds signs nothing without the instance key."""
    stored = generate_key().seal(INSTANCE_KEY)
    opened = unseal(stored, INSTANCE_KEY)

    assert opened.kid == stored.kid
    assert set(json.loads(stored.public_jwk)) == {"kty", "crv", "x", "y"}
    assert b'"d"' not in stored.sealed
    assert stored.sealed.decode() not in repr(stored)


def test_a_key_of_another_instance_is_not_readable() -> None:
    """The wrong instance key, or a key that was swapped, stops the start with what to do."""
    stored, other = generate_key().seal(INSTANCE_KEY), generate_key().seal(INSTANCE_KEY)
    swapped = StoredKey(stored.kid, stored.algorithm, stored.public_jwk, other.sealed)

    with pytest.raises(SigningKeyUnreadable) as refusal:
        unseal(stored, InstanceKey(b"x" * 32))
    with pytest.raises(SigningKeyUnreadable):
        unseal(swapped, INSTANCE_KEY)
    assert stored.kid in refusal.value.message
    assert "instance.key" in refusal.value.hint


def test_workers_that_start_together_load_the_same_keys(tmp_path: Path) -> None:
    """One of them stores its key, all of them use it."""
    databases = [a_database(tmp_path / "entrepot.db") for _ in range(8)]

    with ThreadPoolExecutor(len(databases)) as pool:
        rings = list(pool.map(lambda database: load_key_ring(database, INSTANCE_KEY, SettableClock()), databases))

    token = rings[0].sign(PAYLOAD)
    with databases[0].reading() as connection:
        stored = store.usable_keys(connection, Milliseconds(0))
    for database in databases:
        database.close()
    assert len(stored) == 1
    assert [ring.verified_payload(token) for ring in rings] == [PAYLOAD] * len(rings)


def test_a_key_past_its_time_is_replaced(instance: Instance) -> None:
    """When no key is usable any more, the next start makes one of the next generation."""
    token = instance.keys.sign(PAYLOAD)
    instance.end_signing_keys()

    ring = load_key_ring(instance.database, INSTANCE_KEY, instance.clock)

    assert ring.verified_payload(token) is None
    assert ring.verified_payload(ring.sign(PAYLOAD)) == PAYLOAD


def test_the_newest_generation_comes_first(instance: Instance) -> None:
    """While two keys are usable, the later one signs."""
    later = generate_key().seal(INSTANCE_KEY)
    instance.end_signing_keys()
    instance.database.write_now(store.ensure_key, later, instance.clock())

    with instance.database.reading() as connection:
        usable = store.usable_keys(connection, Milliseconds(0))

    newest, older = usable
    assert newest.kid == later.kid
    assert older.kid != later.kid
