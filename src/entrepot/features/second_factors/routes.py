# SPDX-License-Identifier: Apache-2.0
"""Second factors in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.second_factors.enrolment import Enrolment
from entrepot.features.second_factors.errors import NotYourOwn
from entrepot.features.second_factors.errors import OnlyThemselves
from entrepot.features.second_factors.models import Confirmed
from entrepot.features.second_factors.models import RelyingParty
from entrepot.features.second_factors.parties import obstacle
from entrepot.features.second_factors.parties import relying_party
from entrepot.features.second_factors.schemas import ConfirmedFactor
from entrepot.features.second_factors.schemas import RecoveryCodes
from entrepot.features.second_factors.schemas import SecondFactorList
from entrepot.features.second_factors.schemas import TotpBegun
from entrepot.features.second_factors.schemas import TotpConfirmation
from entrepot.features.second_factors.schemas import TotpWanted
from entrepot.features.second_factors.schemas import WebAuthnBegun
from entrepot.features.second_factors.schemas import WebAuthnConfirmation
from entrepot.infra.http.logins import LoginChanged
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.errors import Unauthenticated
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.rights import Rights

OWN_FACTORS = "/users/me/second-factors"
PERSONAL_LOGINS = ("password:", "session:")
"""How `Principal.credential` begins where somebody is there in person."""

FactorPath = Annotated[str, Path(max_length=64, description="The id of a second factor.")]


class SecondFactorRoutes:
    """The endpoints of second factors: users have their own, and administrators reset those of others."""

    def __init__(self, enrolment: Enrolment, rights: Rights, login_changed: LoginChanged, public_url: str) -> None:
        self._enrolment = enrolment
        self._rights = rights
        self._callers = ApiCallers(rights)
        self._login_changed = login_changed
        self._public_url = public_url

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("second_factors")
        router.add_api_route(OWN_FACTORS, self.list_second_factors)
        router.add_api_route(f"{OWN_FACTORS}/totp", self.begin_totp, methods=["POST"], status_code=201)
        router.add_api_route(f"{OWN_FACTORS}/totp:confirm", self.confirm_totp, methods=["POST"])
        router.add_api_route(f"{OWN_FACTORS}/webauthn", self.begin_webauthn, methods=["POST"], status_code=201)
        router.add_api_route(f"{OWN_FACTORS}/webauthn:confirm", self.confirm_webauthn, methods=["POST"])
        router.add_api_route(
            f"{OWN_FACTORS}/recovery-codes", self.renew_recovery_codes, methods=["POST"], status_code=201
        )
        router.add_api_route(
            f"{OWN_FACTORS}/{{factor}}", self.remove_second_factor, methods=["DELETE"], status_code=204
        )
        router.add_api_route(
            "/users/{name}/second-factors", self.reset_second_factors, methods=["DELETE"], status_code=204
        )
        return router

    @takes(OWN)
    async def list_second_factors(self, request: Request) -> SecondFactorList:
        """List your second factors, and tell whether security keys can be used at this address."""
        user = (await self._person(request)).name
        return SecondFactorList.of(await self._enrolment.overview(user), obstacle(self._party(request)))

    @takes(OWN)
    async def begin_totp(self, request: Request, response: Response, wanted: TotpWanted) -> TotpBegun:
        """Begin to set up an app that shows codes. Confirm it with a code within 15 minutes."""
        user = (await self._changing(request)).name
        begun = await self._enrolment.begin_totp(user, wanted.name, self._party(request).host)
        response.headers["Cache-Control"] = "no-store"
        return TotpBegun.of(begun)

    @takes(OWN)
    async def confirm_totp(
        self, request: Request, response: Response, confirmation: TotpConfirmation
    ) -> ConfirmedFactor:
        """Take the app in use. The code that confirms it is used with that.

        The first factor brings recovery codes, and ends every other session.
        """
        principal = await self._changing(request)
        confirmed = await self._enrolment.confirm_totp(principal.name, confirmation.id, confirmation.code)
        return await self._confirmed(request, response, principal, confirmed)

    @takes(OWN)
    async def begin_webauthn(self, request: Request, response: Response) -> WebAuthnBegun:
        """Begin to set up a security key or passkey. Confirm it within five minutes."""
        user = (await self._changing(request)).name
        begun = await self._enrolment.begin_webauthn(user, self._party(request))
        response.headers["Cache-Control"] = "no-store"
        return WebAuthnBegun.of(begun)

    @takes(OWN)
    async def confirm_webauthn(
        self, request: Request, response: Response, confirmation: WebAuthnConfirmation
    ) -> ConfirmedFactor:
        """Take the security key or passkey in use.

        The first factor brings recovery codes, and ends every other session.
        """
        principal = await self._changing(request)
        confirmed = await self._enrolment.confirm_webauthn(
            principal.name, confirmation.id, confirmation.name, confirmation.attestation, self._party(request)
        )
        return await self._confirmed(request, response, principal, confirmed)

    @takes(OWN)
    async def renew_recovery_codes(self, request: Request, response: Response) -> RecoveryCodes:
        """Make ten new recovery codes. The old ones end."""
        codes = await self._enrolment.renew_recovery_codes((await self._changing(request)).name)
        response.headers["Cache-Control"] = "no-store"
        return RecoveryCodes(recovery_codes=list(codes))

    @takes(OWN)
    async def remove_second_factor(self, request: Request, response: Response, factor: FactorPath) -> None:
        """Remove a second factor; the last one only if you need not have one."""
        principal = await self._changing(request)
        if await self._enrolment.remove(principal.name, factor):
            await self._login_changed(request, response, principal)

    @takes(to_system(SystemAction.ADMINISTER))
    async def reset_second_factors(self, request: Request, name: str) -> None:
        """Remove all second factors and recovery codes of a user who lost them. Takes an administrator."""
        principal = (await self._callers.identify(request.scope, request.receive)).principal
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)
        if (principal.kind, principal.name) == (PrincipalKind.USER, name):
            raise NotYourOwn
        await self._enrolment.reset(name, principal)

    async def _confirmed(
        self, request: Request, response: Response, principal: Principal, confirmed: Confirmed
    ) -> ConfirmedFactor:
        if confirmed.is_first:
            await self._login_changed(request, response, principal)
        response.headers["Cache-Control"] = "no-store"
        return ConfirmedFactor.just_made(confirmed)

    def _party(self, request: Request) -> RelyingParty:
        return relying_party(self._public_url, request.url.scheme, request.headers.get("host", ""))

    async def _changing(self, request: Request) -> Principal:
        """Return who changes its own factors, and has proved of late who that is. Raises as `_person`."""
        principal = await self._person(request)
        require_recent_login(principal)
        return principal

    async def _person(self, request: Request) -> Principal:
        """Return the user who asks. Raises `Unauthenticated` and `OnlyThemselves`."""
        principal = (await self._callers.identify(request.scope, request.receive, allows_enrolment=True)).principal
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        if principal.kind is not PrincipalKind.USER or not principal.credential.startswith(PERSONAL_LOGINS):
            raise OnlyThemselves
        return principal
