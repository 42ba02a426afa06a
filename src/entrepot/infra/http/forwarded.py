# SPDX-License-Identifier: Apache-2.0
"""Who sent a request that came through proxies, and what the client called this server.

`Forwarded` (RFC 7239) or, where there is none, `X-Forwarded-For`, `-Proto`, `-Host` and `-Port` tell. Anybody can
send them, so they are read from the right, where the nearest proxy wrote, and only as far as trusted proxies wrote.
"""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from ipaddress import IPv6Address
from ipaddress import IPv6Network
from ipaddress import ip_address
from itertools import islice

from entrepot.infra.http.authority import DEFAULT_PORTS
from entrepot.infra.http.authority import Authority
from entrepot.infra.http.authority import parse_authority
from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send

Network = IPv4Network | IPv6Network
Headers = Sequence[tuple[bytes, bytes]]

MAX_HOPS = 32
"""No more is read of a chain of proxies; a longer one ends there."""

_FORWARDED = b"forwarded"
_FOR, _PROTO, _HOST, _PORT = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port")

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PAIR = re.compile(r"""[ \t]*([!#-'*+.^-z|~A-Z0-9-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))[ \t]*(?:;|$)""")
_NODE = re.compile(
    r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?|([0-9A-Fa-f:.]+)",
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from; what is not known is empty."""

    address: str = ""
    scheme: str = ""
    host: Authority | None = None
    port: int | None = None
    """The port the client used, for a host that is named without one."""


class BehindProxies:
    """The ASGI application before `application`: what it puts right holds for everything behind it."""

    def __init__(self, application: AsgiApplication, networks: Iterable[Network]) -> None:
        self._application = application
        self._networks = tuple(networks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on as the client sent it to the first proxy (ASGI)."""
        await self._application(self._resolved(scope), receive, send)

    def _resolved(self, scope: Scope) -> Scope:
        client = scope.get("client")
        if client is None or not is_within(client[0], self._networks):
            return scope
        headers: Headers = scope["headers"]
        origin = trace(client[0], headers, self._networks)
        resolved = {**scope, "scheme": origin.scheme or scope["scheme"]}
        if origin.address != client[0]:
            resolved["client"] = (origin.address, 0)
        host = _host(origin, headers, resolved["scheme"])
        if host is not None:
            others = [(name, value) for name, value in headers if name != b"host"]
            resolved["headers"] = [(b"host", str(host).encode("ascii")), *others]
        return resolved


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Tell whether an address belongs to one of the networks; what is not an address does not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def trace(peer: str, headers: Headers, trusted: Sequence[Network]) -> Origin:
    """Follow a request from a trusted peer back to the first address that is not trusted.

    Where a proxy does not say who asked it, or says what cannot be understood, the trail ends at that proxy.
    Proxies pass on what they do not know: where `Forwarded` and `X-Forwarded-*` name different clients, a client
    may have written either, and neither is believed.
    """
    fields = _fields(headers)
    forwarded = fields.pop(_FORWARDED, None)
    if forwarded is None:
        return _follow(peer, _x_forwarded(fields), trusted)
    origin = _follow(peer, _forwarded(forwarded), trusted)
    is_contradicted = fields and _follow(peer, _x_forwarded(fields), trusted).address != origin.address
    return Origin(peer) if is_contradicted else origin


def _follow(peer: str, hops: Iterator[Origin], trusted: Sequence[Network]) -> Origin:
    origin = Origin(peer)
    for hop in islice(hops, MAX_HOPS):
        origin = Origin(
            hop.address or origin.address,
            hop.scheme or origin.scheme,
            hop.host or origin.host,
            hop.port or origin.port,
        )
        if not is_within(hop.address, trusted):
            break
    return origin


def _fields(headers: Headers) -> dict[bytes, str]:
    """Return the fields that tell about proxies; the lines of one that is repeated are one list (RFC 9110 5.3)."""
    fields: dict[bytes, str] = {}
    for name, value in headers:
        if name in (_FORWARDED, _FOR, _PROTO, _HOST, _PORT):
            text = value.decode("latin-1")
            fields[name] = f"{fields[name]},{text}" if name in fields else text
    return fields


def _forwarded(text: str) -> Iterator[Origin]:
    """Yield what each proxy said, the nearest first. An element that is malformed says nothing."""
    element = ""
    for piece in reversed(text.rsplit(",", MAX_HOPS)):
        element = f"{piece},{element}" if element else piece
        has_open_quote = _ESCAPED.sub("", element).count('"') % 2
        if has_open_quote or not element.strip():
            continue
        yield _hop(element)
        element = ""
    if element.strip():
        yield Origin()


def _hop(element: str) -> Origin:
    said: dict[str, str] = {}
    end = 0
    while end < len(element):
        pair = _PAIR.match(element, end)
        if pair is None or pair[1].lower() in said:
            return Origin()
        said[pair[1].lower()] = pair[3] or _ESCAPED.sub(r"\1", pair[2] or "")
        end = pair.end()
    return Origin(_address(said.get("for", "")), _scheme(said.get("proto", "")), parse_authority(said.get("host", "")))


def _x_forwarded(fields: Mapping[bytes, str]) -> Iterator[Origin]:
    """Yield the same. The other lists are often shorter than that of addresses: their first item holds for the rest."""
    addresses, schemes, hosts, ports = (_items(fields.get(name, "")) for name in (_FOR, _PROTO, _HOST, _PORT))
    for place, address in enumerate(addresses):
        host = parse_authority(_at(hosts, place))
        yield Origin(_address(address), _scheme(_at(schemes, place)), host, _port_number(_at(ports, place)))


def _items(text: str) -> list[str]:
    """Return the items of a list, the last first."""
    return [item.strip() for item in reversed(text.rsplit(",", MAX_HOPS)) if item.strip()] or [""]


def _at(items: Sequence[str], place: int) -> str:
    return items[min(place, len(items) - 1)]


def _address(node: str) -> str:
    """Return the address in a node (RFC 7239 section 6); empty for `unknown`, `_hidden`, and what is malformed."""
    match = _NODE.fullmatch(node)
    try:
        address = ip_address((match[1] or match[2] or match[3]) if match else "")
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)


def _scheme(text: str) -> str:
    return text.lower() if text.lower() in DEFAULT_PORTS else ""


def _port_number(text: str) -> int | None:
    parsed = parse_authority(f"port:{text}")
    return parsed.port if parsed else None


def _host(origin: Origin, headers: Headers, scheme: str) -> Authority | None:
    """Return what the client called this server, None when nobody but `Host` tells."""
    if origin.host is None and origin.port is None:
        return None
    host = origin.host or parse_authority(dict(headers).get(b"host", b"").decode("latin-1"))
    if host is None or host.port or origin.port in (None, DEFAULT_PORTS[scheme]):
        return host
    return Authority(host.host, origin.port)
