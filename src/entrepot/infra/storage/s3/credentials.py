# SPDX-License-Identifier: Apache-2.0
"""Who asks: keys from the configuration, the environment, a file, or for a token of web identity.

Keys that end, or stand in a file that changes, are taken anew while uploads go on.
"""

import asyncio
import configparser
import os
from abc import ABC
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic
from typing import TypeVar

from entrepot.infra.http.outbound.sigv4 import Credentials
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.settings import S3Settings
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import system_clock

C = TypeVar("C")
"""Keys, of whatever kind a service wants."""

DEFAULT_REGION = "us-east-1"
REFRESH_BEFORE_MS = 5 * MINUTE_MS
PAUSE_MS = MINUTE_MS // 4
"""How long keys that are still good go on without another try, once nobody could be asked for others."""
MAX_FILE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Lent(Generic[C]):
    """Keys, and when they end if they do; `due_at` is when there may be others, for those whose end nobody knows."""

    credentials: C
    expires_at: Milliseconds | None = None
    due_at: Milliseconds | None = None


class Lender(ABC, Generic[C]):
    """Where keys come from."""

    @abstractmethod
    async def lend(self) -> Lent[C]:
        """Return keys that are good now. Raises `StorageUnavailable`."""


class Fixed(Lender[C]):
    """Keys that were configured."""

    def __init__(self, credentials: C) -> None:
        self.credentials = credentials

    async def lend(self) -> Lent[C]:
        """See `Lender`."""
        return Lent(self.credentials)


class FromFile(Lender[Credentials]):
    """Keys of a profile in a file, as the tools of AWS write it."""

    def __init__(self, path: Path, profile: str, region: str, clock: Clock = system_clock) -> None:
        self._path, self._profile, self._region = path, profile, region
        self._clock = clock

    async def lend(self) -> Lent[Credentials]:
        """See `Lender`. Whoever reads alone is not told that keys are refused, so the file is read every minute."""
        return Lent(await asyncio.to_thread(self._read), due_at=after(self._clock(), MINUTE_MS))

    def _read(self) -> Credentials:
        try:
            with self._path.open(encoding="utf-8") as file:
                text = file.read(MAX_FILE_BYTES)
            return parse_profile(text, self._profile, self._region)
        except (OSError, UnicodeDecodeError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not such a file"
            raise StorageUnavailable(f"no keys of profile {self._profile} in {self._path}: {reason}") from None


def parse_profile(text: str, profile: str, region: str) -> Credentials:
    """Return the keys of a profile. Raises `ValueError` when they are not there; the message holds nothing of it."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
        found = parser[profile]
        token = found.get("aws_session_token", "")
        return Credentials(found["aws_access_key_id"], found["aws_secret_access_key"], region, token)
    except (configparser.Error, KeyError):
        raise ValueError("no such profile") from None


class Wallet(Generic[C]):
    """The keys in use, taken anew before they end, and when the service refuses them; by one request at a time."""

    def __init__(self, lender: Lender[C], clock: Clock) -> None:
        self._lender = lender
        self._clock = clock
        self._lent: Lent[C] | None = None
        self._lending = asyncio.Lock()
        self._again_at = Milliseconds(0)

    async def current(self) -> C:
        """Return keys that are good now. Raises `StorageUnavailable`."""
        return (await self.lent()).credentials

    async def lent(self) -> Lent[C]:
        """Return keys that are good now, with their end. Raises `StorageUnavailable`.

        Only who finds none waits for new ones, and the first one who finds that they end soon.
        """
        lent = self._lent
        if lent is not None and not self._has_ended(lent) and (self._lending.locked() or not self._is_time(lent)):
            return lent
        async with self._lending:
            if self._lent is None or self._has_ended(self._lent) or self._is_time(self._lent):
                self._lent = await self._lend_again()
            return self._lent

    def refused(self, credentials: C) -> None:
        """Take note that the service does not take these any more."""
        if self._lent is not None and self._lent.credentials == credentials:
            self._lent = None

    async def _lend_again(self) -> Lent[C]:
        """Take keys anew; where that fails, those go on that have not ended yet."""
        try:
            return await self._lender.lend()
        except StorageUnavailable:
            if self._lent is None or self._has_ended(self._lent):
                raise
            self._again_at = after(self._clock(), PAUSE_MS)
            return self._lent

    def _has_ended(self, lent: Lent[C]) -> bool:
        return lent.expires_at is not None and lent.expires_at <= self._clock()

    def _is_time(self, lent: Lent[C]) -> bool:
        """Tell whether keys that have not ended are to be taken anew."""
        now, ends = self._clock(), lent.expires_at
        due = lent.due_at if ends is None else ends - REFRESH_BEFORE_MS
        return due is not None and max(due, self._again_at) <= now


def region_of(settings: S3Settings, environment: Mapping[str, str] = os.environ) -> str:
    """Return the region that requests are signed for."""
    named = settings.region or environment.get("AWS_REGION", "") or environment.get("AWS_DEFAULT_REGION", "")
    return named or DEFAULT_REGION
