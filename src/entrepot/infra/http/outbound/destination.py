# SPDX-License-Identifier: Apache-2.0
"""Where requests go, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from entrepot.infra.http.outbound.errors import AddressForbidden
from entrepot.infra.http.outbound.url import Url
from entrepot.infra.http.outbound.url import parse_url

ANSWER_BYTES = 1024 * 1024
FIRST_FREE_PORT = 1_024


@dataclass(frozen=True, slots=True)
class Destination:
    """Where requests go: `trusted` from the configuration, or `supplied` by a user and so looked at each time."""

    url: Url
    is_supplied: bool
    ca_file: Path | None = None
    """Who signed its certificate, and nobody else; None for whom the system and `outgoing.ca_file` trust."""


def trusted(url: str, ca_file: Path | None = None) -> Destination:
    """Return a destination that the operator wrote into the configuration. Raises `AddressInvalid`."""
    return Destination(parse_url(url), False, ca_file)


def supplied(url: str) -> Destination:
    """Return a destination that a user named. Raises `AddressInvalid` and `AddressForbidden`."""
    parsed = parse_url(url)
    if parsed.port not in (80, 443) and parsed.port < FIRST_FREE_PORT:
        raise AddressForbidden(f"the port {parsed.port} is one of other services")
    return Destination(parsed, True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, all of it. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether it says that it was done."""
        return 200 <= self.status < 300
