# SPDX-License-Identifier: Apache-2.0
"""Requests: bodies read to their end or not at all, headers and parameters that mean one thing."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.http.request import MAX_QUERY_BYTES
from entrepot.infra.http.request import MAX_QUERY_FIELDS
from entrepot.infra.http.request import BodyTooLarge
from entrepot.infra.http.request import ClientDisconnected
from entrepot.infra.http.request import Request
from entrepot.kernel.errors import InvalidRequest
from tests.builders.requests import a_request

pytestmark = pytest.mark.anyio
PIECES = [b"one", b"", b"two", b"three"]
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


async def drained(request: Request) -> list[bytes]:
    """Read the body piece by piece."""
    return [piece async for piece in request.stream()]


async def test_a_body_is_read_piece_by_piece() -> None:
    """Pieces come as they arrive, empty ones left out."""
    request = a_request("PUT", body=PIECES)

    assert await drained(request) == [b"one", b"two", b"three"]


async def test_a_body_is_read_once() -> None:
    """After its end there is nothing more."""
    request = a_request("PUT", body=PIECES)
    await drained(request)

    assert await drained(request) == []


async def test_a_body_that_is_cut_off_is_no_body() -> None:
    """A client that vanishes before the end is an error, however much has arrived."""
    request = a_request("PUT", body=PIECES, is_cut=True)

    with pytest.raises(ClientDisconnected):
        await request.body(100)


@pytest.mark.parametrize("limit", [11, 12])
async def test_a_body_within_its_limit_is_returned(limit: int) -> None:
    """The limit itself is within."""
    assert await a_request("PUT", body=PIECES).body(limit) == b"onetwothree"


async def test_an_announced_body_beyond_its_limit_is_not_read() -> None:
    """The length alone refuses it."""
    request = a_request("PUT", headers=[("content-length", "11")], body=PIECES)

    with pytest.raises(BodyTooLarge):
        await request.body(10)
    assert await drained(request) == [b"one", b"two", b"three"]


async def test_a_stream_beyond_its_limit_is_read_no_further() -> None:
    """Without a length, reading stops at the piece that is too much."""
    request = a_request("PUT", body=PIECES)

    with pytest.raises(BodyTooLarge):
        await request.body(5)
    assert await drained(request) == [b"three"]


@pytest.mark.parametrize("text", ["-1", "+1", "1.0", "", " ", "0x1", "1" * 19, "1, 1", "\u00b2"])
def test_a_length_that_is_no_number_is_refused(text: str) -> None:
    """`Content-Length` is decimal digits."""
    with pytest.raises(InvalidRequest):
        _ = a_request("PUT", headers=[("content-length", text)]).content_length


def test_headers_that_repeat_are_joined_or_refused() -> None:
    """A list may come in several headers; what counts once must not come twice."""
    request = a_request(headers=[("accept", "a"), ("accept", "b")])

    assert request.header(b"accept") == "a, b"
    assert request.header(b"absent") is None
    with pytest.raises(InvalidRequest):
        request.single_header(b"accept")


@given(pairs=st.lists(st.tuples(TEXTS.filter(bool), TEXTS), max_size=8))
def test_parameters_come_out_as_they_went_in(pairs: list[tuple[str, str]]) -> None:
    """Every value of a parameter is returned in order, whatever characters it has but NUL."""
    request = a_request(parameters=pairs)

    for name in {name for name, _ in pairs}:
        assert request.parameters(name) == [value for each, value in pairs if each == name]


def test_a_parameter_that_counts_once_must_not_repeat() -> None:
    """One value or none is returned; two are refused."""
    request = a_request(target="/?a=1&b=2&b=2&c=")

    assert (request.parameter("a"), request.parameter("c"), request.parameter("d")) == ("1", "", None)
    with pytest.raises(InvalidRequest):
        request.parameter("b")


@pytest.mark.parametrize(
    "query", ["a=%FF", "a=%00", "a=\u00e4", "a=" + "x" * MAX_QUERY_BYTES, "&".join(["a=1"] * (MAX_QUERY_FIELDS + 1))]
)
def test_a_query_that_cannot_be_read_is_refused(query: str) -> None:
    """What is not percent-encoded UTF-8, has a NUL, is too long, or of too many fields is an error of the client."""
    with pytest.raises(InvalidRequest):
        a_request(target=f"/?{query}").parameter("a")


@given(query=st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")))
def test_no_query_breaks_anything(query: str) -> None:
    """Any bytes are parameters, or refused."""
    with suppress(InvalidRequest):
        a_request(target=f"/?{query}").parameters("a")


def test_a_path_stays_as_it_was_sent() -> None:
    """Percent-encoding is kept, for whoever knows what a slash means."""
    assert a_request(target="/v2/a%2Fb?c=d").raw_path == "/v2/a%2Fb"


def test_a_request_has_one_name() -> None:
    """The id is made once, and no other request has it."""
    one, another = a_request(), a_request()

    assert one.request_id == one.request_id
    assert one.request_id != another.request_id


def test_a_request_knows_its_peer() -> None:
    """The address comes from the connection; a request without one has none."""
    request = a_request()
    assert request.address == "192.0.2.1"

    request.scope["client"] = None
    assert request.address == ""
