# SPDX-License-Identifier: Apache-2.0
"""The `identity` section of the configuration."""

from pathlib import Path
from typing import Literal
from typing import Self

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import field_validator
from pydantic import model_validator

from entrepot.features.identity.breached import BreachedPasswords
from entrepot.features.identity.breached import BreachedPasswordsUnreadable
from entrepot.features.identity.models import USER_NAME

BREAK_GLASS: Literal["break-glass"] = "break-glass"
MAX_BREAK_GLASS_ACCOUNTS = 100


class IdentitySettings(BaseModel):
    """Whose password is good for logging in, and what a new one must not be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    local_passwords: Literal["all", "break-glass"] = Field(
        "all",
        description="Which local accounts log in with a password: all of them, or those in break_glass_accounts only. "
        "Personal tokens go on either way.",
    )
    break_glass_accounts: tuple[str, ...] = Field(
        (),
        max_length=MAX_BREAK_GLASS_ACCOUNTS,
        description="Names of the accounts whose password is good where those of all others are switched off. "
        "Each use of one is announced and logged as a warning.",
    )
    breached_passwords: Path | None = Field(
        None,
        description="File with the SHA-1 of passwords that are known from breaches, sorted, one `HASH` or `HASH:COUNT` "
        "a line. None of them is taken as a new password.",
    )

    @field_validator("break_glass_accounts")
    @classmethod
    def _are_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if USER_NAME.fullmatch(name) is None:
                raise ValueError(f"{name[:80]!r} is not the name of a user")
        return names

    @field_validator("breached_passwords")
    @classmethod
    def _is_readable(cls, path: Path | None) -> Path | None:
        if path is not None:
            try:
                BreachedPasswords(path).inspect()
            except BreachedPasswordsUnreadable as error:
                raise ValueError(error.reason) from None
        return path

    @model_validator(mode="after")
    def _lets_somebody_in(self) -> Self:
        if self.local_passwords == BREAK_GLASS and not self.break_glass_accounts:
            raise ValueError("with local_passwords = break-glass, break_glass_accounts has to name an account")
        return self

    @property
    def break_glass(self) -> frozenset[str] | None:
        """The only accounts that log in with a password; None when all do."""
        return frozenset(self.break_glass_accounts) if self.local_passwords == BREAK_GLASS else None
