# SPDX-License-Identifier: Apache-2.0
"""Host and port, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.http.authority import Authority
from entrepot.infra.http.authority import host_name
from entrepot.infra.http.authority import parse_authority

PORTS = st.none() | st.integers(1, 65_535)
HOSTS = st.from_regex(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]+)*", fullmatch=True).filter(
    lambda name: len(name) < 250
)
ADDRESSES = st.ip_addresses().map(str)


@given(host=HOSTS | ADDRESSES, port=PORTS)
def test_what_is_written_is_read(host: str, port: int | None) -> None:
    """An authority in its written form is the same authority."""
    authority = Authority(host, port)

    assert parse_authority(str(authority)) == authority


@given(text=st.text())
def test_any_text_is_read_without_failing(text: str) -> None:
    """Text is an authority with a form of its own, or none."""
    read = parse_authority(text)

    assert read is None or parse_authority(str(read)) == read


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Registry.Example:5000", "registry.example:5000"),
        ("[0:0:0:0:0:0:0:1]:80", "[::1]:80"),
        ("[2001:DB8::A]", "[2001:db8::a]"),
        ("127.0.0.1:5000", "127.0.0.1:5000"),
        ("under_score", "under_score"),
    ],
)
def test_one_host_has_one_form(text: str, canonical: str) -> None:
    """Names are in lower case, and IPv6 addresses in their short form."""
    assert str(parse_authority(text)) == canonical


@pytest.mark.parametrize(
    "text",
    ["", ":80", "a:", "a:0", "a:65536", "a:+1", "a:٣", "a b", "a,b", "a/b", "u@a", 'a"', "::1", "[::1", "[1.2.3.4]"],
)
def test_what_is_no_authority_is_nothing(text: str) -> None:
    """Nothing is guessed."""
    assert parse_authority(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [("::1", "::1"), ("[::1]:5000", "::1"), ("A.example:5000", "a.example"), ("10.0.0.1", "10.0.0.1"), ("a/b", "")],
)
def test_a_host_has_a_name_without_its_port(text: str, name: str) -> None:
    """An address of IPv6 may stand without brackets where there is no port."""
    assert host_name(text) == name
