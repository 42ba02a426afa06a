# SPDX-License-Identifier: Apache-2.0
"""Setting up, listing and removing second factors."""

import hmac
from dataclasses import replace

import structlog
from sqlalchemy import Connection

from entrepot.features.groups import administers
from entrepot.features.identity import User
from entrepot.features.identity import UserUnknown
from entrepot.features.identity import find_user
from entrepot.features.identity import lock_user
from entrepot.features.identity import set_second_factor_at
from entrepot.features.second_factors import store
from entrepot.features.second_factors.app_secret import app_uri
from entrepot.features.second_factors.app_secret import new_app_secret
from entrepot.features.second_factors.app_secret import seal_app_secret
from entrepot.features.second_factors.app_secret import step_of_code
from entrepot.features.second_factors.app_secret import unseal_app_secret
from entrepot.features.second_factors.ceremonies import CHALLENGE_MS
from entrepot.features.second_factors.ceremonies import creation_options
from entrepot.features.second_factors.ceremonies import new_challenge
from entrepot.features.second_factors.ceremonies import read_attestation
from entrepot.features.second_factors.codes import new_recovery_codes
from entrepot.features.second_factors.codes import read_recovery_code
from entrepot.features.second_factors.codes import recovery_code_hmac
from entrepot.features.second_factors.errors import CredentialTaken
from entrepot.features.second_factors.errors import InvalidFactorName
from entrepot.features.second_factors.errors import LastSecondFactor
from entrepot.features.second_factors.errors import NoSecondFactor
from entrepot.features.second_factors.errors import SecondFactorUnknown
from entrepot.features.second_factors.errors import SecondFactorWrong
from entrepot.features.second_factors.errors import TooManyFactors
from entrepot.features.second_factors.errors import WebAuthnImpossible
from entrepot.features.second_factors.models import Confirmed
from entrepot.features.second_factors.models import Factor
from entrepot.features.second_factors.models import Method
from entrepot.features.second_factors.models import NewTotp
from entrepot.features.second_factors.models import NewWebAuthn
from entrepot.features.second_factors.models import Overview
from entrepot.features.second_factors.models import RelyingParty
from entrepot.features.second_factors.models import ToldFactor
from entrepot.features.second_factors.parties import obstacle
from entrepot.features.second_factors.service import SecondFactors
from entrepot.features.tokens import InstanceKey
from entrepot.features.tokens import remove_logins
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.four_eyes import ALONE
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.four_eyes import FourEyes

MAX_FACTORS = 10
MAX_NAME_CHARACTERS = 64
UNCONFIRMED_MS = 15 * MINUTE_MS
"""How long what was begun can be confirmed; a security key has `CHALLENGE_MS`."""

_HANDLE_PURPOSE = "security keys' name for users"

log = structlog.get_logger(__name__)


