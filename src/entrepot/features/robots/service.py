# SPDX-License-Identifier: Apache-2.0
"""The use cases of robots, for those who administer their project."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.access import GrantAuthorizer
from entrepot.features.access import parse_pattern
from entrepot.features.grants import Grantee
from entrepot.features.grants import GranteeKind
from entrepot.features.grants import Terms
from entrepot.features.grants import give
from entrepot.features.grants import last_moment
from entrepot.features.grants import of_principal
from entrepot.features.grants import remove_of
from entrepot.features.groups import leave
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import Projects
from entrepot.features.projects import require_existing
from entrepot.features.robots import store
from entrepot.features.robots.errors import NotForItself
from entrepot.features.robots.errors import RobotExists
from entrepot.features.robots.errors import RobotUnknown
from entrepot.features.robots.errors import SecretReplaced
from entrepot.features.robots.errors import TooManyRobots
from entrepot.features.robots.models import IssuedRobot
from entrepot.features.robots.models import KnownRobot
from entrepot.features.robots.models import NewRobot
from entrepot.features.robots.models import Robot
from entrepot.features.robots.models import RobotName
from entrepot.features.robots.models import identity_of
from entrepot.features.robots.models import parse_robot_name
from entrepot.features.roles import ROLE_ACTIONS
from entrepot.features.tokens import BEARER_MARK
from entrepot.features.tokens import IssuedSecret
from entrepot.features.tokens import Wanted
from entrepot.features.tokens import current_secrets
from entrepot.features.tokens import end_secrets
from entrepot.features.tokens import issue_secret
from entrepot.features.tokens import remove_secrets
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.oci.errors import Denied
from entrepot.registry.platform import Platform

MAX_PER_PROJECT = 1_000
SECRET_NAME = "secret"  # noqa: S105 - what the credential is called, in the table that tokens share


@dataclass(frozen=True, slots=True)
class RobotPage:
    """One page of robots by name; `is_more` says whether another follows."""

    robots: list[KnownRobot]
    is_more: bool


class Robots:
    """Creating, showing and ending robots. Whoever may administer all of a project may do this to its robots."""

    def __init__(
        self, platform: Platform, authorizer: GrantAuthorizer, projects: Projects, rights: ProjectRights
    ) -> None:
        self._database = platform.database
        self._clock: Clock = platform.clock
        self._authorizer = authorizer
        self._projects = projects
        self._rights = rights

    async def create(self, principal: Principal, wanted: NewRobot) -> IssuedRobot:
        """Create a robot with its role and its first secret.

        It may do nothing that its creator may not, and what lasts is given by who has it for good.
        Raises as `ProjectRights.require_administering`, `Denied`, `ReauthenticationNeeded`, `ProjectUnknown`,
        `RobotExists` and `TooManyRobots`.
        """
        await self._rights.require_administering(principal, wanted.project)
        await self._require_not_beyond(principal, wanted)
        require_recent_login(principal)
        robot = Robot(wanted.name, wanted.project, self._clock(), principal.identity)
        issued = await self._database.write(_create, robot, wanted)
        self._forget(wanted.name)
        return IssuedRobot(robot, issued)

    async def page(self, principal: Principal, project: ProjectName, after_name: str, limit: int) -> RobotPage:
        """Return the robots of a project behind the one of a name.

        Raises as `ProjectRights.require_reading` and `require_administering`, and `ProjectUnknown`.
        """
        await self._rights.require_reading(principal, project)
        await self._rights.require_administering(principal, project)
        await self._projects.existing(project)
        found = await self._database.snapshot(_page, project, after_name, limit + 1, self._clock())
        return RobotPage(found[:limit], len(found) > limit)

    async def show(self, principal: Principal, name: str) -> KnownRobot:
        """Return a robot with its grants. A robot may look at itself. Raises as `page`, and `RobotUnknown`."""
        project, robot_name = parse_robot_name(name)
        if not _is_itself(principal, robot_name):
            await self._rights.require_reading(principal, project)
            await self._rights.require_administering(principal, project)
        return await self._database.snapshot(_show, robot_name, self._clock())

    async def rotate(self, principal: Principal, name: str, days: int | None, overlap_minutes: int) -> IssuedRobot:
        """Give a robot a new secret that is good for `days`; the old one ends now, or after the overlap.

        A robot may do this to itself, but not for ever, and not with a secret that was replaced:
        one that leaked would never end. Raises as `create`, `RobotUnknown`, `NotForItself` and `SecretReplaced`.
        """
        project, robot_name = parse_robot_name(name)
        login = principal.credential.removeprefix(BEARER_MARK) if _is_itself(principal, robot_name) else None
        if login is None:
            await self._rights.require_administering(principal, project)
            require_recent_login(principal)
        elif days is None:
            raise NotForItself
        now = self._clock()
        wanted = _wanted(robot_name, days, principal.identity, now)
        old_ends_at = after(now, overlap_minutes * MINUTE_MS)
        return await self._database.write(_rotate, robot_name, wanted, now, old_ends_at, login)

    async def disable(self, principal: Principal, name: str) -> KnownRobot:
        """Let a robot do nothing until it is enabled again. Raises as `create`, and `RobotUnknown`."""
        return await self._switch(principal, name, self._clock())

    async def enable(self, principal: Principal, name: str) -> KnownRobot:
        """Let a robot log in again. Raises as `create`, and `RobotUnknown`."""
        return await self._switch(principal, name, None)

    async def delete(self, principal: Principal, name: str) -> None:
        """Delete a robot, its secrets and its grants, so that another one of its name inherits nothing.

        Raises as `create`, and `RobotUnknown`.
        """
        project, robot_name = parse_robot_name(name)
        await self._rights.require_administering(principal, project)
        await self._database.write(_delete, robot_name)
        self._forget(robot_name)

    async def _require_not_beyond(self, principal: Principal, wanted: NewRobot) -> None:
        pattern = parse_pattern(f"{wanted.project}/**")
        for action in sorted(ROLE_ACTIONS[wanted.role]):
            if not await self._authorizer.covers(principal, action, pattern, until=last_moment(None)):
                raise Denied(
                    f"{principal.name} may not {action} on all of {wanted.project} for good, and so not let a robot",
                    hint="Choose a smaller role, or ask an administrator of the registry to make the robot.",
                )

    async def _switch(self, principal: Principal, name: str, disabled_at: Milliseconds | None) -> KnownRobot:
        project, robot_name = parse_robot_name(name)
        await self._rights.require_administering(principal, project)
        robot = await self._database.write(_switch, robot_name, disabled_at, self._clock())
        self._forget(robot_name)
        return robot

    def _forget(self, name: RobotName) -> None:
        self._authorizer.forget(PrincipalKind.ROBOT, name)


def remove_of_project(connection: Connection, project: ProjectName) -> None:
    """Delete every robot of a project that is deleted, as a part of that transaction."""
    for name in store.names(connection, project):
        _delete(connection, name)


def _create(connection: Connection, robot: Robot, wanted: NewRobot) -> IssuedSecret:
    require_existing(connection, robot.project)
    if store.count(connection, robot.project) >= MAX_PER_PROJECT:
        raise TooManyRobots(f"the project {robot.project} has {MAX_PER_PROJECT} robots, which is the most it may have")
    if not store.add(connection, robot):
        raise RobotExists(f"there is a robot {robot.name} already")
    _strip(connection, robot)
    terms = Terms(Grantee(GranteeKind.ROBOT, robot.name), f"{robot.project}/**", wanted.role)
    give(connection, terms, None, robot.created_at, robot.created_by)
    return issue_secret(
        connection, _wanted(robot.name, wanted.days, robot.created_by, robot.created_at), robot.created_at
    )


def _rotate(
    connection: Connection,
    name: RobotName,
    wanted: Wanted,
    now: Milliseconds,
    old_ends_at: Milliseconds,
    login: str | None,
) -> IssuedRobot:
    """Replace the secret; `login` is what the robot itself logged in with, None when somebody else asks."""
    robot = _known(connection, name)
    newest = current_secrets(connection, [robot.identity]).get(robot.identity)
    if login is not None and (newest is None or newest.mark != login):
        raise SecretReplaced
    end_secrets(connection, robot.identity, old_ends_at)
    return IssuedRobot(robot, issue_secret(connection, wanted, now))


def _switch(connection: Connection, name: RobotName, disabled_at: Milliseconds | None, now: Milliseconds) -> KnownRobot:
    robot = _known(connection, name)
    if (robot.disabled_at is None) != (disabled_at is None):
        store.switch(connection, name, disabled_at)
    return _show(connection, name, now)


def _delete(connection: Connection, name: RobotName) -> None:
    robot = _known(connection, name)
    store.remove(connection, name)
    _strip(connection, robot)


def _strip(connection: Connection, robot: Robot) -> None:
    """Remove everything that was given to a robot of this name."""
    remove_secrets(connection, robot.identity)
    remove_of(connection, robot.identity)
    leave(connection, robot.identity)


def _page(
    connection: Connection, project: ProjectName, after_name: str, limit: int, now: Milliseconds
) -> list[KnownRobot]:
    found = store.page(connection, project, after_name, limit)
    secrets = current_secrets(connection, [robot.identity for robot in found])
    return [KnownRobot(robot, secrets.get(robot.identity), now) for robot in found]


def _show(connection: Connection, name: RobotName, now: Milliseconds) -> KnownRobot:
    robot = _known(connection, name)
    secret = current_secrets(connection, [robot.identity]).get(robot.identity)
    return KnownRobot(robot, secret, now, tuple(of_principal(connection, robot.identity)))


def _known(connection: Connection, name: RobotName) -> Robot:
    robot = store.find(connection, name)
    if robot is None:
        raise RobotUnknown(f"there is no robot {name}")
    return robot


def _wanted(name: RobotName, days: int | None, created_by: str, now: Milliseconds) -> Wanted:
    expires_at = None if days is None else after(now, days * DAY_MS)
    return Wanted(identity_of(name), SECRET_NAME, expires_at, created_by)


def _is_itself(principal: Principal, name: RobotName) -> bool:
    return principal.identity == identity_of(name) and principal.scopes is None
