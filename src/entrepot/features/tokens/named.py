# SPDX-License-Identifier: Apache-2.0
"""Logging in with a name and a text that is no secret of ours: a user's password, or an imported secret of a robot."""

import asyncio

import structlog

from entrepot.features.identity import Accounts
from entrepot.features.identity import LoginThrottle
from entrepot.features.identity import PasswordChecks
from entrepot.features.identity import WrongPassword
from entrepot.features.tokens.aliases import is_alias
from entrepot.features.tokens.given import HARBOR_BYTES
from entrepot.features.tokens.given import HarborHash
from entrepot.features.tokens.given import stored_harbor_hash
from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.store import credentials as store
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

_NOBODYS_HASH = HarborHash("0" * 32, "0" * 2 * HARBOR_BYTES)


class NamedLogins:
    """Tells by the name which it is: an alias can be no user's name, and no user's name an alias.

    The first right login with an imported secret stores a hash of it as of a
    password, and the one it came with is gone. A wrong one and an alias that
    nobody has cost the same statement and the same two hashes.
    """

    def __init__(
        self, database: Database, accounts: Accounts, passwords: PasswordChecks, throttle: LoginThrottle
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._passwords = passwords
        self._throttle = throttle

    async def authenticate(
        self, name: str, password: str, address: str, *, allows_enrolment: bool = False
    ) -> Principal | Credential:
        """Return the user, or the credential whose secret is right; whether that is still good is another question.

        Raises as `Accounts.authenticate`.
        """
        if not is_alias(name):
            return await self._accounts.authenticate(name, password, address, allows_enrolment=allows_enrolment)
        async with self._throttle.attempt(name, address) as attempt:
            credential = await self._database.read(store.imported, name)
            is_right = await self._is_right(name, password, credential)
            if credential is None or not is_right:
                await attempt.failed()
                raise WrongPassword
            await attempt.succeeded()
            return credential

    async def is_live(self, name: str, credential: str) -> bool:
        """Tell whether a user's password, named by a mark, would let them in now."""
        return await self._accounts.is_live(name, credential)

    async def _is_right(self, name: str, password: str, credential: Credential | None) -> bool:
        stored = None if credential is None else credential.imported_hash
        foreign = stored_harbor_hash(stored or "")
        if stored is not None and foreign is None:
            is_right = await self._passwords.matches(name, password, stored)
            if not is_right:
                await asyncio.to_thread(_NOBODYS_HASH.matches, password)
            return is_right
        is_right = await asyncio.to_thread((foreign or _NOBODYS_HASH).matches, password)
        if credential is None or stored is None or not is_right:
            await self._passwords.matches(name, password, None)
            return False
        await self._convert(credential, stored, password)
        return True

    async def _convert(self, credential: Credential, stored: str, password: str) -> None:
        """Keep a hash as of a password instead. While that cannot be done, the one there is stays good."""
        try:
            converted = await self._passwords.hash(password)
            await self._database.write_locked(store.convert, credential.id, stored, converted)
        except Unavailable as error:
            log.warning("imported_secret.not_converted", credential=credential.id, reason=error.message)
