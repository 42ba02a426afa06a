# SPDX-License-Identifier: Apache-2.0
"""Artifacts in the management API: from repositories over tags to one artifact, its bytes, and the bin."""

from typing import Annotated
from typing import Any

from fastapi import APIRouter
from fastapi import Path
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.artifacts.bin import Bin
from entrepot.features.artifacts.bin_schemas import BinItem
from entrepot.features.artifacts.bin_schemas import BinPage
from entrepot.features.artifacts.bin_schemas import DeletedArtifactView
from entrepot.features.artifacts.bin_schemas import DeletedView
from entrepot.features.artifacts.bin_schemas import RestoredArtifactView
from entrepot.features.artifacts.content import ArtifactContent
from entrepot.features.artifacts.content import Content
from entrepot.features.artifacts.freeing import Freeing
from entrepot.features.artifacts.models import ArtifactType
from entrepot.features.artifacts.places import ArtifactOrder
from entrepot.features.artifacts.places import bin_cursor
from entrepot.features.artifacts.places import bin_place
from entrepot.features.artifacts.places import push_cursor
from entrepot.features.artifacts.places import push_place
from entrepot.features.artifacts.places import tag_cursor
from entrepot.features.artifacts.places import tag_place
from entrepot.features.artifacts.promise_schemas import FreedView
from entrepot.features.artifacts.promise_schemas import PromiseView
from entrepot.features.artifacts.schemas import ArtifactItem
from entrepot.features.artifacts.schemas import ArtifactPage
from entrepot.features.artifacts.schemas import ArtifactView
from entrepot.features.artifacts.schemas import ReferrerItem
from entrepot.features.artifacts.schemas import ReferrerPage
from entrepot.features.artifacts.schemas import RepositoryItem
from entrepot.features.artifacts.schemas import RepositoryPage
from entrepot.features.artifacts.schemas import RepositoryView
from entrepot.features.artifacts.schemas import TagItem
from entrepot.features.artifacts.schemas import TagPage
from entrepot.features.artifacts.service import ArtifactQuery
from entrepot.features.artifacts.service import Artifacts
from entrepot.features.artifacts.service import TagQuery
from entrepot.features.labels import MAX_LABEL_FILTER_CHARACTERS
from entrepot.features.labels import parse_label_filter
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ANYBODY
from entrepot.infra.http.permission import in_repository
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import RepositoryPath
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.core import Caller
from entrepot.registry.repositories import Narrowing
from entrepot.registry.store.listed_artifacts import BinPlace
from entrepot.registry.store.listed_tags import TagOrder

MAX_FILTER_CHARACTERS = 200

DigestPath = Annotated[str, Path(description="Algorithm and hash.", examples=[f"sha256:{'0' * 64}"])]
TagPath = Annotated[str, Path(description="The name of a tag.", examples=["1.2"])]
Filter = Annotated[
    str,
    Query(max_length=MAX_FILTER_CHARACTERS, description="Only names that contain this, in whatever case."),
]
ProjectQuery = Annotated[
    str,
    Query(max_length=MAX_FILTER_CHARACTERS, description="Only repositories of this project.", examples=["team"]),
]
TagSort = Annotated[
    TagOrder,
    Query(
        description="By name, by the last change, or by version; a minus sign turns it round. By version, names that "
        "are no versions come last, in order of their names."
    ),
]
ArtifactSort = Annotated[ArtifactOrder, Query(description="By the push; with a minus sign, the newest first.")]
TypeQuery = Annotated[ArtifactType | None, Query(alias="type", description="Only artifacts of this type.")]
TaggedQuery = Annotated[bool | None, Query(description="Only those that a tag points at, or only the others.")]
LabelQuery = Annotated[
    str,
    Query(
        max_length=MAX_LABEL_FILTER_CHARACTERS,
        description="Only those with these labels: `key=value`, or `key` for whatever value, with commas between them.",
        examples=["stage=production,team"],
    ),
]
ArtifactTypeQuery = Annotated[
    str,
    Query(max_length=255, description="Only referrers that state this type.", examples=["application/spdx+json"]),
]

BYTES = "application/octet-stream"
"""Whatever was pushed says that it is: it is handed out as bytes, and shown by the console as text."""

_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes.", "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}}
}


