# SPDX-License-Identifier: Apache-2.0
"""Uploads: end-4, end-5, end-6, end-11, end-13, end-14."""

from collections.abc import AsyncIterator

from entrepot.infra.http.request import Request
from entrepot.infra.http.response import Response
from entrepot.infra.http.response import header_list
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import is_ulid
from entrepot.oci.digest import Digest
from entrepot.oci.digest import parse_algorithm
from entrepot.oci.digest import parse_digest
from entrepot.oci.errors import BlobUploadUnknown
from entrepot.oci.errors import DigestInvalid
from entrepot.oci.errors import NameInvalid
from entrepot.oci.errors import RangeInvalid
from entrepot.oci.errors import SizeInvalid
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.held_upload import Chunk
from entrepot.registry.http.exchange import Exchange
from entrepot.registry.http.exchange import Guard
from entrepot.registry.http.headers import chunk_range
from entrepot.registry.http.headers import warning_headers
from entrepot.registry.mounts import Mounts
from entrepot.registry.running_uploads import RunningUploads
from entrepot.registry.uploads import Session
from entrepot.registry.uploads import Uploads


class UploadEndpoints:
    """The upload endpoints."""

    def __init__(self, guard: Guard, uploads: Uploads, mounts: Mounts, running: RunningUploads) -> None:
        self._guard = guard
        self._uploads = uploads
        self._mounts = mounts
        self._running = running

    async def start(self, exchange: Exchange) -> Response:
        """Mount a blob, take one whole, or open a session."""
        request = exchange.request
        name = await self._guard.require_storing(exchange)
        mounted = await self._mount(exchange, name)
        if mounted is not None:
            return _created(name, mounted)
        digest = request.parameter("digest")
        if digest is not None:
            return await self._take_whole(exchange, name, parse_digest(digest))
        self._running.require_room(exchange.caller.principal.identity)
        algorithm = parse_algorithm(request.parameter("digest-algorithm") or "sha256")
        session = await self._uploads.start(exchange.caller, name, algorithm)
        return _progress(202, name, session)

    async def status(self, exchange: Exchange) -> Response:
        """Tell where the session stands, once a request that brings bytes to it is at its end, here or elsewhere."""
        name, upload_id = await self._session(exchange)
        seconds_left = await self._running.settle(upload_id)
        return _progress(204, name, await self._uploads.status(name, upload_id, seconds_left))

    async def patch(self, exchange: Exchange) -> Response:
        """Take a chunk."""
        name, upload_id = await self._session(exchange)
        try:
            with self._running.one_of(exchange.caller.principal.identity, upload_id):
                session = await self._uploads.append(name, upload_id, _chunk(exchange.request))
        except RangeInvalid as error:
            raise _with_place(error, name, upload_id) from error
        return _progress(202, name, session)

    async def put(self, exchange: Exchange) -> Response:
        """Take the last bytes, if any, and close the session."""
        request = exchange.request
        name, upload_id = await self._session(exchange)
        text = request.parameter("digest")
        if text is None:
            raise DigestInvalid("the closing request needs ?digest=", hint="Repeat it with the digest of the blob.")
        digest = parse_digest(text)
        try:
            with self._running.one_of(exchange.caller.principal.identity, upload_id):
                await self._uploads.finish(exchange.caller, name, upload_id, digest, _chunk(request))
        except RangeInvalid as error:
            raise _with_place(error, name, upload_id) from error
        return _created(name, digest)

    async def cancel(self, exchange: Exchange) -> Response:
        """End the session."""
        name, upload_id = await self._session(exchange)
        await self._uploads.cancel(name, upload_id)
        return Response(204)

    async def _session(self, exchange: Exchange) -> tuple[RepositoryName, Ulid]:
        name = await self._guard.require_storing(exchange)
        if not is_ulid(exchange.route.reference):
            raise BlobUploadUnknown
        upload_id = Ulid(exchange.route.reference)
        principal = exchange.caller.principal
        if principal.is_expired and await self._uploads.owner(name, upload_id) != principal.identity:
            raise Unauthenticated("the token has expired", challenge_error="invalid_token")
        return name, upload_id

    async def _mount(self, exchange: Exchange, name: RepositoryName) -> Digest | None:
        """Try to mount; None when there is nothing to mount or it cannot be done: then an upload begins."""
        text = exchange.request.parameter("mount")
        if not text:
            return None
        digest = parse_digest(text)
        origin = exchange.request.parameter("from")
        try:
            source = parse_repository_name(origin) if origin else None
        except NameInvalid:
            return None
        is_mounted = await self._mounts.mount(exchange.caller, name, digest, source)
        return digest if is_mounted else None

    async def _take_whole(self, exchange: Exchange, name: RepositoryName, digest: Digest) -> Response:
        request = exchange.request
        with self._running.one_of(exchange.caller.principal.identity):
            body, length = request.stream(), request.content_length
            warnings = await self._uploads.put(exchange.caller, name, digest, body, length)
        response = _created(name, digest)
        response.headers += warning_headers(warnings)
        return response


def _chunk(request: Request) -> Chunk:
    announced = chunk_range(request)
    if announced is None:
        return Chunk(request.stream(), length=request.content_length)
    first, last = announced
    return Chunk(_exactly(request, last - first + 1), first, last - first + 1)


async def _exactly(request: Request, length: int) -> AsyncIterator[bytes]:
    received = 0
    async for data in request.stream():
        received += len(data)
        if received > length:
            raise SizeInvalid(f"the chunk is longer than the {length} bytes its Content-Range announces")
        yield data
    if received < length:
        raise SizeInvalid(f"the chunk has {received} bytes, its Content-Range announces {length}")


def _place(name: RepositoryName, upload_id: str, offset: int) -> list[tuple[str, str]]:
    return [
        ("location", f"/v2/{name}/blobs/uploads/{upload_id}"),
        ("range", f"0-{max(0, offset - 1)}"),
        ("docker-upload-uuid", upload_id),
    ]


def _progress(status: int, name: RepositoryName, session: Session) -> Response:
    headers = header_list(_place(name, session.id, session.offset))
    return Response(status, headers + warning_headers(session.warnings))


def _created(name: RepositoryName, digest: Digest) -> Response:
    headers = [("location", f"/v2/{name}/blobs/{digest}"), ("docker-content-digest", digest)]
    return Response(201, header_list(headers))


def _with_place(error: RangeInvalid, name: RepositoryName, upload_id: str) -> RangeInvalid:
    """Tell the client where to go on, in the headers that clients read."""
    if not isinstance(error.detail, dict):
        return error
    offset = int(error.detail["offset"])
    return RangeInvalid(
        error.message,
        hint=f"Continue at byte {offset}.",
        detail=error.detail,
        headers=dict(_place(name, upload_id, offset)),
    )
