# SPDX-License-Identifier: Apache-2.0
"""Listening to a stream, through every interruption."""

from itertools import islice

import pytest

from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Target
from entrepot.infra.remote.errors import ServerRefused
from entrepot.infra.remote.errors import ServerUnreachable
from entrepot.infra.remote.event_source import EventSource
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer

OPENING = b"retry: 250\nid: 0-1\n\n"
ONE = b'event: tag.moved\nid: 0-2\ndata: {"tag":"1"}\n\n'
TWO = b'event: tag.moved\nid: 0-3\ndata: {"tag":"2"}\n\n'
QUIET = b":\nid: 0-9\n\n"
REFUSED = Scripted(401, b'{"code":"unauthenticated","detail":"log in","status":401}')
BUSY = Scripted(503, b'{"code":"unavailable","detail":"later","status":503}')


def test_it_ends_once_there_is_nothing_more_for_now() -> None:
    """Unless it is followed, a comment is the end."""
    with ScriptedServer(Scripted(200, OPENING + ONE + QUIET + TWO)).running() as server:
        source = EventSource(Client(Target(server.url)), "events", {"project": "team"})
        heard = list(source.events(is_followed=False))

    assert [(event.name, event.data) for event in heard] == [("tag.moved", '{"tag":"1"}')]
    assert server.asked[0].target == "/api/v1/events?project=team"


def test_it_comes_back_to_where_it_was() -> None:
    """After an interruption it waits as long as it was told to, and resumes behind the last `id` it got."""
    waited: list[float] = []
    with ScriptedServer(Scripted(200, OPENING + ONE), BUSY, Scripted(200, QUIET + TWO)).running() as server:
        source = EventSource(Client(Target(server.url), waited.append), "events", {})
        heard = list(islice(source.events(is_followed=True), 2))

    assert [event.data for event in heard] == ['{"tag":"1"}', '{"tag":"2"}']
    assert waited == [0.25, 0.25]
    assert [asked.headers.get("last-event-id") for asked in server.asked] == [None, "0-2", "0-2"]


def test_half_an_event_is_none() -> None:
    """What is cut off in its middle is not told; it comes whole on the next connection."""
    with ScriptedServer(Scripted(200, OPENING + ONE[:-1]), Scripted(200, ONE)).running() as server:
        source = EventSource(Client(Target(server.url), lambda _seconds: None), "events", {})
        heard = list(islice(source.events(is_followed=True), 1))

    assert (heard[0].data, server.asked[1].headers.get("last-event-id")) == ('{"tag":"1"}', "0-1")


@pytest.mark.parametrize("first", [(), (Scripted(200, OPENING + ONE),)])
def test_a_login_that_ended_is_told(first: tuple[Scripted, ...]) -> None:
    """At first and later: another attempt would not mend it."""
    with ScriptedServer(*first, REFUSED).running() as server:
        source = EventSource(Client(Target(server.url), lambda _seconds: None), "events", {})

        with pytest.raises(ServerRefused, match="log in"):
            list(source.events(is_followed=True))


def test_a_server_that_was_never_there_is_told() -> None:
    """Only one that was heard before is waited for."""
    with ScriptedServer().running() as server:
        url = server.url

    with pytest.raises(ServerUnreachable):
        list(EventSource(Client(Target(url), lambda _seconds: None), "events", {}).events(is_followed=True))
