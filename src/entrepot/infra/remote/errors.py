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


def refusal(url: str, status: int, headers: Message, content: bytes) -> AppError:
    """Make the error of an answer: a problem of the management API (RFC 9457), or errors of the distribution API."""
    told = _problem(content)
    reason, message, hint = (str(told.get(name) or "") for name in ("code", "detail", "hint"))
    reason = reason.lower()
    if not message:
        return NoSuchServer(f"{url} answered {status}, and did not say why")
    if status == 401 and reason in _ENDED:
        hint = f"Log in again: entrepot login {url}"
    request_id = str(told.get("request_id") or headers.get("X-Request-Id") or "")
    if status >= 500 and request_id:
        message = f"{message} (request {request_id})"
    return ServerRefused(message, status=status, reason=reason, hint=hint)


def _problem(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    errors = told.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return {"code": errors[0].get("code"), "detail": errors[0].get("message")}
    return told
