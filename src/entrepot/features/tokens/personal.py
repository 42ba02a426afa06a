# SPDX-License-Identifier: Apache-2.0
"""The use cases of personal tokens: what users give to their programs instead of their password."""

import re
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.tokens.addresses import ANYWHERE
from entrepot.features.tokens.addresses import AllowedAddresses
from entrepot.features.tokens.errors import InvalidTokenName
from entrepot.features.tokens.errors import NoTokensForThis
from entrepot.features.tokens.errors import OnlyItself
from entrepot.features.tokens.errors import TokensBegetNoTokens
from entrepot.features.tokens.errors import TokenUnknown
from entrepot.features.tokens.issuing import Wanted
from entrepot.features.tokens.issuing import issue_secret
from entrepot.features.tokens.models import BEARER_MARK
from entrepot.features.tokens.models import TOKEN_MARK
from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.models import CredentialState
from entrepot.features.tokens.models import IssuedSecret
from entrepot.features.tokens.store import credentials as store
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import is_ulid
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.rights import Rights

NEWEST = "8"
"""Behind every id there is: where the list begins, read backwards."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_PERSONAL_MARKS = ("password:", "session:")
"""How the marks of the logins begin that nobody but the user itself has."""


@dataclass(frozen=True, slots=True)
class TokenPage:
    """One page of tokens, newest first, as they stood at a moment; `is_more` says whether an older one follows."""

    tokens: list[Credential]
    is_more: bool
    at: Milliseconds


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token as it stood at a moment."""

    token: Credential
    at: Milliseconds


class PersonalTokens:
    """Creating, listing, changing and revoking the tokens of users."""

    def __init__(self, database: Database, rights: Rights, clock: Clock) -> None:
        self._database = database
        self._rights = rights
        self._clock = clock

    async def create(
        self, principal: Principal, name: str, days: int, allowed: AllowedAddresses = ANYWHERE
    ) -> IssuedSecret:
        """Create a token for whoever has logged in with a password, or to the console, and that of late.

        It is good from the `allowed` addresses.

        Raises `Unauthenticated`, `NoTokensForThis`, `TokensBegetNoTokens`, `ReauthenticationNeeded`,
        `InvalidTokenName`, `TokenNameTaken` and `TooManyTokens`.
        """
        _require_user(principal)
        _require_itself(principal)
        if _NAME.fullmatch(name) is None:
            raise InvalidTokenName
        now = self._clock()
        wanted = Wanted(principal.identity, name, after(now, days * DAY_MS), principal.identity, allowed)
        return await self._database.write(_create, wanted, now)

    async def page(self, principal: Principal, user: str, before: str, limit: int) -> TokenPage:
        """Return the tokens of a user, one's own for an empty name, that are older than the one with the id `before`.

        Those of others take an administrator. Raises `Unauthenticated`, `NoTokensForThis` and `Forbidden`.
        """
        holder = await self._holder(principal, user)
        tokens = await self._database.read(store.page, holder, before or NEWEST, limit + 1)
        return TokenPage(tokens[:limit], len(tokens) > limit, self._clock())

    async def change(self, principal: Principal, user: str, reference: str, allowed: AllowedAddresses) -> KnownToken:
        """Let a token, named by its id or its name, be good from other addresses.

        One of one's own takes what `create` takes: whoever finds a token cannot let it be good from where they are.
        Raises as `page`, `TokensBegetNoTokens`, `ReauthenticationNeeded` and `TokenUnknown`.
        """
        holder = await self._holder(principal, user)
        if holder == principal.identity:
            _require_itself(principal)
        require_recent_login(principal)
        now = self._clock()
        return KnownToken(await self._database.write(_change, holder, reference, allowed, now), now)

    async def revoke(self, principal: Principal, user: str, reference: str) -> None:
        """Let a token end now, named by its id or its name; nothing happens when it has ended before.

        Who has logged in with a token can revoke this very token, and no other of its own.
        Raises as `page`, `TokenUnknown` and `OnlyItself`.
        """
        holder = await self._holder(principal, user)
        token = await self._database.snapshot(_find, holder, reference)
        login = principal.credential.removeprefix(BEARER_MARK)
        is_by_token = login.startswith(TOKEN_MARK) and holder == principal.identity
        if is_by_token and (token is None or token.mark != login):
            raise OnlyItself
        token = _known(token, reference)
        await self._database.write(_revoke, token.id, self._clock())

    async def _holder(self, principal: Principal, user: str) -> str:
        _require_user(principal)
        if user in ("", principal.name):
            return principal.identity
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        return f"{PrincipalKind.USER}:{user}"


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is told of a token when it changes."""

    user: str
    name: str
    state: CredentialState
    expires_at: str | None
    allowed_addresses: list[str]


def _create(connection: Connection, wanted: Wanted, now: Milliseconds) -> IssuedSecret:
    issued = issue_secret(connection, wanted, now)
    token = issued.credential
    announce(connection, Change.TOKEN_CREATED, now, Told(object=f"token:{token.id}", after=_shown(token, now)))
    return issued


def _change(
    connection: Connection, holder: str, reference: str, allowed: AllowedAddresses, now: Milliseconds
) -> Credential:
    before = _known(_find(connection, holder, reference), reference)
    store.allow_one(connection, before.id, str(allowed))
    changed = _known(store.find(connection, before.id), reference)
    if before != changed:
        told = Told(object=f"token:{before.id}", before=_shown(before, now), after=_shown(changed, now))
        announce(connection, Change.TOKEN_CHANGED, now, told)
    return changed


def _known(token: Credential | None, reference: str) -> Credential:
    if token is None:
        raise TokenUnknown(f"there is no token {reference[:64]!r}")
    return token


def _revoke(connection: Connection, token_id: Ulid, now: Milliseconds) -> None:
    before = store.find(connection, token_id)
    store.revoke(connection, token_id, now)
    revoked = store.find(connection, token_id)
    if before is None or revoked is None or before == revoked:
        return
    told = Told(object=f"token:{token_id}", before=_shown(before, now), after=_shown(revoked, now))
    announce(connection, Change.TOKEN_REVOKED, now, told)


def _shown(token: Credential, now: Milliseconds) -> _Shown:
    expires_at = None if token.expires_at is None else rfc3339(token.expires_at)
    user = token.principal.partition(":")[2]
    return _Shown(user, token.name, token.state(now), expires_at, token.allowed.names)


def _find(connection: Connection, holder: str, reference: str) -> Credential | None:
    found = store.find(connection, Ulid(reference)) if is_ulid(reference) else None
    if found is not None and found.principal == holder:
        return found
    return store.named(connection, holder, reference)


def _require_itself(principal: Principal) -> None:
    """Do nothing if it is the user itself who has logged in, and of late, and not a program of theirs."""
    if not principal.credential.startswith(_PERSONAL_MARKS):
        raise TokensBegetNoTokens
    require_recent_login(principal)


def _require_user(principal: Principal) -> None:
    if principal.kind is PrincipalKind.ANONYMOUS:
        raise Unauthenticated
    if principal.kind is not PrincipalKind.USER:
        raise NoTokensForThis(f"{principal.name} is not a user, and has no personal tokens")
    if principal.scopes is not None:
        raise InsufficientScope
