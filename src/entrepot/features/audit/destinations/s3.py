# SPDX-License-Identifier: Apache-2.0
"""A bucket (S3): an object for each batch, which can be locked.

The name of an object has the numbers of what is in it and a hash of its content: what comes again is the same object,
and nothing that differs is written over. All versions are read back, so that nobody hides one by another.
"""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from urllib.parse import unquote_plus
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

from entrepot.features.audit.destinations.interface import Destination
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.secret import Secret
from entrepot.features.audit.destinations.web_server import WebServer
from entrepot.features.audit.settings import DeliverySettings
from entrepot.features.audit.settings import Lock
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.sigv4 import Credentials
from entrepot.infra.http.outbound.sigv4 import Query
from entrepot.infra.http.outbound.sigv4 import Signable
from entrepot.infra.http.outbound.sigv4 import encoded_path
from entrepot.infra.http.outbound.sigv4 import encoded_query
from entrepot.infra.http.outbound.sigv4 import signed
from entrepot.infra.http.outbound.url import parse_url
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock

MAX_OBJECT_BYTES = 64 * 1024 * 1024
READ_AT_ONCE = 16
_DIGITS = 16
_HASH_HEXES = 16


@dataclass(frozen=True, slots=True)
class _Version:
    key: str
    id: str


class BucketDestination(Destination):
    """Puts each batch into an object of its own."""

    def __init__(self, server: WebServer, settings: DeliverySettings, secret: Secret, clock: Clock) -> None:
        self._server = server
        self._settings = settings
        self._secret = secret
        self._clock = clock
        place = urlsplit(settings.url)
        self._bucket = place.netloc
        prefix = place.path.strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        endpoint = parse_url(settings.address)
        self._path = endpoint.path.rstrip("/")
        self._host = endpoint.origin.partition("://")[2]

    async def send(self, lines: Sequence[Line]) -> None:
        """Put an object."""
        body = "".join(f"{line.text}\n" for line in lines).encode()
        digest = hashlib.sha256(body)
        numbers = "-".join(f"{line.seq:0{_DIGITS}}" for line in (lines[0], lines[-1]))
        key = f"{self._prefix}{lines[0].stream}/{numbers}-{digest.hexdigest()[:_HASH_HEXES]}.jsonl"
        checksum = base64.b64encode(digest.digest()).decode()
        headers = {"content-type": "application/jsonl", "x-amz-checksum-sha256": checksum, **self._lock()}
        await self._ask("PUT", key, (), body, headers)

    async def read(self, stream: str) -> AsyncIterator[str]:
        """Yield the text of every object of a stream, in all its versions. Raises `NotDelivered`."""
        async for versions in self._versions(f"{self._prefix}{stream}/"):
            for start in range(0, len(versions), READ_AT_ONCE):
                some = versions[start : start + READ_AT_ONCE]
                for answer in await asyncio.gather(*map(self._get, some)):
                    yield answer.body.decode(errors="replace")

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()

    async def _get(self, version: _Version) -> Answer:
        query = (("versionId", version.id),) if version.id not in ("", "null") else ()
        return await self._ask("GET", version.key, query)

    async def _versions(self, prefix: str) -> AsyncIterator[list[_Version]]:
        marker: tuple[tuple[str, str], ...] = ()
        while True:
            query = (("versions", ""), ("prefix", prefix), ("encoding-type", "url"), *marker)
            answer = await self._ask("GET", "", query)
            found, following = _listed(answer.body)
            yield found
            if not following:
                return
            if following == marker:
                raise NotDelivered("the list of the bucket does not go on: it names the same place twice")
            marker = following

    async def _ask(
        self, method: str, key: str, query: Query, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        by = Credentials(self._settings.login, await self._secret.read(), self._settings.region)
        path = f"{self._path}/{self._bucket}{f'/{key}' if key else ''}"
        request = Signable(method, path, query, {"host": self._host, **(headers or {})}, body)
        target = f"{encoded_path(path)}{f'?{encoded_query(query)}' if query else ''}"
        sent = {**(headers or {}), **signed(request, by, self._clock())}
        return await self._server.ask(method, target, body, sent, MAX_OBJECT_BYTES)

    def _lock(self) -> dict[str, str]:
        if self._settings.lock is Lock.NONE:
            return {}
        until = self._clock() + self._settings.retain_days * DAY_MS
        moment = datetime.fromtimestamp(until / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        mode = self._settings.lock.value.upper()
        return {"x-amz-object-lock-mode": mode, "x-amz-object-lock-retain-until-date": moment}


def _listed(body: bytes) -> tuple[list[_Version], tuple[tuple[str, str], ...]]:
    """Return what a list of versions holds, and what to ask the next one with, nothing at the end."""
    try:
        if b"<!" in body:
            raise NotDelivered("the list of the bucket declares entities, which none of S3 does")
        root = Xml.fromstring(body)  # noqa: S314 - it has no entities to blow up
    except Xml.ParseError as error:
        raise NotDelivered("the list of the bucket is not what S3 answers") from error
    found = [
        _Version(unquote_plus(_text(each, "Key")), _text(each, "VersionId")) for each in root.iterfind("{*}Version")
    ]
    if _text(root, "IsTruncated") != "true":
        return found, ()
    place = ("key-marker", unquote_plus(_text(root, "NextKeyMarker")))
    marker = (place, ("version-id-marker", _text(root, "NextVersionIdMarker")))
    if not place[1]:
        raise NotDelivered("the list of the bucket does not go on: it names no place")
    return found, tuple((name, value) for name, value in marker if value)


def _text(element: Xml.Element, name: str) -> str:
    return element.findtext(f"{{*}}{name}", default="")
