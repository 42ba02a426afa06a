# SPDX-License-Identifier: Apache-2.0
"""How logging in, and changing accounts, is refused."""

from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.errors import Unavailable


class WrongPassword(Unauthenticated):
    """The user name or the password is wrong."""

    default_hint = "Check both and log in again; an administrator can tell whether the account is disabled."

    def __init__(self) -> None:
        super().__init__(challenge_error="invalid_token")


class PasswordNotAccepted(Unauthenticated):
    """The password is right, but this account does not log in with one."""

    default_hint = (
        "Log in to the console (the address of this registry in a browser), "
        "create a personal access token there and use it as the password."
    )

    def __init__(self, reason: str, *, hint: str | None = None) -> None:
        super().__init__(reason, challenge_error="invalid_token", hint=hint)


class TooManyAttempts(AppError):
    """Too many logins failed."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(
            message,
            hint=f"Try again in {retry_after_seconds} s.",
            headers={"Retry-After": str(retry_after_seconds)},
        )


class TooManyLogins(Unavailable):
    """Too many passwords wait to be checked."""

    code = "too_many_logins"


class InvalidUserName(InvalidRequest):
    """The user name is not valid."""

    code = "invalid_user_name"


class UnacceptablePassword(InvalidRequest):
    """The new password is not accepted."""

    code = "unacceptable_password"


class UserUnknown(NotFound):
    """There is no such user."""

    code = "user_unknown"
    default_hint = "GET /api/v1/users lists those there are."


class UserNameTaken(Conflict):
    """There is a user of this name already."""

    code = "user_name_taken"
    default_hint = "Choose another name."


class LastAdministrator(Conflict):
    """This is the last administrator who can log in with a password."""

    code = "last_administrator"
    default_hint = "Make another local user an administrator first, or enable one."


class ForeignPassword(Conflict):
    """The password of this account is kept by an identity provider."""

    code = "foreign_password"
    default_hint = "Change it there."


class PasswordChanged(Conflict):
    """The password was changed by somebody else at the same time."""

    code = "password_changed"
    default_hint = "Log in with the new password and try again."


class CurrentPasswordWrong(Forbidden):
    """The current password is not right."""

    code = "current_password_wrong"
    default_hint = "Give the password that you log in with now; an administrator can reset it."


class BreachedPassword(InvalidRequest):
    """The new password is known from a breach."""

    code = "breached_password"
    default_hint = "Choose another one, and do not use this one anywhere."


class BreachedPasswordsAway(Unavailable):
    """New passwords are not taken while the list of breached ones cannot be read."""

    code = "breached_passwords_away"
    default_hint = "The server's log names the file and the reason; an operator has to put that right."


class LocalPasswordsOff(PasswordNotAccepted):
    """The password is right, but passwords of local accounts are switched off here."""

    code = "local_passwords_off"

    def __init__(self) -> None:
        super().__init__(
            "passwords of local accounts are switched off, but for accounts that are kept for emergencies",
            hint="Log in with a personal access token, or through your identity provider; "
            "an administrator can name this account in identity.break_glass_accounts.",
        )


class PasswordsSwitchedOff(Conflict):
    """Passwords of local accounts are switched off, so a new one would let nobody in."""

    code = "passwords_switched_off"
    default_hint = "Let people come from the identity provider, or set identity.local_passwords to all."


class LastBreakGlassAccount(Conflict):
    """This is the last account that can log in with a password while those of all others are switched off."""

    code = "last_break_glass_account"
    default_hint = "Enable another account of identity.break_glass_accounts first, or add one there."
