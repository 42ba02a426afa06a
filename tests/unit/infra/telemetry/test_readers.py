# SPDX-License-Identifier: Apache-2.0
"""Who may read the metrics."""

import base64
from typing import Literal

import pytest
from pydantic import SecretStr

from entrepot.infra.http.request import Request
from entrepot.infra.telemetry.readers import NotOnThisMachine
from entrepot.infra.telemetry.readers import Readers
from entrepot.infra.telemetry.readers import is_local
from entrepot.infra.telemetry.settings import MetricsSettings
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import Unauthenticated
from tests.builders.asgi import Headers
from tests.builders.asgi import incoming
from tests.builders.asgi import scope_of

TOKEN = "a-token-of-some-length"


def a_request(client: tuple[str, int] | None = ("127.0.0.1", 50_000), headers: Headers = ()) -> Request:
    """Make a request from an address."""
    return Request({**scope_of("GET", "/metrics", headers), "client": client}, incoming(b""))


def basic(password: str) -> str:
    """Write a password as Basic credentials."""
    return "Basic " + base64.b64encode(f"prometheus:{password}".encode()).decode()


def refusal(access: Literal["loopback", "token", "open"], request: Request) -> type[AppError] | None:
    """Return what the request is refused with."""
    try:
        Readers(MetricsSettings(access=access, token=SecretStr(TOKEN))).require(request)
    except AppError as error:
        return type(error)
    return None


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_local(address: str) -> None:
    """Every address of the loopback interface counts."""
    assert is_local(a_request((address, 1)))
    assert refusal("loopback", a_request((address, 1))) is None


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "::ffff:192.0.2.1", "2001:db8::1", "localhost", ""])
def test_other_machines_are_not_local(address: str) -> None:
    """Nothing else does, a name included."""
    assert refusal("loopback", a_request((address, 1))) is NotOnThisMachine


def test_an_unknown_peer_is_not_local() -> None:
    """A server that does not say who connects gets the answer of a stranger."""
    assert refusal("loopback", a_request(None)) is NotOnThisMachine


@pytest.mark.parametrize("header", ["forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"])
def test_a_proxy_on_this_machine_speaks_for_somebody_else(header: str) -> None:
    """A request that a local proxy passed on came from elsewhere."""
    assert refusal("loopback", a_request(headers=[(header, "127.0.0.1")])) is NotOnThisMachine


@pytest.mark.parametrize("authorization", [f"Bearer {TOKEN}", f"bearer  {TOKEN}", basic(TOKEN)])
def test_the_token_opens(authorization: str) -> None:
    """As a Bearer token, and as a password for what can only send those."""
    assert refusal("token", a_request(("192.0.2.1", 1), [("authorization", authorization)])) is None


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer x", f"Token {TOKEN}", f"Bearer {TOKEN}x", basic("x"), "Basic !!", "Basic é"],
)
def test_without_the_token_nobody_reads(authorization: str) -> None:
    """Not on this machine either."""
    assert refusal("token", a_request(headers=[("authorization", authorization)])) is Unauthenticated


def test_a_repeated_header_is_refused() -> None:
    """A proxy in front may have looked at the other one."""
    twice = [("authorization", f"Bearer {TOKEN}"), ("authorization", "Bearer x")]

    assert refusal("token", a_request(headers=twice)) is InvalidRequest


def test_open_is_open() -> None:
    """Anybody reads, through whatever proxy."""
    assert refusal("open", a_request(("192.0.2.1", 1), [("via", "1.1 proxy")])) is None
