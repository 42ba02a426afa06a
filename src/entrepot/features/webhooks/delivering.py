# SPDX-License-Identifier: Apache-2.0
"""One attempt: may the owner be told, what does the request look like, and what did the receiver say."""

import time
from collections.abc import Mapping

import msgspec

from entrepot.features.events import decode_cloud_event
from entrepot.features.tokens import CannotUnseal
from entrepot.features.webhooks.endpoints import Endpoints
from entrepot.features.webhooks.errors import TemplateInvalid
from entrepot.features.webhooks.formats.interface import Body
from entrepot.features.webhooks.models import KEPT_BODY_BYTES
from entrepot.features.webhooks.models import KEPT_REQUEST_BYTES
from entrepot.features.webhooks.models import Exchange
from entrepot.features.webhooks.owners import Owners
from entrepot.features.webhooks.queue import Claimed
from entrepot.features.webhooks.queue import Result
from entrepot.features.webhooks.queue import Sender
from entrepot.features.webhooks.queue import Verdict
from entrepot.features.webhooks.rendering import Renderings
from entrepot.features.webhooks.signing import Sealing
from entrepot.features.webhooks.signing import signed
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.errors import OutgoingFailed
from entrepot.infra.http.outbound.retrying import retry_after_seconds
from entrepot.kernel.access import principal_of
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unavailable

GONE = 410
SECRET_SHOWN = "***"  # noqa: S105 - what stands in the place of one
_KEPT_HEADERS = ("content-type", "date", "retry-after", "server")
"""Of an answer. Others may hold what is nobody else's business, such as cookies."""


class Delivering:
    """Attempts deliveries. Writes nothing down."""

    def __init__(
        self, endpoints: Endpoints, renderings: Renderings, sealing: Sealing, owners: Owners, clock: Clock
    ) -> None:
        self._endpoints = endpoints
        self._renderings = renderings
        self._sealing = sealing
        self._owners = owners
        self._clock = clock

    async def attempt(self, claimed: Claimed) -> Result:
        """Try once, and tell what came of it."""
        webhook, at = claimed.sender.webhook, self._clock()
        owner, event = principal_of(webhook.owner), decode_cloud_event(claimed.event)
        try:
            refusal = await self._owners.refusal(owner, event)
            if refusal:
                return Result(claimed, Verdict.DROPPED, at, refusal)
            body = self._renderings.of(webhook.terms).body(await self._owners.shown(owner, event))
        except Unavailable as error:
            return Result(claimed, Verdict.POSTPONED, at, error.message)
        except TemplateInvalid as error:
            return Result(claimed, Verdict.UNSENDABLE, at, error.message)
        return await self._send(claimed, body, at)

    async def close(self) -> None:
        """Close every connection."""
        await self._endpoints.close()

    async def _send(self, claimed: Claimed, body: Body, at: Milliseconds) -> Result:
        sender, began = claimed.sender, time.monotonic()
        try:
            own = self._sealing.open_headers(sender.webhook.id, sender.headers_encrypted)
            headers = self._headers(sender, claimed.id, at, body)
        except CannotUnseal as error:
            return Result(claimed, Verdict.FAILED, at, error.message)
        shown = _exchange({**dict.fromkeys(own, SECRET_SHOWN), **headers}, body)
        try:
            url, sent = sender.webhook.terms.url, {**own, **headers}
            answer = await self._endpoints.post(url, body.content, sent, KEPT_BODY_BYTES)
        except OutgoingFailed as error:
            return Result(claimed, Verdict.FAILED, at, error.message, _since(began), shown)
        verdict, reason = _judged(answer)
        exchange = Exchange(
            shown.request_headers,
            shown.request_body,
            answer.status,
            _spelled({name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}),
            answer.body.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}"),
        )
        wait = retry_after_seconds(answer.headers, self._clock())
        return Result(claimed, verdict, at, reason, _since(began), exchange, wait)

    def _headers(self, sender: Sender, id_: str, at: Milliseconds, body: Body) -> dict[str, str]:
        keys = [self._sealing.open_secret(secret_id, sealed) for secret_id, sealed in sender.secrets]
        return {"Content-Type": body.content_type, **signed(keys, id_, at, body.content)}


def _judged(answer: Answer) -> tuple[Verdict, str]:
    if answer.is_success:
        return Verdict.DELIVERED, ""
    return Verdict.GONE if answer.status == GONE else Verdict.FAILED, f"the receiver answered {answer.status}"


def _exchange(headers: Mapping[str, str], body: Body) -> Exchange:
    return Exchange(_spelled(headers), body.content[:KEPT_REQUEST_BYTES].decode(errors="replace"))


def _spelled(headers: Mapping[str, str]) -> str:
    return msgspec.json.encode(headers).decode()


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
