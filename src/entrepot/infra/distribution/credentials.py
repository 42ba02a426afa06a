# SPDX-License-Identifier: Apache-2.0
"""Logins for registries, wherever they are kept."""

from base64 import b64encode
from dataclasses import dataclass
from dataclasses import field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks a registry.

    With a name, the secret is a password. Without, it is a token that goes to the registry as it is, or, where
    `is_refresh`, one that its token service exchanges for others.
    """

    name: str = ""
    secret: str = field(default="", repr=False)
    is_refresh: bool = False

    @property
    def basic(self) -> str:
        """The header for a name and a password (RFC 7617)."""
        return f"Basic {b64encode(f'{self.name}:{self.secret}'.encode()).decode()}"


class Logins(Protocol):
    """Knows the logins of somebody."""

    async def login_for(self, host: str) -> Login | None:
        """Return the login for a registry, named `host` or `host:port`. Raises `CredentialsUnreadable`."""
