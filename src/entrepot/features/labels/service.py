# SPDX-License-Identifier: Apache-2.0
"""The use cases of labels."""

from collections.abc import Mapping

from sqlalchemy import Connection

from entrepot.features.labels import store
from entrepot.features.labels.errors import TooManyLabels
from entrepot.features.labels.models import MAX_LABELS
from entrepot.features.labels.models import Label
from entrepot.features.labels.places import MAY_SAY
from entrepot.features.labels.places import locked_place_of
from entrepot.features.labels.places import place_of
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.platform import Platform

Changes = Mapping[str, str | None]
"""Labels to set by key, and those to remove, where the value is None."""


class Labels:
    """Labels of artifacts that are there. Those of a deleted one are kept, and shown again when it is restored."""

    def __init__(self, platform: Platform) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._modes = platform.modes
        self._clock = platform.clock

    async def show(self, principal: Principal, name: RepositoryName, digest: Digest) -> list[Label]:
        """Return the labels of an artifact, by key. Raises as `Rights.require`, `NameUnknown` and `ManifestUnknown`."""
        await self._rights.require(principal, Action.READ, name)
        return await self._database.snapshot(_show, name, digest)

    async def change(self, principal: Principal, name: RepositoryName, digest: Digest, wanted: Changes) -> list[Label]:
        """Set some labels of an artifact and remove others; the rest stay as they are. Return all that are there then.

        Takes the right to push, or to manage policies. Raises as `Rights.require_any`, `NameUnknown`,
        `RefusedByMode`, `ManifestUnknown` and `TooManyLabels`.
        """
        await self._rights.require_any(principal, MAY_SAY, name)
        await self._modes.require_changing(name)
        return await self._database.write_locked(_change, name, digest, wanted, self._clock(), principal.identity)


def _show(connection: Connection, name: RepositoryName, digest: Digest) -> list[Label]:
    return store.find(connection, place_of(connection, name, digest), digest)


def _change(
    connection: Connection, name: RepositoryName, digest: Digest, wanted: Changes, now: Milliseconds, by: str
) -> list[Label]:
    repo_id = locked_place_of(connection, name, digest)
    before = {label.key: label.value for label in store.find(connection, repo_id, digest)}
    given = {key: value for key, value in wanted.items() if value is not None and before.get(key) != value}
    gone = [key for key, value in wanted.items() if value is None and key in before]
    after = {key: value for key, value in (before | given).items() if key not in gone}
    if len(after) > max(MAX_LABELS, len(before)):
        raise TooManyLabels(f"an artifact has at most {MAX_LABELS} labels, and this one would have {len(after)}")
    store.put(connection, repo_id, digest, [Label(key, value, now, by) for key, value in given.items()])
    store.remove(connection, repo_id, digest, gone)
    if before != after:
        announce(connection, Change.ARTIFACT_LABELLED, now, _told(name, digest, before, after))
    return store.find(connection, repo_id, digest)


def _told(name: RepositoryName, digest: Digest, before: Mapping[str, str], after: Mapping[str, str]) -> Told:
    """Say what is different: those that stayed would only be in the way of who reads it."""
    changed = {key for key in {**before, **after} if before.get(key) != after.get(key)}
    return Told(
        object=f"artifact:{name}@{digest}",
        project=namespace_of(name),
        repository=name,
        digest=digest,
        before={"labels": {key: value for key, value in sorted(before.items()) if key in changed}},
        after={"labels": {key: value for key, value in sorted(after.items()) if key in changed}},
    )
