# SPDX-License-Identifier: Apache-2.0
"""What a new password must be (NIST SP 800-63B section 3.1.1.2): long enough, and nothing about its characters."""

import secrets

from entrepot.features.identity.errors import UnacceptablePassword

MIN_CHARACTERS = 12
MAX_CHARACTERS = 1024
RANDOM_BYTES = 24


def require_acceptable(name: str, password: str) -> None:
    """Do nothing if the user `name` may choose this password. Raises `UnacceptablePassword`."""
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise UnacceptablePassword(
            f"the new password has {len(password)} characters",
            hint=f"Use {MIN_CHARACTERS} to {MAX_CHARACTERS} characters of any kind; a few words do well.",
        )
    if password.casefold() == name.casefold():
        raise UnacceptablePassword("the new password is the user name", hint="Choose another one.")


def make_up() -> str:
    """Make up a password that nobody guesses."""
    return secrets.token_urlsafe(RANDOM_BYTES)
