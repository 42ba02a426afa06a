# SPDX-License-Identifier: Apache-2.0
"""How tokens, and the secrets that programs log in with, are refused."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound
from entrepot.kernel.errors import Unauthenticated


class InvalidToken(Unauthenticated):
    """The token is not valid, or no longer."""

    default_hint = "Fetch a new token and try again."

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        super().__init__(message, challenge_error="invalid_token", hint=hint)


class LoginEnded(InvalidToken):
    """What this token was fetched with is no longer good: it was revoked, changed or disabled, or has expired."""

    code = "login_ended"
    default_hint = "Log in again."


class SecretExpired(InvalidToken):
    """The secret is right, but its time is over."""

    code = "secret_expired"


class SecretRevoked(InvalidToken):
    """The secret is right, but it was revoked."""

    code = "secret_revoked"


class AccountDisabled(InvalidToken):
    """The secret is right, but its account is disabled."""

    code = "account_disabled"


class SecretOfAnother(InvalidToken):
    """The secret is right, but not that of the name given with it."""

    code = "secret_of_another"


class AddressNotAllowed(InvalidToken):
    """The secret is right, but not good from this address."""

    code = "address_not_allowed"


class InvalidAddresses(InvalidRequest):
    """The allowed addresses are not valid."""

    code = "invalid_addresses"
    default_hint = "Write addresses and networks such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32."


class InvalidSecretHash(InvalidRequest):
    """The hash of the secret is not valid."""

    code = "invalid_secret_hash"
    default_hint = (
        "Use sha256:<id>:<64 hexadecimal digits>; 'entrepot robot make-secret' makes a secret and prints this for it."
    )


class SecretUsedBefore(Conflict):
    """This secret is somebody else's, or is no longer good."""

    code = "secret_used_before"
    default_hint = "Make another: entrepot robot make-secret."


class InvalidAlias(InvalidRequest):
    """The alias is not valid."""

    code = "invalid_alias"
    default_hint = "An alias has a character that no name here has, as robot$team+ci has '$' and '+'."


class AliasTaken(Conflict):
    """Another robot goes by this alias."""

    code = "alias_taken"
    default_hint = "Choose another one, or take it from that robot first."


class InvalidTokenName(InvalidRequest):
    """The token name is not valid."""

    code = "invalid_token_name"
    default_hint = "Use 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or a digit."


class TokenUnknown(NotFound):
    """There is no such token."""

    code = "token_unknown"
    default_hint = "GET /api/v1/tokens lists those there are."


class TokenNameTaken(Conflict):
    """There is a token of this name already."""

    code = "token_name_taken"
    default_hint = "Choose another name, or revoke that token first: DELETE /api/v1/tokens/<name>."


class TooManyTokens(Conflict):
    """No more tokens can be created."""

    code = "too_many_tokens"
    default_hint = "Revoke some that are no longer needed: GET /api/v1/tokens lists them."


class TokensBegetNoTokens(Forbidden):
    """Tokens are created after logging in with a password, not with a token."""

    code = "tokens_beget_no_tokens"
    default_hint = "Log in with user name and password: a token that was stolen must not be able to create others."


class NoTokensForThis(Forbidden):
    """Only users have personal tokens."""

    code = "no_tokens_for_this"
    default_hint = "The secret of a robot is rotated with POST /api/v1/robots/<name>:rotate."


class OnlyItself(Forbidden):
    """A token can revoke itself and no other token."""

    code = "only_itself"
    default_hint = "Log in with user name and password to revoke others."
