# SPDX-License-Identifier: Apache-2.0
"""Events as CloudEvents 1.0: the attributes that the specification names, and no others but our one extension.

The lists here are read from the specification (context attributes, type system, JSON format), not from the code.
"""

import re
from datetime import datetime
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.events.cloudevents import ABOUT_CLIENTS
from entrepot.features.events.cloudevents import NAMES
from entrepot.features.events.cloudevents import cloud_events
from entrepot.features.events.cloudevents import decode_cloud_event
from entrepot.features.events.cloudevents import encode_cloud_event
from entrepot.features.events.cloudevents import sequence_of
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.events import Use
from entrepot.registry.events import Version

REQUIRED = {"id", "source", "specversion", "type"}
OPTIONAL = {"datacontenttype", "dataschema", "subject", "time"}
EXTENSIONS = {"sequence"}
DIGEST, OTHER = digest_of(b"1"), digest_of(b"2")
ID = Ulid("01K0000000000000000000000Z")
AT = Milliseconds(1_800_000_000_123)
LARGEST = 2**63 - 1
PLACES = st.tuples(st.integers(0, LARGEST), st.integers(0, LARGEST))


def an_event(kind: str = EventType.TAG_MOVED, **fields: Any) -> Event:
    """Make an event of the repository `team/app`."""
    about = {"project": "team", "repository": "team/app", "principal": "user:alice", "address": "192.0.2.1"}
    return Event(type=kind, id=ID, occurred_at=AT, origin="eu", **{"place": (7, 42), **about, **fields})


def documents(event: Event) -> list[Any]:
    """Return what a receiver reads."""
    return [
        msgspec.json.decode(msgspec.json.encode(each.document())) for each in cloud_events(event, "https://r.example")
    ]


def test_the_attributes_are_those_of_the_specification() -> None:
    """Every name is known, lower case letters and digits; every value is text that is not empty."""
    [document] = documents(an_event(tag="1.0", digest=DIGEST))
    data = document.pop("data")

    assert set(document) >= REQUIRED
    assert set(document) <= REQUIRED | OPTIONAL | EXTENSIONS
    assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in document)
    assert all(isinstance(value, str) and value for value in document.values())
    assert document["specversion"] == "1.0"
    assert document["datacontenttype"] == "application/json"
    assert isinstance(data, dict)


def test_an_event_keeps_its_id_its_time_and_its_subject() -> None:
    """`id` is the event's own, `time` is RFC 3339, `subject` is the tag."""
    [document] = documents(an_event(tag="1.0", digest=DIGEST, previous_digest=OTHER))

    assert (document["id"], document["source"]) == (ID, "https://r.example")
    assert datetime.fromisoformat(document["time"]).timestamp() * 1000 == AT
    assert (document["type"], document["subject"]) == ("entrepot.tag.moved", "team/app:1.0")
    assert document["data"]["digest"] == DIGEST
    assert document["data"]["previous_digest"] == OTHER


def test_a_tag_that_pointed_to_nothing_was_created() -> None:
    """Setting a tag for the first time is not moving it."""
    [document] = documents(an_event(tag="1.0", digest=DIGEST))
    assert document["type"] == "entrepot.tag.created"


def test_an_artifact_without_a_tag_is_the_subject_by_its_digest() -> None:
    """A push by digest is about `repository@digest`."""
    [document] = documents(an_event(EventType.MANIFEST_PUSHED, digest=DIGEST))
    assert document["subject"] == f"team/app@{DIGEST}"


def test_numbers_that_no_browser_can_hold_are_text() -> None:
    """The clock in a tag's version is larger than 2^53."""
    [document] = documents(an_event(tag="1.0", digest=DIGEST, version=Version(1, 115_964_116_992_000_001, "eu")))
    assert document["data"]["version"]["hlc"] == "115964116992000001"


def test_use_is_told_once_for_each_tag_and_digest_whoever_it_was() -> None:
    """Pulls are added up; ids are those of the event and a number; nobody is named."""
    uses = (
        Use("team/app", DIGEST, "1.0", True, "user:alice", "192.0.2.1", "docker", 2),
        Use("team/app", DIGEST, "1.0", False, "user:alice", "192.0.2.1", "docker", 1),
        Use("team/app", DIGEST, "1.0", True, "user:bob", "192.0.2.2", "docker", 3),
        Use("other/lib", OTHER, None, True, "user:bob", "192.0.2.2", "docker", 1),
    )
    event = Event(type=EventType.CONTENT_USED, id=ID, occurred_at=AT, origin="eu", uses=uses)

    told = documents(event)

    assert [each["id"] for each in told] == [f"{ID}.0", f"{ID}.1", f"{ID}.2"]
    assert [each["type"] for each in told] == [
        "entrepot.content.pulled",
        "entrepot.content.looked-at",
        "entrepot.content.pulled",
    ]
    assert [each["data"]["count"] for each in told] == [5, 1, 1]
    assert [each["subject"] for each in told] == ["team/app:1.0", "team/app:1.0", f"other/lib@{OTHER}"]
    assert "user" not in str(told)
    assert told == documents(event)


def test_a_change_tells_what_it_was_and_what_it_is() -> None:
    """Every kind of change has a type, with what was changed as its subject."""
    for change in Change:
        event = Event(type=change.value, id=ID, occurred_at=AT, origin="", object="robot:team-ci", after={"a": 1})
        [document] = documents(event)
        assert document["type"] == f"entrepot.{change.value}"
        assert document["type"].removeprefix("entrepot.") in NAMES
        assert (document["subject"], document["data"]["after"]) == ("robot:team-ci", {"a": 1})


def test_where_a_client_is_can_be_left_out() -> None:
    """What says how a client can be found is gone, the rest stays."""
    event = an_event(tag="1.0", digest=DIGEST, agent="docker", request_id="r", credential="token:1", source="b/c")
    [told] = cloud_events(event)
    assert set(told.data) - set(told.without_clients().data) == set(ABOUT_CLIENTS)


@given(PLACES, PLACES, st.integers(0, 65_535), st.integers(0, 65_535))
def test_sequences_are_ordered_as_places_are(
    one: tuple[int, int], other: tuple[int, int], number: int, further: int
) -> None:
    """Texts of one length, of which the later place has the greater one."""
    texts = sequence_of(one, number), sequence_of(other, further)
    assert (texts[0] < texts[1]) == ((one, number) < (other, further))
    assert {len(text) for text in texts} == {36}


@given(PLACES, st.text(max_size=20), st.text(max_size=20))
def test_what_is_stored_is_what_was_told(place: tuple[int, int], tag: str, reason: str) -> None:
    """An event that waits to be delivered comes back as it was."""
    for event in cloud_events(an_event(tag=tag, digest=Digest(DIGEST), reason=reason, place=place)):
        assert decode_cloud_event(encode_cloud_event(event)).document() == event.document()
