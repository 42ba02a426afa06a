# SPDX-License-Identifier: Apache-2.0
"""Deleting tags and artifacts, and the bin from which artifacts come back."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.artifacts import store
from entrepot.features.artifacts.models import ArtifactType
from entrepot.features.artifacts.service import visible
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import Caller
from entrepot.registry.delete import Delete
from entrepot.registry.delete import Deleted
from entrepot.registry.rights import Rights
from entrepot.registry.store import holds
from entrepot.registry.store import listed_artifacts
from entrepot.registry.store.holds import Hold
from entrepot.registry.store.listed_artifacts import BinnedManifest
from entrepot.registry.store.listed_artifacts import BinPlace
from entrepot.registry.undelete import RestoredManifest
from entrepot.registry.undelete import Undelete


@dataclass(frozen=True, slots=True)
class BinnedArtifact:
    """A deleted artifact that can still be restored; the type is None where it is not known.

    While a hold keeps it, it is not purged, whatever its window.
    """

    manifest: BinnedManifest
    type: ArtifactType | None
    hold: Hold | None


@dataclass(frozen=True, slots=True)
class BinPage:
    """One page of the bin; `is_more` says whether another follows."""

    artifacts: list[BinnedArtifact]
    is_more: bool


class Bin:
    """The use cases around deleting. They are those of the distribution API, and tell what they did."""

    def __init__(self, database: Database, rights: Rights, delete: Delete, undelete: Undelete, clock: Clock) -> None:
        self._database = database
        self._rights = rights
        self._delete = delete
        self._undelete = undelete
        self._clock = clock

    async def delete_tag(self, caller: Caller, name: RepositoryName, tag: TagName) -> Deleted:
        """Delete a tag and nothing else. Raises as `Rights.require` and `Delete.tag`."""
        await self._rights.require_tags(caller.principal, Action.DELETE, name, [tag])
        return await self._delete.tag(caller, name, tag)

    async def delete_artifact(self, caller: Caller, name: RepositoryName, digest: Digest) -> Deleted:
        """Put an artifact with its tags and referrers into the bin.

        Raises as `Rights.require`, `require_recent_login` and `Delete.manifest`.
        """
        reach = await self._rights.tags(caller.principal, Action.DELETE, name)
        require_recent_login(caller.principal)
        return await self._delete.manifest(caller, name, digest, reach)

    async def restore(self, caller: Caller, name: RepositoryName, digest: Digest) -> RestoredManifest:
        """Take an artifact out of the bin, with what its deletion took along.

        Takes the right to push; of its tags come back those that the caller may set.
        Raises as `Rights.require` and `Undelete.restore_manifest`.
        """
        await self._rights.require(caller.principal, Action.PUSH, name)
        reach = await self._rights.reach_of_tags(caller.principal, Action.TAG, name)
        return await self._undelete.restore_manifest(caller, name, digest, reach)

    async def page(self, principal: Principal, name: RepositoryName, after: BinPlace, limit: int) -> BinPage:
        """Return what is in the bin behind `after`. Raises as `Rights.require`, and `NameUnknown`."""
        await self._rights.require(principal, Action.READ, name)
        found = await self._database.snapshot(_page, name, after, limit + 1, self._clock())
        return BinPage(found[:limit], len(found) > limit)


def _page(
    connection: Connection, name: RepositoryName, after: BinPlace, limit: int, now: Milliseconds
) -> list[BinnedArtifact]:
    repo_id = visible(connection, name).id
    binned = listed_artifacts.in_the_bin(connection, repo_id, after, limit, now)
    digests = [each.digest for each in binned]
    types, kept = store.types(connection, digests), holds.held(connection, repo_id, digests, now)
    return [BinnedArtifact(each, types.get(each.digest), kept.get(each.digest)) for each in binned]
