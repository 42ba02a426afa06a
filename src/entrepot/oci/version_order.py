# SPDX-License-Identifier: Apache-2.0
"""The order of tags that are versions: that of Semantic Versioning 2.0, as text that databases compare byte by byte.

Tags are looser than that specification, so a `v` in front is allowed, there may be
fewer or more than three numbers (`1`, `1.2` and `1.2.0` are equal), and leading zeros
say nothing. What follows a hyphen is a pre-release: `1.2.3-alpine` stands right before
`1.2.3`. What follows an underscore says nothing about the order: registries have no
`+`, and Helm writes the build metadata of a chart behind an underscore instead.
"""

import re

VersionNumbers = tuple[int, ...]

NO_VERSION = ""
"""The key of a name that is no version, such as `latest`."""

_VERSION = re.compile(
    r"[vV]?(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?:-(?P<release>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:_.*)?", re.ASCII
)

# What may follow the numbers, in this order: a pre-release, nothing, or one more number, which begins with a letter.
_PRE_RELEASE = "!"
_RELEASE = "."

# Identifiers that are numbers come before those that are not (section 11.4.3).
_NUMBER = "0"
_TEXT = "1"
_TEXT_END = "!"

_LONG = 24
"""Numbers up to so many digits are preceded by one letter that tells how many; of longer ones three digits tell."""


def version_key(name: str) -> str:
    """Return a text whose bytewise order is the precedence of the version `name`, `NO_VERSION` if it is none.

    Of two versions of the same precedence the keys are equal (section 11). A key
    has ASCII letters, digits, `.`, `!` and `-`, and of a tag at most 200 of them.
    """
    version = _VERSION.fullmatch(name)
    if version is None:
        return NO_VERSION
    numbers = [_number(digits) for digits in version["numbers"].split(".")]
    while len(numbers) > 1 and numbers[-1] == _number("0"):
        numbers.pop()
    if version["release"] is None:
        return "".join(numbers) + _RELEASE
    return "".join(numbers) + _PRE_RELEASE + "".join(map(_identifier, version["release"].split(".")))


def numbers_of(name: str) -> VersionNumbers | None:
    """Return the numbers of the version `name`, as many as it has; None if it is none."""
    version = _VERSION.fullmatch(name)
    return None if version is None else tuple(map(int, version["numbers"].split(".")))


def _identifier(text: str) -> str:
    return _NUMBER + _number(text) if text.isdecimal() else _TEXT + text + _TEXT_END


def _number(digits: str) -> str:
    """Write a number so that its text is compared as its value."""
    value = digits.lstrip("0")
    length = chr(ord("a") + len(value)) if len(value) <= _LONG else f"z{len(value):03d}"
    return length + value
