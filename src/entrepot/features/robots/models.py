# SPDX-License-Identifier: Apache-2.0
"""The words of robots."""

import re
from dataclasses import dataclass
from typing import NewType

from entrepot.features.grants import StoredGrant
from entrepot.features.projects import ProjectName
from entrepot.features.projects import parse_project_name
from entrepot.features.robots.errors import InvalidRobotName
from entrepot.features.roles import Role
from entrepot.features.tokens import Credential
from entrepot.features.tokens import IssuedSecret
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Milliseconds

RobotName = NewType("RobotName", str)
"""What a robot logs in as, `<project>.<name>`: unique in the registry, and nothing that a shell reads otherwise.

The last dot is the one in the middle, so that no two projects can have robots of one name.
"""

MAX_ROBOT_NAME_CHARACTERS = 255

_OWN_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot. `created_by` is a principal such as `user:alice`."""

    name: RobotName
    project: ProjectName
    created_at: Milliseconds
    created_by: str
    disabled_at: Milliseconds | None = None

    @property
    def identity(self) -> str:
        """How it stands in grants and credentials."""
        return identity_of(self.name)


@dataclass(frozen=True, slots=True)
class NewRobot:
    """The robot to create, what it may do in all of its project, and for how many days its secret is good."""

    name: RobotName
    project: ProjectName
    role: Role
    days: int | None


@dataclass(frozen=True, slots=True)
class IssuedRobot:
    """A robot with a secret that was just made."""

    robot: Robot
    issued: IssuedSecret


@dataclass(frozen=True, slots=True)
class KnownRobot:
    """A robot, and what it logs in with (None if that was revoked) at a moment. The secret may have expired."""

    robot: Robot
    secret: Credential | None
    at: Milliseconds
    grants: tuple[StoredGrant, ...] = ()


def identity_of(name: RobotName) -> str:
    """Return a robot as a principal, such as `robot:team.ci`."""
    return f"{PrincipalKind.ROBOT}:{name}"


def join_robot_name(project: ProjectName, own: str) -> RobotName:
    """Return what the robot called `own` in a project logs in as. Raises `InvalidRobotName`."""
    if _OWN_NAME.fullmatch(own) is None:
        raise InvalidRobotName(f"{own[:80]!r} is not the name of a robot")
    name = f"{project}.{own}"
    if len(name) > MAX_ROBOT_NAME_CHARACTERS:
        raise InvalidRobotName(
            f"the name {project}.… has {len(name)} characters; at most {MAX_ROBOT_NAME_CHARACTERS} are accepted",
            hint="Choose a shorter name.",
        )
    return RobotName(name)


def parse_robot_name(text: str) -> tuple[ProjectName, RobotName]:
    """Read `<project>.<name>`. Raises `InvalidRobotName` and `ProjectNameInvalid`."""
    project, dot, own = text.rpartition(".")
    if not dot:
        raise InvalidRobotName(f"{text[:80]!r} is not what a robot logs in as", hint="Use <project>.<name>.")
    parsed = parse_project_name(project)
    return parsed, join_robot_name(parsed, own)
