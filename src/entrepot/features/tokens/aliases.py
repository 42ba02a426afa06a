# SPDX-License-Identifier: Apache-2.0
"""Names from another registry that robots go on logging in with, such as `robot$team+ci`.

An alias has a character that no name of our own has, so that it stands in nobody's way:
no user, robot or project can ever be called so.
"""

import re
from typing import NewType

from entrepot.features.tokens.errors import InvalidAlias

Alias = NewType("Alias", str)
"""A name that was checked by `parse_alias`."""

MAX_ALIAS_CHARACTERS = 255

RESERVED = frozenset(
    {
        "$oauthtoken",
        "$app",
        "$token",
        "<token>",
        "_json_key",
        "_json_key_base64",
        "AWS",
        "JWT",
        "PRIVATE-TOKEN",
        "Bearer",
    }
)
"""What clients of other services send where there is a token and no name: whoever had one of these would get theirs."""

_OWN = re.compile(r"[a-z0-9._-]*")
"""What users, robots and projects are called is made of these."""


def is_alias(name: str) -> bool:
    """Tell whether a name that somebody logs in with could be an alias: it can be nobody's own."""
    return _OWN.fullmatch(name) is None and len(name) <= MAX_ALIAS_CHARACTERS and name.isprintable()


def parse_alias(text: str) -> Alias:
    """Return `text` if a robot may go by it. Raises `InvalidAlias`.

    A name in Basic credentials has neither a colon nor control characters (RFC 7617 section 2).
    """
    if not text or len(text) > MAX_ALIAS_CHARACTERS:
        raise InvalidAlias(f"the alias has {len(text)} characters; 1 to {MAX_ALIAS_CHARACTERS} are accepted")
    if ":" in text or not text.isprintable() or text != text.strip():
        raise InvalidAlias(
            "the alias cannot be a user name of Basic credentials",
            hint="It has no colon, no control character, and no space at either end.",
        )
    if text in RESERVED:
        raise InvalidAlias(
            f"{text!r} is what clients of other services send instead of a name", hint="Choose another name."
        )
    if not is_alias(text):
        raise InvalidAlias(f"{text!r} could be the name of a user or of another robot")
    return Alias(text)
