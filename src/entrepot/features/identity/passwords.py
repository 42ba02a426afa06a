# SPDX-License-Identifier: Apache-2.0
"""Hashing passwords: argon2id in a few threads, a right password at most once in five minutes."""

import asyncio
import hmac
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from pwdlib import PasswordHash

from entrepot.features.identity.errors import TooManyLogins
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds

HASHES_AT_ONCE = 2
"""One hash takes about 64 MiB and 150 ms of a core (measured with the hasher's defaults)."""

REMEMBERED_MS = 5 * MINUTE_MS
MAX_REMEMBERED = 10_000
MAX_WAITING = 64

WAITING = Metric("entrepot_password_checks_waiting", "Passwords that are being hashed, or wait for it.", Kind.GAUGE)


class PasswordChecks:
    """Checks passwords off the event loop, a few at once, and remembers the good ones for a while.

    What is remembered is a digest under a key that only this process knows,
    together with the stored hash it was verified against: once the password is
    changed, the stored hash differs and nothing is remembered. Wrong passwords
    are never remembered. Equal checks that overlap in time are one check.
    """

    def __init__(
        self,
        clock: Clock,
        hasher: PasswordHash | None = None,
        *,
        at_once: int = HASHES_AT_ONCE,
        capacity: int = MAX_REMEMBERED,
    ) -> None:
        """Hash with `hasher` (pwdlib's recommendation by default) in `at_once` threads; remember `capacity` secrets."""
        self.hasher = hasher or PasswordHash.recommended()
        self._clock = clock
        self._capacity = capacity
        self._key = secrets.token_bytes(32)
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._decoy = self._pool.submit(self.hasher.hash, secrets.token_urlsafe())
        self._running: dict[tuple[bytes, str | None], asyncio.Future[bool]] = {}
        self._hashing: set[asyncio.Future[str]] = set()
        self._remembered: dict[bytes, tuple[str, Milliseconds]] = {}

    async def matches(self, name: str, password: str, stored_hash: str | None) -> bool:
        """Tell whether `password` is the one behind `stored_hash`.

        Without a stored hash (no such user) the answer is no, after the same work.
        Raises `TooManyLogins`.
        """
        digest = hmac.digest(self._key, f"{len(name)}:{name}{password}".encode(), "sha256")
        if stored_hash is not None and self._remembers(digest, stored_hash):
            return True
        check = self._running.get((digest, stored_hash)) or self._start(digest, password, stored_hash)
        return await asyncio.shield(check)

    async def hash(self, password: str) -> str:
        """Return the hash of a new password, in the same few threads. Raises `TooManyLogins`."""
        self._require_room()
        hashing = asyncio.get_running_loop().run_in_executor(self._pool, self.hasher.hash, password)
        self._hashing.add(hashing)
        hashing.add_done_callback(self._hashing.discard)
        return await asyncio.shield(hashing)

    def measure(self) -> Iterator[Measurement]:
        """Yield how many passwords wait or are being worked on."""
        yield Measurement(WAITING, [len(self._running) + len(self._hashing)])

    def close(self) -> None:
        """Let the threads end; checks that have not begun are given up."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start(self, digest: bytes, password: str, stored_hash: str | None) -> asyncio.Future[bool]:
        self._require_room()
        check = asyncio.get_running_loop().run_in_executor(self._pool, self._verify, password, stored_hash)
        self._running[digest, stored_hash] = check
        check.add_done_callback(partial(self._finish, digest, stored_hash))
        return check

    def _require_room(self) -> None:
        if len(self._running) + len(self._hashing) >= MAX_WAITING:
            raise TooManyLogins

    def _verify(self, password: str, stored_hash: str | None) -> bool:
        return self.hasher.verify(password, stored_hash or self._decoy.result())

    def _finish(self, digest: bytes, stored_hash: str | None, check: asyncio.Future[bool]) -> None:
        del self._running[digest, stored_hash]
        if stored_hash is None or check.cancelled() or check.exception() is not None or not check.result():
            return
        self._remembered.pop(digest, None)
        if len(self._remembered) >= self._capacity:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[digest] = (stored_hash, self._clock())

    def _remembers(self, digest: bytes, stored_hash: str) -> bool:
        verified_hash, verified_at = self._remembered.get(digest, ("", 0))
        return verified_hash == stored_hash and 0 <= self._clock() - verified_at < REMEMBERED_MS