class ArtifactRoutes:
    """The reading endpoints, but for content."""

    def __init__(self, artifacts: Artifacts, callers: ApiCallers) -> None:
        self._artifacts = artifacts
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("artifacts")
        router.add_api_route("/repositories", self.list_repositories)
        router.add_api_route("/repositories/{name:path}/-/about", self.show_repository)
        router.add_api_route("/repositories/{name:path}/-/tags", self.list_tags)
        router.add_api_route("/repositories/{name:path}/-/tags/{tag}", self.show_tag)
        router.add_api_route("/repositories/{name:path}/-/artifacts", self.list_artifacts)
        router.add_api_route("/repositories/{name:path}/-/artifacts/{digest}", self.show_artifact)
        router.add_api_route("/repositories/{name:path}/-/artifacts/{digest}/referrers", self.list_referrers)
        return router

    @takes(ANYBODY)
    async def list_repositories(
        self,
        request: Request,
        response: Response,
        project: ProjectQuery = "",
        filter: Filter = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> RepositoryPage:
        """List the repositories that you may pull from, by name."""
        principal = await self._principal(request)
        page = await self._artifacts.repositories(principal, Narrowing(project, filter), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.repositories[-1].listed.name)
        return RepositoryPage(items=[RepositoryItem.of(listed) for listed in page.repositories])

    @takes(in_repository(Action.READ))
    async def show_repository(self, request: Request, name: RepositoryPath) -> RepositoryView:
        """Show one repository, and what you may do in it."""
        principal = await self._principal(request)
        listed, may = await self._artifacts.repository(principal, parse_repository_name(name))
        return RepositoryView.shown_to(listed, may)

    @takes(in_repository(Action.READ))
    async def list_tags(  # noqa: PLR0913 - the parameters of the request
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        sort: TagSort = TagOrder.NAME,
        filter: Filter = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> TagPage:
        """List the tags of a repository, with what they point at."""
        principal = await self._principal(request)
        query = TagQuery(sort, filter, tag_place(sort, cursor), limit)
        page = await self._artifacts.tags(principal, parse_repository_name(name), query)
        if page.is_more:
            link_next(request, response, tag_cursor(sort, page.tags[-1].tagged))
        return TagPage(items=[TagItem.of(tag) for tag in page.tags])

    @takes(in_repository(Action.READ))
    async def show_tag(self, request: Request, name: RepositoryPath, tag: TagPath) -> TagItem:
        """Show one tag and what it points at."""
        principal = await self._principal(request)
        return TagItem.of(await self._artifacts.tag(principal, parse_repository_name(name), parse_tag(tag)))

    @takes(in_repository(Action.READ))
    async def list_artifacts(  # noqa: PLR0913 - the parameters of the request
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        sort: ArtifactSort = ArtifactOrder.NEWEST,
        type: TypeQuery = None,
        tagged: TaggedQuery = None,
        label: LabelQuery = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> ArtifactPage:
        """List the artifacts of a repository, tagged or not.

        With `type`, `tagged` or `label`, a page holds what is found among some thousand artifacts: it may be fewer
        than `limit`, or none, while the `Link` header says that there is more to look at.
        """
        principal = await self._principal(request)
        labels, after = parse_label_filter(label), push_place(cursor)
        query = ArtifactQuery(sort is ArtifactOrder.NEWEST, type, tagged, labels, after, limit)
        page = await self._artifacts.artifacts(principal, parse_repository_name(name), query)
        if page.next_after is not None:
            link_next(request, response, push_cursor(page.next_after))
        return ArtifactPage(items=[ArtifactItem.of(listed) for listed in page.artifacts])

    @takes(in_repository(Action.READ))
    async def show_artifact(self, request: Request, name: RepositoryPath, digest: DigestPath) -> ArtifactView:
        """Show one artifact: its type, its facts, its tags and, of an index, its entries."""
        principal = await self._principal(request)
        artifact = await self._artifacts.artifact(principal, parse_repository_name(name), parse_digest(digest))
        return ArtifactView.of(artifact)

    @takes(in_repository(Action.READ))
    async def list_referrers(  # noqa: PLR0913 - the parameters of the request
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        digest: DigestPath,
        artifact_type: ArtifactTypeQuery = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> ReferrerPage:
        """List what names this artifact as its subject: signatures, bills of materials, attestations and more.

        With `artifact_type`, a page may hold fewer than `limit`, or none, while the `Link` header says that there
        is more to look at. The artifact itself need not be here.
        """
        principal = await self._principal(request)
        subject = parse_digest(digest)
        place = (key_of(cursor), limit)
        found = await self._artifacts.referrers(principal, parse_repository_name(name), subject, artifact_type, place)
        if found.next_after is not None:
            link_next(request, response, found.next_after)
        return ReferrerPage(items=[ReferrerItem.of(listed) for listed in found.referrers])

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


class ContentRoutes:
    """The endpoints that hand out content. Policies are asked as for a pull; nothing is counted."""

    def __init__(self, content: ArtifactContent, callers: ApiCallers) -> None:
        self._content = content
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("artifacts")
        path = "/repositories/{name:path}/-/artifacts/{digest}"
        for noun, endpoint in (("manifest", self.read_manifest), ("config", self.read_config)):
            router.add_api_route(f"{path}/{noun}", endpoint, response_class=Response, responses=_ANSWER)
        return router

    @takes(in_repository(Action.PULL))
    async def read_manifest(self, request: Request, name: RepositoryPath, digest: DigestPath) -> Response:
        """Hand out a manifest, byte for byte as it was pushed."""
        caller = await self._callers.identify(request.scope, request.receive)
        return _inert(await self._content.manifest(caller, parse_repository_name(name), parse_digest(digest)))

    @takes(in_repository(Action.PULL))
    async def read_config(self, request: Request, name: RepositoryPath, digest: DigestPath) -> Response:
        """Hand out the configuration of an artifact, byte for byte as it was pushed, up to 1 MiB of it."""
        caller = await self._callers.identify(request.scope, request.receive)
        return _inert(await self._content.config(caller, parse_repository_name(name), parse_digest(digest)))


class BinRoutes:
    """The endpoints around deleting."""

    def __init__(self, bin: Bin, freeing: Freeing, callers: ApiCallers) -> None:
        self._bin = bin
        self._freeing = freeing
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("artifacts")
        artifact = "/repositories/{name:path}/-/artifacts/{digest}"
        router.add_api_route("/repositories/{name:path}/-/bin", self.list_bin)
        router.add_api_route("/repositories/{name:path}/-/tags/{tag}", self.delete_tag, methods=["DELETE"])
        router.add_api_route(artifact, self.delete_artifact, methods=["DELETE"])
        router.add_api_route(f"{artifact}:restore", self.restore_artifact, methods=["POST"])
        router.add_api_route(f"{artifact}:preview", self.preview_deletion, methods=["POST"])
        router.add_api_route(f"{artifact}:free-now", self.free_artifact, methods=["POST"])
        return router

    @takes(in_repository(Action.READ))
    async def list_bin(
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> BinPage:
        """List the deleted artifacts of a repository that can still be restored, the last deleted first."""
        principal = (await self._caller(request)).principal
        page = await self._bin.page(principal, parse_repository_name(name), bin_place(cursor), limit)
        if page.is_more:
            last = page.artifacts[-1].manifest
            link_next(request, response, bin_cursor(BinPlace(last.restorable_until, last.digest)))
        return BinPage(items=[BinItem.of(binned) for binned in page.artifacts])

    @takes(in_repository(Action.DELETE))
    async def delete_tag(self, request: Request, name: RepositoryPath, tag: TagPath) -> DeletedView:
        """Delete a tag. What it points at stays, and its history brings it back."""
        wanted = parse_tag(tag)
        deleted = await self._bin.delete_tag(await self._caller(request), parse_repository_name(name), wanted)
        return DeletedView.of(wanted, deleted)

    @takes(in_repository(Action.DELETE))
    async def delete_artifact(self, request: Request, name: RepositoryPath, digest: DigestPath) -> DeletedArtifactView:
        """Delete an artifact, every tag that points at it, and what refers to it. It can be restored for a while.

        A browser session has to have proved who you are within the last 15 minutes.
        """
        caller, repository, wanted = await self._caller(request), parse_repository_name(name), parse_digest(digest)
        deleted = await self._bin.delete_artifact(caller, repository, wanted)
        promise = await self._freeing.promise(caller, repository, wanted)
        return DeletedArtifactView.promising(wanted, deleted, promise)

    @takes(in_repository(Action.DELETE))
    async def preview_deletion(self, request: Request, name: RepositoryPath, digest: DigestPath) -> PromiseView:
        """Tell what deleting an artifact would free, when, and what holds the rest. Nothing is changed.

        Of a deleted artifact, what that will free. Takes the right to delete it.
        """
        caller = await self._caller(request)
        return PromiseView.of(await self._freeing.preview(caller, parse_repository_name(name), parse_digest(digest)))

    @takes(to_system(SystemAction.ADMINISTER))
    async def free_artifact(self, request: Request, name: RepositoryPath, digest: DigestPath) -> FreedView:
        """Delete an artifact, or one that is deleted, for good: its bytes are gone with the answer.

        It cannot be restored. Blobs that other artifacts or repositories need stay. Takes an administrator of the
        registry, who in a browser session has proved who they are within the last 15 minutes.
        """
        caller = await self._caller(request)
        return FreedView.of(await self._freeing.free_now(caller, parse_repository_name(name), parse_digest(digest)))

    @takes(in_repository(Action.PUSH))
    async def restore_artifact(
        self, request: Request, name: RepositoryPath, digest: DigestPath
    ) -> RestoredArtifactView:
        """Bring back a deleted artifact, what was deleted along with it, and its tags that nobody has set since."""
        wanted = parse_digest(digest)
        restored = await self._bin.restore(await self._caller(request), parse_repository_name(name), wanted)
        return RestoredArtifactView.of(wanted, restored)

    async def _caller(self, request: Request) -> Caller:
        return await self._callers.identify(request.scope, request.receive)


def _inert(found: Content) -> Response:
    """Answer with bytes that a browser saves, and would not run if it showed them."""
    headers = {
        "Docker-Content-Digest": found.digest,
        "Content-Disposition": f'attachment; filename="{found.digest.replace(":", "-")}.json"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "no-store",
    }
    return Response(found.content, media_type=BYTES, headers=headers)
