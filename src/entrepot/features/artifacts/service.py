# SPDX-License-Identifier: Apache-2.0
"""What is in the registry, as far as a principal may read it."""

import asyncio
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import ParamSpec
from typing import TypeVar

import msgspec
from sqlalchemy import Connection

from entrepot.features.artifacts import store
from entrepot.features.artifacts.models import ArtifactFacts
from entrepot.features.artifacts.models import ArtifactType
from entrepot.features.artifacts.models import Summary
from entrepot.features.descriptions import Brief
from entrepot.features.descriptions import Kind
from entrepot.features.descriptions import briefs_of
from entrepot.features.labels import Term
from entrepot.features.labels import labelled
from entrepot.features.labels import labels_of
from entrepot.features.usage import LastUses
from entrepot.features.usage import last_uses
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unauthenticated
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.errors import OciError
from entrepot.oci.manifest import Manifest
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.referrers import Referrers
from entrepot.registry.repositories import Names
from entrepot.registry.repositories import Narrowing
from entrepot.registry.repositories import Repositories
from entrepot.registry.rights import Rights
from entrepot.registry.store import artifacts
from entrepot.registry.store import listed_artifacts
from entrepot.registry.store import listed_tags
from entrepot.registry.store import manifests
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store.artifacts import StoredManifest
from entrepot.registry.store.listed_artifacts import ListedManifest
from entrepot.registry.store.listed_artifacts import PushPlace
from entrepot.registry.store.listed_artifacts import Wanted
from entrepot.registry.store.listed_tags import TaggedManifest
from entrepot.registry.store.listed_tags import TagOrder
from entrepot.registry.store.listed_tags import TagPlace
from entrepot.registry.store.repositories import ListedRepository
from entrepot.registry.store.repositories import Repository
from entrepot.registry.store.repositories import RepositoryId

P = ParamSpec("P")
T = TypeVar("T")

MAX_TAGS_SHOWN = 1_000
"""How many of the tags that point at one artifact are shown with it."""

MAX_PARENTS_SHOWN = 100
"""How many of the indexes that list one artifact are shown with it."""


@dataclass(frozen=True, slots=True)
class ShownRepository:
    """A repository, and what is said of it, if anything is."""

    listed: ListedRepository
    brief: Brief | None


@dataclass(frozen=True, slots=True)
class RepositoryPage:
    """One page of repositories in bytewise order; `is_more` says whether another follows."""

    repositories: list[ShownRepository]
    is_more: bool


@dataclass(frozen=True, slots=True)
class TagQuery:
    """Which tags to list: those whose name contains `text`, in an order, behind a place, at most `limit`."""

    order: TagOrder
    text: str
    after: TagPlace | None
    limit: int


@dataclass(frozen=True, slots=True)
class LastPull:
    """When a client last used something: None if not since `known_since`, from when on that is recorded."""

    at: Milliseconds | None
    known_since: Milliseconds


@dataclass(frozen=True, slots=True)
class TaggedArtifact:
    """A tag and what it points at; the summary is None until the facts are derived."""

    tagged: TaggedManifest
    summary: Summary | None
    last_pull: LastPull


@dataclass(frozen=True, slots=True)
class TagPage:
    """One page of tags; `is_more` says whether another follows."""

    tags: list[TaggedArtifact]
    is_more: bool


@dataclass(frozen=True, slots=True)
class ArtifactQuery:
    """Which artifacts to list: of one type, tagged, with labels, or whichever; behind a place, at most `limit`."""

    is_newest_first: bool
    type: ArtifactType | None
    is_tagged: bool | None
    labels: Sequence[Term]
    after: PushPlace | None
    limit: int

    @property
    def wanted(self) -> Wanted:
        """Say it in the words of the registry."""
        of_type = () if self.type is None else (store.of_type(self.type),)
        wanted = Wanted(is_newest_first=self.is_newest_first, is_tagged=self.is_tagged, among=of_type)
        if not self.labels:
            return wanted
        with_labels, values = labelled(self.labels)
        return replace(wanted, among=(*of_type, with_labels), values=values)


@dataclass(frozen=True, slots=True)
class ListedArtifact:
    """A manifest as a list shows it; the summary is None until the facts are derived."""

    manifest: ListedManifest
    summary: Summary | None
    last_pull: LastPull
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ArtifactPage:
    """One page of artifacts; `next_after` is where the next one begins, None on the last."""

    artifacts: list[ListedArtifact]
    next_after: PushPlace | None


@dataclass(frozen=True, slots=True)
class ListedReferrer:
    """A manifest that names another as its subject; the type is None until the facts are derived."""

    manifest: ListedManifest
    type: ArtifactType | None
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReferrerPage:
    """One page of referrers; `next_after` is where the next one begins, None on the last."""

    referrers: list[ListedReferrer]
    next_after: Digest | None


