# SPDX-License-Identifier: Apache-2.0
"""Blobs: end-2 and end-10."""

import secrets
from collections.abc import AsyncIterator

from entrepot.infra.http.ranges import Span
from entrepot.infra.http.ranges import Unsatisfiable
from entrepot.infra.http.ranges import parse_range
from entrepot.infra.http.request import Request
from entrepot.infra.http.response import Body
from entrepot.infra.http.response import FileBody
from entrepot.infra.http.response import Headers
from entrepot.infra.http.response import Response
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import LocalFile
from entrepot.infra.storage.interface import Redirect
from entrepot.kernel.access import Action
from entrepot.oci.digest import parse_digest
from entrepot.oci.errors import RangeInvalid
from entrepot.registry.core import Caller
from entrepot.registry.delete import Delete
from entrepot.registry.http.exchange import Exchange
from entrepot.registry.http.exchange import Guard
from entrepot.registry.http.headers import warning_headers
from entrepot.registry.http.manifests import is_known
from entrepot.registry.pull import Pull
from entrepot.registry.pull import PulledBlob
from entrepot.registry.store.blobs import LinkedBlob

_OCTETS = (b"content-type", b"application/octet-stream")


class Blobs:
    """The blob endpoints."""

    def __init__(self, guard: Guard, pull: Pull, delete: Delete) -> None:
        self._guard = guard
        self._pull = pull
        self._delete = delete

    async def get(self, exchange: Exchange) -> Response:
        """Answer GET with the blob or parts of it, HEAD with its description."""
        request = exchange.request
        name = await self._guard.require(exchange, Action.PULL)
        digest = parse_digest(exchange.route.reference)
        found = await self._pull.blob(exchange.caller, name, digest)
        headers = [*_description(found), *warning_headers(found.warnings)]
        if request.method == "HEAD":
            if found.linked is not None and await self._may_store(exchange):
                await self._pull.keep_for_push(exchange.caller, found.linked)
            return Response(200, [_OCTETS, *headers], b"", found.size)
        if is_known(request, digest):
            return Response(304, headers)
        if found.linked is None:
            return Response(200, [_OCTETS, *headers], found.origin or b"", found.size)
        spans = parse_range(_range_header(request, digest), found.size)
        if isinstance(spans, Unsatisfiable):
            raise RangeInvalid(
                f"the blob has {found.size} bytes; the range asked for is not within them",
                headers={"Content-Range": f"bytes */{found.size}"},
            )
        if spans is not None and len(spans) > 1:
            return await self._parts(exchange.caller, found.linked, spans, headers)
        return await self._span(exchange.caller, found.linked, spans[0] if spans else None, headers)

    async def delete(self, exchange: Exchange) -> Response:
        """Take the blob out of this repository."""
        name = await self._guard.require(exchange, Action.DELETE)
        await self._delete.blob(exchange.caller, name, parse_digest(exchange.route.reference))
        return Response(202)

    async def _may_store(self, exchange: Exchange) -> bool:
        """Tell whether the caller asks so as not to upload what is here: who may push, or sign."""
        may = self._guard.may
        return await may(exchange, Action.PUSH, exchange.name) or await may(exchange, Action.SIGN, exchange.name)

    async def _span(self, caller: Caller, blob: LinkedBlob, span: Span | None, headers: Headers) -> Response:
        wanted = ByteRange(span.start, span.stop) if span else ByteRange(0, blob.size)
        delivery = await self._pull.deliver(caller, blob, wanted)
        if isinstance(delivery, Redirect):
            return Response(307, [(b"location", delivery.url.encode("ascii")), (b"cache-control", b"no-store")])
        body: Body
        if isinstance(delivery, LocalFile):
            body = FileBody(delivery.path, delivery.range.start, delivery.range.stop, delivery.is_whole)
        else:
            body = delivery.chunks
        if span is None:
            return Response(200, [_OCTETS, *headers], body, wanted.length)
        placed = (b"content-range", span.content_range(blob.size).encode())
        return Response(206, [_OCTETS, placed, *headers], body, wanted.length)

    async def _parts(self, caller: Caller, blob: LinkedBlob, spans: list[Span], headers: Headers) -> Response:
        """Answer several ranges as `multipart/byteranges` (RFC 9110 section 14.6)."""
        boundary = secrets.token_hex(16)
        intros = [
            f"\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\n"
            f"Content-Range: {span.content_range(blob.size)}\r\n\r\n".encode()
            for span in spans
        ]
        end = f"\r\n--{boundary}--\r\n".encode()
        length = sum(len(intro) for intro in intros) + sum(span.stop - span.start for span in spans) + len(end)

        async def body() -> AsyncIterator[bytes]:
            for intro, span in zip(intros, spans, strict=True):
                yield intro
                async for chunk in self._pull.read(blob, ByteRange(span.start, span.stop)):
                    yield chunk
            yield end

        self._pull.count_sent(caller, blob, length)
        kind = (b"content-type", f"multipart/byteranges; boundary={boundary}".encode())
        return Response(206, [kind, *headers], body(), length)


def _description(found: PulledBlob) -> Headers:
    digest = found.digest.encode()
    return [
        (b"docker-content-digest", digest),
        (b"etag", b'"' + digest + b'"'),
        (b"accept-ranges", b"bytes" if found.linked is not None else b"none"),
        (b"cache-control", b"private, max-age=31536000, immutable"),
    ]


def _range_header(request: Request, digest: str) -> str | None:
    condition = request.header(b"if-range")
    if condition is not None and condition.strip() != f'"{digest}"':
        return None
    return request.header(b"range")
