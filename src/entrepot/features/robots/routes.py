# SPDX-License-Identifier: Apache-2.0
"""Robots in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.projects import parse_project_name
from entrepot.features.robots.models import IssuedRobot
from entrepot.features.robots.models import NewRobot
from entrepot.features.robots.models import join_robot_name
from entrepot.features.robots.schemas import NewSecretView
from entrepot.features.robots.schemas import RobotItem
from entrepot.features.robots.schemas import RobotList
from entrepot.features.robots.schemas import RobotRequest
from entrepot.features.robots.schemas import RobotView
from entrepot.features.robots.schemas import RotationRequest
from entrepot.features.robots.service import Robots
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.registry.api_callers import ApiCallers

ProjectQuery = Annotated[str, Query(description="The project whose robots to list.", examples=["team"])]
RobotPath = Annotated[str, Path(description="What the robot logs in as.", examples=["team.ci"])]


class RobotRoutes:
    """The endpoints of robots."""

    def __init__(self, robots: Robots, callers: ApiCallers) -> None:
        self._robots = robots
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("robots")
        router.add_api_route("/robots", self.create_robot, methods=["POST"], status_code=201)
        router.add_api_route("/robots", self.list_robots)
        router.add_api_route("/robots/{robot}", self.show_robot)
        router.add_api_route("/robots/{robot}", self.delete_robot, methods=["DELETE"], status_code=204)
        router.add_api_route("/robots/{robot}:rotate", self.rotate_robot, methods=["POST"])
        router.add_api_route("/robots/{robot}:disable", self.disable_robot, methods=["POST"])
        router.add_api_route("/robots/{robot}:enable", self.enable_robot, methods=["POST"])
        return router

    @takes(in_project(Action.ADMIN))
    async def create_robot(self, request: Request, response: Response, wanted: RobotRequest) -> NewSecretView:
        """Create a robot with a role on all of a project. Takes the role `admin` there, as every change does."""
        project = parse_project_name(wanted.project)
        robot = NewRobot(join_robot_name(project, wanted.name), project, wanted.role, wanted.days)
        made = await self._robots.create(await self._principal(request), robot)
        response.headers["Location"] = f"{request.url.path}/{made.robot.name}"
        return _shown_once(made, request, response)

    @takes(in_project(Action.ADMIN))
    async def list_robots(
        self,
        request: Request,
        response: Response,
        project: ProjectQuery,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> RobotList:
        """List the robots of a project."""
        principal = await self._principal(request)
        page = await self._robots.page(principal, parse_project_name(project), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.robots[-1].robot.name)
        return RobotList(items=[RobotItem.of(known) for known in page.robots])

    @takes(OWN, in_project(Action.ADMIN))
    async def show_robot(self, request: Request, robot: RobotPath) -> RobotView:
        """Show a robot and what it may do. A robot may look at itself."""
        return RobotView.with_grants(await self._robots.show(await self._principal(request), robot))

    @takes(OWN, in_project(Action.ADMIN))
    async def rotate_robot(
        self, request: Request, response: Response, robot: RobotPath, wanted: RotationRequest | None = None
    ) -> NewSecretView:
        """Give a robot a new secret, and let the one it had end. A robot may do this to itself."""
        terms = wanted or RotationRequest()
        principal = await self._principal(request)
        made = await self._robots.rotate(principal, robot, terms.days, terms.overlap_minutes)
        return _shown_once(made, request, response)

    @takes(in_project(Action.ADMIN))
    async def disable_robot(self, request: Request, robot: RobotPath) -> RobotView:
        """Let a robot do nothing until it is enabled again."""
        return RobotView.with_grants(await self._robots.disable(await self._principal(request), robot))

    @takes(in_project(Action.ADMIN))
    async def enable_robot(self, request: Request, robot: RobotPath) -> RobotView:
        """Let a disabled robot log in again."""
        return RobotView.with_grants(await self._robots.enable(await self._principal(request), robot))

    @takes(in_project(Action.ADMIN))
    async def delete_robot(self, request: Request, robot: RobotPath) -> None:
        """Delete a robot, its secrets and its grants."""
        await self._robots.delete(await self._principal(request), robot)

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _shown_once(made: IssuedRobot, request: Request, response: Response) -> NewSecretView:
    response.headers["Cache-Control"] = "no-store"
    return NewSecretView.of(made, request.headers.get("host", ""))
