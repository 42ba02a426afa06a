# SPDX-License-Identifier: Apache-2.0
"""What destinations that speak HTTP share: one way there, and refusals that say why."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.infra.http.outbound.destination import ANSWER_BYTES
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.errors import OutgoingFailed
from entrepot.infra.http.outbound.retrying import retry_after_seconds
from entrepot.kernel.clock import Clock

if TYPE_CHECKING:
    from entrepot.infra.http.outbound.peer import Peer

MAX_REASON_CHARACTERS = 200
_ERROR_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,64})</Code>")


class WebServer:
    """The server of a destination. Connections are kept until it is closed."""

    def __init__(self, peer: "Peer", clock: Clock) -> None:
        self._peer = peer
        self._clock = clock

    async def ask(
        self,
        method: str,
        target: str,
        body: bytes,
        headers: Mapping[str, str],
        max_bytes: int = ANSWER_BYTES,
    ) -> Answer:
        """Send a request; return the answer, which is a success. Raises `NotDelivered`."""
        try:
            await self._peer.open()
            answer = await self._peer.ask(method, target, body, headers, max_bytes)
        except OutgoingFailed as error:
            raise NotDelivered(error.message) from error
        if not answer.is_success:
            reason = _reason(answer)
            said = f"{self._peer.origin} answers {answer.status}{f': {reason}' if reason else ''}"
            raise NotDelivered(said, pause_seconds=retry_after_seconds(answer.headers, self._clock()) or 0)
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self._peer.close()


def _reason(answer: Answer) -> str:
    """Return what an answer says for a reason: a problem of RFC 9457, or the code of S3."""
    code = _ERROR_CODE.search(answer.body)
    if code is not None:
        return code[1].decode("ascii")
    if "json" not in answer.headers.get("content-type", ""):
        return ""
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    return shown(said.get("detail")) if isinstance(said, dict) else ""


def shown(said: object) -> str:
    """Return as much as may be shown of what another server says; nothing of what is no text."""
    return "".join(filter(str.isprintable, said[:MAX_REASON_CHARACTERS])) if isinstance(said, str) else ""
