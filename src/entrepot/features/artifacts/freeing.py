# SPDX-License-Identifier: Apache-2.0
"""What deleting an artifact frees, and freeing it at once."""

from contextlib import suppress

from sqlalchemy import Connection

from entrepot.kernel.access import Action
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.core import Caller
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.four_eyes import FourEyes
from entrepot.registry.promise import Promise
from entrepot.registry.promise import Promises
from entrepot.registry.rights import Rights


class Freeing:
    """The use cases around the bytes of what is deleted."""

    def __init__(self, rights: Rights, promises: Promises, four_eyes: FourEyes) -> None:
        self._rights = rights
        self._four_eyes = four_eyes
        self._promises = promises

    async def preview(self, caller: Caller, name: RepositoryName, digest: Digest) -> Promise:
        """Tell what deleting an artifact would free, or has freed if it is in the bin.

        Takes the right to delete it. Raises as `Rights.require` and `Promises.preview`.
        """
        await self._rights.tags(caller.principal, Action.DELETE, name)
        return await self._promises.preview(caller, name, digest)

    async def promise(self, caller: Caller, name: RepositoryName, digest: Digest) -> Promise | None:
        """Tell what deleting an artifact has freed, None where that cannot be told: it is deleted all the same."""
        with suppress(AppError):
            return await self._promises.preview(caller, name, digest)
        return None

    async def free_now(self, caller: Caller, name: RepositoryName, digest: Digest) -> Promise:
        """Delete an artifact, in the bin or not, for good and with its bytes.

        Takes an administrator of the registry. Raises as `Rights.require_system`, `require_recent_login`,
        `FourEyes.require` and `Promises.free_now`.
        """
        await self._rights.require_system(caller.principal, SystemAction.ADMINISTER)
        require_recent_login(caller.principal)

        def require(connection: Connection) -> None:
            """Ask for a second person in the transaction that deletes it."""
            attempt = Attempt(Act.ARTIFACT_PURGE, f"{name}@{digest}")
            self._four_eyes.require(connection, caller.principal, attempt)

        return await self._promises.free_now(caller, name, digest, require)
