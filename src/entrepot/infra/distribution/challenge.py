# SPDX-License-Identifier: Apache-2.0
"""What a registry wants to know before it answers: `WWW-Authenticate` (RFC 9110, section 11.6.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

MAX_CHARACTERS = 8_192

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a grammar
_PARAMETER = re.compile(rf'\s*({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_TOKEN}))\s*', re.ASCII)
_SCHEME = re.compile(rf"\s*({_TOKEN})(?=\s|,|$)[ \t]*", re.ASCII)
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Challenge:
    """A scheme in lower case, and its parameters, their names in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """Return every challenge of a header, in order, as far as it can be read."""
    found: list[tuple[str, dict[str, str]]] = []
    at, text = 0, header[:MAX_CHARACTERS]
    while at < len(text):
        if text[at] == ",":
            at += 1
            continue
        parameter = _PARAMETER.match(text, at)
        if parameter is not None and found:
            name, quoted, plain = parameter.groups()
            found[-1][1].setdefault(name.lower(), plain if quoted is None else _ESCAPED.sub(r"\1", quoted))
            at = parameter.end()
            continue
        scheme = _SCHEME.match(text, at)
        if scheme is None or scheme.end() == at:
            break
        found.append((scheme[1].lower(), {}))
        at = scheme.end()
    return tuple(Challenge(scheme, parameters) for scheme, parameters in found)
