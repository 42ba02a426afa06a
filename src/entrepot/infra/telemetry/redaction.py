# SPDX-License-Identifier: Apache-2.0
"""The last line of defence against secrets in logs. The first is that nobody logs them."""

import re
from collections.abc import Mapping
from collections.abc import MutableMapping
from typing import Any

REDACTED = "[redacted]"

_TELLING_NAME = re.compile(
    r"password|passwd|secret|token|authorization|cookie|credential|private_?key|api_?key", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"""
      ent[rs]?_[0-7][A-Za-z0-9_]{10,}                         # tokens and sessions of ours
    | eyJ[A-Za-z0-9_-]{1,1024}+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)*  # JSON Web Tokens
    | (?:Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{8,}               # credentials of HTTP
    | (?<=://)[^/?#@:\s]*+:[^/?#\s]*(?=@)                     # user and password of an address
    | -----BEGIN[^-]*PRIVATE\sKEY-----.*?(?:-----END[^-]*-----|\Z)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_MAX_DEPTH = 8


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what looks like a secret, at any depth of a log event: by its key, or by its own looks (structlog)."""
    return {key: _redacted(key, value, 0) for key, value in event.items()}


def redact_text(text: str) -> str:
    """Replace every secret in a text that can be told by its looks."""
    return _SECRET_TEXT.sub(REDACTED, text)


def _redacted(key: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _TELLING_NAME.search(key) or depth > _MAX_DEPTH:
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {redact_text(str(inner)): _redacted(str(inner), each, depth + 1) for inner, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(key, each, depth + 1) for each in value]
    return redact_text(value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else repr(value))
