# SPDX-License-Identifier: Apache-2.0
"""Robots in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.projects import parse_project_name
from entrepot.features.robots.lifetimes import Lifetimes
from entrepot.features.robots.models import REGISTRY
from entrepot.features.robots.models import IssuedRobot
from entrepot.features.robots.requests import RobotChangeRequest
from entrepot.features.robots.requests import RobotRequest
from entrepot.features.robots.requests import RotationRequest
from entrepot.features.robots.requests import SecretRequest
from entrepot.features.robots.rotation import RobotSecrets
from entrepot.features.robots.schemas import NewSecretView
from entrepot.features.robots.schemas import RobotItem
from entrepot.features.robots.schemas import RobotList
from entrepot.features.robots.schemas import RobotView
from entrepot.features.robots.schemas import SecretList
from entrepot.features.robots.service import Robots
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers

ProjectQuery = Annotated[
    str,
    Query(
        max_length=255,
        description="The project whose robots to list; `_` for those of the registry; all if left out.",
        examples=["team"],
    ),
]
SecretPath = Annotated[str, Path(max_length=64, description="The id of a secret.")]
RobotPath = Annotated[str, Path(description="What the robot logs in as.", examples=["team.ci"])]


class RobotRoutes:
    """The endpoints of robots."""

    def __init__(self, robots: Robots, robot_secrets: RobotSecrets, lifetimes: Lifetimes, callers: ApiCallers) -> None:
        self._robots = robots
        self._secrets = robot_secrets
        self._lifetimes = lifetimes
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("robots")
        router.add_api_route("/robots", self.create_robot, methods=["POST"], status_code=201)
        router.add_api_route("/robots", self.list_robots)
        router.add_api_route("/robots/{robot}", self.show_robot)
        router.add_api_route("/robots/{robot}", self.change_robot, methods=["PATCH"])
        router.add_api_route("/robots/{robot}", self.delete_robot, methods=["DELETE"], status_code=204)
        router.add_api_route("/robots/{robot}:rotate", self.rotate_robot, methods=["POST"])
        router.add_api_route("/robots/{robot}:disable", self.disable_robot, methods=["POST"])
        router.add_api_route("/robots/{robot}:enable", self.enable_robot, methods=["POST"])
        router.add_api_route("/robots/{robot}/secrets", self.list_robot_secrets)
        router.add_api_route("/robots/{robot}/secrets", self.add_robot_secret, methods=["POST"], status_code=201)
        router.add_api_route(
            "/robots/{robot}/secrets/{secret}", self.revoke_robot_secret, methods=["DELETE"], status_code=204
        )
        return router

    @takes(in_project(Action.ADMIN), to_system(SystemAction.ADMINISTER))
    async def create_robot(self, request: Request, response: Response, wanted: RobotRequest) -> NewSecretView:
        """Create a robot with a role on all of its project, or with grants.

        Takes the role `admin` on the project, as every change does; for a robot of the registry its administrator.
        What is there by this very `secret_hash` already is answered with 200.
        """
        made = await self._robots.create(await self._principal(request), wanted.wanted)
        response.headers["Location"] = f"{request.url.path}/{made.robot.name}"
        return _shown_once(made, request, response)

    @takes(in_project(Action.ADMIN), to_system(SystemAction.READ_ACCOUNTS))
    async def list_robots(
        self,
        request: Request,
        response: Response,
        project: ProjectQuery = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> RobotList:
        """List the robots of a project, of the registry, or all there are."""
        principal = await self._principal(request)
        of = project if project in ("", REGISTRY) else parse_project_name(project)
        page = await self._robots.page(principal, of, key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.robots[-1].robot.name)
        return RobotList(items=[RobotItem.of(known, self._lifetimes) for known in page.robots])

    @takes(OWN, in_project(Action.ADMIN), to_system(SystemAction.READ_ACCOUNTS))
    async def show_robot(self, request: Request, robot: RobotPath) -> RobotView:
        """Show a robot and what it may do. A robot may look at itself."""
        shown = await self._robots.show(await self._principal(request), robot)
        return RobotView.with_grants(shown, self._lifetimes)

    @takes(in_project(Action.ADMIN), to_system(SystemAction.ADMINISTER))
    async def change_robot(self, request: Request, robot: RobotPath, wanted: RobotChangeRequest) -> RobotView:
        """Change from where a robot may log in; its alias takes an administrator of the registry."""
        changed = await self._robots.change(await self._principal(request), robot, wanted.change)
        return RobotView.with_grants(changed, self._lifetimes)

    @takes(OWN, in_project(Action.ADMIN), to_system(SystemAction.ADMINISTER))
    async def rotate_robot(
        self, request: Request, response: Response, robot: RobotPath, wanted: RotationRequest | None = None
    ) -> NewSecretView:
        """Give a robot a new secret, and let the ones it had end. A robot may do this to itself.

        Whoever does it needs all rights of the robot, for as long as the secret is good.
        """
        asked = wanted or RotationRequest()
        principal = await self._principal(request)
        made = await self._secrets.rotate(principal, robot, asked.terms, asked.overlap_minutes)
        return _shown_once(made, request, response)

    @takes(in_project(Action.ADMIN), to_system(SystemAction.ADMINISTER))
    async def disable_robot(self, request: Request, robot: RobotPath) -> RobotView:
        """Let a robot do nothing until it is enabled again."""
        shown = await self._robots.disable(await self._principal(request), robot)
        return RobotView.with_grants(shown, self._lifetimes)

    @takes(in_project(Action.ADMIN), to_system(SystemAction.ADMINISTER))
    async def enable_robot(self, request: Request, robot: RobotPath) -> RobotView:
        """Let a disabled robot log in again."""
        shown = await self._robots.enable(await self._principal(request), robot)
        return RobotView.with_grants(shown, self._lifetimes)

    @takes(in_project(Action.ADMIN), to_system(SystemAction.ADMINISTER))
    async def delete_robot(self, request: Request, robot: RobotPath) -> None:
        """Delete a robot, its secrets and its grants."""
        await self._robots.delete(await self._principal(request), robot)

    @takes(OWN, in_project(Action.ADMIN), to_system(SystemAction.READ_ACCOUNTS))
    async def list_robot_secrets(
        self,
        request: Request,
        response: Response,
        robot: RobotPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> SecretList:
        """List the secrets of a robot, newest first; those that have ended for a while too."""
        page = await self._secrets.page(await self._principal(request), robot, key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.secrets[-1].id)
        return SecretList.of(page, self._lifetimes)

    @takes(in_project(Action.ADMIN), to_system(SystemAction.ADMINISTER))
    async def add_robot_secret(
        self, request: Request, response: Response, robot: RobotPath, wanted: SecretRequest | None = None
    ) -> NewSecretView:
        """Give a robot one more secret, beside the one it has: two are good at the same time, at most.

        Whoever does it needs all rights of the robot, for as long as the secret is good.
        What is there by this very `secret_hash` already is answered with 200.
        """
        asked = wanted or SecretRequest()
        made = await self._secrets.add(await self._principal(request), robot, asked.terms)
        return _shown_once(made, request, response)

    @takes(in_project(Action.ADMIN), to_system(SystemAction.ADMINISTER))
    async def revoke_robot_secret(self, request: Request, robot: RobotPath, secret: SecretPath) -> None:
        """Revoke a secret of a robot; whatever was logged in with it ends within two seconds, uploads too."""
        await self._secrets.revoke(await self._principal(request), robot, secret)

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _shown_once(made: IssuedRobot, request: Request, response: Response) -> NewSecretView:
    response.headers["Cache-Control"] = "no-store"
    if not made.is_new:
        response.status_code = 200
    return NewSecretView.of(made, request.headers.get("host", ""))
