# SPDX-License-Identifier: Apache-2.0
"""Signatures as Standard Webhooks has them: HMAC-SHA-256 over `id.timestamp.body`, one for each secret that is good."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from collections.abc import Sequence

import msgspec

from entrepot.features.tokens import CannotUnseal
from entrepot.features.tokens import InstanceKey
from entrepot.features.webhooks.errors import WebhookInvalid
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds

PREFIX = "whsec_"
SECRET_BYTES = 32
MAX_SECRETS = 2


def new_secret() -> str:
    """Make a secret, as it is shown once."""
    return f"{PREFIX}{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def key_of(secret: str) -> bytes:
    """Return the bytes to sign with. Raises `WebhookInvalid` for what is no such secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise WebhookInvalid("the secret is none as Standard Webhooks has them") from error
    if not secret.startswith(PREFIX) or len(key) != SECRET_BYTES:
        raise WebhookInvalid("the secret is none as Standard Webhooks has them")
    return key


def signed(keys: Sequence[bytes], id_: str, at: Milliseconds, body: bytes) -> dict[str, str]:
    """Return the headers that prove who sent this, and when; receivers take it if one of the signatures is right."""
    seconds = at // SECOND_MS
    content = f"{id_}.{seconds}.".encode() + body
    codes = (base64.b64encode(hmac.digest(key, content, "sha256")).decode() for key in keys)
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{code}" for code in codes),
    }


def secret_sealed_for(secret_id: str) -> str:
    """Return the purpose that a secret is encrypted for."""
    return f"webhook secret {secret_id}"


def headers_sealed_for(webhook_id: str) -> str:
    """Return the purpose that the headers of a webhook are encrypted for."""
    return f"webhook headers {webhook_id}"


class Sealing:
    """Encrypts what webhooks keep secret by the instance's key."""

    def __init__(self, key: InstanceKey) -> None:
        self._key = key

    def seal_secret(self, secret_id: str, secret: str) -> bytes:
        """Return a secret as it is stored."""
        return self._key.seal(secret_sealed_for(secret_id), key_of(secret))

    def open_secret(self, secret_id: str, sealed: bytes) -> bytes:
        """Return the bytes to sign with. Raises `CannotUnseal`."""
        return self._key.unseal(secret_sealed_for(secret_id), sealed)

    def seal_headers(self, webhook_id: str, headers: Mapping[str, str]) -> bytes | None:
        """Return headers as they are stored; None for none."""
        return self._key.seal(headers_sealed_for(webhook_id), msgspec.json.encode(headers)) if headers else None

    def open_headers(self, webhook_id: str, sealed: bytes | None) -> dict[str, str]:
        """Return what `seal_headers` stored. Raises `CannotUnseal`."""
        if sealed is None:
            return {}
        try:
            return msgspec.json.decode(self._key.unseal(headers_sealed_for(webhook_id), sealed), type=dict[str, str])
        except msgspec.MsgspecError as error:
            raise CannotUnseal from error
