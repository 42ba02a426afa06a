# SPDX-License-Identifier: Apache-2.0
"""Being a witness: keeping the checkpoints of other registries, and noticing when they contradict each other."""

from collections.abc import Sequence

import structlog
from sqlalchemy import Connection

from entrepot.features.audit.checkpoints import claimed
from entrepot.features.audit.errors import NoCheckpoint
from entrepot.features.audit.errors import WitnessContradicted
from entrepot.features.audit.models import Witnessed
from entrepot.features.audit.store import witnessed as store
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.events import Outcome
from entrepot.registry.platform import Platform

log = structlog.get_logger(__name__)


class Witnessing:
    """Keeps what each principal leaves here under its name. It takes nobody's word for who signed it."""

    def __init__(self, platform: Platform) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock

    async def keep(self, principal: Principal, tokens: Sequence[str]) -> int:
        """Keep checkpoints, in their order; return of which record the last is.

        What was left before may come again. Raises as `Rights.require_system`, `NoCheckpoint`, and
        `WitnessContradicted` for the first that does not fit to what was left before: from it on nothing is kept,
        and the contradiction is.
        """
        await self._rights.require_system(principal, SystemAction.WITNESS)
        now, origin = self._clock(), principal.identity
        offered = [_read(token, origin, now) for token in tokens]
        refused = await self._database.write(_keep, offered, now)
        if refused is not None:
            log.error("audit.contradicted", origin=origin, seq=refused.seq)
            raise WitnessContradicted(
                f"the checkpoint of record {refused.seq} contradicts one that was left here before"
            )
        return offered[-1].seq

    async def page(self, principal: Principal, origin: str, after: int, limit: int) -> list[Witnessed]:
        """Return up to `limit` checkpoints behind record `after`, oldest first, of one's own or of `origin`.

        Raises as `Rights.require_system`.
        """
        is_own = origin in ("", principal.identity)
        await self._rights.require_system(principal, SystemAction.WITNESS if is_own else SystemAction.READ_AUDIT)
        return await self._database.read(store.page, origin or principal.identity, after, limit)


def _read(token: str, origin: str, now: Milliseconds) -> Witnessed:
    said = claimed(token)
    if said is None:
        raise NoCheckpoint
    return Witnessed(origin, said.seq, said.hash, token, now, said.previous)


def _keep(connection: Connection, offered: Sequence[Witnessed], now: Milliseconds) -> Witnessed | None:
    """Store them up to the first that contradicts what is there; return that one."""
    for each in offered:
        standing = _contradicted(connection, each)
        if standing is not None:
            if store.contradict(connection, standing, each.token, now):
                told = Told(
                    object=f"witnessed:{each.origin}",
                    outcome=Outcome.REFUSED,
                    before={"seq": standing.seq, "hash": standing.hash},
                    after={"seq": each.seq, "hash": each.hash},
                    reason="two checkpoints that cannot both be of one log",
                )
                announce(connection, Change.AUDIT_CONTRADICTED, now, told)
            return each
        store.add(connection, each)
    return None


def _contradicted(connection: Connection, offered: Witnessed) -> Witnessed | None:
    """Return what an offered checkpoint contradicts: another of the same record, or one between it and the one that it
    says was before it."""
    same = store.at(connection, offered.origin, offered.seq)
    if same is not None:
        return None if same.hash == offered.hash else same
    newest = store.newest(connection, offered.origin)
    return newest if newest is not None and offered.previous < newest.seq else None
