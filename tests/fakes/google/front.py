# SPDX-License-Identifier: Apache-2.0
"""Stands in front of a fake-gcs-server, and adds what that lacks of Google's XML API.

It has objects, ranges and lists in XML; it stores and deletes by the JSON API alone, and knows neither uploads in parts
nor tokens. So this asks for objects to be stored and deleted in JSON; parts wait here, as the fake of other tests has
them, until they are one object. What it proves of parts is therefore no more than that fake does.
"""

import io
import json
from collections.abc import AsyncIterator
from collections.abc import Mapping
from contextlib import asynccontextmanager
from typing import Self
from urllib.parse import quote
from urllib.parse import urlencode

from aiohttp import ClientError
from aiohttp import ClientSession
from yarl import URL

from tests.fakes.google.authority import PATHS
from tests.fakes.google.server import GoogleServer
from tests.fakes.s3.answers import Answer
from tests.fakes.s3.answers import Body
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.answers import answer
from tests.fakes.s3.calls import Call
from tests.fakes.s3.server import BUCKET
from tests.fakes.s3.serving import Cut
from tests.fakes.s3.storing import Kept
from tests.fakes.s3.storing import checked

_IN_PARTS = (
    "CreateMultipartUpload",
    "UploadPart",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
    "ListMultipartUploads",
)
_PASSED_ON = ("etag", "last-modified", "content-type", "content-range", "accept-ranges")


class GoogleFront(GoogleServer):
    """In front of the fake-gcs-server at `upstream`."""

    def __init__(self, upstream: str) -> None:
        super().__init__()
        self._upstream = upstream
        self._session: ClientSession | None = None
        self._made: dict[str, Kept] = {}
        """The objects that were made of parts, without their bytes."""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        """Answer while the block runs."""
        async with ClientSession(auto_decompress=False) as session:
            self._session = session
            async with super().serving():
                yield self

    async def reply(self, call: Call, body: Body) -> Answer:
        """Do it here, or ask the upstream in the words that it knows."""
        operation, (_, key) = call.operation, call.names
        if call.path in PATHS:
            return await super().reply(call, body)
        if operation in _IN_PARTS:
            done = await super().reply(call, body)
            if operation == "CompleteMultipartUpload":
                kept = self.buckets[BUCKET].objects.pop(key)
                await self._store(key, kept.body, {})
                self._made[key] = kept
            return done
        self.authorised(call)
        if operation == "PutObject":
            came = await body.read()
            if len(came) != body.announced:
                raise S3Error("IncompleteBody", f"{len(came)} of {body.announced} bytes")
            checked(came, call.headers, self.traits)
            await self._store(key, came, call.headers)
            return answer()
        if operation == "DeleteObject":
            status, _, _ = await self._ask("DELETE", f"/storage/v1/b/{BUCKET}/o/{quote(key, safe='')}")
            return answer(status=404 if status == 404 else 204)
        return await self._read(call, key)

    async def _store(self, key: str, data: bytes, headers: Mapping[str, str]) -> None:
        query = {"uploadType": "media", "name": key}
        if "x-goog-if-generation-match" in headers:
            query["ifGenerationMatch"] = headers["x-goog-if-generation-match"]
        kept = {name: value for name, value in headers.items() if name.startswith("x-goog-meta-")}
        status, _, came = await self._ask("POST", f"/upload/storage/v1/b/{BUCKET}/o?{urlencode(query)}", kept, data)
        if status == 412:
            raise S3Error("PreconditionFailed", key)
        if status != 200 or int(json.loads(came)["size"]) != len(data):
            raise S3Error("InternalError", f"{status} {came!r}")

    async def _read(self, call: Call, key: str) -> Answer:
        """Pass on what is asked in XML; an object of parts has the ETag that it had here."""
        asked = {"Range": call.headers["range"]} if "range" in call.headers else {}
        status, headers, came = await self._ask(
            call.method, f"{call.path}{f'?{call.query}' if call.query else ''}", asked
        )
        if status >= 400:
            raise S3Error({404: "NoSuchKey", 416: "InvalidRange"}.get(status, "InternalError"), key)
        told = {name: value for name, value in headers.items() if name in _PASSED_ON or name.startswith("x-goog-meta-")}
        if key in self._made:
            told["etag"] = self._made[key].etag
        size = int(headers.get("content-length", 0)) if call.method == "HEAD" else len(came)
        return Answer(status, answer(came).pieces, size, told)

    async def _ask(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, data: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        assert self._session is not None
        url = URL(f"{self._upstream}{target}", encoded=True)
        sent = {"Accept-Encoding": "identity", **(headers or {})}
        try:
            async with self._session.request(
                method, url, headers=sent, data=io.BytesIO(data) if data else None
            ) as response:
                told = {name.lower(): value for name, value in response.headers.items()}
                return response.status, told, await response.read()
        except ClientError as error:
            raise Cut("unreachable") from error
