# SPDX-License-Identifier: Apache-2.0
"""Robots as the management API shows them."""

import re

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

from entrepot.features.robots.models import IssuedRobot
from entrepot.features.robots.models import KnownRobot
from entrepot.features.robots.models import Robot
from entrepot.features.roles import Role
from entrepot.features.tokens import DEFAULT_DAYS
from entrepot.features.tokens import MAX_DAYS
from entrepot.features.tokens import Credential
from entrepot.features.tokens import CredentialState
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.clock import Milliseconds

MAX_OVERLAP_MINUTES = 7 * 24 * 60
UNKNOWN_HOST = "REGISTRY"

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
_LOGIN_NAME = "What it logs in as: its project, a dot, and its name."
_OWN_NAME = "Its name in the project: a-z, 0-9, '_' and '-'."
_ROLE = "What it may do in all of the project; from little to much: `view`, `read`, `write`, `maintain`, `admin`."


class _SecretTerms(BaseModel):
    model_config = ConfigDict(extra="forbid")

    expires_in_days: int | None = Field(
        None, ge=1, le=MAX_DAYS, description=f"For how long its secret is good; {DEFAULT_DAYS} if left out."
    )
    never_expires: bool = Field(False, description="Make a secret that is good until it is rotated.")

    @model_validator(mode="after")
    def _require_one(self) -> "_SecretTerms":
        if self.never_expires and self.expires_in_days is not None:
            raise ValueError("give either expires_in_days or never_expires")
        return self

    @property
    def days(self) -> int | None:
        """For how many days the secret is good; None for ever."""
        return None if self.never_expires else self.expires_in_days or DEFAULT_DAYS


class RobotRequest(_SecretTerms):
    """The robot to create."""

    name: str = Field(description=_OWN_NAME, examples=["ci"])
    project: str = Field(description="The project it belongs to.", examples=["team"])
    role: Role = Field(description=_ROLE)


class RotationRequest(_SecretTerms):
    """How to change a robot's secret."""

    overlap_minutes: int = Field(
        0, ge=0, le=MAX_OVERLAP_MINUTES, description="For how long the secret it had goes on being good."
    )


class SecretView(BaseModel):
    """What a robot logs in with, without the secret itself."""

    id: str = Field(examples=["01JD2F7ZK3Q8V5T6X9Y0B1C2D4"])
    state: CredentialState
    created_at: Moment
    created_by: str = Field(examples=["user:alice"])
    expires_at: Moment | None = Field(description="From when on it is no longer good; null for never.")

    @classmethod
    def of(cls, secret: Credential, now: Milliseconds) -> "SecretView":
        """Show what a robot logs in with, as it stands at `now`."""
        return cls(
            id=secret.id,
            state=secret.state(now),
            created_at=secret.created_at,
            created_by=secret.created_by,
            expires_at=secret.expires_at,
        )


class RobotItem(BaseModel):
    """A robot."""

    name: str = Field(description=_LOGIN_NAME, examples=["team.ci"])
    project: str = Field(examples=["team"])
    enabled: bool
    created_at: Moment
    created_by: str = Field(examples=["user:alice"])
    secret: SecretView | None = Field(description="Its newest secret; null when it has none.")

    @classmethod
    def of(cls, known: KnownRobot) -> "RobotItem":
        """Show a robot."""
        robot = known.robot
        return cls(
            name=robot.name,
            project=robot.project,
            enabled=robot.disabled_at is None,
            created_at=robot.created_at,
            created_by=robot.created_by,
            secret=SecretView.of(known.secret, known.at) if known.secret is not None else None,
        )


class RobotList(BaseModel):
    """Robots of a project, by name."""

    items: list[RobotItem]


class RobotGrant(BaseModel):
    """A role that a robot has on the repositories that match a path pattern."""

    path_pattern: str = Field(examples=["team/**"])
    role: str = Field(examples=["write"])
    tag_pattern: str = Field(description="For which tags it may tag and delete; empty for all.", examples=[""])
    expires_at: Moment | None = Field(description="When it ends by itself; null for never.")


class RobotView(RobotItem):
    """A robot, and what it may do."""

    grants: list[RobotGrant]

    @classmethod
    def with_grants(cls, known: KnownRobot) -> "RobotView":
        """Show a robot with its grants."""
        grants = [
            RobotGrant(
                path_pattern=grant.path_pattern,
                role=grant.role,
                tag_pattern=grant.tag_pattern,
                expires_at=grant.expires_at,
            )
            for grant in known.grants
        ]
        return cls(**dict(RobotItem.of(known)), grants=grants)


class NewSecretView(BaseModel):
    """A robot's secret that was just made."""

    name: str = Field(description=_LOGIN_NAME, examples=["team.ci"])
    project: str = Field(examples=["team"])
    secret: str = Field(repr=False, description="Its password. It is shown this once.", examples=["ent_01JD2F…"])
    expires_at: Moment | None = Field(description="From when on it is no longer good; null for never.")
    login: str = Field(
        repr=False,
        description="A line for a shell that logs docker in.",
        examples=["echo ent_01JD2F… | docker login registry.example --username team.ci --password-stdin"],
    )

    @classmethod
    def of(cls, made: IssuedRobot, host: str) -> "NewSecretView":
        """Show a secret to whoever reached the registry at `host`."""
        robot, secret = made.robot, made.issued.secret
        return cls(
            name=robot.name,
            project=robot.project,
            secret=secret,
            expires_at=made.issued.credential.expires_at,
            login=_login_line(robot, secret, host),
        )


def _login_line(robot: Robot, secret: str, host: str) -> str:
    registry = host if _HOST.fullmatch(host) else UNKNOWN_HOST
    return f"echo {secret} | docker login {registry} --username {robot.name} --password-stdin"
