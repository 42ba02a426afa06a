# SPDX-License-Identifier: Apache-2.0
"""A webhook: JSON Lines, signed as Standard Webhooks are (HMAC-SHA-256), so that libraries verify it."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from entrepot.features.audit.destinations.interface import Destination
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.secret import Secret
from entrepot.features.audit.destinations.web_server import WebServer
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock

SECRET_PREFIX = "whsec_"  # noqa: S105 - how secrets begin
_ID_HEXES = 16


class WebhookDestination(Destination):
    """Posts a batch at a time. What comes again has the same numbers; the same batch has the same id."""

    def __init__(self, server: WebServer, secret: Secret, clock: Clock) -> None:
        self._server = server
        self._secret = secret
        self._clock = clock

    async def send(self, lines: Sequence[Line]) -> None:
        """Post them."""
        body = "".join(f"{line.text}\n" for line in lines).encode()
        key = _key(await self._secret.read())
        first, last, stream = lines[0].seq, lines[-1].seq, lines[0].stream
        id_ = f"{stream}-{first}-{last}-{hashlib.sha256(body).hexdigest()[:_ID_HEXES]}"
        headers = {
            "Content-Type": "application/jsonl",
            "Entrepot-Audit-Stream": stream,
            "Entrepot-Audit-Seq": f"{first}-{last}",
            **signature(key, id_, self._clock() // SECOND_MS, body),
        }
        await self._server.ask("POST", "", body, headers)

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()


def signature(key: bytes, id_: str, at: int, body: bytes) -> dict[str, str]:
    """Return the headers that prove who sent this, and when (seconds since 1970)."""
    code = hmac.digest(key, f"{id_}.{at}.".encode() + body, "sha256")
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(code).decode()}",
    }


def _key(secret: str) -> bytes:
    """Return the bytes to sign with: of `whsec_…` those that it encodes, of any other text its own."""
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise NotDelivered("the secret begins like one of Standard Webhooks, and is no base64") from error
