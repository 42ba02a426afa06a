# SPDX-License-Identifier: Apache-2.0
"""What events say about uses: the newest of each tag and manifest, whatever way they come."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies

from entrepot.features.usage.uses import NewestUses
from entrepot.features.usage.uses import newest_uses
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import digest_of
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.events import Use

ONE, OTHER = digest_of(b"one"), digest_of(b"other")
LATER = Milliseconds(10_000)
MIRROR = "robot:mirror"

A_USE = strategies.builds(
    Use,
    repository=strategies.sampled_from(["team/app", "team/web"]),
    digest=strategies.sampled_from([ONE, OTHER]),
    tag=strategies.sampled_from([None, "1", "2"]),
    is_pull=strategies.booleans(),
    principal=strategies.sampled_from(["user:alice", MIRROR]),
    address=strategies.just("192.0.2.1"),
    agent=strategies.just(""),
    count=strategies.integers(1, 5),
)


def an_event(at: int, *uses: Use) -> Event:
    """Return an event that tells of uses at a moment."""
    return Event(type=EventType.CONTENT_USED, id=new_ulid(), occurred_at=Milliseconds(at), origin="home", uses=uses)


def a_use(tag: str | None = None, principal: str = "user:alice") -> Use:
    """Return a use of `ONE` in `team/app`."""
    return Use("team/app", ONE, tag, True, principal, "192.0.2.1", "", 1)


AN_EVENT = strategies.builds(an_event, strategies.integers(0, 20_000), A_USE, A_USE)


def test_a_use_by_a_tag_is_one_of_the_manifest_too() -> None:
    """And one by a digest is one of the manifest alone."""
    newest = newest_uses([an_event(1, a_use("1")), an_event(2, a_use())], (), LATER)

    assert newest == NewestUses({("team/app", "1"): 1}, {("team/app", ONE): 2})  # type: ignore[dict-item]


@given(
    events=strategies.lists(AN_EVENT, max_size=6).flatmap(
        lambda events: strategies.tuples(strategies.just(events), strategies.permutations(events + events[:2]))
    )
)
def test_order_and_repetition_change_nothing(events: tuple[Sequence[Event], Sequence[Event]]) -> None:
    """Events that come twice, or an older one after a newer, come to the same."""
    once, anyhow = events

    assert newest_uses(anyhow, (), LATER) == newest_uses(once, (), LATER)


def test_a_clock_that_is_ahead_uses_nothing_in_times_to_come() -> None:
    """A use that has not happened yet happened now."""
    newest = newest_uses([an_event(LATER + 1, a_use("1"))], (), LATER)

    assert (*newest.tags.values(), *newest.artifacts.values()) == (LATER, LATER)


def test_who_is_ignored_uses_nothing() -> None:
    """What a listed robot reads is as if nobody had; others in the same event count."""
    event = an_event(1, a_use("1", MIRROR), a_use("2"))

    assert newest_uses([event], {MIRROR}, LATER).tags == {("team/app", "2"): 1}
    assert newest_uses([an_event(1, a_use("1", MIRROR))], {MIRROR}, LATER) == NewestUses()
