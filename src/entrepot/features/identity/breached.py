# SPDX-License-Identifier: Apache-2.0
"""Passwords known from breaches, looked up in a file of the operator that may have any size.

The file is as such lists are published: a line for each password, `HASH` or
`HASH:COUNT`, sorted, where the hash is SHA-1 in hexadecimal, of either case.
Hashes may be cut to fewer digits, all to as many. A search reads about 36
blocks of a file of 40 GB and keeps nothing of it in memory; the file is opened
each time, so that another one may take its place.
"""

import asyncio
import hashlib
import os
import re
from pathlib import Path

import structlog

from entrepot.features.identity.errors import BreachedPassword
from entrepot.features.identity.errors import BreachedPasswordsAway

MIN_DIGITS = 12
"""With fewer, many a good password would be taken for a known one."""

MAX_LINE_BYTES = 128
BLOCK_BYTES = 4096

_LINE = re.compile(rb"([0-9A-Fa-f]{%d,40})(:[0-9]{1,19})?\r?" % MIN_DIGITS)

log = structlog.get_logger(__name__)


class BreachedPasswordsUnreadable(Exception):
    """The list cannot be read, or is not one; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BreachedPasswords:
    """A list of passwords that nobody should have."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def require_unknown(self, password: str) -> None:
        """Do nothing unless the list holds this password. While it cannot be read, no password is taken.

        Raises `BreachedPassword` and `BreachedPasswordsAway`.
        """
        try:
            is_known = await asyncio.to_thread(self.holds, password)
        except BreachedPasswordsUnreadable as error:
            log.error("breached_passwords.unreadable", reason=error.reason)
            raise BreachedPasswordsAway from error
        if is_known:
            raise BreachedPassword

    def holds(self, password: str) -> bool:
        """Tell whether the list holds this password. Blocks. Raises `BreachedPasswordsUnreadable`."""
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode("ascii")
        try:
            with self._path.open("rb", buffering=0) as file:
                return _Sorted(file.fileno(), self._path).holds(digest)
        except OSError as error:
            raise BreachedPasswordsUnreadable(f"{self._path} cannot be read: {error.strerror}") from error

    def inspect(self) -> None:
        """Do nothing if this looks like such a list. Blocks. Raises `BreachedPasswordsUnreadable`."""
        try:
            with self._path.open("rb", buffering=0) as file:
                _Sorted(file.fileno(), self._path).inspect()
        except OSError as error:
            raise BreachedPasswordsUnreadable(f"{self._path} cannot be read: {error.strerror}") from error


class _Sorted:
    """An open file of sorted lines, read by place."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path
        self._size = os.fstat(descriptor).st_size

    def inspect(self) -> None:
        """Look at the ends of the file. Raises `BreachedPasswordsUnreadable`."""
        if self._size == 0:
            raise BreachedPasswordsUnreadable(f"{self._path} is empty")
        tail_from = max(0, self._size - BLOCK_BYTES)
        tail = self._read(tail_from, self._size).rstrip(b"\r\n").rpartition(b"\n")[2]
        first, last = self._hash_at(0), self._hash_of(tail, self._size - len(tail))
        if len(first) != len(last) or first > last:
            raise BreachedPasswordsUnreadable(f"{self._path} is not sorted, or its hashes differ in length")

    def holds(self, digest: bytes) -> bool:
        """Tell whether a line begins with as many digits of `digest` as the hashes here have."""
        if self._size == 0:
            raise BreachedPasswordsUnreadable(f"{self._path} is empty")
        wanted = digest[: len(self._hash_at(0))]
        begin, end = 0, self._size
        while end - begin > BLOCK_BYTES:
            place = self._line_after((begin + end) // 2)
            found = self._hash_at(place)
            if found == wanted:
                return True
            begin, end = (place, end) if found < wanted else (begin, place)
        lines = self._read(begin, end).split(b"\n")
        return any(self._hash_of(line, begin) == wanted for line in lines if line.rstrip(b"\r"))

    def _line_after(self, place: int) -> int:
        """Return where the first line begins that begins behind `place`."""
        feed = self._read(place, place + MAX_LINE_BYTES).find(b"\n")
        if feed < 0:
            raise BreachedPasswordsUnreadable(f"{self._path} has a line of over {MAX_LINE_BYTES} bytes at byte {place}")
        return place + feed + 1

    def _hash_at(self, place: int) -> bytes:
        return self._hash_of(self._read(place, place + MAX_LINE_BYTES).partition(b"\n")[0], place)

    def _hash_of(self, line: bytes, place: int) -> bytes:
        match = _LINE.fullmatch(line)
        if match is None:
            raise BreachedPasswordsUnreadable(
                f"{self._path} has a line that is not HASH or HASH:COUNT near byte {place}"
            )
        return match[1].upper()

    def _read(self, begin: int, end: int) -> bytes:
        """Return the bytes from one place to before another, as far as the file goes."""
        parts, place = [], begin
        while place < end:
            part = os.pread(self._descriptor, end - place, place)
            if not part:
                break
            parts.append(part)
            place += len(part)
        return b"".join(parts)
