# SPDX-License-Identifier: Apache-2.0
"""When and from where people and programs log in: noted in memory, stored beside the requests, exact to some minutes.

A crash loses what was noted in the last seconds. Each process stores a secret's use, and
tells of a login with it from one address, once in five minutes at most, and never stores an earlier use over a later.
"""

import asyncio
from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from entrepot.features.tokens.store import credentials
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.recent import Recent
from entrepot.kernel.request_facts import KeptFacts
from entrepot.kernel.request_facts import RequestFacts
from entrepot.kernel.request_facts import about_request
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce

NOTED_EVERY_MS = 5 * MINUTE_MS
FLUSH_SECONDS = 2.0
MAX_WAITING = 20_000
MAX_ADDRESS_CHARACTERS = 64

log = structlog.get_logger(__name__)


class _Login(NamedTuple):
    principal: Principal
    credential: str
    address: str


class LastUses:
    """A bounded buffer of uses and the task that empties it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._noted: Recent[Ulid, bool] = Recent(clock, NOTED_EVERY_MS, MAX_WAITING)
        self._waiting: dict[Ulid, tuple[Milliseconds, str]] = {}
        self._told: Recent[_Login, bool] = Recent(clock, NOTED_EVERY_MS, MAX_WAITING)
        self._to_tell: dict[_Login, tuple[Milliseconds, RequestFacts]] = {}

    @property
    def waiting(self) -> int:
        """How many secrets were used and have yet to be stored so."""
        return len(self._waiting)

    def note(self, credential_id: Ulid, address: str) -> None:
        """Remember that a secret was used, unless that was noted of late. Costs a look into a dictionary."""
        if self._noted.get(credential_id) is None and len(self._waiting) < MAX_WAITING:
            self._noted.put(credential_id, True)
            self._waiting[credential_id] = (self._clock(), address[:MAX_ADDRESS_CHARACTERS])

    def tell(self, principal: Principal, address: str) -> None:
        """Remember that somebody logged in for the request that is answered, unless that was told of late."""
        login = _Login(principal, principal.credential, address)
        if self._told.get(login) is None and len(self._to_tell) < MAX_WAITING:
            self._told.put(login, True)
            self._to_tell[login] = (self._clock(), KeptFacts(about_request()))

    async def flush(self) -> None:
        """Store what was noted. While nothing can be stored, it waits."""
        uses, self._waiting = self._waiting, {}
        logins, self._to_tell = self._to_tell, {}
        if not uses and not logins:
            return
        try:
            await self._database.write_locked(_store, uses, logins)
        except Unavailable as error:
            self._waiting = dict(islice({**uses, **self._waiting}.items(), MAX_WAITING))
            self._to_tell = dict(islice({**logins, **self._to_tell}.items(), MAX_WAITING))
            log.warning("secret_uses.not_stored", waiting=self.waiting, reason=error.message)

    async def run(self) -> None:
        """Store every two seconds what was noted, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()


def _store(
    connection: Connection,
    uses: Mapping[Ulid, tuple[Milliseconds, str]],
    logins: Mapping[_Login, tuple[Milliseconds, RequestFacts]],
) -> None:
    credentials.note_uses(connection, uses)
    for login, (at, facts) in logins.items():
        announce(connection, Change.LOGIN_SUCCEEDED, at, Told(object="", principal=login.principal), facts)
