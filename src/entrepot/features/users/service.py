# SPDX-License-Identifier: Apache-2.0
"""Giving a user another name, and making two users one."""

from sqlalchemy import Connection

from entrepot.features import break_glass
from entrepot.features.groups import administers
from entrepot.features.guardrails import end_exceptions_of
from entrepot.features.identity import LastAdministrator
from entrepot.features.identity import User
from entrepot.features.identity import UserNameTaken
from entrepot.features.identity import Users
from entrepot.features.identity import UserUnknown
from entrepot.features.identity import begin_renaming
from entrepot.features.identity import find_user
from entrepot.features.identity import finish_renaming
from entrepot.features.identity import lock_local_administrators
from entrepot.features.identity import lock_user
from entrepot.features.identity import parse_user_name
from entrepot.features.identity import require_never_used
from entrepot.features.identity import retire
from entrepot.features.quotas import Subject
from entrepot.features.quotas import forget_quota
from entrepot.features.second_factors import keep_recovery_codes
from entrepot.features.users import store
from entrepot.features.users.errors import IntoDisabled
from entrepot.features.users.errors import IntoItself
from entrepot.features.users.errors import OwnAccount
from entrepot.features.users.errors import SameName
from entrepot.features.users.models import MAX_LISTED
from entrepot.features.users.models import Merger
from entrepot.features.users.models import MovingGrant
from entrepot.features.users.models import ToldMerger
from entrepot.features.users.models import ToldName
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt


class Lifecycle:
    """What administrators do to users beside making, changing and deleting them, all of it in one transaction."""

    def __init__(self, database: Database, users: Users, clock: Clock) -> None:
        self._database = database
        self._users = users
        self._clock = clock

    async def rename(self, name: str, new_name: str) -> User:
        """Give a user another name; everything that it may do, is in, and logs in with goes along.

        The old name is kept for it: nobody else is ever called so. What was signed for the old name ends.
        Raises `InvalidUserName`, `SameName`, `UserUnknown`, `UserNameTaken` and `LastBreakGlassAccount`.
        """
        if parse_user_name(new_name) == name:
            raise SameName(f"{name} is the name of the user already")
        await self._users.find(name)
        renamed = await self._database.write(self._rename, name, new_name)
        await self._users.forget_initial_password(name)
        return renamed

    async def preview_merger(self, name: str, into: str) -> Merger:
        """Tell what `merge` would do, and change nothing. Raises `IntoItself`, `UserUnknown` and `IntoDisabled`."""
        await self._require_two(name, into)
        return await self._database.snapshot(_plan_of, name, into)

    async def merge(self, by: Principal, name: str, into: str) -> Merger:
        """Let one user be the other one: what it may do, is in, and its tokens go there, and it is gone.

        Password, second factors and sessions of the user that stays are as before; those of the other one end.
        Raises `IntoItself`, `OwnAccount`, `UserUnknown`, `IntoDisabled`, `LastAdministrator`,
        `LastBreakGlassAccount`, and as `FourEyes.require` where the one that stays administers the registry then: the
        tokens of the other one do too.
        """
        await self._require_two(name, into)
        if (by.kind, by.name) == (PrincipalKind.USER, name):
            raise OwnAccount
        merger = await self._database.write(self._merge, by, name, into)
        await self._users.forget_initial_password(name)
        return merger

    async def _require_two(self, name: str, into: str) -> None:
        for each in (name, into):
            await self._users.find(each)
        if name == into:
            raise IntoItself

    def _rename(self, connection: Connection, name: str, new_name: str) -> User:
        now, user = self._clock(), _locked(connection, name)
        if lock_user(connection, new_name) is not None:
            raise UserNameTaken(f"there is a user {new_name} already")
        require_never_used(connection, new_name, by=name)
        self._users.local.require_another(connection, name)
        keep_recovery_codes(connection, name)
        store.strip(connection, new_name)
        begin_renaming(connection, user, new_name, now)
        store.rename(connection, name, new_name, now)
        finish_renaming(connection, user, new_name)
        told = Told(object=f"user:{new_name}", before=ToldName(name), after=ToldName(new_name))
        announce(connection, Change.USER_RENAMED, now, told)
        return _locked(connection, new_name)

    def _merge(self, connection: Connection, by: Principal, name: str, into: str) -> Merger:
        self._users.local.require_another(connection, name)
        had_administrators = bool(lock_local_administrators(connection))
        source, _ = _locked(connection, name), _locked(connection, into)
        merger = _plan_of(connection, name, into)
        _combine(connection, merger)
        now = self._clock()
        store.move(connection, name, into, now)
        merged = f"user:{into}"
        if administers(connection, merged, now) or break_glass.may_administer(connection, merged):
            attempt = Attempt(Act.ADMINISTRATOR_ADD, f"user:{name} into {merged}")
            self._users.four_eyes.require(connection, by, attempt)
        retire(connection, source, into, now)
        if had_administrators and not lock_local_administrators(connection):
            raise LastAdministrator(f"{name} is the last enabled local administrator, and {into} could not be one")
        after = ToldMerger(into, merger.grant_count, merger.groups, tuple(each.new_name for each in merger.tokens))
        announce(connection, Change.USER_MERGED, now, Told(object=f"user:{name}", before=ToldName(name), after=after))
        return merger


