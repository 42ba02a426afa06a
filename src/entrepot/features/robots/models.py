# SPDX-License-Identifier: Apache-2.0
"""The words of robots."""

import re
from dataclasses import dataclass
from dataclasses import field
from typing import NewType

from entrepot.features.grants import StoredGrant
from entrepot.features.grants import Terms
from entrepot.features.projects import ProjectName
from entrepot.features.projects import parse_project_name
from entrepot.features.robots.errors import InvalidRobotName
from entrepot.features.tokens import ANYWHERE
from entrepot.features.tokens import Alias
from entrepot.features.tokens import AllowedAddresses
from entrepot.features.tokens import Credential
from entrepot.features.tokens import Given
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Milliseconds

RobotName = NewType("RobotName", str)
"""What a robot logs in as, `<project>.<name>`: unique in the registry, and nothing that a shell reads otherwise.

The last dot is the one in the middle, so that no two projects can have robots of one name. Where a robot belongs to
the registry as a whole, `_` stands in the place of the project, which no project can be called.
"""

REGISTRY = "_"

MAX_ROBOT_NAME_CHARACTERS = 255
MAX_SECRETS = 2
"""So many are good at the same time, at most."""

_OWN_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot of a project, None for one of the registry. `created_by` is a principal such as `user:alice`."""

    name: RobotName
    project: ProjectName | None
    created_at: Milliseconds
    created_by: str
    disabled_at: Milliseconds | None = None
    allowed: AllowedAddresses = ANYWHERE
    """From where its secrets are good."""

    @property
    def identity(self) -> str:
        """How it stands in grants and credentials."""
        return identity_of(self.name)


@dataclass(frozen=True, slots=True)
class WantedGrant:
    """A grant to give to a robot, and when it ends, None for never."""

    terms: Terms
    expires_at: Milliseconds | None = None


@dataclass(frozen=True, slots=True)
class SecretTerms:
    """A secret to make: good for how many days (None for what is usual), or for ever.

    `given` is the hash of one that somebody else has made.
    """

    days: int | None = None
    is_endless: bool = False
    given: Given | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewRobot:
    """The robot to create: what it may do, its first secret, from where that is good, and its other name."""

    name: RobotName
    project: ProjectName | None
    grants: tuple[WantedGrant, ...]
    secret: SecretTerms
    allowed: AllowedAddresses = ANYWHERE
    alias: Alias | None = None


@dataclass(frozen=True, slots=True)
class IssuedRobot:
    """A robot with a secret that was just made; `is_new` tells whether it was not there before.

    The text of the secret is None where somebody else has made it.
    """

    robot: Robot
    credential: Credential
    secret: str | None = field(repr=False)
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class KnownRobot:
    """A robot, and what it logs in with (None if that was revoked) at a moment. The secret may have expired."""

    robot: Robot
    secret: Credential | None
    at: Milliseconds
    alias: str | None = None
    last_used_at: Milliseconds | None = None
    grants: tuple[StoredGrant, ...] = ()


@dataclass(frozen=True, slots=True)
class RobotChange:
    """What to change of a robot; None leaves something as it is. An empty alias takes the alias away."""

    allowed: AllowedAddresses | None = None
    alias: Alias | None = None
    is_alias_removed: bool = False

    @property
    def is_about_alias(self) -> bool:
        """Whether it changes by which other name the robot goes."""
        return self.alias is not None or self.is_alias_removed


def identity_of(name: RobotName) -> str:
    """Return a robot as a principal, such as `robot:team.ci`."""
    return f"{PrincipalKind.ROBOT}:{name}"


def join_robot_name(project: ProjectName | None, own: str) -> RobotName:
    """Return what the robot called `own` in a project, or in the registry, logs in as. Raises `InvalidRobotName`."""
    if _OWN_NAME.fullmatch(own) is None:
        raise InvalidRobotName(f"{own[:80]!r} is not the name of a robot")
    name = f"{project or REGISTRY}.{own}"
    if len(name) > MAX_ROBOT_NAME_CHARACTERS:
        raise InvalidRobotName(
            f"the name {project}.… has {len(name)} characters; at most {MAX_ROBOT_NAME_CHARACTERS} are accepted",
            hint="Choose a shorter name.",
        )
    return RobotName(name)


def parse_robot_name(text: str) -> tuple[ProjectName | None, RobotName]:
    """Read `<project>.<name>` or `_.<name>`. Raises `InvalidRobotName` and `ProjectNameInvalid`."""
    project, dot, own = text.rpartition(".")
    if not dot:
        raise InvalidRobotName(
            f"{text[:80]!r} is not what a robot logs in as",
            hint=f"Use <project>.<name>, or {REGISTRY}.<name> for a robot of the registry.",
        )
    parsed = None if project == REGISTRY else parse_project_name(project)
    return parsed, join_robot_name(parsed, own)
