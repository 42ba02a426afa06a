# SPDX-License-Identifier: Apache-2.0
"""What was archived comes back, as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.manifests import an_image_manifest
from tests.unit.features.archive.archived import Archived
from tests.unit.features.archive.archived import an_archived_core
from tests.unit.features.archive.archived import came_back
from tests.unit.features.archive.archived import state


@pytest.fixture
def archived(tmp_path: Path) -> Iterator[Archived]:
    """A registry that archives."""
    with an_archived_core(tmp_path / "data") as found:
        yield found


@pytest.mark.anyio
async def test_what_was_pushed_after_the_base_comes_back(archived: Archived, tmp_path: Path) -> None:
    """A base and the segments behind it are the state that was."""
    await archived.write_base()
    await archived.running.put_image(an_image_manifest(), "1", "2")
    await archived.archive()
    before = await archived.running.database.snapshot(state)

    report = await archived.rebuild(tmp_path / "rebuilt.db")

    assert await came_back(tmp_path / "rebuilt.db", tmp_path / "target") == before
    assert report.is_complete, report
