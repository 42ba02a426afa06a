# SPDX-License-Identifier: Apache-2.0
"""The use cases of administrators: threshold rules, the log of mails, and a mail that says that it is a test."""

from collections.abc import Mapping
from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.notifications.errors import RuleChanged
from entrepot.features.notifications.letters import Letters
from entrepot.features.notifications.models import Mail
from entrepot.features.notifications.rules import SPECS
from entrepot.features.notifications.rules import Crossed
from entrepot.features.notifications.rules import Rule
from entrepot.features.notifications.rules import Terms
from entrepot.features.notifications.rules import check
from entrepot.features.notifications.rules import spec_of
from entrepot.features.notifications.rules import terms_of
from entrepot.features.notifications.store import mails
from entrepot.features.notifications.store import rules
from entrepot.features.notifications.telling import tell_rule
from entrepot.features.notifications.telling import tell_test
from entrepot.infra.database.engine import Database
from entrepot.infra.mail.addresses import parse_mail_address
from entrepot.infra.mail.errors import MailFailed
from entrepot.infra.mail.errors import MailOff
from entrepot.infra.mail.transport import Mailer
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.clock import Clock
from entrepot.registry.rights import Rights


class NotificationAdministration:
    """What administrators see and set. Raises as `Rights.require_system`."""

    def __init__(self, database: Database, rights: Rights, mailer: Mailer, letters: Letters, clock: Clock) -> None:
        self._database = database
        self._rights = rights
        self._mailer = mailer
        self._letters = letters
        self._clock = clock

    async def rules(self, principal: Principal) -> list[Rule]:
        """Return every threshold rule."""
        await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        return list((await self._database.snapshot(rules.every_rule)).values())

    async def crossed(self, principal: Principal) -> Mapping[str, Sequence[Crossed]]:
        """Return what is at a level now, by rule: up to `MAX_CROSSED` of each, and one more where there are more.

        Rules about accounts are left out for who may not see accounts.
        """
        await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        may_see_accounts = await self._rights.may_system(principal, SystemAction.READ_ACCOUNTS)
        found = await self._database.snapshot(rules.crossed)
        shown = [name for name, spec in SPECS.items() if may_see_accounts or not spec.is_about_accounts]
        return {name: found.get(name, []) for name in shown}

    async def change(self, principal: Principal, name: str, wanted: Terms | None, revision: int | None) -> Rule:
        """Change a rule, or let it say what the program says. Raises `RuleUnknown`, `RuleInvalid` and `RuleChanged`."""
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        spec, now = spec_of(name), self._clock()
        terms = check(spec, wanted or terms_of(spec))

        def put(connection: Connection) -> Rule:
            """Store it."""
            before = rules.lock(connection, name)
            if revision is not None and revision != before.revision:
                raise RuleChanged
            after = Rule(spec, terms, before.revision + 1, now, principal.identity)
            if after.terms == before.terms:
                return before
            rules.replace(connection, after)
            tell_rule(connection, before, after, now)
            return after

        return await self._database.write_locked(put)

    async def mails(self, principal: Principal, before: str, limit: int) -> list[Mail]:
        """Return the log of mails, the newest first."""
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        return await self._database.read(mails.page, before or mails.NEWEST, limit)

    async def test(self, principal: Principal, address: str) -> None:
        """Send a test mail. Raises `AddressInvalid`, `MailOff` and `MailFailed` with what the server answered."""
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        if not self._mailer.is_on:
            raise MailOff
        wanted, now = parse_mail_address(address), self._clock()
        error: MailFailed | None = None
        try:
            await self._mailer.send(self._letters.test(wanted, principal.name, now))
        except MailFailed as failure:
            error = failure
        await self._database.write(tell_test, error.message if error else "", now)
        if error:
            raise error