class Enrolment:
    """What users, and administrators for them, do with second factors."""

    def __init__(
        self,
        database: Database,
        instance_key: InstanceKey,
        factors: SecondFactors,
        clock: Clock,
        four_eyes: FourEyes = ALONE,
    ) -> None:
        self._database = database
        self._four_eyes = four_eyes
        self._instance_key = instance_key
        self._factors = factors
        self._clock = clock

    async def overview(self, user: str) -> Overview:
        """Return the second factors of a user, the oldest first. Raises `UserUnknown`."""
        account, factors, codes_left = await self._database.snapshot(_overview, user)
        return Overview(tuple(factors), codes_left, await self._factors.is_required(account))

    async def begin_totp(self, user: str, name: str, host: str) -> NewTotp:
        """Make a secret for an app, which proves nothing until it is confirmed.

        Raises `InvalidFactorName`, `TooManyFactors` and `UserUnknown`.
        """
        secret, factor_id = new_app_secret(), new_ulid()
        sealed = seal_app_secret(secret, factor_id, self._instance_key)
        begun = Factor(factor_id, user, Method.TOTP, _named(name), self._clock(), secret_encrypted=sealed)
        await self._database.write(_begin, begun)
        return NewTotp(factor_id, secret, app_uri(secret, user, host))

    async def confirm_totp(self, user: str, factor_id: str, code: str) -> Confirmed:
        """Take the app in use, as it shows the right code. That code is used with it.

        Raises `SecondFactorUnknown`, `SecondFactorWrong`, `TooManyFactors` and `SecretUnreadable`.
        """
        now = self._clock()
        begun = await self._begun(user, factor_id, Method.TOTP, UNCONFIRMED_MS)
        secret = unseal_app_secret(begun.secret_encrypted or b"", begun.id, self._instance_key)
        step = step_of_code(secret, code, now)
        if step is None:
            raise SecondFactorWrong("this is not the code that the app should show now")
        return await self._confirm(replace(begun, confirmed_at=now, used_up_to=step))

    async def begin_webauthn(self, user: str, party: RelyingParty) -> NewWebAuthn:
        """Ask for a security key or passkey other than those that are set up.

        Raises `WebAuthnImpossible`, `TooManyFactors` and `UserUnknown`.
        """
        reason = obstacle(party)
        if reason is not None:
            raise WebAuthnImpossible(reason)
        _, factors, _ = await self._database.snapshot(_overview, user)
        known = [each for each in factors if each.method is Method.WEBAUTHN and each.host == party.host]
        challenge = new_challenge()
        begun = Factor(new_ulid(), user, Method.WEBAUTHN, "", self._clock(), host=party.host, challenge=challenge)
        await self._database.write(_begin, begun)
        options = creation_options(party, user, self._handle(user), known, challenge)
        return NewWebAuthn(begun.id, options)

    async def confirm_webauthn(
        self, user: str, factor_id: str, name: str, attestation: str, party: RelyingParty
    ) -> Confirmed:
        """Take the key in use that `attestation` (a `RegistrationResponseJSON`) brings.

        Raises `InvalidFactorName`, `SecondFactorUnknown`, `SecondFactorWrong`, `CredentialTaken` and `TooManyFactors`.
        """
        called, now = _named(name), self._clock()
        begun = await self._begun(user, factor_id, Method.WEBAUTHN, CHALLENGE_MS)
        made = read_attestation(attestation, begun.challenge or b"", party) if begun.host == party.host else None
        if made is None:
            raise SecondFactorWrong("what the security key answered is not for this registry, or not for this request")
        confirmed = replace(
            begun,
            name=called,
            confirmed_at=now,
            used_up_to=now,
            credential_id=made.id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            transports=made.transports,
        )
        return await self._confirm(confirmed)

    async def renew_recovery_codes(self, user: str) -> tuple[str, ...]:
        """Make ten new recovery codes; the old ones end. Raises `NoSecondFactor` and `UserUnknown`."""
        codes = new_recovery_codes()
        await self._database.write(_renew_codes, user, self._hmacs(user, codes), self._clock())
        log.info("recovery_codes.renewed", user=user)
        return codes

    async def remove(self, user: str, factor_id: str) -> bool:
        """Remove a factor; tell whether it was the last one: then the recovery codes go, and the password is enough.

        Raises `SecondFactorUnknown`, `LastSecondFactor` and `UserUnknown`.
        """
        account = await self._database.read(_found, user)
        is_required = await self._factors.is_required(account)
        is_last = await self._database.write(_remove, user, factor_id, is_required, self._clock())
        log.info("second_factor.removed", user=user, factor=factor_id)
        return is_last

    async def reset(self, user: str, by: Principal) -> None:
        """Remove every factor and recovery code of a user who lost them.

        Raises `UserUnknown`, and as `FourEyes.require` for one who administers the registry.
        """
        await self._database.write(self._reset, user, by)
        log.info("second_factors.reset", user=user, by=by.identity)

    def _reset(self, connection: Connection, user: str, by: Principal) -> None:
        now, identity = self._clock(), f"{PrincipalKind.USER}:{user}"
        if administers(connection, identity, now):
            attempt = Attempt(Act.ADMINISTRATOR_ADD, f"second factors of {identity}")
            self._four_eyes.require(connection, by, attempt)
        reset_second_factors(connection, user, now)

    async def _begun(self, user: str, factor_id: str, method: Method, within_ms: int) -> Factor:
        _, factors, _ = await self._database.snapshot(_overview, user, are_confirmed=False)
        for factor in factors:
            if (factor.id, factor.method) == (factor_id, method) and 0 <= self._clock() - factor.created_at < within_ms:
                return factor
        raise SecondFactorUnknown

    async def _confirm(self, factor: Factor) -> Confirmed:
        codes = new_recovery_codes()
        is_first = await self._database.write(_confirm, factor, self._hmacs(factor.user_name, codes))
        log.info("second_factor.confirmed", user=factor.user_name, factor=factor.id, method=factor.method.value)
        return Confirmed(factor, codes if is_first else ())

    def _hmacs(self, user: str, codes: tuple[str, ...]) -> list[bytes]:
        plain = (read_recovery_code(code) or code for code in codes)
        return [recovery_code_hmac(self._instance_key, user, code) for code in plain]

    def _handle(self, user: str) -> bytes:
        """Return what keys know a user by: always the same, and it tells nobody who that is (section 14.6.1)."""
        return hmac.digest(self._instance_key.derive(_HANDLE_PURPOSE), user.encode(), "sha256")


