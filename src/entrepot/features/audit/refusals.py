# SPDX-License-Identifier: Apache-2.0
"""Recording that somebody was refused: added up in memory, said once a second, never in the way of an answer.

What is the same within that second is one record. A crash loses at most the last second.
"""

import asyncio
from dataclasses import dataclass
from typing import Any
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.request_facts import KeptFacts
from entrepot.kernel.request_facts import RequestFacts
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.events import Outcome

FLUSH_SECONDS = 1.0
MAX_KINDS = 1_000
"""How many different refusals are kept until they are stored; more are counted, and told in the log."""

log = structlog.get_logger(__name__)


class _Refusal(NamedTuple):
    principal: Principal
    credential: str
    address: str
    agent: str
    code: str
    message: str
    repository: str


@dataclass(slots=True)
class _Times:
    facts: RequestFacts
    at: Milliseconds
    count: int = 1


class Refusals:
    """A bounded buffer of refusals, and the task that empties it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: dict[_Refusal, _Times] = {}
        self._dropped = 0

    def note(self, facts: RequestFacts) -> None:
        """Remember that a request was refused to somebody who is known."""
        error, principal = facts.refusal, facts.principal
        if error is None or principal is None:
            return
        refusal = _Refusal(
            principal, principal.credential, facts.address, facts.agent, facts.code, error.message, _where(error.detail)
        )
        self._add(refusal, _Times(KeptFacts(facts), self._clock()))

    async def run(self) -> None:
        """Store them every second, and what is left on being cancelled."""
        try:
            while True:
                await asyncio.sleep(FLUSH_SECONDS)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Store what waits. While that is not possible, it waits on."""
        if self._dropped:
            log.warning("audit.refusals_not_kept", count=self._dropped)
            self._dropped = 0
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            await self._database.write(_announce, waiting)
        except Unavailable as error:
            newer, self._waiting = self._waiting, waiting
            for refusal, times in newer.items():
                self._add(refusal, times)
            log.warning("audit.refusals_not_stored", reason=error.message)

    def _add(self, refusal: _Refusal, times: _Times) -> None:
        known = self._waiting.get(refusal)
        if known is not None:
            known.count += times.count
        elif len(self._waiting) < MAX_KINDS:
            self._waiting[refusal] = times
        else:
            self._dropped += times.count


def _announce(connection: Connection, waiting: dict[_Refusal, _Times]) -> None:
    for refusal, times in waiting.items():
        project = namespace_of(RepositoryName(refusal.repository)) if refusal.repository else ""
        told = Told(
            object="",
            project=project,
            repository=refusal.repository,
            outcome=Outcome.REFUSED,
            reason=refusal.message,
            after={"code": refusal.code},
            count=times.count,
        )
        announce(connection, Change.REQUEST_REFUSED, times.at, told, times.facts)


def _where(detail: Any) -> str:
    """Return the repository that an error is about, empty if it names none."""
    named = detail.get("repository", "") if isinstance(detail, dict) else ""
    return named if isinstance(named, str) else ""
