# SPDX-License-Identifier: Apache-2.0
"""Where labels and notes are put: on an artifact that is there, by somebody who may say something of it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.kernel.access import Action
from entrepot.oci.digest import Digest
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store import artifacts
from entrepot.registry.store import repositories
from entrepot.registry.store.repositories import RepositoryId

MAY_SAY: Sequence[Action] = (Action.PUSH, Action.MANAGE_POLICY)
"""The rights of which one is enough to put labels and notes on artifacts."""


def place_of(connection: Connection, name: RepositoryName, digest: Digest) -> RepositoryId:
    """Return the repository that holds an artifact which is not deleted. Raises `NameUnknown`, `ManifestUnknown`."""
    stored = artifacts.find(connection, name, digest)
    if stored is not None:
        return stored.repo_id
    repository = repositories.find(connection, name)
    if repository is None or not repository.is_visible:
        raise NameUnknown(detail={"name": name})
    raise ManifestUnknown(f"{digest} is not in {name}", detail={"digest": digest})


def locked_place_of(connection: Connection, name: RepositoryName, digest: Digest) -> RepositoryId:
    """Do the same, and let nobody delete the artifact, or put something on it, until the transaction ends."""
    repositories.lock_seen(connection, name)
    return place_of(connection, name, digest)
