# SPDX-License-Identifier: Apache-2.0
"""Artifacts in the management API: from repositories over tags to one artifact."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.artifacts.schemas import ArtifactView
from entrepot.features.artifacts.schemas import RepositoryItem
from entrepot.features.artifacts.schemas import RepositoryPage
from entrepot.features.artifacts.schemas import TagItem
from entrepot.features.artifacts.schemas import TagPage
from entrepot.features.artifacts.service import Artifacts
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.router import RepositoryPath
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.api_callers import ApiCallers


class ArtifactRoutes:
    """The reading endpoints."""

    def __init__(self, artifacts: Artifacts, callers: ApiCallers) -> None:
        self._artifacts = artifacts
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("artifacts")
        router.add_api_route("/repositories", self.list_repositories)
        router.add_api_route("/repositories/{name:path}/-/tags", self.list_tags)
        router.add_api_route("/repositories/{name:path}/-/artifacts/{digest}", self.show_artifact)
        return router

    async def list_repositories(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> RepositoryPage:
        """List the repositories that you may pull from."""
        page = await self._artifacts.repositories(await self._principal(request), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.names[-1])
        return RepositoryPage(items=[RepositoryItem.of(name) for name in page.names])

    async def list_tags(
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> TagPage:
        """List the tags of a repository, with what they point at."""
        principal = await self._principal(request)
        page = await self._artifacts.tags(principal, parse_repository_name(name), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.tags[-1].tagged.name)
        return TagPage(items=[TagItem.of(tag) for tag in page.tags])

    async def show_artifact(self, request: Request, name: RepositoryPath, digest: str) -> ArtifactView:
        """Show one artifact: its type, its facts, its tags and, of an index, its entries."""
        principal = await self._principal(request)
        artifact = await self._artifacts.artifact(principal, parse_repository_name(name), parse_digest(digest))
        return ArtifactView.of(artifact)

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
