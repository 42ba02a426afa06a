# SPDX-License-Identifier: Apache-2.0
"""Invitations in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.invitations.schemas import Acceptance
from entrepot.features.invitations.schemas import InvitationList
from entrepot.features.invitations.schemas import InvitationRequest
from entrepot.features.invitations.schemas import InvitationView
from entrepot.features.invitations.schemas import NewAccount
from entrepot.features.invitations.schemas import NewInvitationView
from entrepot.features.invitations.schemas import OpenInvitation
from entrepot.features.invitations.schemas import PresentedInvitation
from entrepot.features.invitations.service import Invitations
from entrepot.infra.http.challenge import Challenger
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ANYBODY
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.request import Request as LazyRequest
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers

InvitationPath = Annotated[str, Path(max_length=64, description="The id of an invitation.")]


class InvitationRoutes:
    """The endpoints of invitations. Looking at one and accepting it take its secret, and no login."""

    def __init__(self, invitations: Invitations, challenger: Challenger, path_prefix: str, callers: ApiCallers) -> None:
        """Links lead to the console at the address that `challenger` knows, below `path_prefix`."""
        self._invitations = invitations
        self._challenger = challenger
        self._path_prefix = path_prefix
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("invitations")
        router.add_api_route("/invitations", self.send_invitation, methods=["POST"], status_code=201)
        router.add_api_route("/invitations", self.list_invitations)
        router.add_api_route("/invitations/{invitation}", self.revoke_invitation, methods=["DELETE"], status_code=204)
        router.add_api_route("/invitations:look", self.look_at_invitation, methods=["POST"])
        router.add_api_route("/invitations:accept", self.accept_invitation, methods=["POST"], status_code=201)
        return router

    @takes(to_system(SystemAction.ADMINISTER))
    async def send_invitation(
        self, request: Request, response: Response, wanted: InvitationRequest
    ) -> NewInvitationView:
        """Make a link by which somebody makes their own account, once.

        It is good for as long as you are an administrator, and no longer than it says.
        """
        sent = await self._invitations.send(await self._principal(request), wanted.wanted)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Location"] = f"{request.url.path}/{sent.invitation.id}"
        origin = self._challenger.origin(LazyRequest(request.scope, request.receive))
        return NewInvitationView.just_made(sent, f"{origin}{self._path_prefix}")

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def list_invitations(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> InvitationList:
        """List the invitations, newest first; those that have ended for 30 days too."""
        page = await self._invitations.page(await self._principal(request), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.items[-1].invitation.id)
        return InvitationList(items=[InvitationView.of(shown) for shown in page.items])

    @takes(to_system(SystemAction.ADMINISTER))
    async def revoke_invitation(self, request: Request, invitation: InvitationPath) -> None:
        """Let an invitation end that was not accepted."""
        await self._invitations.revoke(await self._principal(request), invitation)

    @takes(ANYBODY)
    async def look_at_invitation(
        self, request: Request, response: Response, presented: PresentedInvitation
    ) -> OpenInvitation:
        """Tell whoever holds an invitation whether it is good, and for which name. Takes no login."""
        await self._callers.count_login(request.scope, request.receive)
        response.headers["Cache-Control"] = "no-store"
        return OpenInvitation.of(await self._invitations.look(presented.secret.get_secret_value(), _address(request)))

    @takes(ANYBODY)
    async def accept_invitation(self, request: Request, response: Response, accepted: Acceptance) -> NewAccount:
        """Make the account that an invitation is for. Takes no login; log in with it then."""
        await self._callers.count_login(request.scope, request.receive)
        response.headers["Cache-Control"] = "no-store"
        secret, password = accepted.secret.get_secret_value(), accepted.password.get_secret_value()
        user = await self._invitations.accept(secret, accepted.user_name, password, _address(request))
        return NewAccount(name=user.name)

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
