# SPDX-License-Identifier: Apache-2.0
"""What is in the registry, as far as a principal may read it."""

import asyncio
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.artifacts import store
from entrepot.features.artifacts.models import ArtifactFacts
from entrepot.features.artifacts.models import ArtifactType
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import Unauthenticated
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import is_index
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.repositories import Names
from entrepot.registry.repositories import Repositories
from entrepot.registry.rights import Rights
from entrepot.registry.store import artifacts
from entrepot.registry.store import manifests
from entrepot.registry.store import repositories
from entrepot.registry.store.artifacts import StoredManifest
from entrepot.registry.store.artifacts import TaggedManifest

MAX_TAGS_SHOWN = 1_000
"""How many of the tags that point at one artifact are shown with it."""


@dataclass(frozen=True, slots=True)
class TaggedArtifact:
    """A tag and what it points at; the type is None until the facts are derived."""

    tagged: TaggedManifest
    type: ArtifactType | None


@dataclass(frozen=True, slots=True)
class TagPage:
    """One page of tags in bytewise order; `is_more` says whether another follows."""

    tags: list[TaggedArtifact]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Child:
    """An entry of an index, and whether the repository holds what it names."""

    descriptor: Descriptor
    is_here: bool


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact with all that is known of it; the facts are None until they are derived."""

    stored: StoredManifest
    tags: list[TagName]
    facts: ArtifactFacts | None
    children: list[Child]


class Artifacts:
    """The showing use cases. None counts as a pull, and gates are not asked.

    An artifact that a policy keeps from being pulled must still be seen by those
    who are to repair it: what is shown are facts about content, never the content.
    """

    def __init__(self, database: Database, rights: Rights, listings: Repositories) -> None:
        self._database = database
        self._rights = rights
        self._listings = listings

    async def repositories(self, principal: Principal, after: str, limit: int) -> Names[RepositoryName]:
        """Return the repositories behind `after` that the principal may pull from. Raises `Unauthenticated`.

        A token shows only repositories that its scopes name.
        """
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        if principal.allows_scope(Action.PULL, "*"):
            return await self._listings.catalog(principal, after, limit)
        covered = {scope.repository for scope in principal.scopes or () if Action.PULL in scope.actions}
        found = await self._listings.among(principal, {name for name in covered if name > after})
        return Names(found[:limit], len(found) > limit)

    async def tags(self, principal: Principal, name: RepositoryName, after: str, limit: int) -> TagPage:
        """Return the tags behind `after`, at most `limit`. Raises as `Rights.require`, and `NameUnknown`."""
        await self._rights.require(principal, Action.PULL, name)
        found = await self._database.snapshot(_tags, name, after, limit + 1)
        return TagPage(found[:limit], len(found) > limit)

    async def artifact(self, principal: Principal, name: RepositoryName, digest: Digest) -> Artifact:
        """Return one artifact. Raises as `Rights.require`, `NameUnknown` and `ManifestUnknown`."""
        await self._rights.require(principal, Action.PULL, name)
        stored, tags, facts = await self._database.snapshot(_artifact, name, digest)
        return Artifact(stored, tags, facts, await self._children(stored))

    async def _children(self, stored: StoredManifest) -> list[Child]:
        if not is_index(stored.media_type):
            return []
        payload = await self._database.read(manifests.payload, stored.repo_id, stored.digest)
        here = await self._database.read(artifacts.children_here, stored.repo_id, stored.digest)
        if payload is None:
            return []
        index = await asyncio.to_thread(parse_manifest, payload, stored.media_type)
        return [Child(descriptor, descriptor.digest in here) for descriptor in index.children]


def _tags(connection: Connection, name: RepositoryName, after: str, limit: int) -> list[TaggedArtifact]:
    repository = repositories.find(connection, name)
    if repository is None or not repository.is_visible:
        raise NameUnknown(detail={"name": name})
    tagged = artifacts.tagged_after(connection, repository.id, after, limit)
    types = store.types(connection, list({each.digest for each in tagged}))
    return [TaggedArtifact(each, types.get(each.digest)) for each in tagged]


def _artifact(
    connection: Connection, name: RepositoryName, digest: Digest
) -> tuple[StoredManifest, list[TagName], ArtifactFacts | None]:
    stored = artifacts.find(connection, name, digest)
    if stored is None:
        repository = repositories.find(connection, name)
        if repository is None or not repository.is_visible:
            raise NameUnknown(detail={"name": name})
        raise ManifestUnknown(f"{digest} is not in {name}", detail={"digest": digest})
    tags = artifacts.tags_of(connection, stored.repo_id, digest, MAX_TAGS_SHOWN)
    return stored, tags, store.find(connection, digest)
