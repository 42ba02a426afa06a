# SPDX-License-Identifier: Apache-2.0
"""Users in the management API."""

from fastapi import APIRouter
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.identity import Accounts
from entrepot.features.identity import Standing
from entrepot.features.identity import Users
from entrepot.features.sessions import Sessions
from entrepot.features.users.schemas import CreatedUser
from entrepot.features.users.schemas import Me
from entrepot.features.users.schemas import NewUser
from entrepot.features.users.schemas import OwnPasswordChange
from entrepot.features.users.schemas import PasswordReset
from entrepot.features.users.schemas import ResetPassword
from entrepot.features.users.schemas import UserChange
from entrepot.features.users.schemas import UserList
from entrepot.features.users.schemas import UserView
from entrepot.infra.http.logins import LoginChanged
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.core import Caller
from entrepot.registry.rights import Rights


class UserRoutes:
    """The endpoints of users. All but `me` take an administrator of the registry."""

    def __init__(
        self, users: Users, accounts: Accounts, sessions: Sessions, rights: Rights, login_changed: LoginChanged
    ) -> None:
        self._users = users
        self._accounts = accounts
        self._sessions = sessions
        self._rights = rights
        self._callers = ApiCallers(rights)
        self._login_changed = login_changed

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("users")
        router.add_api_route("/users/me", self.show_me)
        router.add_api_route("/users/me/password", self.change_my_password, methods=["POST"], status_code=204)
        router.add_api_route("/users", self.list_users)
        router.add_api_route("/users", self.create_user, methods=["POST"], status_code=201)
        router.add_api_route("/users/{name}", self.show_user)
        router.add_api_route("/users/{name}", self.change_user, methods=["PATCH"])
        router.add_api_route("/users/{name}", self.delete_user, methods=["DELETE"], status_code=204)
        router.add_api_route("/users/{name}/password", self.reset_password, methods=["POST"])
        return router

    async def show_me(self, request: Request) -> Me:
        """Tell who you are to the registry."""
        principal = (await self._known_caller(request)).principal
        is_user = principal.kind is PrincipalKind.USER
        standing = await self._accounts.standing(principal.name) if is_user else Standing.NONE
        return Me(kind=principal.kind, name=principal.name, administrator=standing is Standing.ADMINISTRATOR)

    async def change_my_password(self, request: Request, response: Response, wanted: OwnPasswordChange) -> None:
        """Change your own password. Whatever logged in with the old one has to log in again, but for this session."""
        caller = await self._known_caller(request)
        if caller.principal.kind is not PrincipalKind.USER:
            raise Forbidden(f"{caller.principal.name} is no user and has no password")
        current, new = wanted.current.get_secret_value(), wanted.new.get_secret_value()
        await self._users.change_password(caller.principal.name, current, new, caller.address)
        await self._login_changed(request, response, caller.principal)

    async def list_users(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> UserList:
        """List the users, by name."""
        await self._require_administrator(request)
        page = await self._users.page(key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.users[-1].name)
        return UserList(items=[UserView.of(user) for user in page.users])

    async def create_user(self, request: Request, response: Response, wanted: NewUser) -> CreatedUser:
        """Make a user, who may do nothing until something is granted."""
        await self._require_recent_administrator(request)
        created = await self._users.create(wanted.name, _text(wanted.password), is_admin=wanted.administrator)
        response.headers["Location"] = f"{request.url.path}/{created.user.name}"
        response.headers["Cache-Control"] = "no-store"
        return CreatedUser(**dict(UserView.of(created.user)), password=created.made_up_password)

    async def show_user(self, request: Request, name: str) -> UserView:
        """Show a user."""
        await self._require_administrator(request)
        return UserView.of(await self._users.find(name))

    async def change_user(self, request: Request, name: str, change: UserChange) -> UserView:
        """Make a user an administrator or not, disabled or not."""
        await self._require_recent_administrator(request)
        user = await self._users.change(name, is_admin=change.administrator, is_disabled=change.disabled)
        if user.is_disabled:
            await self._sessions.end_all(name)
        return UserView.of(user)

    async def delete_user(self, request: Request, name: str) -> None:
        """Delete a user for ever, with all that was granted to it. The name is not given out again."""
        await self._require_recent_administrator(request)
        await self._users.delete(name)
        await self._sessions.end_all(name)

    async def reset_password(
        self, request: Request, response: Response, name: str, wanted: PasswordReset
    ) -> ResetPassword:
        """Give a user another password. Whatever logged in with the old one has to log in again."""
        await self._require_recent_administrator(request)
        password = await self._users.reset_password(name, _text(wanted.password))
        await self._sessions.end_all(name)
        response.headers["Cache-Control"] = "no-store"
        return ResetPassword(password=password if wanted.password is None else None)

    async def _known_caller(self, request: Request) -> Caller:
        caller = await self._callers.identify(request.scope, request.receive)
        if caller.principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        if caller.principal.scopes is not None:
            raise InsufficientScope
        return caller

    async def _require_administrator(self, request: Request) -> Principal:
        caller = await self._callers.identify(request.scope, request.receive)
        await self._rights.require_administrator(caller.principal)
        return caller.principal

    async def _require_recent_administrator(self, request: Request) -> None:
        require_recent_login(await self._require_administrator(request))


def _text(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
