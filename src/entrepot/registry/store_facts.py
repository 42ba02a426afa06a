# SPDX-License-Identifier: Apache-2.0
"""Writing down facts about use that were added up in memory."""

from collections.abc import Mapping

from sqlalchemy import Connection

from entrepot.kernel.clock import Clock
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.reference import namespace_of
from entrepot.registry.core import publish
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.pull_facts import Fact
from entrepot.registry.store import usage
from entrepot.registry.store.usage import Delta
from entrepot.registry.store.usage import UsageKind


def store_facts(connection: Connection, facts: Mapping[Fact, int], origin: str, clock: Clock) -> None:
    """Put facts into the outbox: a GET by tag is both a pull and a resolution of that tag."""
    now = clock()
    events: list[Event] = []
    for fact, count in facts.items():
        kinds = [EventType.MANIFEST_PULLED] if fact.is_pull else []
        if fact.tag is not None or not fact.is_pull:
            kinds.append(EventType.TAG_RESOLVED)
        events += [
            Event(
                type=kind,
                id=new_ulid(),
                occurred_at=now,
                origin=origin,
                project=namespace_of(fact.repository),
                repository=fact.repository,
                tag=fact.tag,
                digest=fact.digest,
                principal=fact.principal,
                address=fact.address,
                agent=fact.agent,
                count=count,
            )
            for kind in kinds
        ]
    publish(connection, events)
    pulls = [
        Delta(UsageKind.PULL, fact.repository, fact.repo_id, fact.digest, 0, count)
        for fact, count in facts.items()
        if fact.is_pull and fact.repo_id is not None
    ]
    usage.add(connection, pulls, now)
