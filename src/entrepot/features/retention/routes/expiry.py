# SPDX-License-Identifier: Apache-2.0
"""When a tag goes, in the management API."""

from fastapi import APIRouter
from starlette.requests import Request

from entrepot.features.retention.expiry import Source
from entrepot.features.retention.expiry import TagExpiry
from entrepot.features.retention.expiry import ToldExpiry
from entrepot.features.retention.schemas.expiry import ExpiryRequest
from entrepot.features.retention.schemas.expiry import ExpiryView
from entrepot.infra.http.permission import in_repository
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import RepositoryPath
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag
from entrepot.registry.api_callers import ApiCallers


class ExpiryRoutes:
    """The endpoints of the expiry of one tag."""

    def __init__(self, expiry: TagExpiry, callers: ApiCallers) -> None:
        self._expiry = expiry
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router, path = api_router("retention"), "/repositories/{name:path}/-/tags/{tag}/expiry"
        router.add_api_route(path, self.show_expiry)
        router.add_api_route(path, self.set_expiry, methods=["PUT"])
        router.add_api_route(path, self.remove_expiry, methods=["DELETE"], status_code=204)
        return router

    @takes(in_repository(Action.READ))
    async def show_expiry(self, request: Request, name: RepositoryPath, tag: str) -> ExpiryView:
        """Tell when a tag goes, and who says so."""
        caller = await self._caller(request)
        return ExpiryView.of(await self._expiry.show(caller, parse_repository_name(name), parse_tag(tag)))

    @takes(in_repository(Action.DELETE))
    async def set_expiry(self, request: Request, name: RepositoryPath, tag: str, wanted: ExpiryRequest) -> ExpiryView:
        """Let a tag go then, or never. It counts until the tag points elsewhere."""
        caller, where = await self._caller(request), (parse_repository_name(name), parse_tag(tag))
        said = await self._expiry.set(caller, *where, wanted.expires_at)
        return ExpiryView.of(ToldExpiry(said.expires_at, Source.SOMEBODY, said))

    @takes(in_repository(Action.DELETE))
    async def remove_expiry(self, request: Request, name: RepositoryPath, tag: str) -> None:
        """Forget what was said of a tag: then it goes when its artifact says, where policies heed that, or never."""
        caller = await self._caller(request)
        await self._expiry.remove(caller, parse_repository_name(name), parse_tag(tag))

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
