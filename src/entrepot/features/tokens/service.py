# SPDX-License-Identifier: Apache-2.0
"""Issuing registry tokens and turning them back into principals."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace

import msgspec

from entrepot.features.tokens.addresses import ANYWHERE
from entrepot.features.tokens.addresses import AllowedAddresses
from entrepot.features.tokens.credentials import CredentialChecks
from entrepot.features.tokens.credentials import Login
from entrepot.features.tokens.credentials import require_allowed
from entrepot.features.tokens.errors import InvalidToken
from entrepot.features.tokens.models import BEARER_MARK
from entrepot.features.tokens.models import CATALOG
from entrepot.features.tokens.models import ISSUER
from entrepot.features.tokens.models import LIFETIME_SECONDS
from entrepot.features.tokens.models import SKEW_MS
from entrepot.features.tokens.models import UPLOAD_GRACE_MS
from entrepot.features.tokens.models import Access
from entrepot.features.tokens.models import Claims
from entrepot.features.tokens.models import TokenAnswer
from entrepot.features.tokens.scopes import RequestedScope
from entrepot.features.tokens.signing_keys import SigningKeys
from entrepot.infra.http.challenge import SERVICE
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Authorizer
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Scope
from entrepot.kernel.access import scope_action
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.api_callers import API

MAX_REMEMBERED = 20_000
MAX_REMEMBERED_CHARACTERS = 2 * 1024
"""Longer tokens are verified each time, so that what is remembered stays small."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Claims)


@dataclass(slots=True)
class _Verified:
    """A token whose signature and claims were checked. Its login is good from `live_from` on, before `live_until`.

    It is so for clients at the `allowed` addresses.
    """

    principal: Principal
    expires_at: Milliseconds
    login: Login
    live_from: int = 0
    live_until: int = 0
    allowed: AllowedAddresses = ANYWHERE
    is_replaced: bool = False


class TokenService:
    """Issues tokens that narrow what their bearer may do, and verifies each of them once."""

    def __init__(
        self,
        keys: SigningKeys,
        authorizer: Authorizer,
        credentials: CredentialChecks,
        clock: Clock,
        *,
        capacity: int = MAX_REMEMBERED,
    ) -> None:
        """Remember `capacity` verified tokens."""
        self._capacity = capacity
        self._keys = keys
        self._authorizer = authorizer
        self._credentials = credentials
        self._clock = clock
        self._remembered: dict[str, _Verified] = {}

    async def issue(self, principal: Principal, scopes: Iterable[RequestedScope]) -> TokenAnswer:
        """Issue a token for as much of `scopes` as `principal` may do now, which may be nothing."""
        granted = [await self._grant(principal, scope) for scope in scopes]
        access = tuple(entry for entry in granted if entry is not None)
        now = self._clock()
        issued_at = now // SECOND_MS
        claims = Claims(
            iss=ISSUER,
            sub="" if principal.kind is PrincipalKind.ANONYMOUS else principal.identity,
            aud=SERVICE,
            exp=issued_at + LIFETIME_SECONDS + 1,
            nbf=issued_at,
            iat=issued_at,
            jti=new_ulid(),
            access=access,
            cred=principal.credential,
        )
        return TokenAnswer(await self._keys.sign(_encoder.encode(claims)), LIFETIME_SECONDS, now, access)

    async def verify(self, token: str, *, address: str = "", allows_expired: bool = False) -> Principal:
        """Return the principal that a token was issued to, with its scopes.

        With `allows_expired`, a token that expired less than 24 hours ago makes a
        principal that `is_expired`; so does one whose secret was replaced by another.
        What the token was fetched with is asked about at most every two seconds. Raises `InvalidToken`,
        `LoginEnded` when that is no longer good, and `AddressNotAllowed` when it is not from this address.
        """
        verified = self._remembered.get(token) or await self._check(token)
        now = self._clock()
        is_expired = now >= verified.expires_at
        if is_expired and not (allows_expired and now < verified.expires_at + UPLOAD_GRACE_MS):
            raise InvalidToken("the token has expired")
        if not verified.live_from <= now < verified.live_until:
            await self._ask(verified, now)
        if verified.live_until <= now:
            if not (allows_expired and verified.is_replaced):
                raise await self._credentials.why_ended(verified.login)
            is_expired = True
        require_allowed(verified.allowed, address)
        return replace(verified.principal, is_expired=True) if is_expired else verified.principal

    async def _ask(self, verified: _Verified, now: Milliseconds) -> None:
        """Ask how the login stands that a token came from; whatever the answer, it is asked again soon."""
        state = await self._credentials.state(verified.login)
        verified.live_from, verified.live_until = now, state.live_until
        verified.allowed, verified.is_replaced = state.allowed, state.is_replaced

    async def _grant(self, principal: Principal, scope: RequestedScope) -> Access | None:
        if scope.type == "repository":
            asked = scope.repository_actions
            actions = tuple([each.value for each in asked if await self._may_some(principal, each, scope.name)])
            return Access(scope.type, scope.name, actions) if actions else None
        resource = f"{scope.type}:{scope.name}"
        is_allowed = resource == API or (resource == CATALOG and principal.kind is not PrincipalKind.ANONYMOUS)
        return Access(scope.type, scope.name, ("*",)) if is_allowed and "*" in scope.actions else None

    async def _may_some(self, principal: Principal, asked: Action, repository: str) -> bool:
        """Tell whether `principal` may do something there, for some tag, that a scope with this action covers."""
        if asked is Action.DELETE:
            return bool(await self._authorizer.tags(principal, asked, repository))
        covered = (action for action in Action if scope_action(action) is asked and action is not Action.CREATE)
        for action in covered:
            if await self._authorizer.allows(principal, action, repository):
                return True
        return False

    async def _check(self, token: str) -> _Verified:
        payload = await self._keys.verified_payload(token)
        if payload is None:
            raise InvalidToken("the token was not issued by this registry, or its signing key is gone")
        try:
            claims = _decoder.decode(payload)
            principal = _principal(claims)
        except ValueError as error:
            raise InvalidToken("the token's claims are not understood") from error
        if claims.iss != ISSUER or claims.aud != SERVICE:
            raise InvalidToken("the token is meant for another service")
        if max(claims.nbf, claims.iat) * SECOND_MS > self._clock() + SKEW_MS:
            raise InvalidToken("the token is not valid yet; the clocks of this registry's nodes differ")
        verified = _Verified(principal, Milliseconds(claims.exp * SECOND_MS), Login(claims.sub, claims.cred))
        if len(token) <= MAX_REMEMBERED_CHARACTERS:
            self._remember(token, verified)
        return verified

    def _remember(self, token: str, verified: _Verified) -> None:
        if len(self._remembered) >= self._capacity:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[token] = verified


def _principal(claims: Claims) -> Principal:
    scopes = tuple(map(_scope, claims.access))
    if not claims.sub:
        return Principal(ANONYMOUS.kind, ANONYMOUS.name, scopes)
    kind, _, name = claims.sub.partition(":")
    return Principal(PrincipalKind(kind), name, scopes, credential=f"{BEARER_MARK}{claims.cred}")


def _scope(access: Access) -> Scope:
    if access.type == "repository":
        return Scope(access.name, frozenset(map(Action, access.actions)))
    resource = f"{access.type}:{access.name}"
    return Scope(resource, frozenset({Action.ADMIN if resource == API else Action.PULL}))
