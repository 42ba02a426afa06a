# SPDX-License-Identifier: Apache-2.0
"""Telling what happens to robots, in the transactions in which it does."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.grants import StoredGrant
from entrepot.features.grants import of_principal
from entrepot.features.robots.models import Robot
from entrepot.features.tokens import Credential
from entrepot.features.tokens import aliases_of
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce


@dataclass(frozen=True, slots=True)
class ToldGrant:
    """What a robot may do somewhere."""

    path_pattern: str
    role: str
    tag_pattern: str
    expires_at: str | None


@dataclass(frozen=True, slots=True)
class ToldRobot:
    """A robot as it stands."""

    is_enabled: bool
    alias: str | None
    allowed_addresses: list[str]
    grants: list[ToldGrant]


@dataclass(frozen=True, slots=True)
class ToldSecret:
    """A secret of a robot, without the secret."""

    id: str
    expires_at: str | None
    is_imported: bool


def told_robot(connection: Connection, robot: Robot) -> ToldRobot:
    """Return how a robot stands in this transaction."""
    alias = aliases_of(connection, [robot.identity]).get(robot.identity)
    grants = [_told_grant(grant) for grant in of_principal(connection, robot.identity)]
    return ToldRobot(robot.disabled_at is None, alias, robot.allowed.names, grants)


def told_secret(secret: Credential | None) -> ToldSecret | None:
    """Return what may be told of a secret."""
    if secret is None:
        return None
    return ToldSecret(secret.id, _moment(secret.ends_at), secret.imported_hash is not None)


def tell(
    connection: Connection,
    change: Change,
    robot: Robot,
    now: Milliseconds,
    *,
    before: ToldRobot | ToldSecret | None = None,
    after: ToldRobot | ToldSecret | None = None,
) -> None:
    """Say that something happened to a robot."""
    told = Told(object=robot.identity, project=robot.project or "", before=before, after=after)
    announce(connection, change, now, told)


def _told_grant(grant: StoredGrant) -> ToldGrant:
    return ToldGrant(grant.path_pattern, grant.role, grant.tag_pattern, _moment(grant.expires_at))


def _moment(moment: Milliseconds | None) -> str | None:
    return None if moment is None else rfc3339(moment)
