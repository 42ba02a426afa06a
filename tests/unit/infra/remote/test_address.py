# SPDX-License-Identifier: Apache-2.0
"""Addresses of servers, as people write them."""

from urllib.parse import unquote
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies

from entrepot.infra.remote.address import InvalidAddress
from entrepot.infra.remote.address import PlainHttpRefused
from entrepot.infra.remote.address import authority_of
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.address import require_safe
from entrepot.infra.remote.address import server_url
from entrepot.kernel.errors import InvalidRequest


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("registry.example", "https://registry.example"),
        ("https://Registry.Example:443/", "https://registry.example"),
        ("registry.example:8443", "https://registry.example:8443"),
        (" 127.0.0.1:5000 ", "http://127.0.0.1:5000"),
        ("localhost:5000", "http://localhost:5000"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("http://registry.example:80", "http://registry.example"),
        ("https://registry.example/ui/", "https://registry.example/ui"),
    ],
)
def test_an_address_has_one_form(written: str, url: str) -> None:
    """However it is written, and that form stays as it is."""
    assert server_url(written) == url
    assert server_url(url) == url


@pytest.mark.parametrize(
    "written",
    [
        *("", "https://", "ftp://registry.example", "https://alice:secret@registry.example", "a b", "https://a:99999"),
        *("https://a?b", "https://a#b", "http://[::1", "file:///etc/passwd"),
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    """A password in it too: it would be kept and shown."""
    with pytest.raises(InvalidAddress):
        server_url(written)


@given(strategies.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    """With no other error, and in a form that is stable."""
    try:
        url = server_url(text)
    except InvalidAddress:
        return
    assert server_url(url) == url


@given(strategies.text(min_size=1).filter(lambda text: text not in (".", "..")))
def test_a_name_stays_one_segment(name: str) -> None:
    """No name, however odd, leads anywhere else."""
    path = path_to("users", name)

    assert urlsplit(path).path.split("/")[1:] == [path.partition("/")[2]]
    assert unquote(path.partition("/")[2], errors="surrogatepass") == name


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_what_names_nothing_is_refused(name: str) -> None:
    """Before it could name what is above."""
    with pytest.raises(InvalidRequest):
        path_to("users", name)


def test_secrets_stay_off_plain_http() -> None:
    """But on this machine, or where somebody says so."""
    for url in ("https://registry.example", "http://127.0.0.2:5000", "http://localhost", "http://[::1]"):
        require_safe(url, allows_plain_http=False)
    require_safe("http://registry.example", allows_plain_http=True)

    with pytest.raises(PlainHttpRefused):
        require_safe("http://localhost.example", allows_plain_http=False)


def test_images_are_named_by_host_and_port() -> None:
    """Without the scheme."""
    assert authority_of("http://127.0.0.1:5000") == "127.0.0.1:5000"
