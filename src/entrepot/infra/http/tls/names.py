# SPDX-License-Identifier: Apache-2.0
"""What a certificate is for: host names and addresses, as X.509 writes them (RFC 5280 section 4.2.1.6)."""

from collections.abc import Iterable
from ipaddress import IPv4Address
from ipaddress import IPv6Address
from ipaddress import ip_address
from ipaddress import ip_network

from cryptography import x509


def subject_names(names: Iterable[str]) -> x509.SubjectAlternativeName:
    """Return the extension that says what a certificate is for."""
    return x509.SubjectAlternativeName([_general(name) for name in sorted(names)])


def only_for(names: Iterable[str]) -> x509.NameConstraints:
    """Return the extension that keeps an authority to these names and addresses, and names below them."""
    permitted: list[x509.GeneralName] = []
    for name in sorted(names):
        address = _address(name)
        permitted.append(x509.DNSName(name) if address is None else x509.IPAddress(ip_network(address)))
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def may_sign_for(authority: x509.Certificate, name: str) -> bool:
    """Tell whether an authority's constraints let it sign for `name`."""
    try:
        constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return True
    address = _address(name)
    permitted = constraints.permitted_subtrees or []
    if address is None:
        return any(isinstance(each, x509.DNSName) and f".{name}".endswith(f".{each.value}") for each in permitted)
    networks = [ip_network(str(each.value)) for each in permitted if isinstance(each, x509.IPAddress)]
    return any(address in network for network in networks)


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _general(name: str) -> x509.GeneralName:
    address = _address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)