@dataclass(frozen=True, slots=True)
class Child:
    """An entry of an index, whether the repository holds what it names, and what is known of that."""

    descriptor: Descriptor
    is_here: bool
    summary: Summary | None


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact with all that is known of it; the facts are None until they are derived."""

    stored: StoredManifest
    tags: list[TagName]
    parents: list[Digest]
    facts: ArtifactFacts | None
    last_pull: LastPull
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    children: Sequence[Child] = ()


class _Described(msgspec.Struct):
    """Of a referrer's descriptor, what its row does not say."""

    digest: str
    annotations: dict[str, str] = msgspec.field(default_factory=dict)


class Artifacts:
    """The showing use cases. None counts as a pull, and gates are not asked.

    An artifact that a policy keeps from being pulled must still be seen by those
    who are to repair it: what is shown are facts about content, never the content.
    """

    def __init__(self, database: Database, rights: Rights, listings: Repositories, referrers: Referrers) -> None:
        self._database = database
        self._rights = rights
        self._listings = listings
        self._referrers = referrers

    async def repositories(self, principal: Principal, about: Narrowing, after: str, limit: int) -> RepositoryPage:
        """Return the repositories behind `after` that the principal may read. Raises `Unauthenticated`.

        A token shows only repositories that its scopes name.
        """
        page = await self._names(principal, about, after, limit)
        return RepositoryPage(await self._database.snapshot(_listed, page.names), page.is_more)

    async def repository(self, principal: Principal, name: RepositoryName) -> tuple[ShownRepository, list[Action]]:
        """Return a repository and what the principal may do in it. Raises as `Rights.require`, and `NameUnknown`."""
        await self._rights.require(principal, Action.READ, name)
        found = await self._database.snapshot(_listed, [name])
        if not found:
            raise NameUnknown(detail={"name": name})
        return found[0], [action for action in Action if await self._rights.may(principal, action, name)]

    async def tags(self, principal: Principal, name: RepositoryName, query: TagQuery) -> TagPage:
        """Return tags. Raises as `Rights.require`, and `NameUnknown`."""
        await self._rights.require(principal, Action.READ, name)
        found = await self._database.survey(_tags, name, query)
        return TagPage(found[: query.limit], len(found) > query.limit)

    async def tag(self, principal: Principal, name: RepositoryName, tag: TagName) -> TaggedArtifact:
        """Return one tag. Raises as `Rights.require`, `NameUnknown` and `ManifestUnknown`."""
        await self._rights.require(principal, Action.READ, name)
        return await self._database.snapshot(_tag, name, tag)

    async def artifacts(self, principal: Principal, name: RepositoryName, query: ArtifactQuery) -> ArtifactPage:
        """Return artifacts. Raises as `Rights.require`, and `NameUnknown`."""
        await self._rights.require(principal, Action.READ, name)
        return await self._database.survey(_artifacts, name, query)

    async def referrers(
        self, principal: Principal, name: RepositoryName, subject: Digest, artifact_type: str, page: tuple[str, int]
    ) -> ReferrerPage:
        """Return the referrers of `subject` behind a digest, up to a limit, of one artifact type unless it is empty.

        A subject that is not here may have some. Raises as `Rights.require`, and `NameUnknown`.
        """
        await self._rights.require(principal, Action.READ, name)
        repository = await self._database.read(visible, name)
        found = await self._referrers.page(name, subject, [artifact_type] if artifact_type else [], *page)
        described = [msgspec.json.decode(text, type=_Described) for text in found.descriptors]
        listed = await self._database.snapshot(_referrers, repository.id, described)
        return ReferrerPage(listed, found.next_after)

    async def artifact(self, principal: Principal, name: RepositoryName, digest: Digest) -> Artifact:
        """Return one artifact. Raises as `Rights.require`, `NameUnknown` and `ManifestUnknown`."""
        await self._rights.require(principal, Action.READ, name)
        artifact, payload = await self._database.snapshot(_artifact, name, digest)
        manifest = await asyncio.to_thread(_parsed, payload, artifact.stored.media_type)
        if manifest is None:
            return artifact
        children = await self._children(artifact.stored, manifest.children) if manifest.children else []
        return replace(artifact, annotations=manifest.annotations, children=children)

    async def _children(self, stored: StoredManifest, children: Sequence[Descriptor]) -> list[Child]:
        digests = [child.digest for child in children]
        here, known = await self._database.survey(_about_children, stored, digests)
        return [Child(child, child.digest in here, known.get(child.digest)) for child in children]

    async def _names(self, principal: Principal, about: Narrowing, after: str, limit: int) -> Names[RepositoryName]:
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        if principal.allows_scope(Action.PULL, "*"):
            return await self._listings.catalog(principal, after, limit, about)
        covered = {scope.repository for scope in principal.scopes or () if Action.PULL in scope.actions}
        asked = {name for name in covered if name > after and about.covers(name)}
        found = await self._listings.among(principal, asked)
        return Names(found[:limit], len(found) > limit)


def visible(connection: Connection, name: RepositoryName) -> Repository:
    """Return the repository of that name. Raises `NameUnknown`."""
    repository = repositories.find(connection, name)
    if repository is None or not repository.is_visible:
        raise NameUnknown(detail={"name": name})
    return repository


