# SPDX-License-Identifier: Apache-2.0
"""A collector that does the steps when a test says so, and what tests want to know of a registry."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select

from entrepot.infra.storage.interface import ObjectKey
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.mode_changes import ModeChanges
from entrepot.registry.promise import Promises
from entrepot.registry.reclaim import SETTLED_MS
from entrepot.registry.reclaim import Outcome
from entrepot.registry.reclaim import Reclaim
from entrepot.registry.store import repositories
from entrepot.registry.store.modes import Mode
from entrepot.registry.tables import holds
from entrepot.registry.tables import usage_deltas
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore

WINDOW_MS = 7 * DAY_MS
LEASE_MS = 24 * HOUR_MS
CONTENT = (
    "manifests",
    "manifest_blobs",
    "manifest_children",
    "repo_blobs",
    "blobs",
    "objects",
    "tombstones",
    "collection_queue",
    "uploads",
    "holds",
)
"""Tables that are empty when nothing is kept."""


class Collecting:
    """The steps of collection on a running core."""

    def __init__(self, running: RunningCore, grace_ms: int = 0) -> None:
        self.running = running
        self.steps = Reclaim(running.core, lambda: grace_ms)
        self.promises = Promises(running.core, running.delete, self.steps, lambda: grace_ms)

    async def purge(self) -> Outcome:
        """Look at everything in the bin once."""
        outcome, place = await self.steps.purge(None)
        while place is not None:
            more, place = await self.steps.purge(place)
            outcome.add(more)
        return outcome

    async def collect(self) -> Outcome:
        """Do every step until nothing is left to do now."""
        outcome = Outcome()
        while await self.steps.drop_ended_holds():
            pass
        while (purged := await self.purge()).manifests:
            outcome.add(purged)
        outcome.kept += purged.kept
        while await self.steps.find_unused():
            pass
        while (step := await self.steps.unlink()).looked_at:
            outcome.add(step)
        while (step := await self.steps.remove_blobs()).looked_at:
            outcome.add(step)
        while await self.steps.release():
            pass
        while (await self.steps.delete_objects()).objects:
            pass
        return outcome

    async def collect_after(self, span_ms: int) -> Outcome:
        """Let time go by, and do every step."""
        self.running.clock.advance(span_ms)
        return await self.collect()

    async def collect_at_last(self) -> Outcome:
        """Let every window, lease and hold end that has an end, and do every step."""
        return await self.collect_after(WINDOW_MS + LEASE_MS + SETTLED_MS)

    async def stored(self) -> Mapping[ObjectKey, int]:
        """Return what the store lists: sizes in bytes by key."""
        return {found.key: found.size async for found in self.running.storage.list_objects()}

    async def stored_bytes(self) -> int:
        """Return how many bytes the store lists."""
        return sum((await self.stored()).values())

    async def hold(
        self, digest: Digest, until: int | None = None, repository: RepositoryName | None = REPOSITORY
    ) -> None:
        """Hold a digest for a reason besides tags, in one repository or everywhere."""
        await self.running.database.write(_hold, digest, until, repository, self.running.clock())

    async def set_mode(self, project: str, mode: Mode) -> None:
        """Give a project a mode."""

        def require(connection: Connection) -> None:
            """Require nothing."""

        await ModeChanges(self.running.core).set(EVERYBODY, project, mode, "an audit", require)

    async def left(self) -> Mapping[str, int]:
        """Return how many rows there are of content, by table, but for tables that have none."""
        tables = await self.running.tables()
        return {name: len(tables[name]) for name in CONTENT if tables[name]}

    async def usage(self) -> Counter[tuple[int, str]]:
        """Add up usage, by repository and kind, in bytes and in count: what has come back to zero is left out."""
        return Counter({key: value for key, value in (await self.running.database.read(_usage)).items() if value})


def _hold(
    connection: Connection, digest: Digest, until: int | None, name: RepositoryName | None, now: Milliseconds
) -> None:
    found = repositories.find(connection, name) if name else None
    values = {"kind": "pin", "digest": digest, "until": until, "created_at": now, "reason": "a test needs it"}
    connection.execute(insert(holds), values | {"repo_id": found.id if found else None})


def _usage(connection: Connection) -> dict[tuple[int, str], int]:
    added = select(
        usage_deltas.c.repo_id, usage_deltas.c.kind, func.sum(usage_deltas.c.bytes), func.sum(usage_deltas.c.count)
    ).group_by(usage_deltas.c.repo_id, usage_deltas.c.kind)
    found: dict[tuple[int, str], int] = {}
    for repo_id, kind, size, count in connection.execute(added):
        found[repo_id, f"{kind} bytes"], found[repo_id, f"{kind}s"] = int(size), int(count)
    return found
