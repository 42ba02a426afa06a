# SPDX-License-Identifier: Apache-2.0
"""Addresses that mail is sent to: the plain ones (RFC 5321 section 4.1.2, without quotes, comments and literals)."""

import re

from entrepot.infra.mail.errors import AddressInvalid

MAX_ADDRESS_CHARACTERS = 254
"""What a path of 256 octets leaves without its angle brackets (RFC 5321 section 4.5.3.1.3)."""
MAX_LOCAL_CHARACTERS = 64

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def parse_mail_address(text: str) -> str:
    """Return an address with its domain in lower case. Raises `AddressInvalid`."""
    local, at, domain = text.rpartition("@")
    is_address = (
        bool(at)
        and len(text) <= MAX_ADDRESS_CHARACTERS
        and len(local) <= MAX_LOCAL_CHARACTERS
        and _LOCAL.fullmatch(local) is not None
        and _DOMAIN.fullmatch(domain) is not None
    )
    if not is_address:
        raise AddressInvalid
    return f"{local}@{domain.lower()}"


def domain_of(address: str) -> str:
    """Return the domain of an address."""
    return address.rpartition("@")[2]
