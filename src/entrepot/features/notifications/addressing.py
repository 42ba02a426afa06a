# SPDX-License-Identifier: Apache-2.0
"""The use cases of an address for mail: whoever says that it is theirs shows it, by a code that is sent there."""

import hashlib
import hmac
import secrets

from sqlalchemy import Connection

from entrepot.features.notifications.errors import CodeWrong
from entrepot.features.notifications.errors import TooManyCodes
from entrepot.features.notifications.letters import Letters
from entrepot.features.notifications.models import Preferences
from entrepot.features.notifications.people import require_person
from entrepot.features.notifications.store import inbox
from entrepot.features.notifications.store import preferences
from entrepot.features.notifications.store.preferences import Code
from entrepot.features.notifications.telling import tell_address
from entrepot.infra.database.engine import Database
from entrepot.infra.mail.addresses import parse_mail_address
from entrepot.infra.mail.errors import MailOff
from entrepot.infra.mail.transport import Mailer
from entrepot.kernel.access import Principal
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import after

CODE_DIGITS = 8
CODE_MS = 30 * MINUTE_MS
MAX_TRIES = 5
CODES_A_DAY = 5
"""So many codes one person has sent: nobody's mailbox is filled by somebody else."""


class Addressing:
    """Where mail to people goes, each their own. Raises as `require_person`."""

    def __init__(self, database: Database, mailer: Mailer, letters: Letters, clock: Clock) -> None:
        self._database = database
        self._mailer = mailer
        self._letters = letters
        self._clock = clock

    @property
    def is_mail_on(self) -> bool:
        """Whether this registry sends mail."""
        return self._mailer.is_on

    async def ask(self, principal: Principal, address: str) -> Preferences:
        """Send a code to an address.

        Raises `AddressInvalid`, `ReauthenticationNeeded`, `MailOff`, `TooManyCodes` and `MailFailed`.
        """
        person, now = require_person(principal), self._clock()
        require_recent_login(principal)
        if not self._mailer.is_on:
            raise MailOff
        wanted = parse_mail_address(address)
        code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))

        def keep(connection: Connection) -> Preferences:
            """Keep what the code is, hashed, and count it."""
            _, known = preferences.lock(connection, person)
            is_today = known.since > now - DAY_MS
            sent, since = (known.sent + 1, known.since) if is_today else (1, now)
            if sent > CODES_A_DAY:
                raise TooManyCodes
            kept = Code(_digest(person, wanted, code), after(now, CODE_MS), 0, sent, since)
            preferences.await_address(connection, person, wanted, kept)
            return preferences.find(connection, person)

        found = await self._database.write_locked(keep)
        await self._mailer.send(self._letters.code(wanted, code, principal.name, now))
        return found

    async def confirm(self, principal: Principal, code: str) -> Preferences:
        """Let mail go to the address that the code was sent to. Raises `CodeWrong`."""
        person, now = require_person(principal), self._clock()

        def check(connection: Connection) -> Preferences | None:
            """Compare the codes, and count one that is wrong."""
            wants, known = preferences.lock(connection, person)
            is_open = known.sha256 is not None and known.until is not None and known.until > now
            if not is_open or known.tries >= MAX_TRIES:
                return None
            if not hmac.compare_digest(known.sha256 or b"", _digest(person, wants.awaited_address, code)):
                preferences.count_try(connection, person)
                return None
            preferences.set_address(connection, person, wants.awaited_address)
            tell_address(connection, person, wants.address, wants.awaited_address, now)
            return preferences.find(connection, person)

        found = await self._database.write_locked(check)
        if found is None:
            raise CodeWrong
        return found

    async def forget(self, principal: Principal) -> Preferences:
        """Send no more mail. Raises `ReauthenticationNeeded`."""
        person, now = require_person(principal), self._clock()
        require_recent_login(principal)

        def remove(connection: Connection) -> Preferences:
            """Remove the address, and what waited for a mail."""
            wants, _ = preferences.lock(connection, person)
            preferences.set_address(connection, person, "")
            inbox.reschedule(connection, person, None)
            if wants.address:
                tell_address(connection, person, wants.address, "", now)
            return preferences.find(connection, person)

        return await self._database.write_locked(remove)


def _digest(person: str, address: str, code: str) -> bytes:
    """Return what is kept of a code. It is good for minutes and a few tries, so there is nothing to slow down."""
    return hashlib.sha256(f"{person}\n{address}\n{code}".encode(errors="surrogatepass")).digest()