def summaries(connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest]) -> dict[Digest, Summary]:
    """Return what is known of manifests of the repository; the size of an index is that of its entries."""
    known = store.summaries(connection, digests)
    unsized = [digest for digest, summary in known.items() if summary.total_size is None]
    entries = artifacts.children_of(connection, repo_id, unsized) if unsized else {}
    parts = store.summaries(connection, list({child for children in entries.values() for child in children}))
    for index, children in entries.items():
        total = sum(parts[child].total_size or 0 for child in children if child in parts)
        known[index] = replace(known[index], total_size=total or None)
    return known


def _listed(connection: Connection, names: Sequence[RepositoryName]) -> list[ShownRepository]:
    briefs = briefs_of(connection, Kind.REPOSITORY, names)
    return [ShownRepository(each, briefs.get(each.name)) for each in repositories.listed(connection, names)]


def _tags(connection: Connection, name: RepositoryName, query: TagQuery) -> list[TaggedArtifact]:
    repo_id = visible(connection, name).id
    tagged = listed_tags.page(connection, repo_id, query.order, query.after, query.text, query.limit + 1)
    known = summaries(connection, repo_id, list({each.digest for each in tagged}))
    uses = last_uses(connection, repo_id, [each.name for each in tagged])
    return [TaggedArtifact(each, known.get(each.digest), _of_tag(uses, each.name)) for each in tagged]


def _tag(connection: Connection, name: RepositoryName, tag: TagName) -> TaggedArtifact:
    repo_id = visible(connection, name).id
    tagged = listed_tags.tagged(connection, repo_id, tag)
    if tagged is None and tags.unset_among(connection, repo_id, [tag]):
        hint = f"entrepot tag history {name}:{tag} shows what it pointed at, entrepot tag restore brings it back."
        raise ManifestUnknown(f"the tag {tag} was deleted", hint=hint, detail={"tag": tag})
    if tagged is None:
        raise ManifestUnknown(f"there is no tag {tag} in {name}", detail={"tag": tag})
    summary = summaries(connection, repo_id, [tagged.digest]).get(tagged.digest)
    return TaggedArtifact(tagged, summary, _of_tag(last_uses(connection, repo_id, [tag]), tag))


def _artifacts(connection: Connection, name: RepositoryName, query: ArtifactQuery) -> ArtifactPage:
    repo_id = visible(connection, name).id
    found, next_after = listed_artifacts.page(connection, repo_id, query.wanted, query.after, query.limit)
    digests = [each.digest for each in found]
    known, uses = summaries(connection, repo_id, digests), last_uses(connection, repo_id, digests=digests)
    labels = labels_of(connection, repo_id, digests)
    listed = [
        ListedArtifact(each, known.get(each.digest), _of_artifact(uses, each.digest), labels.get(each.digest, {}))
        for each in found
    ]
    return ArtifactPage(listed, next_after)


def _referrers(connection: Connection, repo_id: RepositoryId, described: Sequence[_Described]) -> list[ListedReferrer]:
    digests = [Digest(each.digest) for each in described]
    here, types = listed_artifacts.among(connection, repo_id, digests), store.types(connection, digests)
    found = zip(digests, described, strict=True)
    return [ListedReferrer(here[each], types.get(each), by.annotations) for each, by in found if each in here]


def _artifact(connection: Connection, name: RepositoryName, digest: Digest) -> tuple[Artifact, bytes]:
    stored = artifacts.find(connection, name, digest)
    if stored is None:
        visible(connection, name)
        raise ManifestUnknown(f"{digest} is not in {name}", detail={"digest": digest})
    shown = Artifact(
        stored,
        tags=artifacts.tags_of(connection, stored.repo_id, digest, MAX_TAGS_SHOWN),
        parents=artifacts.parents_of(connection, stored.repo_id, digest, MAX_PARENTS_SHOWN),
        facts=store.find(connection, digest),
        last_pull=_of_artifact(last_uses(connection, stored.repo_id, digests=[digest]), digest),
        labels=labels_of(connection, stored.repo_id, [digest]).get(digest, {}),
    )
    return shown, manifests.payload(connection, stored.repo_id, digest) or b""


def _of_tag(uses: LastUses, tag: TagName) -> LastPull:
    return LastPull(uses.tags.get(tag), uses.recorded_since)


def _of_artifact(uses: LastUses, digest: Digest) -> LastPull:
    return LastPull(uses.artifacts.get(digest), uses.recorded_since)


def _about_children(
    connection: Connection, stored: StoredManifest, children: Sequence[Digest]
) -> tuple[set[Digest], dict[Digest, Summary]]:
    """Tell which are here, and what is known of those: facts are by digest, and others may be secrets of others."""
    here = artifacts.children_here(connection, stored.repo_id, stored.digest)
    return here, summaries(connection, stored.repo_id, [child for child in children if child in here])


def _parsed(payload: bytes, media_type: str) -> Manifest | None:
    """Parse a manifest that was accepted once; None when the rules of today would refuse it."""
    try:
        return parse_manifest(payload, media_type)
    except OciError:
        return None
