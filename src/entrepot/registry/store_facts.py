# SPDX-License-Identifier: Apache-2.0
"""Writing down facts about use that were added up in memory."""

import time
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.events.spill import Spill
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.core import publish
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.events import Use
from entrepot.registry.facts_aside import LIMIT_BYTES
from entrepot.registry.facts_aside import FactsAside
from entrepot.registry.modes import Modes
from entrepot.registry.pull_facts import Fact
from entrepot.registry.pull_facts import PullFacts
from entrepot.registry.store import usage
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.usage import Delta
from entrepot.registry.store.usage import UsageKind

USES_PER_EVENT = 100
"""Keeps a row of the outbox at about 25 KB, of which a consumer reads hundreds at once."""


def pull_facts(
    database: Database,
    modes: Modes,
    origin: str,
    clock: Clock,
    spill_folder: Path | None = None,
    *,
    is_strict: bool = False,
) -> PullFacts:
    """Return where pulls of this process are recorded; without a folder, nothing is put aside."""

    async def store_at(facts: Mapping[Fact, int], at: Milliseconds) -> None:
        """Store facts of an earlier moment."""
        await database.write_locked(store_facts, facts, origin, at)

    async def store_now(facts: Mapping[Fact, int]) -> None:
        """Store facts of this moment."""
        await store_at(facts, clock())

    if spill_folder is None:
        return PullFacts(store_now, is_strict=is_strict)
    spill = Spill(spill_folder, LIMIT_BYTES, time.monotonic)
    aside = FactsAside(spill, store_at, modes.allows_changing, clock)
    return PullFacts(store_now, aside, is_strict=is_strict)


def store_facts(connection: Connection, facts: Mapping[Fact, int], origin: str, at: Milliseconds) -> None:
    """Put facts of one moment into the outbox, hundreds to a row, and the pulls of each manifest into the usage."""
    uses = (
        Use(
            fact.repository,
            fact.digest,
            fact.tag,
            fact.is_pull,
            fact.principal,
            fact.address,
            fact.agent,
            count,
            fact.credential,
        )
        for fact, count in facts.items()
    )
    events: list[Event] = []
    while batch := tuple(islice(uses, USES_PER_EVENT)):
        kind = EventType.CONTENT_USED
        events.append(Event(type=kind, id=new_ulid(), occurred_at=at, origin=origin, uses=batch))
    publish(connection, events)
    pulls: dict[tuple[RepositoryId, Digest], tuple[RepositoryName, int]] = {}
    for fact, count in facts.items():
        if fact.is_pull and fact.repo_id is not None:
            _, before = pulls.get((fact.repo_id, fact.digest), ("", 0))
            pulls[fact.repo_id, fact.digest] = (fact.repository, before + count)
    deltas = [
        Delta(UsageKind.PULL, repository, repo_id, digest, 0, count)
        for (repo_id, digest), (repository, count) in pulls.items()
    ]
    usage.add(connection, deltas, at)
