# SPDX-License-Identifier: Apache-2.0
"""Addresses of web servers, read in one way only: what could be read in two is refused."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError
from ipaddress import IPv4Address
from ipaddress import IPv6Address

from entrepot.infra.http.outbound.addresses import Address
from entrepot.infra.http.outbound.errors import AddressInvalid

MAX_CHARACTERS = 2_048
DEFAULT_PORTS = {"http": 80, "https": 443}

_URL = re.compile(r"(https?)://([^/?#]+)(/[^?#]*)?(?:\?([^#]*))?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?")
_VISIBLE = re.compile(r"[!-\[\]-~]+")
"""ASCII without spaces, control characters and backslashes."""

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_IS_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Url:
    """An address, taken apart. `host` is a name in lower case, or an IP address as it is written canonically."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def literal(self) -> Address | None:
        """The IP address that stands in the place of a name."""
        if ":" in self.host:
            return IPv6Address(self.host)
        return IPv4Address(self.host) if self.host[-1].isdigit() and _ends_in_number(self.host) else None

    @property
    def origin(self) -> str:
        """Scheme, host and port: all of it that is shown to anybody."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{'' if self.port == DEFAULT_PORTS[self.scheme] else f':{self.port}'}"


def parse_url(text: str) -> Url:
    """Read an address of a web server. Raises `AddressInvalid`, which does not repeat it."""
    if len(text) > MAX_CHARACTERS:
        raise AddressInvalid(f"the address is longer than {MAX_CHARACTERS} characters")
    found = _URL.fullmatch(text) if _VISIBLE.fullmatch(text) else None
    if found is None:
        raise AddressInvalid("the address does not begin with http:// or https://, or has characters that none has")
    scheme, authority, path, query = found.groups()
    if "@" in authority:
        raise AddressInvalid("the address has a user name or a password in it")
    place = _AUTHORITY.fullmatch(authority)
    if place is None:
        raise AddressInvalid("the address has no host name as they are written: letters, digits, - and .")
    port = int(place[2] or DEFAULT_PORTS[scheme.lower()])
    if not 0 < port < 65_536:
        raise AddressInvalid(f"{port} is no port")
    return Url(scheme.lower(), _host(place[1].lower()), port, path or "/", query or "")


def _host(text: str) -> str:
    try:
        if text.startswith("["):
            return IPv6Address(text[1:-1]).compressed
        text = text.removesuffix(".")
        if _ends_in_number(text):
            # What the C library takes for an address besides (octal, hexadecimal, fewer numbers) has no other spelling.
            return str(IPv4Address(text))
    except AddressValueError as error:
        raise AddressInvalid("the host is a number, and no IP address as they are usually written") from error
    if len(text) > 253 or not all(map(_LABEL.fullmatch, text.split("."))):
        raise AddressInvalid("the host is no name as they are written; names of other alphabets begin with xn--")
    return text


def _ends_in_number(host: str) -> bool:
    """Tell whether a host is meant as an IPv4 address (as browsers do: by its last part)."""
    return _IS_NUMBER.fullmatch(host.rpartition(".")[2]) is not None
