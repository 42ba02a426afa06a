# SPDX-License-Identifier: Apache-2.0
"""Events in a real NATS server with JetStream: what it has, what it drops, and what it is told again."""

import json
from collections.abc import AsyncIterator
from collections.abc import Iterator

import nats
import pytest
from nats.js import JetStreamContext

from entrepot.features.events.cloudevents import CloudEvent
from entrepot.features.events.settings import SinkSettings
from entrepot.features.events.sinks.interface import NotSent
from entrepot.features.events.sinks.interface import Sink
from entrepot.features.events.sinks.opening import open_sink
from entrepot.kernel.clock import Milliseconds
from tests.scale.servers import Nats
from tests.scale.servers import nats_server

pytestmark = pytest.mark.anyio

STREAM = "EVENTS"


def an_event(number: int) -> CloudEvent:
    """Make an event."""
    data = {"repository": "team/app", "tag": f"v{number}"}
    return CloudEvent(f"{number:026}", "urn:test", "tag.moved", f"team/app:v{number}", Milliseconds(0), "0", data)


@pytest.fixture
def server() -> Iterator[Nats]:
    """Run a server."""
    with nats_server() as server:
        yield server


@pytest.fixture
async def sink(server: Nats) -> AsyncIterator[Sink]:
    """A sink on it, that logs in with its token."""
    sink = open_sink(SinkSettings(url=server.url, secret_file=str(server.token_file), subject="registry.events"))
    yield sink
    await sink.close()


@pytest.fixture
async def stream(server: Nats) -> AsyncIterator[JetStreamContext]:
    """Look into the server."""
    client = await nats.connect(server.url, token=server.token_file.read_text())
    yield client.jetstream()
    await client.close()


async def make_stream(stream: JetStreamContext) -> None:
    """Have the server keep what is sent."""
    await stream.add_stream(name=STREAM, subjects=["registry.events.>"])


async def test_events_are_kept_in_order(sink: Sink, stream: JetStreamContext) -> None:
    """As CloudEvents in JSON, on a subject for each type."""
    await make_stream(stream)
    await sink.send([an_event(number) for number in range(3)])
    kept = [await stream.get_msg(STREAM, seq) for seq in (1, 2, 3)]

    assert [json.loads(each.data or b"")["subject"] for each in kept] == [f"team/app:v{each}" for each in range(3)]
    assert {each.subject for each in kept} == {"registry.events.tag.moved"}
    assert (kept[0].headers or {})["Content-Type"] == "application/cloudevents+json"


async def test_what_comes_twice_is_kept_once(sink: Sink, stream: JetStreamContext) -> None:
    """The server knows events by their ids."""
    await make_stream(stream)
    for _ in range(2):
        await sink.send([an_event(1), an_event(2)])

    assert (await stream.stream_info(STREAM)).state.messages == 2


async def test_without_a_stream_nothing_counts_as_sent(sink: Sink, stream: JetStreamContext) -> None:
    """A server that keeps nothing would lose it; once there is a stream, it goes on."""
    with pytest.raises(NotSent, match="no stream takes registry"):
        await sink.send([an_event(1)])
    await make_stream(stream)
    await sink.send([an_event(1)])

    assert (await stream.stream_info(STREAM)).state.messages == 1


async def test_a_server_that_was_away_is_sent_the_rest(server: Nats, sink: Sink, stream: JetStreamContext) -> None:
    """While it is away nothing counts as sent; then the sink connects anew."""
    await make_stream(stream)
    await sink.send([an_event(1)])
    server.program.kill()
    with pytest.raises(NotSent):
        await sink.send([an_event(2)])
    server.program.start()
    await sink.send([an_event(2)])
    client = await nats.connect(server.url, token=server.token_file.read_text())

    assert (await client.jetstream().stream_info(STREAM)).state.messages == 2
    await client.close()


async def test_a_wrong_token_is_told(server: Nats) -> None:
    """And not shown."""
    server.token_file.with_name("wrong").write_text("guessed")
    sink = open_sink(SinkSettings(url=server.url, secret_file=str(server.token_file.with_name("wrong"))))
    with pytest.raises(NotSent) as refused:
        await sink.send([an_event(1)])

    assert "guessed" not in refused.value.message
