# SPDX-License-Identifier: Apache-2.0
"""The words of identity: users, their standing, and the first administrator."""

import re
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from pathlib import Path

from entrepot.features.identity.errors import InvalidUserName
from entrepot.kernel.clock import Milliseconds

ADMINISTRATOR_NAME = "admin"
"""The name of the administrator that the first start creates."""

USER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""What a user may be called: nothing that a shell, a URL or YAML reads otherwise, nor takes for an option."""

RESERVED_NAMES = frozenset({"me", "everyone", "anonymous"})
"""Names that mean something else in the API and on the command line."""


class Standing(StrEnum):
    """What an account counts for at this moment."""

    NONE = "none"
    """There is no such user, or it is disabled."""
    USER = "user"


@dataclass(frozen=True, slots=True)
class User:
    """An account. Its fields are the columns of the table.

    `password_hash` is in PHC string format (`$argon2id$...`), empty when there is no password here.
    `provider` names the identity provider that the account is from, None for a local one.
    """

    id: int
    name: str
    password_hash: str = field(repr=False)
    created_at: Milliseconds
    disabled_at: Milliseconds | None
    password_changed_at: Milliseconds
    provider: str | None
    second_factor_at: Milliseconds | None

    @property
    def is_disabled(self) -> bool:
        """Whether it may do nothing."""
        return self.disabled_at is not None

    @property
    def identity(self) -> str:
        """What it is called among principals, such as `user:alice`."""
        return f"user:{self.name}"

    @property
    def password_credential(self) -> str:
        """What `Principal.credential` is after a login with its password; it changes with the password."""
        return password_credential(self.id, self.password_changed_at)


def password_credential(user_id: int, password_changed_at: Milliseconds) -> str:
    """Name the present password of a user, without telling anything about it."""
    return f"password:{user_id}:{password_changed_at}"


@dataclass(frozen=True, slots=True)
class ToldUser:
    """What is told of a user when something about it changes."""

    name: str
    administrator: bool
    for_good: bool
    """Whether it administers the registry for good, and not until some moment."""
    disabled: bool


@dataclass(frozen=True, slots=True)
class FailedLogins:
    """How many logins of somebody failed of late, and when the last one did."""

    failures: int
    last_failed_at: Milliseconds


def parse_user_name(text: str) -> str:
    """Return `text` if a user may be called so. Raises `InvalidUserName`."""
    if text in RESERVED_NAMES:
        raise InvalidUserName(f"nobody can be called {text!r}", hint="Choose another name.")
    if USER_NAME.fullmatch(text) is None:
        raise InvalidUserName(
            "the user name is not valid",
            hint="Use 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or a digit.",
        )
    return text


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """The administrator that this very call created.

    `password_file` is where a password made up here was written; it is None
    when the operator chose the password.
    """

    name: str
    password: str = field(repr=False)
    password_file: Path | None
