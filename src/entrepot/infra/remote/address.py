# SPDX-License-Identifier: Apache-2.0
"""Addresses of servers and of what they hold, as people write them and as they are asked for."""

from ipaddress import ip_address
from urllib.parse import quote
from urllib.parse import urlsplit

from entrepot.infra.http.authority import DEFAULT_PORTS
from entrepot.infra.http.authority import Authority
from entrepot.infra.http.authority import parse_authority
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import InvalidRequest


class InvalidAddress(InvalidRequest):
    """This is not the address of a server."""

    code = "invalid_address"
    default_hint = "Write it like https://registry.example or http://127.0.0.1:5000."


class PlainHttpRefused(AppError):
    """Passwords and tokens would cross the network in the clear."""

    code = "plain_http_refused"
    default_hint = "Use https, with --ca-file if the authority is your own; --insecure-http says you know what you do."


def server_url(text: str) -> str:
    """Return an address in the one form it is stored and compared in. Raises `InvalidAddress`.

    Without a scheme it is https, and http where only this machine can be meant.
    """
    written = text.strip()
    try:
        if "://" not in written:
            written = f"{'http' if _is_loopback(urlsplit(f'//{written}').hostname or '') else 'https'}://{written}"
        parts = urlsplit(written)
        path = quote(parts.path.rstrip("/"), safe="/%")
    except ValueError:
        raise _invalid(text) from None
    named = parse_authority(parts.netloc)
    if parts.scheme not in DEFAULT_PORTS or named is None or parts.query or parts.fragment:
        raise _invalid(text)
    port = None if named.port == DEFAULT_PORTS[parts.scheme] else named.port
    return f"{parts.scheme}://{Authority(named.host, port)}{path}"


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def authority_of(url: str) -> str:
    """Return the `host:port` that image names begin with."""
    return urlsplit(url).netloc


def is_loopback_url(url: str) -> bool:
    """Tell whether what is sent there stays on this machine."""
    return _is_loopback(urlsplit(url).hostname or "")


def require_safe(url: str, *, allows_plain_http: bool) -> None:
    """Refuse to send secrets over plain HTTP to another machine. Raises `PlainHttpRefused`."""
    if url.startswith("http://") and not allows_plain_http and not is_loopback_url(url):
        raise PlainHttpRefused(f"{url} is plain HTTP to another machine")


def path_to(*segments: str) -> str:
    """Join names to a path, so that no name can mean another path. Raises `InvalidRequest`."""
    for segment in segments:
        if segment in ("", ".", ".."):
            raise InvalidRequest(f"{segment!r} names nothing", hint="Give the name of something that exists.")
    return "/".join(quote(segment, safe=":@", errors="surrogatepass") for segment in segments)


def _invalid(text: str) -> InvalidAddress:
    return InvalidAddress(f"{text!a} is not the address of a server")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
