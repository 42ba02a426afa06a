# SPDX-License-Identifier: Apache-2.0
"""Robots as the management API shows them."""

import re

from pydantic import BaseModel
from pydantic import Field

from entrepot.features.robots.lifetimes import Lifetimes
from entrepot.features.robots.models import IssuedRobot
from entrepot.features.robots.models import KnownRobot
from entrepot.features.robots.models import Robot
from entrepot.features.robots.rotation import SecretPage
from entrepot.features.tokens import Credential
from entrepot.features.tokens import CredentialState
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.clock import Milliseconds

UNKNOWN_HOST = "REGISTRY"

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
_LOGIN_NAME = "What it logs in as: its project, or `_` for the registry, a dot, and its name."
_PROJECT = "The project it belongs to; null for a robot of the registry."
_ALLOWED = "From where its secrets are good, and what is fetched with them; anywhere when there are none."
_ALIAS = "The other name that it logs in with, from the registry it was imported from; null when there is none."


class SecretView(BaseModel):
    """What a robot logs in with, without the secret itself."""

    id: str = Field(examples=["01JD2F7ZK3Q8V5T6X9Y0B1C2D4"])
    state: CredentialState
    created_at: Moment
    created_by: str = Field(examples=["user:alice"])
    expires_at: Moment | None = Field(description="From when on it is no longer good; null for never.")
    ends_at: Moment | None = Field(
        description="When it ends, or has ended: by itself, because it was revoked, or because another took its place."
    )
    expires_soon: bool = Field(description="Whether it is time to rotate it, as the setting `robots.warn_days` says.")
    last_used_at: Moment | None = Field(description="When it was last used, exact to five minutes; null for never.")
    last_used_from: str | None = Field(description="The address that it was last used from.", examples=["192.0.2.7"])
    is_imported: bool = Field(description="Whether it comes from another registry, and is given with the alias.")

    @classmethod
    def of(cls, secret: Credential, now: Milliseconds, lifetimes: Lifetimes) -> "SecretView":
        """Show what a robot logs in with, as it stands at `now`."""
        return cls(
            id=secret.id,
            state=secret.state(now),
            created_at=secret.created_at,
            created_by=secret.created_by,
            expires_at=secret.expires_at,
            ends_at=secret.ends_at,
            expires_soon=lifetimes.ends_soon(secret, now),
            last_used_at=secret.used_at,
            last_used_from=secret.used_from,
            is_imported=secret.imported_hash is not None,
        )


class SecretList(BaseModel):
    """Secrets of a robot, newest first."""

    items: list[SecretView]

    @classmethod
    def of(cls, page: SecretPage, lifetimes: Lifetimes) -> "SecretList":
        """Show a page."""
        return cls(items=[SecretView.of(secret, page.at, lifetimes) for secret in page.secrets])


class RobotItem(BaseModel):
    """A robot."""

    name: str = Field(description=_LOGIN_NAME, examples=["team.ci"])
    project: str | None = Field(description=_PROJECT, examples=["team"])
    enabled: bool
    created_at: Moment
    created_by: str = Field(examples=["user:alice"])
    alias: str | None = Field(description=_ALIAS, examples=["robot$team+ci"])
    allowed_addresses: list[str] = Field(description=_ALLOWED, examples=[["10.0.0.0/8"]])
    last_used_at: Moment | None = Field(description="When any of its secrets was last used; null for never.")
    secret: SecretView | None = Field(description="Its newest secret; null when it has none.")

    @classmethod
    def of(cls, known: KnownRobot, lifetimes: Lifetimes) -> "RobotItem":
        """Show a robot."""
        robot = known.robot
        return cls(
            name=robot.name,
            project=robot.project,
            enabled=robot.disabled_at is None,
            created_at=robot.created_at,
            created_by=robot.created_by,
            alias=known.alias,
            allowed_addresses=robot.allowed.names,
            last_used_at=known.last_used_at,
            secret=SecretView.of(known.secret, known.at, lifetimes) if known.secret is not None else None,
        )


class RobotList(BaseModel):
    """Robots, by name."""

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
    def with_grants(cls, known: KnownRobot, lifetimes: Lifetimes) -> "RobotView":
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
        return cls(**dict(RobotItem.of(known, lifetimes)), grants=grants)


class NewSecretView(BaseModel):
    """A robot's secret that was just made."""

    id: str = Field(description="Names the secret in lists.", examples=["01JD2F7ZK3Q8V5T6X9Y0B1C2D4"])
    name: str = Field(description=_LOGIN_NAME, examples=["team.ci"])
    project: str | None = Field(description=_PROJECT, examples=["team"])
    secret: str | None = Field(
        repr=False,
        description="Its password. It is shown this once; null where you gave a hash, and so have it.",
        examples=["ent_01JD2F…"],
    )
    expires_at: Moment | None = Field(description="From when on it is no longer good; null for never.")
    login: str | None = Field(
        repr=False,
        description="A line for a shell that logs docker in; null where you have the secret.",
        examples=["echo ent_01JD2F… | docker login registry.example --username team.ci --password-stdin"],
    )

    @classmethod
    def of(cls, made: IssuedRobot, host: str) -> "NewSecretView":
        """Show a secret to whoever reached the registry at `host`."""
        robot, secret = made.robot, made.secret
        return cls(
            id=made.credential.id,
            name=robot.name,
            project=robot.project,
            secret=secret,
            expires_at=made.credential.expires_at,
            login=None if secret is None else _login_line(robot, secret, host),
        )


def _login_line(robot: Robot, secret: str, host: str) -> str:
    registry = host if _HOST.fullmatch(host) else UNKNOWN_HOST
    return f"echo {secret} | docker login {registry} --username {robot.name} --password-stdin"
