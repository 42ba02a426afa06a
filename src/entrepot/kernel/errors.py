# SPDX-License-Identifier: Apache-2.0
"""The one root of every error that a person may see."""

from collections.abc import Mapping
from typing import Any
from typing import ClassVar


class AppError(Exception):
    """The request could not be carried out.

    A subclass states its case in class attributes, and its docstring's first
    line is the message used when the raiser gives none.

    `code` is stable and machine-readable, `status` is the HTTP status to answer
    with, and `hint` is the next step to take. `detail` is structured data for
    machines and `headers` are added to an HTTP answer.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    default_hint: ClassVar[str] = ""

    def __init__(
        self,
        message: str | None = None,
        *,
        hint: str | None = None,
        detail: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message if message is not None else _first_line(type(self))
        self.hint = self.default_hint if hint is None else hint
        self.detail = detail
        self.headers = dict(headers or {})
        super().__init__(self.message)


class Unavailable(AppError):
    """The service cannot answer right now."""

    code = "unavailable"
    status = 503
    default_hint = "Try again shortly; an administrator finds the reason at /readyz."

    def __init__(self, message: str | None = None, *, retry_after_seconds: int = 5, detail: Any = None) -> None:
        super().__init__(message, detail=detail, headers={"Retry-After": str(retry_after_seconds)})


class InvalidRequest(AppError):
    """The request is not well formed."""

    code = "invalid_request"
    status = 400


class Unauthenticated(AppError):
    """Authentication is required, or the credentials given are not valid.

    `challenge_error` is the RFC 6750 section 3.1 error code to put into the
    challenge, or empty when no credentials were presented.
    """

    code = "unauthenticated"
    status = 401
    default_hint = "Log in, then try again."

    def __init__(self, message: str | None = None, *, challenge_error: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.challenge_error = challenge_error


class InsufficientScope(Unauthenticated):
    """The token does not cover this."""

    default_hint = "Fetch a token with the scope that this takes; for /api, one without any scope."

    def __init__(self) -> None:
        super().__init__(challenge_error="insufficient_scope")


class Forbidden(AppError):
    """This principal may not do that."""

    code = "forbidden"
    status = 403


class ReauthenticationNeeded(Forbidden):
    """This takes a proof of who you are that is not older than a few minutes."""

    code = "reauthentication_needed"
    default_hint = "Give it with POST /api/v1/session/reauthentication, then try again."


class NotFound(AppError):
    """There is no such thing, or you may not see it."""

    code = "not_found"
    status = 404


class Conflict(AppError):
    """The request does not fit the current state."""

    code = "conflict"
    status = 409


def _first_line(error: type[AppError]) -> str:
    return (error.__doc__ or error.__name__).strip().splitlines()[0]
