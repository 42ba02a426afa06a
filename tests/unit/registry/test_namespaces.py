# SPDX-License-Identifier: Apache-2.0
"""What repositories tell of their namespace, and giving one up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.spans import EVERY_NAME
from entrepot.oci.reference import RepositoryName
from entrepot.registry.namespaces import vacate
from entrepot.registry.store import namespaces
from entrepot.registry.store import repositories
from entrepot.registry.store.namespaces import FirstPush
from entrepot.registry.store.namespaces import Occupancy
from tests.builders.core import EVERYBODY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import an_image_manifest

pytestmark = pytest.mark.anyio

IMAGE = an_image_manifest()
NAMES = [RepositoryName(name) for name in ("team/app", "team", "team/web", "team/x/y", "teams/app")]


@pytest.fixture
def core(tmp_path: Path) -> Iterator[RunningCore]:
    """An empty core whose clock stands still."""
    with a_core(tmp_path) as core:
        yield core


async def test_the_first_push_is_the_first_one_seen(core: RunningCore) -> None:
    """It says when the oldest repository of the namespace was first seen, and who pushed; none before that."""
    before = await core.database.read(namespaces.first_push, "team")
    began = core.clock()
    for name in NAMES[:2]:
        await core.put_image(IMAGE, repository=name)
        core.clock.advance(1_000)

    assert before is None
    assert await core.database.read(namespaces.first_push, "team") == FirstPush(began, EVERYBODY.principal.identity)
    assert await core.database.read(namespaces.first_push, "tea") is None


async def test_a_namespace_with_artifacts_is_not_given_up(core: RunningCore) -> None:
    """Those of its repositories that hold artifacts are counted, the first three named, and all stay."""
    for name in NAMES:
        await core.put_image(IMAGE, repository=name)

    occupied = await core.database.write(vacate, "team", core.clock())

    assert occupied == Occupancy(4, [NAMES[1], NAMES[0], NAMES[2]])
    assert await core.database.read(repositories.names_within, [EVERY_NAME], 9) == sorted(NAMES)


async def test_emptied_repositories_are_given_up(core: RunningCore) -> None:
    """They leave the listings, other namespaces stay, and a push brings one back."""
    for name in NAMES:
        await core.put_image(IMAGE, repository=name)
    for name in NAMES[:4]:
        await core.delete.manifest(EVERYBODY, name, IMAGE.digest)

    occupied = await core.database.write(vacate, "team", core.clock())
    left = await core.database.read(repositories.names_within, [EVERY_NAME], 9)
    await core.put_image(IMAGE, repository=NAMES[0])

    assert (occupied.count, left) == (0, ["teams/app"])
    assert await core.database.read(repositories.names_within, [EVERY_NAME], 9) == ["team/app", "teams/app"]
