# SPDX-License-Identifier: Apache-2.0
"""Asking for a second factor at a login, and checking what comes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import structlog
from sqlalchemy import Connection

from entrepot.features.identity import LoginThrottle
from entrepot.features.identity import User
from entrepot.features.second_factors import store
from entrepot.features.second_factors.app_secret import step_of_code
from entrepot.features.second_factors.app_secret import unseal_app_secret
from entrepot.features.second_factors.ceremonies import CHALLENGE_MS
from entrepot.features.second_factors.ceremonies import key_that_signed
from entrepot.features.second_factors.ceremonies import new_challenge
from entrepot.features.second_factors.ceremonies import read_assertion
from entrepot.features.second_factors.ceremonies import request_options
from entrepot.features.second_factors.codes import read_recovery_code
from entrepot.features.second_factors.codes import recovery_code_hmac
from entrepot.features.second_factors.errors import NoKeyForThisHost
from entrepot.features.second_factors.errors import SecondFactorWrong
from entrepot.features.second_factors.models import Challenge
from entrepot.features.second_factors.models import Factor
from entrepot.features.second_factors.models import Method
from entrepot.features.second_factors.models import Proof
from entrepot.features.second_factors.models import RelyingParty
from entrepot.features.second_factors.requirement import Requirement
from entrepot.features.tokens import InstanceKey
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds

T = TypeVar("T")
Then = Callable[[Connection], T]

log = structlog.get_logger(__name__)


class _Asked(msgspec.Struct, frozen=True):
    """The state of a challenge. `serial` grows with every proof by a key of this user, whatever the clock says."""

    user: str
    host: str
    challenge: bytes
    asked_at: int
    serial: int


@dataclass(frozen=True, slots=True)
class _Use:
    """What a right proof uses up: of a factor, everything up to `up_to`, and how often its key has signed."""

    factor: Factor
    up_to: int
    signed: int = 0


class SecondFactors:
    """What a login asks about the second factors of its user. Each proof is good once."""

    def __init__(
        self,
        database: Database,
        instance_key: InstanceKey,
        requirement: Requirement,
        throttle: LoginThrottle,
        clock: Clock,
    ) -> None:
        self._database = database
        self._instance_key = instance_key
        self._requirement = requirement
        self._throttle = throttle
        self._clock = clock

    async def methods(self, user: str) -> tuple[Method, ...]:
        """Return the ways in which this user can prove it now; none when nothing is set up."""
        factors, codes_left = await self._database.snapshot(_set_up, user)
        found = {factor.method for factor in factors}
        if found and codes_left:
            found.add(Method.RECOVERY_CODE)
        return tuple(method for method in Method if method in found)

    async def is_required(self, user: User) -> bool:
        """Tell whether this user has to have a second factor. What an identity provider asks for is its own affair."""
        return user.provider is None and await self._requirement.covers(user.name)

    async def challenge(self, user: str, party: RelyingParty) -> Challenge:
        """Ask for a signature by one of the security keys that this user set up at this host.

        The answer is good for five minutes, once. Raises `NoKeyForThisHost`.
        """
        factors, _ = await self._database.snapshot(_set_up, user)
        keys = _keys(factors, party)
        if not keys:
            raise NoKeyForThisHost
        now = self._clock()
        serial = max(now, 1 + max(key.used_up_to for key in keys))
        asked = _Asked(user, party.host, new_challenge(), now, serial)
        return Challenge(request_options(party, keys, asked.challenge), msgspec.json.encode(asked))

    async def verify(self, user: str, proof: Proof, party: RelyingParty, address: str, then: Then[T]) -> T:
        """Do what a login does next if `proof` proves that this is the user, and return what comes of it.

        A proof is good once. It is used up in the same transaction: if `then` raises, it is still good.
        Wrong proofs are slowed, for the account at the client's address; for the account too where they can be guessed.
        Raises `SecondFactorWrong`, `TooManyAttempts`, and as `then`.
        """
        is_guessable = proof.method is Method.TOTP
        async with self._throttle.second_factor_attempt(user, address, is_guessable=is_guessable) as attempt:
            try:
                outcome = await self._use(user, proof, party, then)
            except SecondFactorWrong:
                await attempt.failed()
                raise
            await attempt.succeeded()
        log.info("second_factor.used", user=user, method=proof.method.value)
        return outcome

    async def _use(self, user: str, proof: Proof, party: RelyingParty, then: Then[T]) -> T:
        factors, _ = await self._database.snapshot(_set_up, user)
        if proof.method is Method.RECOVERY_CODE:
            return await self._use_recovery_code(user, proof.code if factors else "", then)
        now = self._clock()
        if proof.method is Method.TOTP:
            use = self._use_of_app(factors, proof.code, now)
        else:
            use = _use_of_key(factors, proof, party, now)
        if use is None:
            raise SecondFactorWrong
        try:
            return await self._database.write(_use_factor, use, now, then)
        except SecondFactorWrong:
            _tell_of_reuse(use)
            raise

    async def _use_recovery_code(self, user: str, typed: str, then: Then[T]) -> T:
        code = read_recovery_code(typed)
        if code is None:
            raise SecondFactorWrong
        names = await self._database.read(store.recovery_codes_made_for, user)
        code_hmacs = [recovery_code_hmac(self._instance_key, name, code) for name in sorted(names | {user})]
        return await self._database.write(_use_recovery_code, user, code_hmacs, then)

    def _use_of_app(self, factors: list[Factor], typed: str, now: Milliseconds) -> _Use | None:
        for factor in factors:
            if factor.secret_encrypted is None:
                continue
            secret = unseal_app_secret(factor.secret_encrypted, factor.id, self._instance_key)
            step = step_of_code(secret, typed, now, factor.used_up_to)
            if step is not None:
                return _Use(factor, step)
        return None


def _set_up(connection: Connection, user: str) -> tuple[list[Factor], int]:
    confirmed = [factor for factor in store.of_user(connection, user) if factor.confirmed_at is not None]
    return confirmed, store.recovery_codes_left(connection, user)


def _keys(factors: list[Factor], party: RelyingParty) -> list[Factor]:
    return [factor for factor in factors if factor.method is Method.WEBAUTHN and factor.host == party.host]


def _read_state(state: bytes) -> _Asked | None:
    try:
        return msgspec.json.decode(state, type=_Asked)
    except msgspec.DecodeError:
        return None


def _use_factor(connection: Connection, use: _Use, now: Milliseconds, then: Then[T]) -> T:
    if not store.use(connection, use.factor.id, use.up_to, use.signed, now):
        raise SecondFactorWrong
    return then(connection)


def _use_recovery_code(connection: Connection, user: str, code_hmacs: list[bytes], then: Then[T]) -> T:
    if not store.use_recovery_code(connection, user, code_hmacs):
        raise SecondFactorWrong
    return then(connection)


def _use_of_key(factors: list[Factor], proof: Proof, party: RelyingParty, now: Milliseconds) -> _Use | None:
    asked = _read_state(proof.state)
    if asked is None or asked.host != party.host or not 0 <= now - asked.asked_at < CHALLENGE_MS:
        return None
    factor = key_that_signed(proof.assertion, _keys(factors, party))
    if factor is None or factor.user_name != asked.user:
        return None
    signed = read_assertion(proof.assertion, factor, asked.challenge, party)
    return None if signed is None else _Use(factor, asked.serial, signed)


def _tell_of_reuse(use: _Use) -> None:
    """Say in the log why a right proof was refused. A key that counts back was copied, or is one of two copies."""
    factor = use.factor
    if use.signed <= factor.sign_count and factor.sign_count > 0:
        log.warning("second_factor.cloned", user=factor.user_name, factor=factor.id)
    else:
        log.info("second_factor.used_before", user=factor.user_name, factor=factor.id)
