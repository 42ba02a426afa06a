# SPDX-License-Identifier: Apache-2.0
"""A security key and the browser it is plugged into, both in software (W3C Web Authentication, Level 3)."""

import base64
import copy
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT = 0x01
USER_VERIFIED = 0x04
HAS_CREDENTIAL = 0x40

CURVE_BYTES = 32


@dataclass
class Credential:
    """A key pair that the security key made for one registry."""

    id: bytes
    key: ec.EllipticCurvePrivateKey
    sign_count: int = 0


class SoftwareAuthenticator:
    """Makes and uses real ES256 keys, for pages of `origin`. One that does not count always tells 0."""

    def __init__(self, origin: str, *, counts: bool = True) -> None:
        self.origin = origin
        self.credentials: dict[bytes, Credential] = {}
        self._counts = counts

    def cloned(self) -> "SoftwareAuthenticator":
        """Return another one with the same keys, which counts on from here by itself."""
        twin = SoftwareAuthenticator(self.origin, counts=self._counts)
        twin.credentials = {name: copy.copy(each) for name, each in self.credentials.items()}
        return twin

    def create(self, options: Mapping[str, Any], fmt: str = "none", credential_id: bytes = b"") -> str:
        """Do what `navigator.credentials.create` does: make a key, and return the JSON of its attestation.

        No honest one lets somebody choose the `credential_id`.
        """
        assert {"type": "public-key", "alg": -7} in options["pubKeyCredParams"]
        excluded = {decoded(each["id"]) for each in options["excludeCredentials"]}
        assert not excluded & set(self.credentials), "a browser refuses to make a second key in one that is excluded"
        credential = Credential(credential_id or secrets.token_bytes(32), ec.generate_private_key(ec.SECP256R1()))
        self.credentials[credential.id] = credential
        client_data = self._client_data("webauthn.create", options["challenge"])
        data = self._data(options["rp"]["id"], credential, HAS_CREDENTIAL) + _attested(credential)
        signed = {"alg": -7, "sig": _sign(credential, data, client_data)} if fmt == "packed" else {}
        attestation = cbor2.dumps({"fmt": fmt, "attStmt": signed, "authData": data})
        response = {"attestationObject": encoded(attestation), "transports": ["usb", "hybrid"]}
        return _answer(credential, client_data, response)

    def get(self, options: Mapping[str, Any], flags: int = USER_PRESENT | USER_VERIFIED) -> str:
        """Do what `navigator.credentials.get` does: sign with a key that is allowed, and return the JSON."""
        allowed = [decoded(each["id"]) for each in options["allowCredentials"]]
        credential = next(each for name, each in self.credentials.items() if name in allowed)
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._data(options["rpId"], credential, flags)
        response = {"authenticatorData": encoded(data), "signature": encoded(_sign(credential, data, client_data))}
        return _answer(credential, client_data, response)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, host: str, credential: Credential, flags: int) -> bytes:
        """Return the authenticator data (section 6.1), having counted one signature more."""
        credential.sign_count += self._counts
        present = flags | (USER_PRESENT if flags == HAS_CREDENTIAL else 0)
        return hashlib.sha256(host.encode()).digest() + bytes([present]) + credential.sign_count.to_bytes(4, "big")


def _attested(credential: Credential) -> bytes:
    """Return the attested credential data (section 6.5.1), with the public key as COSE (RFC 9053)."""
    numbers = credential.key.public_key().public_numbers()
    point = {-2: numbers.x.to_bytes(CURVE_BYTES, "big"), -3: numbers.y.to_bytes(CURVE_BYTES, "big")}
    length = len(credential.id).to_bytes(2, "big")
    return bytes(16) + length + credential.id + cbor2.dumps({1: 2, 3: -7, -1: 1, **point})


def _sign(credential: Credential, data: bytes, client_data: bytes) -> bytes:
    return credential.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))


def _answer(credential: Credential, client_data: bytes, response: Mapping[str, Any]) -> str:
    name = encoded(credential.id)
    whole = {"clientDataJSON": encoded(client_data), **response}
    return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": whole})


def encoded(data: bytes) -> str:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Read base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
