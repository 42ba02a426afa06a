# SPDX-License-Identifier: Apache-2.0
"""The use cases of robots, for those who administer their project, or the registry."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.access import GrantAuthorizer
from entrepot.features.grants import give
from entrepot.features.grants import of_principal
from entrepot.features.grants import remove_of
from entrepot.features.groups import administers
from entrepot.features.groups import leave
from entrepot.features.guardrails import end_exceptions_of
from entrepot.features.projects import ProjectName
from entrepot.features.projects import Projects
from entrepot.features.projects import require_existing
from entrepot.features.quotas import Subject
from entrepot.features.quotas import forget_quota
from entrepot.features.robots import store
from entrepot.features.robots.delegation import Delegation
from entrepot.features.robots.errors import RobotExists
from entrepot.features.robots.errors import TooManyRobots
from entrepot.features.robots.lifetimes import Lifetimes
from entrepot.features.robots.making import SecretOrder
from entrepot.features.robots.making import known_robot
from entrepot.features.robots.making import make_secret_of
from entrepot.features.robots.models import REGISTRY
from entrepot.features.robots.models import IssuedRobot
from entrepot.features.robots.models import KnownRobot
from entrepot.features.robots.models import NewRobot
from entrepot.features.robots.models import Robot
from entrepot.features.robots.models import RobotChange
from entrepot.features.robots.models import RobotName
from entrepot.features.robots.models import WantedGrant
from entrepot.features.robots.models import identity_of
from entrepot.features.robots.models import parse_robot_name
from entrepot.features.robots.telling import tell
from entrepot.features.robots.telling import told_robot
from entrepot.features.roles import RoleUnknown
from entrepot.features.roles import SystemRole
from entrepot.features.roles import hold_actions
from entrepot.features.tokens import Alias
from entrepot.features.tokens import AliasTaken
from entrepot.features.tokens import HarborHash
from entrepot.features.tokens import aliases_of
from entrepot.features.tokens import allow_addresses
from entrepot.features.tokens import current_secrets
from entrepot.features.tokens import given_before
from entrepot.features.tokens import last_used
from entrepot.features.tokens import put_alias
from entrepot.features.tokens import remove_alias
from entrepot.features.tokens import remove_secrets
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.four_eyes import hours_until
from entrepot.registry.platform import Platform

MAX_PER_PROJECT = 1_000
"""So many robots a project may have, and the registry itself."""


@dataclass(frozen=True, slots=True)
class RobotPage:
    """One page of robots by name; `is_more` says whether another follows."""

    robots: list[KnownRobot]
    is_more: bool


class Robots:
    """Creating, showing, changing and ending robots.

    Whoever may administer all of a project may do this to its robots; those of the registry take its administrator.
    """

    def __init__(
        self,
        platform: Platform,
        authorizer: GrantAuthorizer,
        projects: Projects,
        delegation: Delegation,
        lifetimes: Lifetimes,
    ) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock: Clock = platform.clock
        self._four_eyes = platform.four_eyes
        self._authorizer = authorizer
        self._projects = projects
        self._delegation = delegation
        self._lifetimes = lifetimes

    async def create(self, principal: Principal, wanted: NewRobot) -> IssuedRobot:
        """Create a robot with its grants and its first secret; one that is there with this very secret stays.

        It may do nothing that its creator may not, and what lasts is given by who has it for good. To let it
        go by another name takes an administrator of the registry.
        Raises as `Delegation.require_changing` and `require_giving`, `ReauthenticationNeeded`, `SecretTooLasting`,
        `ProjectUnknown`, `RobotExists`, `RoleUnknown`, `TooManyRobots`, `AliasTaken`, as `make_secret_of`, and as
        `FourEyes.require` for one that administers the registry.
        """
        await self._delegation.require_changing(principal, wanted.project)
        if wanted.alias is not None or isinstance(wanted.secret.given, HarborHash):
            await self._delegation.require_administrator(principal)
        await self._delegation.require_giving(principal, wanted.grants)
        require_recent_login(principal)
        now = self._clock()
        ends_at = self._lifetimes.end_of(wanted.secret, now)
        robot = Robot(wanted.name, wanted.project, now, principal.identity, allowed=wanted.allowed)
        order = SecretOrder(wanted.name, principal.identity, ends_at, wanted.secret.given, None)
        issued = await self._database.write(self._create, principal, robot, wanted, order)
        self._forget(wanted.name)
        return issued

    async def page(self, principal: Principal, project: str, after_name: str, limit: int) -> RobotPage:
        """Return the robots of a project behind the one of a name: `_` for those of the registry, empty for all.

        Raises as `Delegation.require_reading`, and `ProjectUnknown`.
        """
        if not project:
            await self._rights.require_system(principal, SystemAction.READ_ACCOUNTS)
        elif project == REGISTRY:
            await self._delegation.require_reading(principal, None)
        else:
            await self._delegation.require_reading(principal, ProjectName(project))
            await self._projects.existing(ProjectName(project))
        found = await self._database.snapshot(_page, project, after_name, limit + 1, self._clock())
        return RobotPage(found[:limit], len(found) > limit)

    async def show(self, principal: Principal, name: str) -> KnownRobot:
        """Return a robot with its grants. A robot may look at itself. Raises as `page`, and `RobotUnknown`."""
        project, robot_name = parse_robot_name(name)
        if not is_itself(principal, robot_name):
            await self._delegation.require_reading(principal, project)
        return await self._database.snapshot(_show, robot_name, self._clock())

    async def change(self, principal: Principal, name: str, change: RobotChange) -> KnownRobot:
        """Change from where a robot may log in, and its other name, which takes an administrator of the registry.

        Raises as `create`, and `RobotUnknown`.
        """
        project, robot_name = parse_robot_name(name)
        await self._delegation.require_changing(principal, project)
        if change.is_about_alias:
            await self._delegation.require_administrator(principal)
        require_recent_login(principal)
        return await self._database.write(_change, robot_name, change, self._clock())

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
        await self._delegation.require_changing(principal, project)
        await self._database.write(_delete, robot_name, self._clock())
        self._forget(robot_name)

    async def _switch(self, principal: Principal, name: str, disabled_at: Milliseconds | None) -> KnownRobot:
        project, robot_name = parse_robot_name(name)
        await self._delegation.require_changing(principal, project)
        robot = await self._database.write(self._turn, principal, robot_name, disabled_at)
        self._forget(robot_name)
        return robot

    def _create(
        self, connection: Connection, principal: Principal, robot: Robot, wanted: NewRobot, order: SecretOrder
    ) -> IssuedRobot:
        issued = _create(connection, robot, wanted, order)
        for grant in wanted.grants if issued.is_new else ():
            if grant.terms.role == SystemRole.ADMINISTRATOR:
                hours = hours_until(robot.created_at, grant.expires_at)
                attempt = Attempt(Act.ADMINISTRATOR_ADD, robot.identity, hours)
                self._four_eyes.require(connection, principal, attempt)
        return issued

    def _turn(
        self, connection: Connection, principal: Principal, name: RobotName, disabled_at: Milliseconds | None
    ) -> KnownRobot:
        now, was = self._clock(), known_robot(connection, name)
        if disabled_at is None and was.disabled_at is not None and administers(connection, was.identity, now):
            self._four_eyes.require(connection, principal, Attempt(Act.ADMINISTRATOR_ADD, was.identity))
        return _switch(connection, name, disabled_at, now)

    def _forget(self, name: RobotName) -> None:
        self._authorizer.forget(PrincipalKind.ROBOT, name)


def is_itself(principal: Principal, name: RobotName) -> bool:
    """Tell whether a robot asks about itself, with a credential that narrows nothing."""
    return principal.identity == identity_of(name) and principal.scopes is None


def remove_of_project(connection: Connection, project: ProjectName) -> None:
    """Delete every robot of a project that is deleted, as a part of that transaction."""
    now = system_clock()
    for name in store.names(connection, project):
        _delete(connection, name, now)


def _create(connection: Connection, robot: Robot, wanted: NewRobot, order: SecretOrder) -> IssuedRobot:
    now = robot.created_at
    if robot.project is not None:
        require_existing(connection, robot.project)
    if store.count(connection, robot.project or store.OF_REGISTRY) >= MAX_PER_PROJECT:
        whose = f"the project {robot.project}" if robot.project else "the registry"
        raise TooManyRobots(f"{whose} has {MAX_PER_PROJECT} robots, which is the most it may have")
    if not store.add(connection, robot):
        return _same(connection, wanted, now)
    _strip(connection, robot, now)
    _give_all(connection, wanted.grants, robot)
    if wanted.alias is not None:
        _name(connection, robot, wanted.alias)
    made = make_secret_of(connection, robot, order, now)
    tell(connection, Change.ROBOT_CREATED, robot, now, after=told_robot(connection, robot))
    return made


def _same(connection: Connection, wanted: NewRobot, now: Milliseconds) -> IssuedRobot:
    """Return the robot that is there if it is the wanted one already, by its secret and all it may do."""
    robot = known_robot(connection, wanted.name)
    secret = given_before(connection, robot.identity, wanted.secret.given, now)
    held = {(each.path_pattern, each.role, each.tag_pattern) for each in of_principal(connection, robot.identity)}
    asked = {(each.terms.path_pattern, each.terms.role, each.terms.tag_pattern) for each in wanted.grants}
    alias = aliases_of(connection, [robot.identity]).get(robot.identity)
    if secret is None or held != asked or (robot.allowed, alias) != (wanted.allowed, wanted.alias):
        raise RobotExists(f"there is a robot {wanted.name} already")
    return IssuedRobot(robot, secret, None, is_new=False)


def _give_all(connection: Connection, grants: tuple[WantedGrant, ...], robot: Robot) -> None:
    for grant in grants:
        if hold_actions(connection, grant.terms.role) is None:
            raise RoleUnknown(f"there is no role {grant.terms.role}")
        give(connection, grant.terms, grant.expires_at, robot.created_at, robot.created_by)


def _name(connection: Connection, robot: Robot, alias: Alias) -> None:
    if not put_alias(connection, robot.identity, alias):
        raise AliasTaken(f"another robot goes by {alias} already")


def _change(connection: Connection, name: RobotName, change: RobotChange, now: Milliseconds) -> KnownRobot:
    robot = known_robot(connection, name)
    before = told_robot(connection, robot)
    if change.allowed is not None:
        store.allow(connection, name, change.allowed)
        allow_addresses(connection, robot.identity, str(change.allowed))
    if change.alias is not None:
        _name(connection, robot, change.alias)
    elif change.is_alias_removed:
        remove_alias(connection, robot.identity)
    after = told_robot(connection, known_robot(connection, name))
    if before != after:
        tell(connection, Change.ROBOT_CHANGED, robot, now, before=before, after=after)
    return _show(connection, name, now)


def _switch(connection: Connection, name: RobotName, disabled_at: Milliseconds | None, now: Milliseconds) -> KnownRobot:
    robot = known_robot(connection, name)
    if (robot.disabled_at is None) != (disabled_at is None):
        before = told_robot(connection, robot)
        store.switch(connection, name, disabled_at)
        change = Change.ROBOT_ENABLED if disabled_at is None else Change.ROBOT_DISABLED
        after = told_robot(connection, known_robot(connection, name))
        tell(connection, change, robot, now, before=before, after=after)
    return _show(connection, name, now)


def _delete(connection: Connection, name: RobotName, now: Milliseconds) -> None:
    robot = known_robot(connection, name)
    tell(connection, Change.ROBOT_DELETED, robot, now, before=told_robot(connection, robot))
    store.remove(connection, name)
    _strip(connection, robot, now)


def _strip(connection: Connection, robot: Robot, now: Milliseconds) -> None:
    """Remove everything that was given to a robot of this name."""
    remove_secrets(connection, robot.identity)
    remove_of(connection, robot.identity)
    leave(connection, robot.identity)
    end_exceptions_of(connection, robot.identity, now)
    forget_quota(connection, Subject(robot.identity), now)


def _page(connection: Connection, project: str, after_name: str, limit: int, now: Milliseconds) -> list[KnownRobot]:
    if project:
        of = store.OF_REGISTRY if project == REGISTRY else project
        found = store.page(connection, of, after_name, limit)
    else:
        found = store.every_page(connection, after_name, limit)
    identities = [robot.identity for robot in found]
    secrets, aliases = current_secrets(connection, identities), aliases_of(connection, identities)
    used = last_used(connection, identities)
    return [
        KnownRobot(robot, secrets.get(robot.identity), now, aliases.get(robot.identity), used.get(robot.identity))
        for robot in found
    ]


def _show(connection: Connection, name: RobotName, now: Milliseconds) -> KnownRobot:
    robot = known_robot(connection, name)
    identity = robot.identity
    return KnownRobot(
        robot,
        current_secrets(connection, [identity]).get(identity),
        now,
        aliases_of(connection, [identity]).get(identity),
        last_used(connection, [identity]).get(identity),
        tuple(of_principal(connection, identity)),
    )
