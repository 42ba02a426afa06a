# SPDX-License-Identifier: Apache-2.0
"""Holds and running clusters for tests of the core."""

from sqlalchemy import Connection

from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest
from entrepot.registry import holding
from entrepot.registry.store import in_use
from entrepot.registry.store.holds import HoldKind
from entrepot.registry.store.in_use import Cluster
from entrepot.registry.store.in_use import Running
from entrepot.registry.store.placed_holds import PlacedHold
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore

BY = "user:ada"


def a_hold(
    now: Milliseconds, digest: Digest | None, kind: HoldKind = HoldKind.LEGAL, expires_at: int | None = None
) -> PlacedHold:
    """Make a hold that is not placed yet."""
    ends = None if expires_at is None else Milliseconds(expires_at)
    return PlacedHold(new_ulid(), REPOSITORY, digest, None, kind, "a test needs it", now, BY, ends)


async def place(
    running: RunningCore, digest: Digest | None, kind: HoldKind = HoldKind.LEGAL, expires_at: int | None = None
) -> PlacedHold:
    """Place a hold."""
    return await running.database.write_locked(holding.place, a_hold(running.clock(), digest, kind, expires_at))


async def release(running: RunningCore, hold: PlacedHold) -> None:
    """End it."""
    await running.database.write_locked(holding.release, hold, running.clock())


async def pin(running: RunningCore, cluster: str, until: int, *digests: Digest) -> None:
    """Let a cluster say what it runs."""
    said = Cluster(cluster, running.clock(), BY, Milliseconds(until))

    def report(connection: Connection) -> None:
        """Store it."""
        in_use.replace(connection, said, [Running(REPOSITORY, digest) for digest in digests])

    await running.database.write_locked(report)
