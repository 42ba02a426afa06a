# SPDX-License-Identifier: Apache-2.0
"""Personal tokens in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.tokens.addresses import parse_allowed
from entrepot.features.tokens.personal import PersonalTokens
from entrepot.features.tokens.schemas import NewToken
from entrepot.features.tokens.schemas import NewTokenView
from entrepot.features.tokens.schemas import TokenChange
from entrepot.features.tokens.schemas import TokenItem
from entrepot.features.tokens.schemas import TokenList
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers

UserQuery = Annotated[
    str, Query(max_length=255, description="Whose tokens; your own if left out. Those of others take an administrator.")
]
TokenPath = Annotated[str, Path(max_length=64, description="The id of a token, or its name.", examples=["laptop"])]


class TokenRoutes:
    """The endpoints of personal tokens."""

    def __init__(self, tokens: PersonalTokens, callers: ApiCallers) -> None:
        self._tokens = tokens
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("tokens")
        router.add_api_route("/tokens", self.create_token, methods=["POST"], status_code=201)
        router.add_api_route("/tokens", self.list_tokens)
        router.add_api_route("/tokens/{token}", self.change_token, methods=["PATCH"])
        router.add_api_route("/tokens/{token}", self.revoke_token, methods=["DELETE"], status_code=204)
        return router

    @takes(OWN)
    async def create_token(self, request: Request, response: Response, wanted: NewToken) -> NewTokenView:
        """Create a token to log in with, instead of your password. Takes a login with the password, or a session."""
        allowed = parse_allowed(wanted.allowed_addresses)
        principal = await self._principal(request)
        issued = await self._tokens.create(principal, wanted.name, wanted.expires_in_days, allowed)
        response.headers["Location"] = f"{request.url.path}/{issued.credential.id}"
        response.headers["Cache-Control"] = "no-store"
        return NewTokenView.just_made(issued)

    @takes(OWN, to_system(SystemAction.ADMINISTER))
    async def list_tokens(
        self,
        request: Request,
        response: Response,
        user: UserQuery = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> TokenList:
        """List tokens, newest first; those that have ended for a while too."""
        page = await self._tokens.page(await self._principal(request), user, key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.tokens[-1].id)
        return TokenList.of(page)

    @takes(OWN, to_system(SystemAction.ADMINISTER))
    async def change_token(
        self, request: Request, token: TokenPath, change: TokenChange, user: UserQuery = ""
    ) -> TokenItem:
        """Change from where a token is good. One of your own takes a login with the password, or a session."""
        allowed = parse_allowed(change.allowed_addresses)
        known = await self._tokens.change(await self._principal(request), user, token, allowed)
        return TokenItem.of(known.token, known.at)

    @takes(OWN, to_system(SystemAction.ADMINISTER))
    async def revoke_token(self, request: Request, token: TokenPath, user: UserQuery = "") -> None:
        """Revoke a token; whatever was logged in with it ends within two seconds."""
        await self._tokens.revoke(await self._principal(request), user, token)

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
