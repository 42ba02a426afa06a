# SPDX-License-Identifier: Apache-2.0
"""What is asked of security keys and passkeys, and reading what they answer (W3C Web Authentication, Level 3).

No attestation is asked for, so none is looked at: whatever a key says about its maker is left out before
the rest is checked.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace

from webauthn import generate_authentication_options
from webauthn import generate_registration_options
from webauthn import verify_authentication_response
from webauthn import verify_registration_response
from webauthn.helpers import encode_cbor
from webauthn.helpers import options_to_json_dict
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers import parse_cbor
from webauthn.helpers import parse_registration_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticatorSelectionCriteria
from webauthn.helpers.structs import AuthenticatorTransport
from webauthn.helpers.structs import PublicKeyCredentialDescriptor
from webauthn.helpers.structs import RegistrationCredential
from webauthn.helpers.structs import ResidentKeyRequirement
from webauthn.helpers.structs import UserVerificationRequirement

from entrepot.features.second_factors.models import Factor
from entrepot.features.second_factors.models import JsonObject
from entrepot.features.second_factors.models import RelyingParty
from entrepot.kernel.clock import MINUTE_MS

NAME = "Entrepot"
CHALLENGE_BYTES = 32
CHALLENGE_MS = 5 * MINUTE_MS
"""How long a browser may take to answer."""

MAX_ANSWER_CHARACTERS = 64 * 1024

_UNREADABLE = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What the library raises for an answer that is not well formed, or does not prove it."""


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What a security key made for this registry."""

    id: bytes
    public_key: bytes
    sign_count: int
    transports: str


def new_challenge() -> bytes:
    """Make what nobody can have signed before."""
    return secrets.token_bytes(CHALLENGE_BYTES)


def creation_options(
    party: RelyingParty, user: str, user_handle: bytes, known: Iterable[Factor], challenge: bytes
) -> JsonObject:
    """Return what a browser needs to have a key made (`PublicKeyCredentialCreationOptionsJSON`), other than `known`."""
    options = generate_registration_options(
        rp_id=party.host,
        rp_name=NAME,
        user_name=user,
        user_id=user_handle,
        challenge=challenge,
        timeout=CHALLENGE_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_descriptors(known),
    )
    return options_to_json_dict(options)


def request_options(party: RelyingParty, known: Iterable[Factor], challenge: bytes) -> JsonObject:
    """Return what a browser needs to have one of the keys sign (`PublicKeyCredentialRequestOptionsJSON`)."""
    options = generate_authentication_options(
        rp_id=party.host,
        challenge=challenge,
        timeout=CHALLENGE_MS,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json_dict(options)


def read_attestation(answer: str, challenge: bytes, party: RelyingParty) -> NewCredential | None:
    """Return the key that `answer` (a `RegistrationResponseJSON`) brings, None when it does not answer the challenge.

    Section 7.1, with the conveyance `none`.
    """
    try:
        parsed = _without_attestation(parse_registration_credential_json(answer))
        verified = verify_registration_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
        )
    except _UNREADABLE:
        return None
    transports = " ".join(sorted({each.value for each in parsed.response.transports or ()}))
    return NewCredential(verified.credential_id, verified.credential_public_key, verified.sign_count, transports)


def key_that_signed(answer: str, known: Iterable[Factor]) -> Factor | None:
    """Return which of the known keys `answer` (an `AuthenticationResponseJSON`) says it is from."""
    try:
        credential_id = parse_authentication_credential_json(answer).raw_id
    except _UNREADABLE:
        return None
    return next((factor for factor in known if factor.credential_id == credential_id), None)


def read_assertion(answer: str, factor: Factor, challenge: bytes, party: RelyingParty) -> int | None:
    """Return how often the key says it has signed, None when `answer` is no signature of it for the challenge.

    Section 7.2. Whether the count goes on from the last one is the caller's to check: a count that does not is
    told apart from a signature that is wrong.
    """
    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=factor.public_key or b"",
            credential_current_sign_count=0,
        )
    except _UNREADABLE:
        return None
    return verified.new_sign_count


def _without_attestation(credential: RegistrationCredential) -> RegistrationCredential:
    said = parse_cbor(credential.response.attestation_object)
    nothing = encode_cbor({"fmt": "none", "attStmt": {}, "authData": said["authData"]})
    return replace(credential, response=replace(credential.response, attestation_object=nothing))


def _descriptors(known: Iterable[Factor]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=factor.credential_id or b"",
            transports=[AuthenticatorTransport(each) for each in factor.transports.split()],
        )
        for factor in known
    ]
