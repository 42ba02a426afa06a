# SPDX-License-Identifier: Apache-2.0
"""How asking a server fails, in its own words where it has some."""

import json
import ssl
from email.message import Message
from typing import Any
from urllib.error import URLError

from entrepot.kernel.errors import AppError

_ENDED = ("unauthenticated", "unauthorized", "secret_expired", "secret_revoked")
"""The codes of refusals that another login ends, where the API's hint speaks of requests."""


_AS_COMMANDS = {
    "user_unknown": "entrepot user list shows those there are.",
    "invitation_unknown": "entrepot user invitations shows those there are.",
    "project_unknown": "entrepot project list shows those that you may see.",
    "project_exists": "entrepot project show tells about it, entrepot project set-visibility opens or closes it.",
    "project_not_empty": "Delete their artifacts first, each with: entrepot artifact delete REPOSITORY@DIGEST",
    "name_unknown": "entrepot repo list shows those that you may pull from.",
    "robot_unknown": "entrepot robot list PROJECT shows those there are.",
    "robot_exists": "Choose another name, or give that robot a new secret: entrepot robot rotate ROBOT",
    "too_many_robots": "Delete some that are no longer needed: entrepot robot list PROJECT shows them.",
    "token_unknown": "entrepot token list shows those there are.",
    "token_name_taken": "Choose another name, or revoke that token first: entrepot token revoke TOKEN",
    "too_many_tokens": "Revoke some that are no longer needed: entrepot token list shows them.",
}
"""The next step as a command, by the code of a refusal, where the API names a request."""


class ServerRefused(AppError):
    """The server refused, or failed."""

    code = "server_refused"

    def __init__(self, message: str, *, status: int, reason: str, hint: str = "") -> None:
        """Keep the HTTP status and the API's `code` for whoever has another way then."""
        super().__init__(message, hint=hint)
        self.answered_status = status
        self.reason = reason


class ServerUnreachable(AppError):
    """The server cannot be reached."""

    code = "server_unreachable"
    default_hint = "See that it runs, and that the address is right."

    @classmethod
    def because(cls, url: str, error: Exception) -> "ServerUnreachable":
        """Say it for an error of the connection."""
        cause = error.reason if isinstance(error, URLError) else error
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cls(
                f"the certificate of {url} is not trusted: {cause.verify_message}",
                hint="Where the authority is your own, log in with --ca-file FILE (its certificate, in PEM).",
            )
        if isinstance(cause, ssl.SSLError):
            return cls(f"{url} does not speak TLS as expected: {cause.reason or cause}")
        told = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
        return cls(f"{url} does not answer: {told or type(cause).__name__}")


class AuthoritiesUnreadable(AppError):
    """The file with the authorities that may vouch for a server cannot be used."""

    code = "authorities_unreadable"
    default_hint = "Name a file with certificates in PEM: entrepot login URL --ca-file FILE"


class MalformedSecret(AppError):
    """The token holds characters that no token has."""

    code = "malformed_secret"
    default_hint = "Copy it again, without spaces and line ends, or log in with: entrepot login URL"


class NoSuchServer(AppError):
    """This is no Entrepot server."""

    code = "no_such_server"
    default_hint = "Give the address that the server prints when it starts, with the path prefix if it has one."


class NotFollowed(AppError):
    """The server sends on to another address, and credentials do not go there."""

    code = "not_followed"
    default_hint = "If that is the server that you mean, log in there: entrepot login URL"


class NotLoggedIn(AppError):
    """There is no server to ask."""

    code = "not_logged_in"
    default_hint = "Log in with: entrepot login URL"


def refusal(url: str, status: int, headers: Message, content: bytes, *, is_by_token: bool) -> AppError:
    """Make the error of an answer: a problem of the management API (RFC 9457), or errors of the distribution API.

    `is_by_token` tells whether a token was refused that was kept or set before, and no password just given.
    """
    told = _problem(content)
    reason, message, hint = (str(told.get(name) or "") for name in ("code", "detail", "hint"))
    reason = reason.lower()
    if not message and status >= 500:
        hint = "Try again shortly. If it goes on, what stands before the server may not reach it."
        return ServerRefused(f"{url} answered {status}, and did not say why", status=status, reason="", hint=hint)
    if not message:
        return NoSuchServer(f"{url} answered {status}, and did not say why")
    hint = _AS_COMMANDS.get(reason, hint)
    if is_by_token and status == 401 and reason in _ENDED:
        hint = f"Log in again: entrepot login {url}. If ENTREPOT_REMOTE__TOKEN is set, that token is meant: renew it."
    request_id = str(told.get("request_id") or headers.get("X-Request-Id") or "")
    if status >= 500 and request_id:
        message = f"{message} (request {request_id})"
    return ServerRefused(message, status=status, reason=reason, hint=hint)


def _problem(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    errors = told.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return {"code": errors[0].get("code"), "detail": errors[0].get("message")}
    return told
