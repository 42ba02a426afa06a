# SPDX-License-Identifier: Apache-2.0
"""Which errors are due to what was away, and which are nobody's fault but ours."""

import pytest

from tests.crash.client import Exchange
from tests.scale.schedule.windows import Away
from tests.scale.schedule.windows import Heard
from tests.scale.schedule.windows import Window
from tests.scale.schedule.windows import Windows

OURS = {"x-request-id": "1"}
PATIENT = OURS | {"retry-after": "5"}


def unexplained(exchange: Exchange, *windows: Window) -> list[str]:
    """Return the first words of what is wrong about an answer."""
    heard = Heard()
    heard.note(exchange)
    return [reason.partition(":")[0] for reason in heard.unexplained(Windows(list(windows)))]


def answered(status: int, headers: dict[str, str]) -> Exchange:
    """Return an exchange from the tenth second to the twelfth."""
    return Exchange("GET /v2/", 10.0, 12.0, status, headers, "")


@pytest.mark.parametrize("away", [Away.DATABASE, Away.STORAGE])
def test_we_may_refuse_what_needs_what_is_away(away: Away) -> None:
    """While it is away at any moment of the exchange, and at no other."""
    refused = answered(503, PATIENT)

    assert unexplained(refused, Window(away, 0.0, 10.0)) == []
    assert unexplained(refused, Window(away, 12.0, 20.0)) == []
    assert unexplained(refused, Window(away, 0.0, 9.9), Window(away, 12.1, 20.0)) == ["refused"]


@pytest.mark.parametrize("away", [Away.NODE, Away.REDIS])
def test_nothing_is_refused_for_a_node_or_redis(away: Away) -> None:
    """Others are there, and nobody needs Redis."""
    assert unexplained(answered(503, PATIENT), Window(away, 0.0, 20.0)) == ["refused"]


def test_a_node_that_dies_takes_its_answers_with_it() -> None:
    """They are lost, or the balancer says so; never for Redis."""
    for lost in (answered(0, {}), answered(502, {})):
        assert unexplained(lost, Window(Away.NODE, 0.0, 20.0)) == []
        assert unexplained(lost, Window(Away.REDIS, 0.0, 20.0)) == ["lost"]


@pytest.mark.parametrize(("status", "headers"), [(500, PATIENT), (503, OURS)])
def test_whoever_is_refused_is_told_to_come_again(status: int, headers: dict[str, str]) -> None:
    """Whatever was away."""
    assert unexplained(answered(status, headers), Window(Away.DATABASE, 0.0, 20.0)) == ["not told to come again"]


def test_answers_may_be_stale_while_the_database_is_away() -> None:
    """If they say so, and then only."""
    stale = answered(200, PATIENT | {"warning": '110 - "Response is Stale"'})

    assert unexplained(stale, Window(Away.DATABASE, 0.0, 20.0)) == []
    assert unexplained(stale, Window(Away.STORAGE, 0.0, 20.0)) == ["stale while the database was there"]