def _locked(connection: Connection, name: str) -> User:
    user = lock_user(connection, name)
    if user is None:
        raise UserUnknown(f"there is no user {name[:80]!r}")
    return user


def _known(connection: Connection, name: str) -> User:
    user = find_user(connection, name)
    if user is None:
        raise UserUnknown(f"there is no user {name[:80]!r}")
    return user


def _plan_of(connection: Connection, name: str, into: str) -> Merger:
    """Say what goes from one user to another, on one state of the database."""
    source, target = _known(connection, name), _known(connection, into)
    if target.is_disabled:
        raise IntoDisabled(f"{into} is disabled")
    held, known = store.grants_of(connection, name), store.grants_of(connection, into)
    combined = {grant.terms: grant.expires_at for grant in known}
    grants = [
        MovingGrant(
            *grant.terms, _later(grant.expires_at, combined.get(grant.terms, grant.expires_at)), grant.terms in combined
        )
        for grant in held
    ]
    memberships = store.memberships_of(connection, name)
    follow = {each.group for each in memberships if each.provider in (None, target.provider)}
    joined = {each.group for each in store.memberships_of(connection, into)}
    return Merger(
        source=source.name,
        into=target.name,
        grant_count=len(grants),
        grants=tuple(grants[:MAX_LISTED]),
        groups=tuple(sorted(follow - joined)),
        groups_left=tuple(each.group for each in memberships if each.group not in follow),
        tokens=tuple(store.tokens_moving(connection, name, into)),
    )


def _combine(connection: Connection, merger: Merger) -> None:
    """Make room for what moves, where the user that stays has the like."""
    known = {grant.terms: grant for grant in store.grants_of(connection, merger.into)}
    for grant in store.grants_of(connection, merger.source):
        kept = known.get(grant.terms)
        if kept is not None:
            store.combine_grant(connection, kept, grant, _later(kept.expires_at, grant.expires_at))
    for membership in store.memberships_of(connection, merger.source):
        if membership.group not in merger.groups:
            store.leave_group(connection, membership.group, merger.source)
    for token in merger.tokens:
        if token.name != token.new_name:
            store.rename_token(connection, merger.source, token)


def _later(one: Milliseconds | None, other: Milliseconds | None) -> Milliseconds | None:
    """Return the later of two ends, where None is never."""
    return None if one is None or other is None else max(one, other)


def leave(connection: Connection, identity: str, now: Milliseconds) -> None:
    """End what is kept elsewhere for a user who is deleted, such as `user:alice`."""
    end_exceptions_of(connection, identity, now)
    forget_quota(connection, Subject(identity), now)
    break_glass.leave(connection, identity, now)
