# SPDX-License-Identifier: Apache-2.0
"""The use cases of the secrets of robots: listing, adding, rotating and revoking them."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.robots import store
from entrepot.features.robots.delegation import Delegation
from entrepot.features.robots.errors import NotForItself
from entrepot.features.robots.errors import SecretReplaced
from entrepot.features.robots.errors import SecretUnknown
from entrepot.features.robots.lifetimes import Lifetimes
from entrepot.features.robots.making import Handover
from entrepot.features.robots.making import SecretOrder
from entrepot.features.robots.making import add_secret
from entrepot.features.robots.making import known_robot
from entrepot.features.robots.making import rotate
from entrepot.features.robots.models import IssuedRobot
from entrepot.features.robots.models import RobotName
from entrepot.features.robots.models import SecretTerms
from entrepot.features.robots.models import identity_of
from entrepot.features.robots.models import parse_robot_name
from entrepot.features.robots.service import is_itself
from entrepot.features.robots.telling import tell
from entrepot.features.robots.telling import told_secret
from entrepot.features.tokens import BEARER_MARK
from entrepot.features.tokens import TOKEN_MARK
from entrepot.features.tokens import Credential
from entrepot.features.tokens import CredentialState
from entrepot.features.tokens import HarborHash
from entrepot.features.tokens import find_secret
from entrepot.features.tokens import page_of_secrets
from entrepot.features.tokens import revoke_secret
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import is_ulid
from entrepot.registry.platform import Platform

NEWEST = "8"
"""Behind every id there is: where the list begins, read backwards."""


@dataclass(frozen=True, slots=True)
class SecretPage:
    """One page of a robot's secrets at a moment, newest first; `is_more` says whether another follows."""

    secrets: list[Credential]
    is_more: bool
    at: Milliseconds


class RobotSecrets:
    """What robots log in with. Whoever gets a secret of a robot has to have what the robot may, for as long."""

    def __init__(self, platform: Platform, delegation: Delegation, lifetimes: Lifetimes) -> None:
        self._database = platform.database
        self._clock: Clock = platform.clock
        self._delegation = delegation
        self._lifetimes = lifetimes

    async def page(self, principal: Principal, name: str, before: str, limit: int) -> SecretPage:
        """Return the secrets of a robot that are older than the one with the id `before`, ended ones too.

        A robot may look at its own. Raises as `Delegation.require_reading`, and `RobotUnknown`.
        """
        project, robot_name = parse_robot_name(name)
        if not is_itself(principal, robot_name):
            await self._delegation.require_reading(principal, project)
        found = await self._database.snapshot(_page, robot_name, before or NEWEST, limit + 1)
        return SecretPage(found[:limit], len(found) > limit, self._clock())

    async def add(self, principal: Principal, name: str, terms: SecretTerms) -> IssuedRobot:
        """Make one more secret; nothing is made where this very one is there.

        Raises as `Delegation.require_changing` and `require_having`, `ReauthenticationNeeded`, `RobotUnknown`,
        `SecretTooLasting`, `TooManySecrets`, `SecretUsedBefore`, `AliasNeeded` and `RobotChanged`.
        """
        now = self._clock()
        order = await self._order(principal, name, terms, now)
        return await self._database.write(add_secret, order, now)

    async def rotate(self, principal: Principal, name: str, terms: SecretTerms, overlap_minutes: int) -> IssuedRobot:
        """Make a new secret; the old one ends now, or after the overlap.

        A robot may do this to itself, but not for ever, not with a secret that was replaced, and for no longer than
        whoever made its secret has what it may: one that leaked would never end. Raises as `add`, `NotForItself`
        and `SecretReplaced`.
        """
        _, robot_name = parse_robot_name(name)
        login = principal.credential.removeprefix(BEARER_MARK) if is_itself(principal, robot_name) else None
        now = self._clock()
        if login is None:
            order = await self._order(principal, name, terms, now)
        elif terms.is_endless or terms.given is not None:
            raise NotForItself
        else:
            order = await self._own_order(robot_name, login, terms, now)
        handover = Handover(after(now, overlap_minutes * MINUTE_MS), login)
        return await self._database.write(rotate, order, handover, now)

    async def revoke(self, principal: Principal, name: str, secret_id: str) -> None:
        """Let a secret end now, with all that was begun with it. Nothing happens where it has ended so before.

        Raises as `Delegation.require_changing`, `RobotUnknown` and `SecretUnknown`.
        """
        project, robot_name = parse_robot_name(name)
        await self._delegation.require_changing(principal, project)
        await self._database.write(_revoke, robot_name, secret_id, self._clock())

    async def _order(self, principal: Principal, name: str, terms: SecretTerms, now: Milliseconds) -> SecretOrder:
        """Return the order of somebody who may have a secret of this robot."""
        project, robot_name = parse_robot_name(name)
        await self._delegation.require_changing(principal, project)
        if isinstance(terms.given, HarborHash):
            await self._delegation.require_administrator(principal)
        require_recent_login(principal)
        ends_at = self._lifetimes.end_of(terms, now)
        held = await self._database.read(store.held, identity_of(robot_name), now)
        await self._delegation.require_having(principal, held, ends_at)
        return SecretOrder(robot_name, principal.identity, ends_at, terms.given, held)

    async def _own_order(self, name: RobotName, login: str, terms: SecretTerms, now: Milliseconds) -> SecretOrder:
        """Return the order of a robot that renews what it logged in with, for which its maker goes on to answer.

        Raises as `Delegation.require_having`, and `SecretReplaced`.
        """
        ends_at = self._lifetimes.end_of(terms, now)
        maker = await self._database.read(_maker_of, login)
        held = await self._database.read(store.held, identity_of(name), now)
        if maker.identity != identity_of(name):
            await self._delegation.require_having(maker, held, ends_at)
        return SecretOrder(name, maker.identity, ends_at, None, held)


def _maker_of(connection: Connection, login: str) -> Principal:
    """Return who made the secret that a robot logged in with. Raises `SecretReplaced` when it is gone."""
    secret = find_secret(connection, Ulid(login.removeprefix(TOKEN_MARK)))
    if secret is None:
        raise SecretReplaced
    kind, _, name = secret.created_by.partition(":")
    return Principal(PrincipalKind(kind), name)


def _page(connection: Connection, name: RobotName, before: str, limit: int) -> list[Credential]:
    return page_of_secrets(connection, known_robot(connection, name).identity, before, limit)


def _revoke(connection: Connection, name: RobotName, secret_id: str, now: Milliseconds) -> None:
    robot = known_robot(connection, name)
    secret = find_secret(connection, Ulid(secret_id)) if is_ulid(secret_id) else None
    if secret is None or secret.principal != robot.identity:
        raise SecretUnknown(f"{name} has no secret {secret_id[:64]!r}")
    if secret.state(now) is not CredentialState.LIVE and secret.replaced_at is None:
        return
    revoke_secret(connection, secret.id, now)
    ended = find_secret(connection, secret.id)
    tell(
        connection,
        Change.ROBOT_SECRET_REVOKED,
        robot,
        now,
        before=told_secret(secret),
        after=told_secret(ended),
    )
