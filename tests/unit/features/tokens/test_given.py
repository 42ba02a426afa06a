# SPDX-License-Identifier: Apache-2.0
"""Secrets that are known by their hash only."""

import hashlib
import hmac
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.tokens.errors import InvalidSecretHash
from entrepot.features.tokens.given import HarborHash
from entrepot.features.tokens.given import hash_of_secret
from entrepot.features.tokens.given import make_secret
from entrepot.features.tokens.given import parse_secret_hash
from entrepot.features.tokens.given import stored_harbor_hash
from entrepot.features.tokens.secret import REFRESH_PREFIX
from entrepot.features.tokens.secret import new_secret
from entrepot.features.tokens.secret import read_secret
from entrepot.kernel.identifiers import new_ulid

SALT = "aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA"


def test_a_made_secret_and_its_hash_belong_together() -> None:
    """What is presented later has the id and the SHA-256 that were given; the hash shows nothing of the secret."""
    made = make_secret()
    presented, known = read_secret(made.secret), parse_secret_hash(made.secret_hash)

    assert presented is not None
    assert (presented.id, presented.sha256) == (known.id, known.sha256)
    assert made.secret.rpartition("_")[2] not in made.secret_hash
    assert made.secret not in repr(made)


@given(st.text(max_size=130))
def test_any_text_is_a_hash_or_refused(text: str) -> None:
    """And what is read is spelled in one way only."""
    with suppress(InvalidSecretHash):
        known = parse_secret_hash(text)

        assert f"sha256:{known.id}:{known.sha256.hex()}" == text


def test_only_a_secret_of_a_program_has_such_a_hash() -> None:
    """No password does, and no refresh token."""
    for secret in ("", "a password", new_secret(REFRESH_PREFIX, new_ulid())):
        with pytest.raises(InvalidSecretHash):
            hash_of_secret(secret)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_hash_of_harbor_is_that_of_one_secret(secret: str, other: str) -> None:
    """It is PBKDF2 with 4,096 rounds of HMAC-SHA-256 and 16 bytes, over the text of the salt."""
    found = hashlib.pbkdf2_hmac("sha256", secret.encode(), SALT.encode(), 4096, 16).hex()
    known = HarborHash(SALT, found)

    assert known.matches(secret)
    assert known.matches(other) == (secret.rstrip("\0") == other.rstrip("\0"))
    assert found not in repr(known)


def test_a_hash_that_harbor_made_is_right() -> None:
    """The rows of a table from there are read as they are."""
    known = HarborHash("z7x9U6Zk7o9DiF2MQzD3nRdDhgDo4F4c", _from_its_definition("newharbor123"))

    assert known.matches("newharbor123")
    assert not known.matches("newharbor124")


def _from_its_definition(secret: str) -> str:
    """Return the first 16 bytes of PBKDF2 as RFC 8018 section 5.2 defines it, without the library."""
    block = hmac.digest(secret.encode(), b"z7x9U6Zk7o9DiF2MQzD3nRdDhgDo4F4c" + (1).to_bytes(4, "big"), "sha256")
    total = int.from_bytes(block, "big")
    for _ in range(4095):
        block = hmac.digest(secret.encode(), block, "sha256")
        total ^= int.from_bytes(block, "big")
    return total.to_bytes(32, "big")[:16].hex()


@given(st.text(max_size=120))
def test_what_is_stored_is_read_back(text: str) -> None:
    """And nothing else is taken for a hash of Harbor, an own hash of a password least of all."""
    known = HarborHash(SALT, "0" * 32)

    assert stored_harbor_hash(str(known)) == known
    assert stored_harbor_hash(text) is None or str(stored_harbor_hash(text)) == text
    assert stored_harbor_hash(f"$argon2id${text}") is None
