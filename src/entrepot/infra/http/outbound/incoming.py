# SPDX-License-Identifier: Apache-2.0
"""An answer whose body is still coming in."""

from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Mapping

import aiohttp

from entrepot.infra.http.outbound.errors import AnswerUnwanted
from entrepot.infra.http.outbound.errors import OutgoingFailed

FAILURES = (aiohttp.ClientError, OSError, ValueError)
"""What goes wrong about a request, as the library has it."""

_CHUNK_BYTES = 256 * 1024


class Incoming:
    """What a server says: status and headers, and the body piece by piece. Header names are in lower case."""

    def __init__(
        self, response: aiohttp.ClientResponse, origin: str, told: Callable[[Exception], OutgoingFailed]
    ) -> None:
        self._response = response
        self._origin = origin
        self._told = told
        self.status = response.status
        self.headers = _joined(response)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes. Raises `OutgoingFailed` where it breaks off."""
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise AnswerUnwanted(f"{self._origin} answers compressed, which it was asked not to")
        try:
            async for part in self._response.content.iter_chunked(_CHUNK_BYTES):
                yield part
        except FAILURES as error:
            raise self._told(error) from error

    async def beginning(self, kept_bytes: int) -> bytes:
        """Return at most so many bytes of the body, none of one that is compressed, and let go of the rest.

        Raises `OutgoingFailed`.
        """
        kept = b""
        is_plain = self.headers.get("content-encoding", "identity").lower() == "identity"
        try:
            async for part in self._response.content.iter_chunked(_CHUNK_BYTES):
                kept += part[: kept_bytes - len(kept)]
                if len(kept) == kept_bytes or not is_plain:
                    self._response.close()
                    break
        except FAILURES as error:
            raise self._told(error) from error
        return kept if is_plain else b""

    async def whole(self, max_bytes: int) -> bytes:
        """Return the body, of at most so many bytes. Raises `OutgoingFailed`."""
        parts: list[bytes] = []
        size = 0
        async for part in self.chunks():
            size += len(part)
            if size > max_bytes:
                self._response.close()
                raise AnswerUnwanted(f"{self._origin} answers more than {max_bytes} bytes")
            parts.append(part)
        return b"".join(parts)


def _joined(response: aiohttp.ClientResponse) -> Mapping[str, str]:
    """Return the headers, those of one name as one (RFC 9110, section 5.3)."""
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers
