# SPDX-License-Identifier: Apache-2.0
"""The loads of the benchmarks are the same in every run, and a wrong answer is noticed."""

import base64
import json

import pytest

from bench.client import announced_length
from bench.client import percentile
from bench.crowd import GRANTS_EACH
from bench.crowd import PEOPLE
from bench.crowd import grants_of
from bench.logins import token_request
from bench.open_loop import arrivals


def test_arrivals_are_repeatable_and_as_many_as_the_rate_says() -> None:
    """The same seed draws the same moments, in order, within the time, about `rate` a second."""
    due = list(arrivals(100, 20, seed=1))

    assert due == sorted(due)
    assert due[-1] < 20
    assert len(due) == pytest.approx(2_000, rel=0.1)
    assert due == list(arrivals(100, 20, seed=1))


def test_the_crowd_has_ten_thousand_grants() -> None:
    """Nobody has a grant twice, so as many rows as that are inserted."""
    rows = {(person, *grant) for person in range(PEOPLE) for grant in grants_of(person)}

    assert len(rows) == PEOPLE * GRANTS_EACH == 10_000


def test_a_percentile_is_one_of_the_values() -> None:
    """A hundredth of the values lie at or above the 99th percentile, and one value is all of its percentiles."""
    assert percentile([float(value) for value in range(100)], 0.99) == 99.0
    assert percentile([7.0], 0.5) == 7.0


def test_a_length_is_read_from_the_head() -> None:
    """In whatever case it is written; without one there is no body."""
    assert announced_length(b"HTTP/1.1 200 OK\r\ncontent-length: 12") == 12
    assert announced_length(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX: 1") == 3
    assert announced_length(b"HTTP/1.1 204 No Content") == 0


@pytest.mark.parametrize(
    ("subject", "name", "actions", "is_right"),
    [
        ("user:person-0007", "own/app", ["pull"], True),
        ("user:person-0008", "own/app", ["pull"], False),
        ("user:person-0007", "own/other", ["pull"], False),
        ("user:person-0007", "own/app", [], False),
    ],
)
def test_a_token_must_be_the_one_that_was_asked_for(
    subject: str, name: str, actions: list[str], is_right: bool
) -> None:
    """Its subject and its access are compared with those of the request."""
    claims = {"sub": subject, "access": [{"type": "repository", "name": name, "actions": actions}]}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    body = json.dumps({"token": f"head.{payload}.signature"}).encode()

    request = token_request(5000, 7, "a secret", "own/app")

    assert request.is_right(b"", body) is is_right
