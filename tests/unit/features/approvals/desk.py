# SPDX-License-Identifier: Apache-2.0
"""The use cases of approvals on a real database, with a clock that stands still, and people whose rights change."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import insert

from entrepot.entry.everything import Everything
from entrepot.entry.wiring import _platform
from entrepot.features.approvals import ApprovalSettings
from entrepot.features.approvals import SecondPerson
from entrepot.features.approvals.models import Rule
from entrepot.features.approvals.rules import Rules
from entrepot.features.approvals.service import Approvals
from entrepot.features.approvals.store import add_rules
from entrepot.features.approvals.tables import approvals
from entrepot.features.garbage import GarbageSettings
from entrepot.features.garbage import grace_of
from entrepot.features.identity.tables import users
from entrepot.infra.events.pacing import Doorbell
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.rights import Rights
from entrepot.registry.tables import grants
from tests.builders.access_rows import add_grant
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.interop.core_alone import EverybodyIsKnown

TEAM = Attempt(Act.PROJECT_DELETE, "team")


def person(name: str) -> Principal:
    """Return a user."""
    return Principal(PrincipalKind.USER, name)


class Desk:
    """Where approvals are asked for, decided and used."""

    def __init__(self, running: RunningCore) -> None:
        self.clock = running.clock
        self.database = running.database
        settings = ApprovalSettings()
        self.second_person = SecondPerson(settings, running.clock)
        rights = Rights(EverybodyIsKnown(), Everything())
        platform = _platform(running.core, rights, Doorbell(), grace_of(GarbageSettings()), self.second_person)
        self.approvals = Approvals(platform, settings)
        self.rules = Rules(platform)

    async def use(self, who: Principal, attempt: Attempt = TEAM) -> None:
        """Do what takes two people, as the transaction that does it asks."""
        await self.database.write(self.second_person.require, who, attempt)

    def begin(self, *names: str) -> None:
        """Let there be these users, who may do nothing, no approval, and a rule about deleting projects."""
        self.database.write_now(_begin, names)

    async def allow(self, name: str, is_allowed: bool) -> None:
        """Let a user delete the project, or not any more."""
        await self.database.write(_allow, f"user:{name}", is_allowed)


@contextmanager
def a_desk(data: Path) -> Iterator[Desk]:
    """Hold one on an empty database in the folder `data`."""
    with a_core(data) as running:
        yield Desk(running)


def _begin(connection: Connection, names: tuple[str, ...]) -> None:
    for table in (approvals, grants, users):
        connection.execute(delete(table))
    for name in names:
        row = {"name": name, "password_hash": "", "created_at": 0, "password_changed_at": 0}
        connection.execute(insert(users).values(row))
    add_rules(connection, [Rule(Act.PROJECT_DELETE, Milliseconds(0), "user:admin")])


def _allow(connection: Connection, principal: str, is_allowed: bool) -> None:
    connection.execute(delete(grants).where(grants.c.principal == principal))
    if is_allowed:
        add_grant(connection, principal, "team/**", "admin")
