# SPDX-License-Identifier: Apache-2.0
"""What holds and running clusters keep: itself, what is below, and the indexes of what runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.digest import referrers_tag
from entrepot.registry.core import lock_repository
from entrepot.registry.store import holds
from entrepot.registry.store.holds import Hold
from entrepot.registry.store.holds import HoldKind
from entrepot.registry.store.holds import Pin
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.holds import pin
from tests.builders.holds import place
from tests.builders.holds import release
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

ONE = an_image_manifest(annotations={"for": "one platform"})
TWO = an_image_manifest(annotations={"for": "another platform"})
OTHER = an_image_manifest(annotations={"is": "another image"})
INDEX = an_index(ONE.descriptor(), TWO.descriptor())
SBOM = an_image_manifest(subject=ONE.descriptor())
SIGNATURE = an_image_manifest(annotations={"signs": "the bill of materials"})
ALL = [each.digest for each in (ONE, TWO, OTHER, INDEX, SBOM, SIGNATURE)]

pytestmark = pytest.mark.anyio


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core on a clock that stands still."""
    with a_core(tmp_path) as running:
        yield running


async def fill(running: RunningCore) -> None:
    """Push an index with a bill of materials of one child, signed by a tag as older clients do, and another image."""
    for each in (ONE, TWO, OTHER):
        await running.put_image(each)
    await running.put_manifest(INDEX, "1.0")
    await running.put_manifest(SBOM)
    await running.put_manifest(SIGNATURE, f"{referrers_tag(SBOM.digest)}.sig")


def clusters_of(connection: Connection, digest: Digest, now: Milliseconds) -> list[Pin]:
    """Return the clusters that run a manifest."""
    return holds.pins_of(connection, lock_repository(connection, REPOSITORY).id, digest, now)


async def held(running: RunningCore) -> dict[Digest, Hold]:
    """Return what is held, as both questions answer it."""

    def ask(connection: Connection) -> tuple[dict[Digest, Hold], dict[Digest, Hold]]:
        """Ask both."""
        repo_id, now = lock_repository(connection, REPOSITORY).id, running.clock()
        return holds.held(connection, repo_id, ALL, now), holds.all_held(connection, repo_id, now)

    some, every = await running.database.write(ask)
    assert some == every
    return some


async def pinned(running: RunningCore) -> dict[Digest, Pin]:
    """Return what is pinned, as both questions answer it."""

    def ask(connection: Connection) -> tuple[dict[Digest, Pin], dict[Digest, Pin]]:
        """Ask both."""
        repo_id, now = lock_repository(connection, REPOSITORY).id, running.clock()
        return holds.pinned(connection, repo_id, ALL, now), holds.all_pinned(connection, repo_id, now)

    some, every = await running.database.write(ask)
    assert some == every
    return some


async def test_a_hold_keeps_what_is_below(running: RunningCore) -> None:
    """The children of an index, their referrers, and what older clients name by a tag, at any depth."""
    await fill(running)

    hold = await place(running, INDEX.digest)

    found = await held(running)
    assert set(found) == {each.digest for each in (INDEX, ONE, TWO, SBOM, SIGNATURE)}
    assert {hold.id for hold in found.values()} == {hold.id}


async def test_a_hold_keeps_nothing_above(running: RunningCore) -> None:
    """An index does not stay for one of its children, nor a subject for what refers to it."""
    await fill(running)

    await place(running, SBOM.digest)

    assert set(await held(running)) == {SBOM.digest, SIGNATURE.digest}


async def test_a_hold_of_a_repository_keeps_everything(running: RunningCore) -> None:
    """Also what is in the bin."""
    await fill(running)
    await running.delete.manifest(EVERYBODY, REPOSITORY, OTHER.digest)

    await place(running, None)

    assert set(await held(running)) == set(ALL)


async def test_the_strongest_hold_is_told(running: RunningCore) -> None:
    """A legal hold before one of a user, and then the one that lasts longest."""
    await fill(running)
    await place(running, None, HoldKind.USER, running.clock() + 1_000)
    longer = await place(running, INDEX.digest, HoldKind.USER, running.clock() + 2_000)
    legal = await place(running, ONE.digest, expires_at=running.clock() + 10)

    found = await held(running)

    assert {found[each.digest].id for each in (INDEX, TWO)} == {longer.id}
    assert {found[each.digest].id for each in (ONE, SBOM, SIGNATURE)} == {legal.id}


async def test_a_hold_that_ended_keeps_nothing(running: RunningCore) -> None:
    """It ends in the millisecond it names, and when it is released."""
    await fill(running)
    await place(running, ONE.digest, HoldKind.USER, running.clock() + 1_000)
    await release(running, await place(running, TWO.digest))

    running.clock.advance(999)
    before = await held(running)
    running.clock.advance(1)

    assert set(before) == {ONE.digest, SBOM.digest, SIGNATURE.digest}
    assert await held(running) == {}


async def test_what_runs_pins_its_index_and_all_below(running: RunningCore) -> None:
    """A cluster that runs one platform says so of the whole image, and what is about it stays."""
    await fill(running)

    await pin(running, "production", running.clock() + 1_000, TWO.digest)

    assert set(await pinned(running)) == {each.digest for each in (INDEX, ONE, TWO, SBOM, SIGNATURE)}


async def test_a_cluster_that_stops_reporting_pins_nothing(running: RunningCore) -> None:
    """What it said counts until then, and what another says for longer is told."""
    await fill(running)
    await pin(running, "production", running.clock() + 1_000, OTHER.digest)
    await pin(running, "staging", running.clock() + 2_000, OTHER.digest, ONE.digest)

    both = await pinned(running)
    clusters = await running.database.read(clusters_of, SBOM.digest, running.clock())
    running.clock.advance(2_000)

    assert [pin.cluster for pin in clusters] == ["staging"]
    assert both[OTHER.digest] == Pin("staging", both[OTHER.digest].until)
    assert await pinned(running) == {}
