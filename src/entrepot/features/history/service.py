# SPDX-License-Identifier: Apache-2.0
"""What a tag pointed at, and pointing it there again."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import Caller
from entrepot.registry.rights import Rights
from entrepot.registry.rights import right_to_set
from entrepot.registry.store import manifests
from entrepot.registry.store import recycle_bin
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store.tags import HistoryEntry
from entrepot.registry.undelete import RestoredTag
from entrepot.registry.undelete import Undelete

NEWEST = 2**62
"""Behind every entry there is: where the history of a tag begins, read backwards."""


@dataclass(frozen=True, slots=True)
class FormerValue:
    """One change of a tag, and whether the tag can be pointed at that value again.

    `restorable_until` is known once the manifest was deleted: then it is purged.
    A manifest that was not deleted stays.
    """

    entry: HistoryEntry
    is_restorable: bool
    restorable_until: Milliseconds | None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One page of changes, newest first; `is_more` says whether an older one follows."""

    values: list[FormerValue]
    is_more: bool


class TagHistory:
    """The use cases of history."""

    def __init__(self, database: Database, rights: Rights, undelete: Undelete) -> None:
        self._database = database
        self._rights = rights
        self._undelete = undelete

    async def page(
        self, principal: Principal, name: RepositoryName, tag: TagName, before: int, limit: int
    ) -> HistoryPage:
        """Return the changes of a tag older than the one numbered `before`, at most `limit`.

        Raises as `Rights.require`, `NameUnknown`, and `ManifestUnknown` for a tag that never was.
        """
        await self._rights.require(principal, Action.READ, name)
        values = await self._database.snapshot(_values, name, tag, before, limit + 1)
        return HistoryPage(values[:limit], len(values) > limit)

    async def restore(self, caller: Caller, name: RepositoryName, tag: TagName, digest: Digest) -> RestoredTag:
        """Point a tag at what it, or another tag of the repository, pointed at before.

        Takes the right to set the tag; that to sign where it holds a signature, or to push where it is derived
        from a digest otherwise; and that to push where the artifact is in the bin.
        Raises as `Rights.require` and `Undelete.restore_tag`.
        """
        needed = right_to_set(tag)
        if needed is Action.TAG:
            await self._rights.require_tags(caller.principal, needed, name, [tag])
        else:
            await self._rights.require(caller.principal, needed, name)
        may_push = await self._rights.may(caller.principal, Action.PUSH, name)
        return await self._undelete.restore_tag(caller, name, tag, digest, may_take_out=may_push)


def _values(connection: Connection, name: RepositoryName, tag: TagName, before: int, limit: int) -> list[FormerValue]:
    repository = repositories.find(connection, name)
    if repository is None or not repository.is_visible:
        raise NameUnknown(detail={"name": name})
    entries = tags.history(connection, repository.id, tag, before, limit)
    if not entries and before == NEWEST:
        raise ManifestUnknown(f"there never was a tag {tag} in {name}", detail={"tag": tag})
    current = manifests.by_tag(connection, name, tag)
    digests = list({entry.digest for entry in entries if entry.digest is not None})
    purge_times = recycle_bin.purge_times(connection, repository.id, digests)
    kept = {digest: until for digest, until in purge_times.items() if until != recycle_bin.SEALED}
    return [
        FormerValue(
            entry,
            is_restorable=entry.digest in kept and (current is None or entry.digest != current.digest),
            restorable_until=kept.get(entry.digest) if entry.digest is not None else None,
        )
        for entry in entries
    ]
