# SPDX-License-Identifier: Apache-2.0
"""Targets: codes as people type them, and what browsers send of security keys."""

import json

from entrepot.features.second_factors.ceremonies import creation_options
from entrepot.features.second_factors.ceremonies import key_that_signed
from entrepot.features.second_factors.ceremonies import read_assertion
from entrepot.features.second_factors.ceremonies import read_attestation
from entrepot.features.second_factors.ceremonies import request_options
from entrepot.features.second_factors.codes import new_recovery_codes
from entrepot.features.second_factors.codes import read_app_code
from entrepot.features.second_factors.codes import read_recovery_code
from entrepot.features.second_factors.models import Factor
from entrepot.features.second_factors.models import Method
from entrepot.features.second_factors.models import RelyingParty
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from tests.fakes.software_authenticator import SoftwareAuthenticator
from tests.fuzz.inputs import near
from tests.fuzz.target import Target
from tests.fuzz.target import target

PARTY = RelyingParty("registry.example.com", "https://registry.example.com")
CHALLENGE = b"c" * 32
KEY = SoftwareAuthenticator(PARTY.origin)
ATTESTATION = KEY.create(creation_options(PARTY, "alice", b"handle", (), CHALLENGE))
MADE = read_attestation(ATTESTATION, CHALLENGE, PARTY)
FACTOR = Factor(
    new_ulid(),
    "alice",
    Method.WEBAUTHN,
    "key",
    Milliseconds(0),
    host=PARTY.host,
    credential_id=MADE.id if MADE else None,
    public_key=MADE.public_key if MADE else None,
)
ASSERTION = KEY.get(request_options(PARTY, [FACTOR], CHALLENGE))


def _app_code(text: str) -> None:
    code = read_app_code(text)
    assert code is None or (code.isascii() and code.isdigit() and len(code) == 6)


def _recovery_code(text: str) -> None:
    code = read_recovery_code(text)
    assert code is None or read_recovery_code(code) == code


def _attestation(text: str) -> None:
    made = read_attestation(text, CHALLENGE, PARTY)
    assert made is None or json.loads(text)["response"]["clientDataJSON"]


def _assertion(text: str) -> None:
    count = read_assertion(text, FACTOR, CHALLENGE, PARTY)
    assert count in (None, 2)
    assert count is None or key_that_signed(text, [FACTOR]) is FACTOR


TARGETS: tuple[Target, ...] = (
    target("code of an app", read_app_code, near("123456", "123 456", "12-34-56"), _app_code),
    target("recovery code", read_recovery_code, near(*new_recovery_codes()), _recovery_code),
    target("attestation", read_attestation, near(ATTESTATION), _attestation),
    target("assertion", read_assertion, near(ASSERTION), _assertion),
)
