# SPDX-License-Identifier: Apache-2.0
"""Where a blob may be mounted from, and who is asked."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Scope
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import Denied
from entrepot.oci.reference import RepositoryName
from entrepot.registry.core import Caller
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import Operation
from entrepot.registry.store import repositories
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.fakes.allow_nothing import AllowNothing
from tests.unit.registry.planted import PlantedGate

pytestmark = pytest.mark.anyio

BOB = Caller(Principal(PrincipalKind.USER, "bob"))
"""Somebody who has pushed nothing here."""
TARGET = RepositoryName("team/other")
LAYER = digest_of(A_LAYER)
IMAGE = an_image_manifest()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core."""
    with a_core(tmp_path) as running:
        yield running


@pytest.mark.parametrize("source", [REPOSITORY, None])
async def test_a_blob_is_mounted_without_moving_a_byte(running: RunningCore, source: RepositoryName | None) -> None:
    """From the repository that is named, or from any that has it: there is still one object."""
    await running.put_image(IMAGE, "latest")
    is_mounted = await running.mounts.mount(BOB, TARGET, LAYER, source)
    tables = await running.tables()

    assert is_mounted
    assert await running.get_blob(LAYER, TARGET) == A_LAYER
    assert len(tables["objects"]) == 2


async def test_what_is_not_there_is_not_mounted(running: RunningCore) -> None:
    """A source or a blob that does not exist is no error, and makes no repository."""
    assert not await running.mounts.mount(BOB, TARGET, LAYER, REPOSITORY)
    assert not await running.mounts.mount(BOB, TARGET, LAYER, None)
    assert (await running.tables())["repositories"] == []


async def test_a_hidden_blob_is_not_mounted(running: RunningCore) -> None:
    """A blob that was deleted in its repository is nobody's to mount."""
    await running.put_blob(A_LAYER)
    await running.delete.blob(EVERYBODY, REPOSITORY, LAYER)

    assert not await running.mounts.mount(EVERYBODY, TARGET, LAYER, REPOSITORY)


async def test_a_mount_needs_the_right_to_pull_from_the_source(running: RunningCore) -> None:
    """What somebody may not read cannot be mounted, whether it is named or not."""
    await running.put_image(IMAGE, "latest")
    closed = RunningCore(replace(running.core, authorizer=AllowNothing()), running.clock)

    assert not await closed.mounts.mount(BOB, TARGET, LAYER, REPOSITORY)
    assert not await closed.mounts.mount(BOB, TARGET, LAYER, None)


async def test_a_mount_needs_a_token_that_covers_the_source(running: RunningCore) -> None:
    """A token for the target alone does not open other repositories."""
    await running.put_image(IMAGE, "latest")
    narrow = Principal(PrincipalKind.USER, "bob", (Scope(TARGET, frozenset({Action.PULL, Action.PUSH})),))

    assert not await running.mounts.mount(Caller(narrow), TARGET, LAYER, REPOSITORY)


async def test_the_gates_of_the_source_are_asked(running: RunningCore) -> None:
    """A mount is a read of the source, through the manifests that list the blob; a denial makes it an upload."""
    await running.put_image(IMAGE, "latest")
    gate = PlantedGate(Deny("not from here"), frozenset({Operation.MOUNT}))
    running.core.gates.mount([gate])

    assert not await running.mounts.mount(BOB, TARGET, LAYER, REPOSITORY)
    (asked,) = gate.asked
    assert (asked.repository, asked.digest, asked.manifest_digest) == (REPOSITORY, LAYER, IMAGE.digest)
    assert asked.principal == BOB.principal


async def test_whoever_pushed_the_blob_may_mount_it(running: RunningCore) -> None:
    """While the lease of somebody's own push lasts, no gate of the source is in the way."""
    await running.put_image(IMAGE, "latest")
    running.core.gates.mount([PlantedGate(Deny("not from here"), frozenset({Operation.MOUNT}))])

    assert await running.mounts.mount(EVERYBODY, TARGET, LAYER, REPOSITORY)


async def test_a_source_that_is_refused_does_not_hide_another(running: RunningCore) -> None:
    """When no source is named, the next repository that holds the blob is tried."""
    await running.put_image(IMAGE, "latest")
    await running.put_image(IMAGE, "latest", repository=RepositoryName("team/second"))
    gate = PlantedGate(
        lambda context: Deny("no") if context.repository == REPOSITORY else Allow(), frozenset({Operation.MOUNT})
    )
    running.core.gates.mount([gate])

    assert await running.mounts.mount(BOB, TARGET, LAYER, None)
    assert gate.asked[-1].repository == "team/second"


async def test_a_mount_is_an_upload_for_the_target(running: RunningCore) -> None:
    """A gate that lets nothing be uploaded to a repository lets nothing be mounted into it."""
    await running.put_image(IMAGE, "latest")
    running.core.gates.mount([PlantedGate(Deny("the quota is used up"), frozenset({Operation.UPLOAD_START}))])
    before = await running.tables()

    with pytest.raises(Denied, match="quota"):
        await running.mounts.mount(BOB, TARGET, LAYER, REPOSITORY)
    assert await running.tables() == before


async def test_stores_stay_apart(running: RunningCore) -> None:
    """A blob of a repository in another store is uploaded again, not mounted."""
    other = await running.database.write(repositories.ensure_store, "memory://other")
    stores = {**running.core.stores, other: MemoryStorage("other")}
    both = RunningCore(replace(running.core, stores=stores), running.clock)
    far = RepositoryName("far/app")

    def place(connection: Connection) -> None:
        repositories.ensure(connection, far, other, running.clock())

    await running.database.write(place)
    await both.put_blob(A_LAYER, far)

    assert await both.get_blob(LAYER, far) == A_LAYER
    assert not await both.mounts.mount(EVERYBODY, TARGET, LAYER, far)
    assert not await both.mounts.mount(EVERYBODY, TARGET, LAYER, None)
