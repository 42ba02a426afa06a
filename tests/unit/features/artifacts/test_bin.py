# SPDX-License-Identifier: Apache-2.0
"""Who has to prove their identity again before they delete."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from entrepot.entry.everything import Everything
from entrepot.features.artifacts.bin import Bin
from entrepot.kernel.errors import ReauthenticationNeeded
from entrepot.oci.reference import TagName
from entrepot.registry.core import Caller
from entrepot.registry.rights import Rights
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import an_image_manifest
from tests.interop.core_alone import EverybodyIsKnown

IMAGE = an_image_manifest()
LEFT_OPEN = Caller(replace(EVERYBODY.principal, is_recent_login=False))
"""A browser session that somebody may have left open."""

pytestmark = pytest.mark.anyio


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core."""
    with a_core(tmp_path) as running:
        yield running


@pytest.fixture
def deleted(running: RunningCore) -> Bin:
    """The bin of that core."""
    rights = Rights(EverybodyIsKnown(), Everything())
    return Bin(running.database, rights, running.delete, running.undelete, running.clock)


async def test_an_artifact_is_deleted_by_who_proved_their_identity(running: RunningCore, deleted: Bin) -> None:
    """A session that proved nothing of late is asked to, and nothing happens until then."""
    await running.put_image(IMAGE, "1.0")

    with pytest.raises(ReauthenticationNeeded):
        await deleted.delete_artifact(LEFT_OPEN, REPOSITORY, IMAGE.digest)

    assert (await deleted.delete_artifact(EVERYBODY, REPOSITORY, IMAGE.digest)).digests == [IMAGE.digest]


async def test_a_tag_is_deleted_and_all_restored_without_that(running: RunningCore, deleted: Bin) -> None:
    """Its history brings a tag back, and restoring takes nothing away."""
    await running.put_image(IMAGE, "1.0", "2.0")

    tag = await deleted.delete_tag(LEFT_OPEN, REPOSITORY, TagName("1.0"))
    await deleted.delete_artifact(EVERYBODY, REPOSITORY, IMAGE.digest)
    restored = await deleted.restore(LEFT_OPEN, REPOSITORY, IMAGE.digest)

    assert (tag.tags, tag.digests, restored.tags) == (["1.0"], [], ["2.0"])
