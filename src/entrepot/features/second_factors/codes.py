# SPDX-License-Identifier: Apache-2.0
"""Codes that people type: those of an app, and recovery codes."""

import hmac
import re
import secrets

from entrepot.features.tokens import InstanceKey

RECOVERY_CODES = 10

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: 5 bits a character, and none that looks like another."""

_GROUPS, _GROUP_CHARACTERS = 4, 4
_RECOVERY_CHARACTERS = _GROUPS * _GROUP_CHARACTERS
"""80 random bits."""

_MAX_TYPED = 64
_BETWEEN = re.compile(r"[\s-]+")
_APP_CODE = re.compile(r"[0-9]{6}")
_LOOKS_LIKE = str.maketrans("OIL", "011")
_PURPOSE = "recovery codes"


def read_app_code(typed: str) -> str | None:
    """Return the six digits that were typed, with spaces or dashes anywhere; None when it is something else."""
    code = _joined(typed)
    return code if _APP_CODE.fullmatch(code) else None


def new_recovery_codes() -> tuple[str, ...]:
    """Make codes that nobody can guess, such as `7Q2M-0XKD-VT5H-93ZC`."""
    return tuple(_new_recovery_code() for _ in range(RECOVERY_CODES))


def read_recovery_code(typed: str) -> str | None:
    """Return the characters of the recovery code that was typed, in one form; None when it is something else.

    Case, spaces and dashes do not matter, and letters that look like a digit count as that digit.
    """
    code = _joined(typed).upper().translate(_LOOKS_LIKE)
    is_code = len(code) == _RECOVERY_CHARACTERS and all(character in _ALPHABET for character in code)
    return code if is_code else None


def recovery_code_hmac(instance_key: InstanceKey, user: str, code: str) -> bytes:
    """Return what is stored of a recovery code, given as `read_recovery_code` returns it.

    It is as random as a key, so there is nothing to slow down.
    """
    return hmac.digest(instance_key.derive(_PURPOSE), f"{user}\n{code}".encode(), "sha256")


def _new_recovery_code() -> str:
    characters = [secrets.choice(_ALPHABET) for _ in range(_RECOVERY_CHARACTERS)]
    groups = range(0, _RECOVERY_CHARACTERS, _GROUP_CHARACTERS)
    return "-".join("".join(characters[begin : begin + _GROUP_CHARACTERS]) for begin in groups)


def _joined(typed: str) -> str:
    return _BETWEEN.sub("", typed[:_MAX_TYPED])