def _named(name: str) -> str:
    stripped = name.strip()
    if not (0 < len(stripped) <= MAX_NAME_CHARACTERS and stripped.isprintable()):
        raise InvalidFactorName
    return stripped


def _found(connection: Connection, user: str) -> User:
    account = find_user(connection, user)
    if account is None:
        raise UserUnknown
    return account


def _locked(connection: Connection, user: str) -> User:
    """Return the user, whose factors nobody else changes until this transaction ends."""
    account = lock_user(connection, user)
    if account is None:
        raise UserUnknown
    return account


def _confirmed(connection: Connection, user: str, *, are_confirmed: bool = True) -> list[Factor]:
    found = store.of_user(connection, user)
    return [factor for factor in found if (factor.confirmed_at is not None) is are_confirmed]


def _overview(connection: Connection, user: str, *, are_confirmed: bool = True) -> tuple[User, list[Factor], int]:
    factors = _confirmed(connection, user, are_confirmed=are_confirmed)
    return _found(connection, user), factors, store.recovery_codes_left(connection, user)


def _require_room(factors: list[Factor]) -> None:
    if len(factors) >= MAX_FACTORS:
        raise TooManyFactors(f"a user has at most {MAX_FACTORS} second factors")


def _begin(connection: Connection, factor: Factor) -> None:
    _locked(connection, factor.user_name)
    _require_room(_confirmed(connection, factor.user_name))
    store.add(connection, factor)


def _confirm(connection: Connection, factor: Factor, code_hmacs: list[bytes]) -> bool:
    """Tell whether it is the first factor.

    That one brings the recovery codes, and what logged in with the password alone ends for good:
    it does not come back when the last factor is removed.
    """
    account = _locked(connection, factor.user_name)
    known = _confirmed(connection, factor.user_name)
    _require_room(known)
    if factor.credential_id is not None and store.is_credential_taken(connection, factor.credential_id):
        raise CredentialTaken
    if not store.confirm(connection, factor):
        raise SecondFactorUnknown
    told = Told(object=f"user:{account.name}", after=_told(factor))
    announce(connection, Change.SECOND_FACTOR_ADDED, factor.confirmed_at or factor.created_at, told)
    if known:
        return False
    store.replace_recovery_codes(connection, factor.user_name, code_hmacs)
    set_second_factor_at(connection, account, factor.confirmed_at)
    remove_logins(connection, f"{PrincipalKind.USER}:{account.name}", account.password_credential)
    return True


def _renew_codes(connection: Connection, user: str, code_hmacs: list[bytes], now: Milliseconds) -> None:
    _locked(connection, user)
    if not _confirmed(connection, user):
        raise NoSecondFactor
    store.replace_recovery_codes(connection, user, code_hmacs)
    announce(connection, Change.RECOVERY_CODES_REPLACED, now, Told(object=f"user:{user}"))


def _remove(connection: Connection, user: str, factor_id: str, is_required: bool, now: Milliseconds) -> bool:
    account = _locked(connection, user)
    known = _confirmed(connection, user)
    removed = next((factor for factor in known if factor.id == factor_id), None)
    if removed is None:
        raise SecondFactorUnknown
    is_last = len(known) == 1
    if is_last and is_required:
        raise LastSecondFactor
    _announce_removed(connection, [removed], now)
    if not is_last:
        store.remove(connection, user, factor_id)
        return False
    store.remove_all(connection, user)
    set_second_factor_at(connection, account, None)
    return True


def reset_second_factors(connection: Connection, user: str, now: Milliseconds) -> None:
    """Remove every factor and recovery code of a user. Raises `UserUnknown`."""
    account = _locked(connection, user)
    _announce_removed(connection, _confirmed(connection, user), now)
    store.remove_all(connection, user)
    set_second_factor_at(connection, account, None)


def _announce_removed(connection: Connection, factors: list[Factor], now: Milliseconds) -> None:
    for factor in factors:
        told = Told(object=f"user:{factor.user_name}", before=_told(factor))
        announce(connection, Change.SECOND_FACTOR_REMOVED, now, told)


def _told(factor: Factor) -> ToldFactor:
    return ToldFactor(factor.id, factor.method.value, factor.name)
