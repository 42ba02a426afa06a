# SPDX-License-Identifier: Apache-2.0
"""Sinks of the configuration, and files."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from entrepot.features.events.cloudevents import CloudEvent
from entrepot.features.events.settings import EventSettings
from entrepot.features.events.settings import SinkKind
from entrepot.features.events.settings import SinkSettings
from entrepot.features.events.sinks.interface import NotSent
from entrepot.features.events.sinks.opening import open_sink
from entrepot.kernel.clock import Milliseconds

pytestmark = pytest.mark.anyio

EVENT = CloudEvent("01", "urn:test", "tag.moved", "team/app:v1", Milliseconds(0), "0001", {"repository": "team/app"})


async def test_a_file_gets_a_line_for_each_event(tmp_path: Path) -> None:
    """Behind what is there; half a line, left by a process that was killed, is ended first."""
    file = tmp_path / "events of mine.jsonl"
    sink = open_sink(SinkSettings(url=f"file://{tmp_path}/events%20of%20mine.jsonl"))
    await sink.send([EVENT, EVENT])
    with file.open("a") as opened:
        opened.write('{"id": "cu')
    await sink.send([EVENT])
    await sink.close()
    lines = file.read_text().splitlines()

    assert [json.loads(lines[place])["type"] for place in (0, 1, 3)] == ["entrepot.tag.moved"] * 3
    assert lines[2] == '{"id": "cu'
    assert file.stat().st_mode & 0o777 == 0o600


async def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """It is tried again."""
    with pytest.raises(NotSent, match="missing/events"):
        await open_sink(SinkSettings(url=f"file://{tmp_path}/missing/events")).send([EVENT])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "https://example.org"}, "String should match pattern"),
        ({"url": "file://relative"}, "String should match pattern"),
        ({"url": "nats://bus.example:0"}, "the port 0 is none"),
        ({"url": "file:///events", "types": ["tag.flown"]}, "nothing that happens is called tag.flown"),
        ({"url": "nats://bus.example", "subject": "a b"}, "String should match pattern"),
        ({"url": "nats://bus.example", "secret_file": "/token"}, "unencrypted"),
    ],
)
def test_a_sink_that_cannot_be_is_refused(given: dict[str, object], said: str) -> None:
    """When the configuration is read."""
    with pytest.raises(ValidationError, match=said):
        EventSettings.model_validate({"sinks": {"bus": given}})


def test_sinks_are_what_their_addresses_say() -> None:
    """A token may cross a network that is encrypted, and none."""
    kinds = {url: SinkSettings(url=url, secret_file="/token").kind for url in ("tls://bus.example", "nats://127.0.0.1")}

    assert set(kinds.values()) == {SinkKind.NATS}
