# SPDX-License-Identifier: Apache-2.0
"""What projects store is counted in pages that are bounded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.oci.reference import RepositoryName
from entrepot.registry.held_upload import Chunk
from entrepot.registry.store.project_storage import page
from tests.builders.core import EVERYBODY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.core import body_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest

IMAGE = an_image_manifest()
BYTES = len(A_CONFIG) + len(A_LAYER)

pytestmark = pytest.mark.anyio


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core."""
    with a_core(tmp_path) as running:
        yield running


async def test_a_blob_counts_once_in_a_project(running: RunningCore) -> None:
    """However many repositories of the project hold it; it is unique while no other project does."""
    for name in ("team/app", "team/other"):
        await running.put_image(IMAGE, "1.0", repository=RepositoryName(name))

    [project], rest = await running.database.survey(page, "", 10)

    assert (project.name, project.unique, project.shared, project.links, rest) == ("team", BYTES, 0, 4, "")
    assert project.is_complete


async def test_what_uploads_have_received_is_told(running: RunningCore) -> None:
    """Bytes that are no blob yet."""
    session = await running.uploads.start(EVERYBODY, RepositoryName("team/app"))
    await running.uploads.append(RepositoryName("team/app"), session.id, Chunk(body_of(b"12345"), 0))

    [project], _ = await running.database.survey(page, "", 10)

    assert (project.uploads, project.unique) == (5, 0)


async def test_a_live_use_counts_before_a_deleted_one(running: RunningCore) -> None:
    """A blob of a deleted artifact is not of the bin while another artifact of the project uses it."""
    for name in ("team/app", "team/other"):
        await running.put_image(IMAGE, repository=RepositoryName(name))
    await running.delete.manifest(EVERYBODY, RepositoryName("team/app"), IMAGE.digest)

    [project], _ = await running.database.survey(page, "", 10)

    assert (project.unique, project.binned) == (BYTES, 0)


async def test_pages_end_where_projects_hold_much(running: RunningCore) -> None:
    """A page looks at so many links, and the next goes on behind it."""
    for name in ("a/app", "b/app", "c/app"):
        await running.put_image(IMAGE, repository=RepositoryName(name))

    first, behind = await running.database.survey(page, "", 10, 3)
    second, end = await running.database.survey(page, behind, 10, 3)

    assert [each.name for each in first] == ["a", "b"]
    assert ([each.name for each in second], end) == (["c"], "")


async def test_a_project_that_holds_too_much_is_told_in_part(running: RunningCore) -> None:
    """It says that there is more."""
    for number in range(4):
        await running.put_blob(b"blob %d" % number)

    [project], _ = await running.database.survey(page, "", 10, 2)

    assert not project.is_complete
    assert project.leased == 2 * len(b"blob 0")
