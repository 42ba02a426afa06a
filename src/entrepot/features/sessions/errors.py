# SPDX-License-Identifier: Apache-2.0
"""How sessions, and what is done with them, are refused."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound
from entrepot.kernel.errors import Unauthenticated


class NoSession(Unauthenticated):
    """There is no session: the request came without its cookie."""

    code = "no_session"
    default_hint = "Log in with POST /api/v1/sessions."


class SessionEnded(Unauthenticated):
    """The session is over: it ran out or was ended, or what it was logged in with changed."""

    code = "session_ended"
    default_hint = "Log in again."


class SecondFactorNeeded(Unauthenticated):
    """The login is not complete: a second factor is missing."""

    code = "second_factor_needed"
    default_hint = "Give it with POST /api/v1/session/second-factor."


class EnrolmentNeeded(Unauthenticated):
    """The login is not complete: a second factor is required of this account, and none is set up."""

    code = "enrolment_needed"
    default_hint = "Set one up; GET /api/v1/session tells when the login is complete."


class ForeignAccount(Unauthenticated):
    """The password is right, but this account logs in through its identity provider."""

    code = "foreign_account"
    default_hint = "GET /api/v1/sessions/providers lists the ways to log in."


class WrongCsrfToken(Forbidden):
    """The X-CSRF-Token header is missing, or is not that of the session."""

    code = "csrf"
    default_hint = "Send the csrf_token of GET /api/v1/session."


class PasswordWrong(Forbidden):
    """The password is not right."""

    code = "password_wrong"
    default_hint = "Give the password that you log in with."


class ProofMissing(InvalidRequest):
    """There is nothing in it that proves who you are."""

    code = "proof_missing"


class NoChallenge(Conflict):
    """This answers no challenge, or one that is too old."""

    code = "no_challenge"
    default_hint = "Get one with POST /api/v1/session/second-factor/challenge."


class NothingPending(Conflict):
    """The session waits for no second factor."""

    code = "nothing_pending"
    default_hint = "To prove again who you are, use POST /api/v1/session/reauthentication."


class SessionUnknown(NotFound):
    """There is no such session."""

    code = "session_unknown"
    default_hint = "GET /api/v1/sessions lists those there are."


class NoSessionsForThis(Forbidden):
    """Only users have sessions."""

    code = "no_sessions_for_this"


class TokensEndNoSessions(Forbidden):
    """A token does not end sessions."""

    code = "tokens_end_no_sessions"
    default_hint = "Log in with name and password, or from the console."
