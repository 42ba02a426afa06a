# SPDX-License-Identifier: Apache-2.0
"""What security keys answer, right and wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.second_factors.ceremonies import NewCredential
from entrepot.features.second_factors.ceremonies import creation_options
from entrepot.features.second_factors.ceremonies import key_that_signed
from entrepot.features.second_factors.ceremonies import new_challenge
from entrepot.features.second_factors.ceremonies import read_assertion
from entrepot.features.second_factors.ceremonies import read_attestation
from entrepot.features.second_factors.ceremonies import request_options
from entrepot.features.second_factors.models import Factor
from entrepot.features.second_factors.models import Method
from entrepot.features.second_factors.models import RelyingParty
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from tests.fakes.software_authenticator import SoftwareAuthenticator
from tests.fakes.software_authenticator import decoded
from tests.fakes.software_authenticator import encoded

PARTY = RelyingParty("registry.example.com", "https://registry.example.com")
CHALLENGE = b"c" * 32
KEY = SoftwareAuthenticator(PARTY.origin)
ATTESTATION = json.loads(KEY.create(creation_options(PARTY, "alice", b"handle", (), CHALLENGE)))
MADE = read_attestation(json.dumps(ATTESTATION), CHALLENGE, PARTY)
"""One key, and what was read of it, for all tests here: the key itself is never changed."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PLACES = st.sampled_from(
    ["id", "rawId", "type", "clientDataJSON", "attestationObject", "authenticatorData", "signature"]
)


def made(**changed: Any) -> Factor:
    """Return the factor that the key became."""
    assert MADE is not None
    columns = {"credential_id": MADE.id, "public_key": MADE.public_key, "transports": MADE.transports, **changed}
    return Factor(new_ulid(), "alice", Method.WEBAUTHN, "key", Milliseconds(0), host=PARTY.host, **columns)


def replaced(answer: dict[str, Any], place: str, value: object) -> str:
    """Return an answer in which one thing is another."""
    response = {**answer["response"], place: value} if place in answer["response"] else answer["response"]
    return json.dumps({**answer, "response": response, **({place: value} if place in answer else {})})


def test_what_a_key_brings() -> None:
    """Its id, its public key, its count, and how browsers reach it are read from its attestation."""
    assert isinstance(MADE, NewCredential)
    assert (MADE.id in KEY.credentials, MADE.sign_count, MADE.transports) == (True, 1, "hybrid usb")


def test_a_signature_proves_the_key() -> None:
    """It is from the key that it names, and tells how often that one has signed."""
    answer = KEY.cloned().get(request_options(PARTY, [made()], CHALLENGE))

    assert key_that_signed(answer, [made(credential_id=b"x"), made()]) is not None
    assert read_assertion(answer, made(), CHALLENGE, PARTY) == 2


def test_a_signature_without_verification_of_the_user_counts() -> None:
    """Touching the key is enough: the password was the first step."""
    answer = KEY.cloned().get(request_options(PARTY, [made()], CHALLENGE), flags=1)

    assert read_assertion(answer, made(), CHALLENGE, PARTY) == 2


@pytest.mark.parametrize(
    ("challenge", "party"),
    [
        (b"d" * 32, PARTY),
        (CHALLENGE, RelyingParty("example.com", PARTY.origin)),
        (CHALLENGE, RelyingParty(PARTY.host, "https://example.com")),
    ],
)
def test_what_answers_something_else_proves_nothing(challenge: bytes, party: RelyingParty) -> None:
    """Challenge, host and origin are those that were asked with."""
    answer = KEY.cloned().get(request_options(PARTY, [made()], CHALLENGE))

    assert read_attestation(json.dumps(ATTESTATION), challenge, party) is None
    assert read_assertion(answer, made(), challenge, party) is None


def test_an_attestation_is_no_assertion() -> None:
    """What was signed to set a key up does not log anybody in, nor the other way round."""
    assertion = KEY.cloned().get(request_options(PARTY, [made()], CHALLENGE))

    assert read_assertion(json.dumps(ATTESTATION), made(), CHALLENGE, PARTY) is None
    assert read_attestation(assertion, CHALLENGE, PARTY) is None


@pytest.mark.parametrize("public_key", [b"", b"\xff", b"\x01", b"\x80", b"\xa1\x01\x02"])
def test_a_stored_key_that_is_none_proves_nothing(public_key: bytes) -> None:
    """A key that cannot be read lets nobody in."""
    answer = KEY.cloned().get(request_options(PARTY, [made()], CHALLENGE))

    assert read_assertion(answer, made(public_key=public_key), CHALLENGE, PARTY) is None


@given(place=PLACES, value=JSON | st.binary(max_size=400).map(encoded))
def test_no_changed_attestation_fails_otherwise(place: str, value: object) -> None:
    """Whatever stands in an attestation, it is one or it is none."""
    found = read_attestation(replaced(ATTESTATION, place, value), CHALLENGE, PARTY)

    assert found is None or found == MADE


@given(place=PLACES, value=JSON | st.binary(max_size=400).map(encoded))
def test_no_changed_assertion_proves_anything(place: str, value: object) -> None:
    """Whatever stands in an assertion, it is the one that the key signed or proves nothing."""
    answer = json.loads(KEY.cloned().get(request_options(PARTY, [made()], CHALLENGE)))
    changed = replaced(answer, place, value)

    assert read_assertion(changed, made(), CHALLENGE, PARTY) is None or json.loads(changed) == answer


@given(text=st.text() | JSON.map(json.dumps))
def test_no_text_fails_otherwise(text: str) -> None:
    """Text that is no answer of a key is none."""
    assert read_attestation(text, CHALLENGE, PARTY) is None
    assert read_assertion(text, made(), CHALLENGE, PARTY) is None
    assert key_that_signed(text, [made()]) is None


@given(changed=st.binary(max_size=200), at=st.integers(min_value=0, max_value=250))
def test_no_bytes_in_an_attestation_fail_otherwise(changed: bytes, at: int) -> None:
    """Nor does CBOR that was cut, lengthened or written over."""
    data = decoded(ATTESTATION["response"]["attestationObject"])
    broken = encoded(data[:at] + changed + data[at + len(changed) :])

    found = read_attestation(replaced(ATTESTATION, "attestationObject", broken), CHALLENGE, PARTY)

    assert found is None or isinstance(found, NewCredential)


def test_challenges_are_long_and_differ() -> None:
    """Each has 32 random bytes."""
    first, second = new_challenge(), new_challenge()

    assert first != second
    assert len(first) == len(second) == 32
