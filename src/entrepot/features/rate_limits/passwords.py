# SPDX-License-Identifier: Apache-2.0
"""Passwords that are counted, by the address they come from, before they are hashed."""

import hmac
import secrets

from pwdlib import PasswordHash

from entrepot.features.identity import PasswordChecks
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.recent import Recent
from entrepot.kernel.request_facts import about_request
from entrepot.kernel.request_limits import RequestLimits

VERIFIED_MS = 5 * MINUTE_MS
"""For so long a password that was right is not counted: it is not hashed again either (`PasswordChecks`)."""

MAX_VERIFIED = 10_000


class CountedPasswords(PasswordChecks):
    """Refuses to look at passwords where an address has sent too many.

    A password that was right of late costs nothing, so that hundreds of programs behind one address may log in with
    theirs at every request. What is remembered is a digest under a key that only this process knows.
    """

    def __init__(self, clock: Clock, hasher: PasswordHash | None, limits: RequestLimits) -> None:
        super().__init__(clock, hasher)
        self._limits = limits
        self._digest_key = secrets.token_bytes(32)
        self._verified: Recent[bytes, bool] = Recent(clock, VERIFIED_MS, MAX_VERIFIED)

    async def matches(self, name: str, password: str, stored_hash: str | None) -> bool:
        """Do the same after counting. Raises `TooManyRequests` too."""
        text = f"{len(name)}:{name}{len(password)}:{password}{stored_hash}"
        digest = hmac.digest(self._digest_key, text.encode(errors="surrogatepass"), "sha256")
        is_new = self._verified.get(digest) is None
        if is_new:
            await self._limits.admit_login(about_request().address)
        is_right = await super().matches(name, password, stored_hash)
        if is_right and is_new:
            self._verified.put(digest, True)
        return is_right
