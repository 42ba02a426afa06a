# SPDX-License-Identifier: Apache-2.0
"""Whether gates let a caller read a blob: through a manifest that lists it, or because it is its own push."""

from entrepot.oci.reference import RepositoryName
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.store import blobs
from entrepot.registry.store.blobs import LinkedBlob

MAX_MANIFESTS_ASKED = 64


async def check_readable(
    core: Core, caller: Caller, repository: RepositoryName, blob: LinkedBlob, *, is_mount: bool = False
) -> list[str]:
    """Ask the gates; return their warnings. Raises `oci.errors.Denied`.

    A blob is readable when at least one manifest of the repository that lists it
    is, or while the caller's own push leases it.
    """
    operation = Operation.MOUNT if is_mount else Operation.BLOB_READ
    if not core.gates.watches(operation):
        return []
    if blob.leased_by == caller.principal.identity and blob.lease_until >= core.clock():
        return []
    context = GateContext(operation, caller.principal, repository, digest=blob.digest, address=caller.address)
    users = await core.database.read(blobs.live_users, blob.repo_id, blob.digest, MAX_MANIFESTS_ASKED)
    return await core.gates.check_blob(context, users)
