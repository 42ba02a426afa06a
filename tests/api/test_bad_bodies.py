# SPDX-License-Identifier: Apache-2.0
"""Bodies that the management API cannot read are the client's to mend, and are told so."""

import pytest

from entrepot.infra.http.router import MAX_BODY_BYTES
from tests.builders.application import Client

JSON = ("content-type", "application/json")
BODIES = {
    "cut off": b'{"name":',
    "not UTF-8": b'{"name":"\xff"}',
    "deep": b'{"a":' * 100_000,
    "a deep list": b"[" * 100_000,
    "a long number": b'{"name":' + b"9" * 5_000 + b"}",
    "half a pair of surrogates": b'{"name":"\\ud800"}',
    "a NUL": b'{"name":"a\\u0000"}',
    "not an object": b'"text"',
}

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_what_is_no_body_of_json_is_refused(alice: Client, body: bytes) -> None:
    """400, as a problem with a code and a text."""
    answer = await alice.send("POST", "/api/v1/tokens", body, JSON)

    assert answer.status == 400
    assert answer.json["code"].startswith("invalid")
    assert answer.json["detail"]


async def test_a_body_has_a_size(alice: Client) -> None:
    """A body of more than 1 MiB answers 413, and says how much is accepted."""
    answer = await alice.send("POST", "/api/v1/tokens", b" " * (MAX_BODY_BYTES + 1), JSON)

    assert (answer.status, answer.json["code"]) == (413, "body_too_large")
    assert str(MAX_BODY_BYTES) in answer.json["detail"]


async def test_a_body_of_that_size_is_read(alice: Client) -> None:
    """What is exactly as long as is accepted is judged by what it says."""
    answer = await alice.send("POST", "/api/v1/tokens", b" " * MAX_BODY_BYTES, JSON)

    assert (answer.status, answer.json["code"]) == (400, "invalid_request")
