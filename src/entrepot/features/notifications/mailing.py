# SPDX-License-Identifier: Apache-2.0
"""Sending mails: what is due to somebody becomes one, of which the log keeps everything but what it says.

A mail has the id of the job that sends it: so each attempt is about the same mail, and no two jobs about one.
"""

from sqlalchemy import Connection

from entrepot.features.notifications.audience import Audience
from entrepot.features.notifications.letters import Letters
from entrepot.features.notifications.models import Digest
from entrepot.features.notifications.models import Mail
from entrepot.features.notifications.models import MailState
from entrepot.features.notifications.noting import MailWish
from entrepot.features.notifications.noting import ask_for_mail
from entrepot.features.notifications.store import inbox
from entrepot.features.notifications.store import mails
from entrepot.features.notifications.store import preferences
from entrepot.infra.database.engine import Database
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.mail.errors import MailFailed
from entrepot.infra.mail.errors import MailOff
from entrepot.infra.mail.transport import Mailer
from entrepot.kernel.access import principal_of
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

MAX_ATTEMPTS = 20
"""With pauses that grow to an hour that is most of a day."""
LOOKED_AT = 500
"""So many notifications of a mail are looked at, whether somebody may still hear of them."""


class Mailing:
    """Makes mails and sends them."""

    def __init__(
        self, database: Database, mailer: Mailer, audience: Audience, letters: Letters, clock: Clock, mails_an_hour: int
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._audience = audience
        self._letters = letters
        self._clock = clock
        self._mails_an_hour = mails_an_hour

    async def run(self, context: JobContext, wish: MailWish) -> None:
        """Send the mail of a job. Raises `MailFailed` for what is to be tried again."""
        mail = await self._database.write_locked(self._prepare, context, wish)
        if mail is None or mail.state is not MailState.WAITING:
            return
        state, error = MailState.SENT, ""
        try:
            if not await self._send(mail):
                state, error = MailState.DROPPED, "nothing was left that they may hear of, or no address"
        except (MailFailed, MailOff) as failure:
            is_last = context.job.failures + 1 >= MAX_ATTEMPTS
            is_permanent = isinstance(failure, MailOff) or failure.is_permanent
            error = failure.message
            if not is_last and not is_permanent:
                await self._database.write_locked(self._settle, context, mail.id, MailState.WAITING, error)
                raise
            state = MailState.FAILED
        await self._database.write_locked(self._settle, context, mail.id, state, error)

    async def _send(self, mail: Mail) -> bool:
        found = await self._database.snapshot(inbox.of_mail, mail.id, LOOKED_AT)
        wants = await self._database.read(preferences.find, mail.person)
        told = await self._audience.allowed(principal_of(mail.person), found)
        if not told or not wants.address:
            return False
        letter = self._letters.about(mail, wants.address, told, max(0, mail.notifications - len(found)))
        await self._database.write(mails.rename, mail.id, letter.subject)
        await self._mailer.send(letter)
        return True

    def _prepare(self, connection: Connection, context: JobContext, wish: MailWish) -> Mail | None:
        """Return the mail of a job, which is made at its first attempt; None for nothing to send now."""
        context.guard(connection)
        known = mails.find(connection, context.job.id)
        if known is not None:
            return known
        wants, _ = preferences.lock(connection, wish.person)
        now = self._clock()
        due = inbox.count_due(connection, wish.person, now)
        if not due or not wants.address:
            inbox.put_into_mail(connection, wish.person, context.job.id, now)
            return None
        begin = Milliseconds(now // HOUR_MS * HOUR_MS)
        if mails.count_since(connection, wish.person, begin) >= self._mails_an_hour:
            self._hold_back(connection, wish, due, now)
            return None
        held_back = due if wish.was_held_back and wants.digest is Digest.AT_ONCE else 0
        mail = Mail(
            id=Ulid(context.job.id),
            person=wish.person,
            address=wants.address,
            subject="",
            state=MailState.WAITING,
            notifications=due,
            held_back=held_back,
            attempts=0,
            error="",
            created_at=now,
            finished_at=None,
        )
        mails.add(connection, mail)
        inbox.put_into_mail(connection, wish.person, mail.id, now)
        return mail

    def _hold_back(self, connection: Connection, wish: MailWish, due: int, now: Milliseconds) -> None:
        """Let everything that is due come in one mail at the next hour."""
        until = Milliseconds((now // HOUR_MS + 1) * HOUR_MS)
        inbox.put_off(connection, wish.person, now, until)
        mails.count(connection, mails.HELD_BACK, due)
        ask_for_mail(connection, MailWish(wish.person, was_held_back=True), now, until)

    def _settle(self, connection: Connection, context: JobContext, mail_id: str, state: MailState, error: str) -> None:
        context.guard(connection)
        mails.settle(connection, mail_id, state, error, self._clock())
