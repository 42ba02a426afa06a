# SPDX-License-Identifier: Apache-2.0
"""How secrets look."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.tokens.secret import CREDENTIAL_PREFIX
from entrepot.features.tokens.secret import REFRESH_PREFIX
from entrepot.features.tokens.secret import PresentedSecret
from entrepot.features.tokens.secret import digest_of_secret
from entrepot.features.tokens.secret import new_secret
from entrepot.features.tokens.secret import read_secret
from entrepot.kernel.identifiers import new_ulid

PREFIXES = (CREDENTIAL_PREFIX, REFRESH_PREFIX)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_secret_says_what_it_is_and_which(prefix: str) -> None:
    """The prefix and the id can be read from it, and what is compared is a digest of all of it."""
    secret_id = new_ulid()
    secret = new_secret(prefix, secret_id)

    assert read_secret(secret) == PresentedSecret(prefix, secret_id, digest_of_secret(secret))


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_secret_is_safe_in_any_shell(prefix: str) -> None:
    """It is one word of letters, digits and underscores, shorter than any limit on passwords."""
    secret = new_secret(prefix, new_ulid())

    assert re.fullmatch(r"[A-Za-z0-9_]+", secret)
    assert len(secret) < 90


def test_no_two_secrets_are_alike() -> None:
    """Two secrets of one id have different random parts."""
    secret_id = new_ulid()

    assert len({new_secret(CREDENTIAL_PREFIX, secret_id) for _ in range(100)}) == 100


@given(st.data())
def test_a_mistyped_secret_is_none(data: st.DataObject) -> None:
    """One wrong character is noticed by the checksum, without a look at the database."""
    secret = new_secret(CREDENTIAL_PREFIX, new_ulid())
    place = data.draw(st.integers(0, len(secret) - 1))
    typed = data.draw(st.characters(codec="ascii").filter(lambda character: character != secret[place]))

    assert read_secret(f"{secret[:place]}{typed}{secret[place + 1 :]}") is None


@given(st.text(max_size=100), st.sampled_from(["", "ent_", "entr_"]))
def test_a_password_is_no_secret(text: str, prefix: str) -> None:
    """No text that somebody makes up is taken for one of our secrets, whatever it begins with."""
    assert read_secret(prefix + text) is None


def test_what_is_presented_shows_no_digest() -> None:
    """Neither the secret nor its digest is in what an object prints."""
    secret = new_secret(CREDENTIAL_PREFIX, new_ulid())
    presented = read_secret(secret)

    assert presented is not None
    assert presented.sha256.hex() not in repr(presented)
    assert repr(presented.sha256) not in repr(presented)
    assert secret.rpartition("_")[2] not in repr(presented)
