# SPDX-License-Identifier: Apache-2.0
"""Bearer tokens, and asking an endpoint of OAuth for one."""

import asyncio
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.destination import Destination
from entrepot.infra.http.outbound.errors import OutgoingFailed
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.credentials import Lent
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

ATTEMPTS = 6
PASSING = (408, 429, 500, 502, 503, 504)
"""Answers after which the same may do better soon."""

MAX_FILE_BYTES = 64 * 1024
MAX_SECONDS = 7 * 24 * 3_600
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_TOKEN = re.compile(r"[!-~]{1,16384}")
_CODE = re.compile(r"[A-Za-z_]{1,64}")


@dataclass(frozen=True, slots=True)
class Bearer:
    """What somebody has who may do something for a while."""

    token: str = field(repr=False)


class _Given(msgspec.Struct):
    access_token: str
    expires_in: int


class _Refused(msgspec.Struct):
    error: str = ""


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Who gives tokens for proofs of who one is."""

    outbound: Outbound
    where: Destination

    async def lend(self, form: Mapping[str, str], now: Milliseconds) -> Lent[Bearer]:
        """Ask for a token. Raises `StorageUnavailable`, with nothing of what was sent or came."""
        answer = await self.ask(urlencode(form).encode(), FORM)
        try:
            return parse_token(answer.body, now)
        except ValueError:
            raise StorageUnavailable(f"what {self.where.url.host} answers holds no token") from None

    async def ask(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send what asks for a token; return the answer of success. Raises `StorageUnavailable`."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self.outbound.to(self.where) as peer:
                    answer = await peer.ask("POST", "", body, headers)
            except OutgoingFailed as error:
                if attempt == ATTEMPTS:
                    raise StorageUnavailable(f"no token for the bucket: {error.message}") from error
            else:
                if answer.is_success:
                    return answer
                if attempt == ATTEMPTS or answer.status not in PASSING:
                    told = f"{answer.status} {_code(answer.body)}".rstrip()
                    raise StorageUnavailable(f"no token for the bucket: {self.where.url.host} answers {told}")
            await asyncio.sleep(random.uniform(0, 0.1 * 2**attempt))  # noqa: S311 - no secret
        raise AssertionError("the last attempt returns or raises")


def parse_token(body: bytes, now: Milliseconds) -> Lent[Bearer]:
    """Read the answer of an endpoint of OAuth. Raises `ValueError`; the message holds nothing of it."""
    try:
        given = msgspec.json.decode(body, type=_Given)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ValueError("no token") from None
    if not 0 < given.expires_in <= MAX_SECONDS:
        raise ValueError("no token")
    return Lent(checked_bearer(given.access_token), after(now, given.expires_in * SECOND_MS))


def checked_bearer(token: str) -> Bearer:
    """Return a token that can stand in a header. Raises `ValueError`."""
    if not _TOKEN.fullmatch(token):
        raise ValueError("no token")
    return Bearer(token)


async def read_small(path: Path, what: str) -> str:
    """Read a small file of text. Raises `StorageUnavailable`, which says `what` it should be."""
    try:
        return await asyncio.to_thread(_read, path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise StorageUnavailable(f"no {what} in {path}: {reason}") from None


def _read(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(MAX_FILE_BYTES).strip()


def _code(body: bytes) -> str:
    try:
        code = msgspec.json.decode(body, type=_Refused).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return code if _CODE.fullmatch(code) else ""
