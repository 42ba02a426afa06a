# SPDX-License-Identifier: Apache-2.0
"""Signing keys."""

import json
from dataclasses import replace

import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from joserfc.jwk import OctKey
from joserfc.util import json_b64encode

from entrepot.features.tokens import InstanceKey
from entrepot.features.tokens.keys import KeyRing
from entrepot.features.tokens.keys import SigningKeyUnreadable
from entrepot.features.tokens.keys import generate_key
from entrepot.features.tokens.keys import unseal
from entrepot.kernel.clock import Milliseconds

INSTANCE_KEY = InstanceKey(b"k" * 32)
NOW = Milliseconds(1_800_000_000_000)
PAYLOAD = b'{"sub":"user:alice"}'


def test_a_key_verifies_what_it_signed_and_nothing_else() -> None:
    """A token of one key is no token of another."""
    ours, theirs = generate_key(), generate_key()
    token = ours.sign(PAYLOAD)

    assert KeyRing([theirs, ours]).verified_payload(token) == PAYLOAD
    assert KeyRing([theirs]).verified_payload(token) is None


def test_the_first_key_of_the_ring_signs() -> None:
    """New tokens are of the newest key; a ring without keys signs and verifies nothing."""
    newest, older = generate_key(), generate_key()

    assert KeyRing([newest, older]).signer is newest
    assert KeyRing([]).signer is None
    assert KeyRing([]).verified_payload(newest.sign(PAYLOAD)) is None


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
    public_jwk = key.seal(INSTANCE_KEY, NOW).public_jwk
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
    stored = generate_key().seal(INSTANCE_KEY, NOW)
    opened = unseal(stored, INSTANCE_KEY)

    assert opened.kid == stored.kid
    assert set(json.loads(stored.public_jwk)) == {"kty", "crv", "x", "y"}
    assert b'"d"' not in stored.sealed
    assert stored.sealed.decode() not in repr(stored)


def test_a_key_of_another_instance_is_not_readable() -> None:
    """The wrong instance key, or a key that was swapped, stops the start with what to do."""
    stored, other = generate_key().seal(INSTANCE_KEY, NOW), generate_key().seal(INSTANCE_KEY, NOW)
    swapped = replace(stored, sealed=other.sealed)

    with pytest.raises(SigningKeyUnreadable) as refusal:
        unseal(stored, InstanceKey(b"x" * 32))
    with pytest.raises(SigningKeyUnreadable):
        unseal(swapped, INSTANCE_KEY)
    assert stored.kid in refusal.value.message
    assert "instance.key" in refusal.value.hint
