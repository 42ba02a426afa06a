# SPDX-License-Identifier: Apache-2.0
"""An address is read in one way, or refused: no spelling of an internal one gets past the guard."""

import socket
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address
from ipaddress import ip_address

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.http.outbound.addresses import is_public
from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import supplied
from entrepot.infra.http.outbound.errors import AddressForbidden
from entrepot.infra.http.outbound.errors import AddressInvalid
from entrepot.infra.http.outbound.errors import OutgoingFailed
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.infra.http.outbound.url import parse_url

internal = st.one_of(
    st.integers(0x7F000000, 0x7FFFFFFF),
    st.integers(0x0A000000, 0x0AFFFFFF),
    st.integers(0, 0x00FFFFFF),
    st.sampled_from([0xA9FEA9FE, 0xC0A80001, 0xAC100001, 0x64400001, 0xE0000001, 0xFFFFFFFF]),
).map(IPv4Address)


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """Write an internal IPv4 address in one of the ways that some program takes."""
    address = draw(internal)
    count = draw(st.integers(1, 4))
    packed = address.packed
    numbers = [*packed[: count - 1], int.from_bytes(packed[count - 1 :], "big")]
    forms: list[Callable[[int], str]] = [
        str,
        lambda number: f"0{number:o}",
        hex,
        lambda number: f"0X{number:X}",
        lambda number: f"{number:012d}",
    ]
    dotted = ".".join(draw(st.sampled_from(forms))(number) for number in numbers)
    wrapped = [f"[{prefix}{address}]" for prefix in ("::ffff:", "::", "64:ff9b::", "0:0:0:0:0:FFFF:", "::ffff:0:")]
    wide = str(address).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    sixtofour = f"[2002:{packed.hex()[:4]}:{packed.hex()[4:]}::]"
    return draw(st.sampled_from([dotted, f"{dotted}.", wide, str(address).replace(".", "\u3002"), sixtofour, *wrapped]))


def passes(host: str) -> bool:
    """Tell whether a user may have us connect to a host, as far as its spelling goes."""
    try:
        Outbound(OutgoingSettings()).to(supplied(f"http://{host}/"))
    except OutgoingFailed:
        return False
    return True


@given(spellings())
@example("127.1")
@example("0x7f000001")
@example("2130706433")
@example("0177.0.0.1")
@example("127.0.0.1.")
@example("[::ffff:7f00:1]")
@example("[::1]")
@example("0")
@example("127.0.0.1%2f.example.org")
def test_no_spelling_of_an_internal_address_passes(host: str) -> None:
    """Octal, hexadecimal, in one number, in fewer numbers, with a dot behind, wide digits, or in IPv6."""
    assert not passes(host)


@given(st.from_regex(r"[0-9a-fA-FxX.]{1,24}", fullmatch=True))
def test_what_the_system_takes_for_an_address_is_one_for_us(host: str) -> None:
    """Whatever the C library reads as an internal address without asking a name server is refused."""
    with suppress(OSError, UnicodeError):
        for found in socket.getaddrinfo(host, 80, flags=socket.AI_NUMERICHOST):
            assert is_public(ip_address(found[4][0])) or not passes(host)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.org/",
        "file:///etc/passwd",
        "//example.org/",
        "http:example.org",
        "http:///path",
        "http://user@example.org/",
        "http://user:secret@example.org/",
        "http://example.org#@internal/",
        "http://example.org\\@internal/",
        "http://example.org /",
        "http://exam\tple.org/",
        "http://example.org\r\nHost: internal/",
        "http://ex%61mple.org/",
        "http://bücher.example/",
        "http://example.org:0/",
        "http://example.org:65536/",
        "http://example.org:8o/",
        "http://example..org/",
        "http://.example.org/",
        "http://[fe80::1%25eth0]/",
        "http://[::1/",
        "http://[1.2.3.4]/",
        "http://" + "a" * 64 + ".org/",
        "http://example.org/" + "a" * 3_000,
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """With a reason that does not repeat it."""
    with pytest.raises(AddressInvalid) as refused:
        parse_url(url)

    assert "secret" not in refused.value.message


def test_an_address_is_taken_apart() -> None:
    """Case and a dot at the end do not matter, path and query stay as they are written."""
    url = parse_url("HTTPS://Hooks.Example.ORG.:8443/A%2Fb?C=d%20e")

    assert (url.origin, url.path, url.query) == ("https://hooks.example.org:8443", "/A%2Fb", "C=d%20e")
    assert parse_url("http://[2606:4700:0::1]").origin == "http://[2606:4700::1]"
    assert parse_url("http://xn--bcher-kva.example").origin == "http://xn--bcher-kva.example"


@pytest.mark.parametrize(("port", "is_free"), [(80, True), (443, True), (8443, True), (22, False), (25, False)])
def test_ports_of_other_services_are_refused(port: int, *, is_free: bool) -> None:
    """A user has us talk to web servers only."""
    if is_free:
        assert supplied(f"https://example.org:{port}/").url.port == port
    else:
        with pytest.raises(AddressForbidden):
            supplied(f"https://example.org:{port}/")
