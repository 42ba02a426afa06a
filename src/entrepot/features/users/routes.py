# SPDX-License-Identifier: Apache-2.0
"""Users in the management API."""

from collections.abc import Callable

from fastapi import APIRouter
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.identity import User
from entrepot.features.identity import Users
from entrepot.features.sessions import Sessions
from entrepot.features.users.schemas import CreatedUser
from entrepot.features.users.schemas import Me
from entrepot.features.users.schemas import MergerRequest
from entrepot.features.users.schemas import MergerView
from entrepot.features.users.schemas import NewUser
from entrepot.features.users.schemas import OwnPasswordChange
from entrepot.features.users.schemas import PasswordReset
from entrepot.features.users.schemas import Renaming
from entrepot.features.users.schemas import ResetPassword
from entrepot.features.users.schemas import UserChange
from entrepot.features.users.schemas import UserList
from entrepot.features.users.schemas import UserView
from entrepot.features.users.service import Lifecycle
from entrepot.features.users.service import leave
from entrepot.infra.http.logins import LoginChanged
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
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
        self,
        users: Users,
        lifecycle: Lifecycle,
        sessions: Sessions,
        rights: Rights,
        login_changed: LoginChanged,
        forget: Callable[[PrincipalKind, str], None],
    ) -> None:
        """Tell `forget` whose rights have changed."""
        self._users = users
        self._lifecycle = lifecycle
        self._forget = forget
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
        router.add_api_route("/users/{name}:rename", self.rename_user, methods=["POST"])
        router.add_api_route("/users/{name}:merge", self.merge_user, methods=["POST"])
        router.add_api_route("/users/{name}/password", self.reset_password, methods=["POST"])
        return router

    @takes(ACCOUNT)
    async def show_me(self, request: Request) -> Me:
        """Tell who you are to the registry."""
        principal = (await self._known_caller(request)).principal
        is_administrator = await self._rights.may_system(principal, SystemAction.ADMINISTER)
        return Me(kind=principal.kind, name=principal.name, administrator=is_administrator)

    @takes(OWN)
    async def change_my_password(self, request: Request, response: Response, wanted: OwnPasswordChange) -> None:
        """Change your own password. Whatever logged in with the old one has to log in again, but for this session."""
        caller = await self._known_caller(request)
        if caller.principal.kind is not PrincipalKind.USER:
            raise Forbidden(f"{caller.principal.name} is no user and has no password")
        current, new = wanted.current.get_secret_value(), wanted.new.get_secret_value()
        await self._users.change_password(caller.principal.name, current, new, caller.address)
        await self._login_changed(request, response, caller.principal)

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def list_users(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> UserList:
        """List the users, by name."""
        await self._require(request, SystemAction.READ_ACCOUNTS)
        page = await self._users.page(key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.users[-1].name)
        administrators = await self._users.administrators(page.users)
        return UserList(items=[UserView.of(user, is_administrator=user.name in administrators) for user in page.users])

    @takes(to_system(SystemAction.ADMINISTER))
    async def create_user(self, request: Request, response: Response, wanted: NewUser) -> CreatedUser:
        """Make a user, who may do nothing until something is granted."""
        by = await self._require_recent_administrator(request)
        password, is_admin = _text(wanted.password), wanted.administrator
        created = await self._users.create(by, wanted.name, password, is_admin=is_admin)
        response.headers["Location"] = f"{request.url.path}/{created.user.name}"
        response.headers["Cache-Control"] = "no-store"
        shown = UserView.of(created.user, is_administrator=is_admin)
        return CreatedUser(**dict(shown), password=created.made_up_password)

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def show_user(self, request: Request, name: str) -> UserView:
        """Show a user."""
        await self._require(request, SystemAction.READ_ACCOUNTS)
        return await self._view(await self._users.find(name))

    @takes(to_system(SystemAction.ADMINISTER))
    async def change_user(self, request: Request, name: str, change: UserChange) -> UserView:
        """Make a user an administrator or not, disabled or not."""
        by = await self._require_recent_administrator(request)
        user = await self._users.change(by, name, is_admin=change.administrator, is_disabled=change.disabled)
        self._forget(PrincipalKind.USER, name)
        if user.is_disabled:
            await self._sessions.end_all(name)
        return await self._view(user)

    @takes(to_system(SystemAction.ADMINISTER))
    async def delete_user(self, request: Request, name: str) -> None:
        """Delete a user for ever, with all that was granted to it. The name is not given out again."""
        await self._require_recent_administrator(request)
        await self._users.delete(name, leave)
        self._forget(PrincipalKind.USER, name)
        await self._sessions.end_all(name)

    @takes(to_system(SystemAction.ADMINISTER))
    async def rename_user(self, request: Request, name: str, wanted: Renaming) -> UserView:
        """Give a user another name.

        Grants, groups, personal tokens, sessions and second factors go along; histories keep the old name, which
        nobody else is given. Registry tokens that were signed for it end within seconds.
        """
        await self._require_recent_administrator(request)
        user = await self._lifecycle.rename(name, wanted.name)
        self._forget(PrincipalKind.USER, name)
        self._forget(PrincipalKind.USER, user.name)
        return await self._view(user)

    @takes(to_system(SystemAction.ADMINISTER))
    async def merge_user(self, request: Request, name: str, wanted: MergerRequest) -> MergerView:
        """Make a user and another one of the same person one, or tell what would go where.

        Grants, groups and personal tokens go to the user that stays; the other one is gone, and its name is kept.
        """
        by = await self._require_recent_administrator(request)
        if wanted.dry_run:
            return MergerView.of(await self._lifecycle.preview_merger(name, wanted.into), is_done=False)
        merger = await self._lifecycle.merge(by, name, wanted.into)
        self._forget(PrincipalKind.USER, name)
        self._forget(PrincipalKind.USER, wanted.into)
        return MergerView.of(merger, is_done=True)

    @takes(to_system(SystemAction.ADMINISTER))
    async def reset_password(
        self, request: Request, response: Response, name: str, wanted: PasswordReset
    ) -> ResetPassword:
        """Give a user another password. Whatever logged in with the old one has to log in again."""
        by = await self._require_recent_administrator(request)
        password = await self._users.reset_password(name, _text(wanted.password), by)
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

    async def _require(self, request: Request, action: SystemAction) -> Principal:
        caller = await self._callers.identify(request.scope, request.receive)
        await self._rights.require_system(caller.principal, action)
        return caller.principal

    async def _require_recent_administrator(self, request: Request) -> Principal:
        principal = await self._require(request, SystemAction.ADMINISTER)
        require_recent_login(principal)
        return principal

    async def _view(self, user: User) -> UserView:
        return UserView.of(user, is_administrator=bool(await self._users.administrators([user])))


def _text(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
