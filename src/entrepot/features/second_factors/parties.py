# SPDX-License-Identifier: Apache-2.0
"""The console as a browser sees it, and whether browsers let security keys be used there."""

import ipaddress
from urllib.parse import urlsplit

from entrepot.features.second_factors.models import RelyingParty
from entrepot.infra.http.authority import DEFAULT_PORTS
from entrepot.infra.http.authority import Authority
from entrepot.infra.http.authority import parse_authority
from entrepot.kernel.errors import InvalidRequest

LOCALHOST = "localhost"


def relying_party(public_url: str, scheme: str, host: str) -> RelyingParty:
    """Return the party that `public_url` names or, where that is empty, scheme and `Host` of a request.

    Raises `InvalidRequest` for a `Host` that is none.
    """
    if public_url:
        address = urlsplit(public_url)
        scheme, host = address.scheme, address.netloc
    authority = parse_authority(host)
    if authority is None:
        raise InvalidRequest("the Host header is missing or names no host")
    port = None if authority.port == DEFAULT_PORTS.get(scheme) else authority.port
    return RelyingParty(authority.host, f"{scheme}://{Authority(authority.host, port)}")


def obstacle(party: RelyingParty) -> str | None:
    """Say why browsers do not let security keys be used by this party; None when they do.

    A party is identified by a domain, and its origin has to be a secure context
    (Web Authentication Level 3, sections 5 and 5.1.3).
    """
    if _is_address(party.host):
        return (
            f"browsers use security keys and passkeys at names only, and {party.host} is an IP address: "
            "open the console under a host name"
        )
    is_local = party.host == LOCALHOST or party.host.endswith(f".{LOCALHOST}")
    if not is_local and not party.origin.startswith("https:"):
        return f"browsers use security keys and passkeys over https only, except at {LOCALHOST}: set up TLS"
    return None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
