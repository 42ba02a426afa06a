# SPDX-License-Identifier: Apache-2.0
"""What every use case of the registry works with, and who asks."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.storage.interface import Storage
from entrepot.kernel.access import Authorizer
from entrepot.kernel.access import Principal
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.events import Cause
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.events import encode
from entrepot.registry.gates import Gates
from entrepot.registry.hooks import Origin
from entrepot.registry.last_answers import LastAnswers
from entrepot.registry.manifest_cache import ManifestCache
from entrepot.registry.modes import Modes
from entrepot.registry.pull_facts import PullFacts
from entrepot.registry.sent_bytes import SentBytes
from entrepot.registry.settings import RegistrySettings
from entrepot.registry.store import repositories
from entrepot.registry.store.blobs import Lease
from entrepot.registry.store.repositories import Repository
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.store.tags import Change
from entrepot.registry.store.tags import Move


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as rights, gates and events are concerned."""

    principal: Principal
    address: str = ""
    agent: str = ""
    request_id: str = ""
    cause: Cause = Cause.USER
    is_looking: bool = False
    """True on the management API: what is read there counts neither as a pull nor as use."""


async def _always(_namespace: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Core:
    """The collaborators of the use cases, wired once per process."""

    database: Database
    stores: Mapping[StoreId, Storage]
    default_store: StoreId
    authorizer: Authorizer
    gates: Gates
    origins: list[Origin]
    settings: RegistrySettings
    clock: Clock
    facts: PullFacts
    modes: Modes
    last_answers: LastAnswers
    manifest_cache: ManifestCache
    wake_listeners: Callable[[], None]
    sent: SentBytes = field(default_factory=SentBytes)
    may_redirect: Callable[[str], Awaitable[bool]] = _always
    """Whether clients may be sent to the storage itself for what a namespace holds."""

    def lease(self, caller: Caller, now: Milliseconds) -> Lease:
        """Make the lease that protects a blob until its manifest arrives."""
        return Lease(caller.principal.identity, after(now, self.settings.lease_hours * HOUR_MS))

    def undelete_until(self, now: Milliseconds, days: int | None = None) -> Milliseconds:
        """Tell until when something deleted at `now` can be restored; `days` is what its project says of that."""
        return after(now, (days or self.settings.undelete_days) * DAY_MS)

    def change(
        self, caller: Caller, now: Milliseconds, repository: Repository, deletion_id: str | None = None
    ) -> Change:
        """Describe a tag change by `caller`."""
        until = self.undelete_until(now, repository.undelete_days)
        return Change(self.settings.region, caller.principal.identity, caller.cause, now, until, deletion_id)

    def event(self, kind: EventType, caller: Caller, repository: RepositoryName, **fields: Any) -> Event:
        """Make an event that `caller` caused in `repository`."""
        return Event(
            type=kind,
            id=new_ulid(),
            occurred_at=self.clock(),
            origin=self.settings.region,
            cause=caller.cause,
            project=namespace_of(repository),
            repository=repository,
            principal=caller.principal.identity,
            credential=caller.principal.credential,
            address=caller.address,
            agent=caller.agent,
            request_id=caller.request_id,
            **fields,
        )

    def move_event(self, caller: Caller, repository: RepositoryName, move: Move) -> Event:
        """Make the event of a tag that was set, moved or deleted."""
        before = move.before
        return self.event(
            EventType.TAG_DELETED if move.digest is None else EventType.TAG_MOVED,
            caller,
            repository,
            tag=move.name,
            digest=move.digest,
            version=move.version,
            previous_version=before.version if before else None,
            previous_digest=before.digest if before else None,
        )


def lock_repository(connection: Connection, name: RepositoryName) -> Repository:
    """Do what `repositories.lock` does for a repository that has to be there. Raises `NameUnknown`."""
    repository = repositories.lock(connection, name)
    if repository is None:
        raise NameUnknown(detail={"name": name})
    return repository


def publish(connection: Connection, events: Iterable[Event]) -> None:
    """Put events into the outbox, in the transaction that makes them true."""
    rows = [outbox.NewRow(event.id, *_typed(event)) for event in events]
    if rows:
        outbox.append(connection, rows)


def _typed(event: Event) -> tuple[str, Milliseconds, str]:
    kind, payload = encode(event)
    return kind, event.occurred_at, payload


def unique(digests: Iterable[Digest]) -> list[Digest]:
    """Return each digest once, sorted: the order in which rows are locked, so that no two pushes deadlock."""
    return sorted(set(digests))
