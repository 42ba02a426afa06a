# SPDX-License-Identifier: Apache-2.0
"""Host and port, as `Host` and URLs name them (RFC 3986 section 3.2)."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from ipaddress import ip_address

DEFAULT_PORTS = {"http": 80, "https": 443}

_MAX_CHARACTERS = 300
_AUTHORITY = re.compile(r"(?:\[(?P<bracketed>[0-9A-Fa-f:.]+)\]|(?P<name>[0-9A-Za-z._-]+))(?::(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class Authority:
    """A host, and the port if it is named. Names are in lower case, IPv6 addresses bare and in their short form."""

    host: str
    port: int | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


def parse_authority(text: str) -> Authority | None:
    """Read `host` or `host:port`, with IPv6 addresses in brackets; None when it is neither."""
    match = _AUTHORITY.fullmatch(text) if len(text) <= _MAX_CHARACTERS else None
    port = int(match["port"]) if match and match["port"] else None
    if match is None or (port is not None and not 0 < port <= 65_535):
        return None
    if not match["bracketed"]:
        return Authority(match["name"].lower(), port)
    try:
        return Authority(str(IPv6Address(match["bracketed"])), port)
    except ValueError:
        return None


def host_name(text: str) -> str:
    """Return the host that `text` names, in the form of `Authority.host`, without its port; empty when it names none.

    An IPv6 address need not be in brackets.
    """
    try:
        return str(ip_address(text))
    except ValueError:
        named = parse_authority(text)
        return named.host if named else ""
