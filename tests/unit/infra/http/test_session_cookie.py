# SPDX-License-Identifier: Apache-2.0
"""Reading the cookie of a session, and telling whose page sent it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.http.session_cookie import cookie_of
from entrepot.infra.http.session_cookie import is_foreign
from entrepot.infra.http.session_cookie import require_own_page
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from tests.builders.asgi import a_request

LATIN = st.characters(codec="latin-1")


@pytest.mark.parametrize(
    ("cookies", "secret"),
    [
        ("entrepot-session=x", "x"),
        ("a=b; entrepot-session=x; c=d", "x"),
        ("a=b;entrepot-session=x", "x"),
        ("entrepot-session=x=y", "x=y"),
        ("entrepot-session=", ""),
    ],
)
def test_the_cookie_is_found_among_others(cookies: str, secret: str) -> None:
    """Whatever stands around it."""
    cookie = cookie_of(a_request(headers=[("cookie", cookies)]))

    assert cookie is not None
    assert (cookie.secret, cookie.csrf_token, cookie.is_safe) == (secret, "", True)


@pytest.mark.parametrize("cookies", ["", "a=b", "xentrepot-session=x", "Entrepot-Session=x", "entrepot-session"])
def test_other_cookies_are_none(cookies: str) -> None:
    """Names are compared whole, and case counts."""
    found = cookie_of(a_request(headers=[("cookie", cookies)]))

    assert found is None or found.secret == ""


def test_lines_of_cookies_are_one() -> None:
    """A header that came in several lines, as HTTP/2 allows, is read as one; two secrets are refused."""
    lines = [("cookie", "a=b"), ("cookie", "entrepot-session=x")]

    cookie = cookie_of(a_request(headers=lines))

    assert cookie is not None
    assert cookie.secret == "x"
    with pytest.raises(InvalidRequest):
        cookie_of(a_request(headers=[*lines, ("cookie", "entrepot-session=y")]))


@pytest.mark.parametrize("before", [",", ", ", "; \xa0", "; \x85", ";\x1f"])
def test_only_a_semicolon_and_a_space_go_before_a_cookie(before: str) -> None:
    """Whatever else browsers take for a part of the cookie: else one set over http could smuggle in the secure name."""
    request = a_request(headers=[("cookie", f"a=b{before}__Secure-entrepot-session=theirs")])
    request.scope["scheme"] = "https"

    assert cookie_of(request) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "BREW"])
def test_methods_that_may_change_something_are_not_safe(method: str) -> None:
    """Every method but GET, HEAD and OPTIONS."""
    cookie = cookie_of(a_request(method, headers=[("cookie", "entrepot-session=x"), ("x-csrf-token", "t")]))

    assert cookie is not None
    assert (cookie.is_safe, cookie.csrf_token) == (False, "t")


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        ("registry.example", "https://registry.example", False),
        ("registry.example:443", "https://registry.example", False),
        ("registry.example", "https://registry.example:443", False),
        ("[2001:db8::1]:5000", "http://[2001:DB8:0::1]:5000", False),
        ("registry.example", "https://registry.example:8443", True),
        ("registry.example", "https://registry.example.evil.example", True),
        ("registry.example", "https://evil.example", True),
        ("", "https://evil.example", True),
        ("", "null", True),
        ("registry.example", "registry.example", True),
    ],
)
def test_origins_are_compared_by_host_and_port(host: str, origin: str, expected: bool) -> None:
    """The port of a scheme goes without saying; what is no origin is another one."""
    request = a_request("POST", headers=[("host", host), ("origin", origin)])

    assert is_foreign(request) is expected


@given(st.text(LATIN), st.text(LATIN), st.text(LATIN))
def test_any_headers_are_understood(cookies: str, origin: str, host: str) -> None:
    """Nothing that a client sends raises anything but a refusal, and no origin that names no host is ours."""
    request = a_request("POST", headers=[("cookie", cookies), ("origin", origin), ("host", host)])

    try:
        cookie_of(request)
        require_own_page(request)
    except (Forbidden, InvalidRequest):
        return
    assert "://" in origin
