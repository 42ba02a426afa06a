# SPDX-License-Identifier: Apache-2.0
"""Making and replacing the secrets of robots, as parts of a transaction."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.grants import StoredGrant
from entrepot.features.robots import store
from entrepot.features.robots.errors import AliasNeeded
from entrepot.features.robots.errors import RobotChanged
from entrepot.features.robots.errors import RobotUnknown
from entrepot.features.robots.errors import SecretReplaced
from entrepot.features.robots.errors import TooManySecrets
from entrepot.features.robots.models import MAX_SECRETS
from entrepot.features.robots.models import IssuedRobot
from entrepot.features.robots.models import Robot
from entrepot.features.robots.models import RobotName
from entrepot.features.robots.telling import tell
from entrepot.features.robots.telling import told_secret
from entrepot.features.tokens import Credential
from entrepot.features.tokens import Given
from entrepot.features.tokens import HarborHash
from entrepot.features.tokens import Wanted
from entrepot.features.tokens import aliases_of
from entrepot.features.tokens import given_before
from entrepot.features.tokens import issue_secret
from entrepot.features.tokens import keep_secret
from entrepot.features.tokens import live_secrets
from entrepot.features.tokens import replace_secret
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds

SECRET_NAMES = ("secret", "secret-2")
"""What the credentials are called, in the table that tokens share: so many there can be by choice."""


@dataclass(frozen=True, slots=True)
class SecretOrder:
    """A secret to make for a robot: by whom, good until when, and which, where somebody else has made it.

    `held` is what the robot may do as far as was seen when somebody was let have the secret; None where it is new.
    """

    name: RobotName
    made_by: str
    expires_at: Milliseconds | None
    given: Given | None
    held: tuple[StoredGrant, ...] | None


@dataclass(frozen=True, slots=True)
class Handover:
    """How the secrets there are make way for a new one.

    The one in use goes on until `old_ends_at`: that which the robot has logged in with (`login`), else the newest.
    """

    old_ends_at: Milliseconds
    login: str | None


def known_robot(connection: Connection, name: str) -> Robot:
    """Return the robot of a name. Raises `RobotUnknown`."""
    robot = store.find(connection, name)
    if robot is None:
        raise RobotUnknown(f"there is no robot {name}")
    return robot


def make_secret_of(connection: Connection, robot: Robot, order: SecretOrder, now: Milliseconds) -> IssuedRobot:
    """Make a secret for a robot that has room for it. Raises `AliasNeeded`, `TooManySecrets`, `SecretUsedBefore`."""
    live = live_secrets(connection, robot.identity, now)
    free = [name for name in SECRET_NAMES if name not in {each.name for each in live if each.revoked_at is None}]
    if len(live) >= MAX_SECRETS or not free:
        raise TooManySecrets(f"{robot.name} has {len(live)} secrets that are good, which is the most there may be")
    wanted = Wanted(robot.identity, free[0], order.expires_at, order.made_by, robot.allowed)
    if order.given is None:
        issued = issue_secret(connection, wanted, now)
        return IssuedRobot(robot, issued.credential, issued.secret)
    if isinstance(order.given, HarborHash):
        _require_findable(connection, robot, live)
    return IssuedRobot(robot, keep_secret(connection, wanted, order.given, now), None)


def add_secret(connection: Connection, order: SecretOrder, now: Milliseconds) -> IssuedRobot:
    """Make one more secret, unless this very one is there.

    Raises `RobotUnknown`, `RobotChanged`, and as `make_secret_of`.
    """
    robot = known_robot(connection, order.name)
    _require_unchanged(connection, robot, order, now)
    same = given_before(connection, robot.identity, order.given, now)
    if same is not None:
        return IssuedRobot(robot, same, None, is_new=False)
    made = make_secret_of(connection, robot, order, now)
    tell(connection, Change.ROBOT_SECRET_ADDED, robot, now, after=told_secret(made.credential))
    return made


def rotate(connection: Connection, order: SecretOrder, handover: Handover, now: Milliseconds) -> IssuedRobot:
    """Make a secret in place of those there are, unless this very one is there.

    Of two, the one that is not in use ends at once: no more than two are good at any time.
    Raises as `add_secret`, and `SecretReplaced`.
    """
    robot = known_robot(connection, order.name)
    _require_unchanged(connection, robot, order, now)
    same = given_before(connection, robot.identity, order.given, now)
    if same is not None:
        return IssuedRobot(robot, same, None, is_new=False)
    live = live_secrets(connection, robot.identity, now)
    in_use = _in_use(live, handover.login)
    for secret in live:
        ends_at = handover.old_ends_at if secret is in_use else now
        replace_secret(connection, secret, ends_at, now)
    made = make_secret_of(connection, robot, order, now)
    tell(connection, Change.ROBOT_ROTATED, robot, now, before=told_secret(in_use), after=told_secret(made.credential))
    return made


def _in_use(live: list[Credential], login: str | None) -> Credential | None:
    """Return the secret that goes on for a while. Raises `SecretReplaced`."""
    lasting = [secret for secret in live if secret.replaced_at is None]
    if login is None:
        candidates = lasting or live
        return candidates[-1] if candidates else None
    for secret in lasting:
        if secret.mark == login:
            return secret
    raise SecretReplaced


def _require_unchanged(connection: Connection, robot: Robot, order: SecretOrder, now: Milliseconds) -> None:
    """Do nothing if the robot may do what it did when somebody was let have a secret of it."""
    if order.held is None:
        return
    if not set(store.held(connection, robot.identity, now)) <= set(order.held):
        raise RobotChanged


def _require_findable(connection: Connection, robot: Robot, live: list[Credential]) -> None:
    """Do nothing if a secret of another form would be found by the name given with it, and it alone."""
    if robot.identity not in aliases_of(connection, [robot.identity]):
        raise AliasNeeded
    if any(secret.imported_hash is not None for secret in live):
        raise TooManySecrets(f"{robot.name} has a secret from another registry already", hint="Revoke that one first.")
