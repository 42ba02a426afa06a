# SPDX-License-Identifier: Apache-2.0
"""Logging in to the console, step by step, and proving again who you are."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.identity import Accounts
from entrepot.features.identity import WrongPassword
from entrepot.features.second_factors import Challenge
from entrepot.features.second_factors import Method
from entrepot.features.second_factors import Proof
from entrepot.features.second_factors import RelyingParty
from entrepot.features.second_factors import SecondFactors
from entrepot.features.sessions import steps
from entrepot.features.sessions import store
from entrepot.features.sessions.errors import ForeignAccount
from entrepot.features.sessions.errors import NoChallenge
from entrepot.features.sessions.errors import NothingPending
from entrepot.features.sessions.errors import PasswordWrong
from entrepot.features.sessions.errors import ProofMissing
from entrepot.features.sessions.errors import SecondFactorNeeded
from entrepot.features.sessions.models import CHALLENGE_MS
from entrepot.features.sessions.models import OpenSession
from entrepot.features.sessions.models import RenewedSession
from entrepot.features.sessions.models import SessionState
from entrepot.features.sessions.models import Visitor
from entrepot.features.sessions.service import Sessions
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

Step = Callable[[Connection, OpenSession, Milliseconds], RenewedSession]


class Logins:
    """The steps from a password to a session that may do what its user may."""

    def __init__(
        self, database: Database, sessions: Sessions, accounts: Accounts, factors: SecondFactors, clock: Clock
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._accounts = accounts
        self._factors = factors
        self._clock = clock

    async def log_in(self, name: str, password: str, visitor: Visitor) -> RenewedSession:
        """Begin a session of its own for a local user, whatever the browser had before.

        Raises as `Accounts.verify`, and `ForeignAccount`.
        """
        user = await self._accounts.verify(name, password, visitor.address)
        if user.provider is not None:
            raise ForeignAccount
        return await self._sessions.begin(user, visitor)

    async def methods(self, found: OpenSession) -> tuple[Method, ...]:
        """Return the second factors that the user of a session can give."""
        if found.user.second_factor_at is None:
            return ()
        return await self._factors.methods(found.user.name)

    async def challenge(self, found: OpenSession, party: RelyingParty) -> Challenge:
        """Return what the browser of a session is asked to sign; only the newest one counts, for five minutes."""
        challenge = await self._factors.challenge(found.user.name, party)
        await self._database.write(store.put_challenge, found.session.id, challenge.state, self._clock())
        return challenge

    async def give_second_factor(
        self, found: OpenSession, proof: Proof, party: RelyingParty, address: str
    ) -> RenewedSession:
        """Complete a login. Raises `NothingPending`, `NoChallenge` and as `SecondFactors.verify`."""
        if found.state is not SessionState.SECOND_FACTOR:
            raise NothingPending
        return await self._verify(found, proof, party, address, steps.complete)

    async def reauthenticate(
        self, found: OpenSession, password: str | None, proof: Proof | None, party: RelyingParty, address: str
    ) -> RenewedSession:
        """Let a user prove again who they are.

        A user who has second factors gives one of them, and may give the password; others give the password.
        Raises `SecondFactorNeeded`, `ProofMissing`, `PasswordWrong`, `NoChallenge` and as `SecondFactors.verify`.
        """
        if found.state is SessionState.SECOND_FACTOR:
            raise SecondFactorNeeded
        if password is not None:
            await self._verify_password(found, password, address)
        if proof is not None:
            return await self._verify(found, proof, party, address, steps.prove)
        if found.user.second_factor_at is not None:
            raise ProofMissing("a second factor is missing", hint="Give one of the methods of GET /api/v1/session.")
        if password is None:
            raise ProofMissing("the password is missing", hint="Give the one that you log in with.")
        return await self._database.write(steps.prove, found, self._clock())

    async def _verify_password(self, found: OpenSession, password: str, address: str) -> None:
        try:
            await self._accounts.verify(found.user.name, password, address)
        except WrongPassword:
            raise PasswordWrong from None

    async def _verify(
        self, found: OpenSession, proof: Proof, party: RelyingParty, address: str, step: Step
    ) -> RenewedSession:
        """Check a second factor, and take the step that it is for in the transaction that uses it up."""
        if proof.method is Method.WEBAUTHN:
            since = after(self._clock(), -CHALLENGE_MS)
            asked = await self._database.write(store.take_challenge, found.session.id, since)
            if asked is None:
                raise NoChallenge
            proof = replace(proof, state=asked)
        now = self._clock()
        return await self._factors.verify(
            found.user.name, proof, party, address, lambda connection: step(connection, found, now)
        )
