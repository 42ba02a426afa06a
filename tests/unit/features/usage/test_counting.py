# SPDX-License-Identifier: Apache-2.0
"""What events come to: pulls and pushes by time and by name, and which fetches belong to another."""

import pytest

from entrepot.features.usage.counting import SAME_PULL_MS
from entrepot.features.usage.counting import CountKey
from entrepot.features.usage.counting import Fetches
from entrepot.features.usage.counting import candidates
from entrepot.features.usage.counting import counts
from entrepot.features.usage.models import Kind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.events import Use
from entrepot.registry.store.repositories import RepositoryId

APP = RepositoryName("team/app")
IDS = {APP: RepositoryId(7)}
INDEX, CHILD = digest_of(b"index"), digest_of(b"child")
PARENTS = {(APP, CHILD): {INDEX}}
NOON = 100 * DAY_MS + 12 * HOUR_MS


def a_use(digest: Digest, tag: str | None = None, **fields: object) -> Use:
    """Return a fetch of a manifest of `team/app` by alice with docker, but for `fields`."""
    values = {"is_pull": True, "principal": "user:alice", "address": "192.0.2.1", "agent": "docker/27", "count": 1}
    return Use(APP, digest, tag, **{**values, **fields})  # type: ignore[arg-type]


def uses(at: int, *found: Use) -> Event:
    """Return an event that tells of uses."""
    return Event(type=EventType.CONTENT_USED, id=new_ulid(), occurred_at=Milliseconds(at), origin="home", uses=found)


def pulls(*events: Event, fetches: Fetches | None = None) -> int:
    """Return how many pulls events come to, by day."""
    found = counts(events, IDS, PARENTS, fetches or Fetches())
    return sum(pulls for key, (pulls, _) in found.items() if key.kind is Kind.DAY)


def test_a_pull_counts_by_all_that_it_has() -> None:
    """By hour and day, and on the day by artifact, tag, principal and client; a HEAD by nothing."""
    event = uses(NOON, a_use(INDEX, "1.0", count=3), a_use(INDEX, "1.0", is_pull=False))

    assert counts([event], IDS, {}, Fetches()) == {
        CountKey(kind, period, RepositoryId(7), name): (3, 0)
        for kind, period, name in [
            (Kind.HOUR, 2412, ""),
            (Kind.DAY, 100, ""),
            (Kind.ARTIFACT, 100, INDEX),
            (Kind.TAG, 100, "1.0"),
            (Kind.PRINCIPAL, 100, "user:alice"),
            (Kind.CLIENT, 100, "docker"),
        ]
    }


def test_a_push_counts_by_all_that_it_has() -> None:
    """As a pull does; where no tag was pushed, by none."""
    pushed = Event(
        type=EventType.MANIFEST_PUSHED,
        id=new_ulid(),
        occurred_at=Milliseconds(NOON),
        origin="home",
        repository=APP,
        digest=CHILD,
        principal="robot:team.ci",
        agent="buildkit/v0.16",
    )
    found = counts([pushed], IDS, {}, Fetches())

    assert {(key.kind, key.name) for key in found} == {
        (Kind.HOUR, ""),
        (Kind.DAY, ""),
        (Kind.ARTIFACT, CHILD),
        (Kind.PRINCIPAL, "robot:team.ci"),
        (Kind.CLIENT, "buildkit"),
    }
    assert set(found.values()) == {(0, 1)}


@pytest.mark.parametrize(
    ("later_ms", "fields", "expected"),
    [
        (0, {}, 1),
        (SAME_PULL_MS, {}, 1),
        (SAME_PULL_MS + 1, {}, 2),
        (1_000, {"address": "192.0.2.2"}, 2),
        (1_000, {"principal": "user:bob"}, 2),
        (1_000, {"tag": "1.0"}, 2),
    ],
)
def test_the_entry_of_an_index_belongs_to_its_pull(later_ms: int, fields: dict[str, object], expected: int) -> None:
    """Fetched by its digest, by the same principal, from the same address, and within a minute."""
    entry = a_use(CHILD, **{"tag": None, **fields})  # type: ignore[arg-type]

    assert pulls(uses(NOON, a_use(INDEX, "1.0")), uses(NOON + later_ms, entry)) == expected


def test_an_entry_is_told_apart_in_a_later_batch() -> None:
    """What was fetched is remembered from batch to batch, for a minute."""
    fetches = Fetches()
    first = pulls(uses(NOON, a_use(INDEX)), fetches=fetches)

    assert (first, pulls(uses(NOON + 1_000, a_use(CHILD)), fetches=fetches)) == (1, 0)
    assert pulls(uses(NOON + 2 * SAME_PULL_MS, a_use(CHILD)), fetches=fetches) == 1


def test_what_is_remembered_is_bounded() -> None:
    """Where too much is fetched, entries count as pulls of their own; after a minute there is room again."""
    fetches = Fetches(limit=1)
    pulls(uses(NOON, a_use(CHILD, "1.0")), fetches=fetches)

    assert pulls(uses(NOON, a_use(INDEX), a_use(CHILD)), fetches=fetches) == 2
    later = NOON + 2 * SAME_PULL_MS
    assert pulls(uses(later, a_use(INDEX)), uses(later, a_use(CHILD)), fetches=fetches) == 1


def test_what_is_nowhere_counts_nowhere() -> None:
    """A repository without an id is gone, or of an upstream."""
    assert counts([uses(NOON, a_use(INDEX))], {}, {}, Fetches()) == {}
    assert candidates([uses(NOON, a_use(INDEX, "1"), a_use(CHILD))]) == {(APP, CHILD)}
