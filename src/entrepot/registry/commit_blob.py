# SPDX-License-Identifier: Apache-2.0
"""The closing transaction of every way a blob can arrive."""

from sqlalchemy import Connection

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.core import publish
from entrepot.registry.events import EventType
from entrepot.registry.store import blobs
from entrepot.registry.store import manifests
from entrepot.registry.store import usage
from entrepot.registry.store.blobs import StoredBlob
from entrepot.registry.store.repositories import Repository
from entrepot.registry.store.usage import Delta
from entrepot.registry.store.usage import UsageKind


async def heal(core: Core, stored: StoredBlob) -> None:
    """Before new bytes of a known blob are recorded: make sure that the old ones are really there.

    Where they are not, the new object takes their place.
    """
    known = await core.database.read(blobs.live_object, stored.digest, stored.store_id)
    if known is not None and await core.stores[stored.store_id].size(known) != stored.size:
        await core.database.write_locked(blobs.mark_missing, known)


def record(core: Core, connection: Connection, caller: Caller, repository: Repository, stored: StoredBlob) -> None:
    """Make complete bytes a blob of the repository, leased by the caller."""
    now = core.clock()
    blobs.keep(connection, stored, now)
    attach(core, connection, caller, repository, (stored.digest, stored.size))


def attach(
    core: Core, connection: Connection, caller: Caller, repository: Repository, blob: tuple[Digest, int]
) -> None:
    """Link a blob whose content is here to the repository and to the manifests that waited for it.

    They may have waited although it was linked: it was hidden, or its bytes were missing.
    """
    now: Milliseconds = core.clock()
    digest, size = blob
    if blobs.link(connection, repository.id, digest, core.lease(caller, now), now):
        usage.add(connection, [Delta(UsageKind.BLOB, repository.name, repository.id, digest, size, 1)], now)
    if manifests.adopt_blob(connection, repository.id, digest):
        publish(connection, [core.event(EventType.BLOB_ADOPTED, caller, repository.name, digest=digest, size=size)])
