# SPDX-License-Identifier: Apache-2.0
"""Stands in front of any S3: forwards requests as they are, so that signatures hold, notes them and has faults."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from aiohttp import ClientError
from aiohttp import ClientSession
from aiohttp import ClientTimeout
from multidict import CIMultiDict
from yarl import URL

from tests.fakes.s3.answers import PIECE
from tests.fakes.s3.answers import Answer
from tests.fakes.s3.answers import Body
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.answers import answer
from tests.fakes.s3.answers import pieces_of
from tests.fakes.s3.calls import Call
from tests.fakes.s3.serving import Cut
from tests.fakes.s3.serving import ServedS3

HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding", "expect", "content-length")
OWN_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""Headers that the client library would add by itself."""

_CODE = re.compile(rb"<Code>(\w+)</Code>")


class S3Proxy(ServedS3):
    """In front of the S3 at `upstream`: `with S3Proxy(upstream).running() as s3: ... s3.url`.

    `kind` is that of calls where something else than an S3 is there. The upstream sees the `Host` that the client sent,
    which is what was signed.
    """

    def __init__(self, upstream: str, kind: type[Call] = Call) -> None:
        super().__init__()
        self.kind = kind
        self._upstream = upstream
        self._session: ClientSession | None = None

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        """Answer while the block runs."""
        timeout = ClientTimeout(total=None, sock_connect=10)
        async with ClientSession(timeout=timeout, skip_auto_headers=OWN_HEADERS, auto_decompress=False) as session:
            self._session = session
            async with super().serving():
                yield self

    async def reply(self, call: Call, body: Body) -> Answer:
        """Ask the upstream."""
        assert self._session is not None
        kept = (name for name in call.headers if name not in HOP_BY_HOP or name == "content-length")
        headers = CIMultiDict((name, call.headers[name]) for name in kept)
        url = URL(f"{self._upstream}{call.path}{f'?{call.query}' if call.query else ''}", encoded=True)
        sent = body.pieces() if body.announced else None
        try:
            response = await self._session.request(call.method, url, headers=headers, data=sent, allow_redirects=False)
            returned = {name: value for name, value in response.headers.items() if name.lower() not in HOP_BY_HOP}
            if call.operation in ("GetObject", "GetBlob") and response.status < 300:
                pieces = response.content.iter_chunked(PIECE)
                return Answer(response.status, pieces, response.content_length, returned, close=response.close)
            came = await response.read()
        except ClientError as error:
            if isinstance(error.__cause__, S3Error):
                raise error.__cause__ from error
            raise Cut("unreachable") from error
        found = _CODE.search(came)
        code = found[1].decode() if found else "OK" if response.status < 400 else str(response.status)
        if call.method == "HEAD":
            return Answer(response.status, pieces_of(b""), response.content_length, returned, code)
        return answer(came, returned, status=response.status, code=code)
