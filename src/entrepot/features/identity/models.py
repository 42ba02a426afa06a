# SPDX-License-Identifier: Apache-2.0
"""The words of identity: users, their standing, and the first administrator."""

from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from pathlib import Path

ADMINISTRATOR_NAME = "admin"
"""The name of the administrator that the first start creates."""

MAX_NAME_LENGTH = 255


class Standing(StrEnum):
    """What an account counts for at this moment."""

    NONE = "none"
    """There is no such user, or it is disabled."""
    USER = "user"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class User:
    """A local account. `password_hash` is in PHC string format (`$argon2id$...`)."""

    name: str
    password_hash: str = field(repr=False)
    is_admin: bool
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """The administrator that this very call created.

    `password_file` is where a password made up here was written; it is None
    when the operator chose the password.
    """

    name: str
    password: str = field(repr=False)
    password_file: Path | None
