# SPDX-License-Identifier: Apache-2.0
"""The newest changes of tags, by index however many there are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.oci.reference import RepositoryName
from entrepot.registry.store import namespaces
from entrepot.registry.store import recent_changes
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import sqlite_of
from tests.builders.manifests import an_image_manifest
from tests.builders.plans import noted_plans

LAST = 2**62
APP, WEB, API = (RepositoryName(f"{name}/app") for name in ("team", "web", "api"))

pytestmark = pytest.mark.anyio


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """Hold an empty core."""
    with a_core(tmp_path) as running:
        yield running


async def fill(running: RunningCore) -> None:
    """Set tags of three repositories in turn."""
    for number in range(4):
        for name in (APP, WEB, API):
            await running.put_image(an_image_manifest(), f"v{number}", repository=name)


async def test_the_newest_of_all_come_first(running: RunningCore) -> None:
    """From any one on, whosever they are, but for those of repositories that are not listed."""
    await fill(running)
    await running.database.write(namespaces.conceal, "web")
    found = await running.database.read(recent_changes.newest, LAST, 3)
    older = await running.database.read(recent_changes.newest, found[-1].id, 1)

    assert [(each.repository, each.name) for each in found] == [(API, "v3"), (APP, "v3"), (API, "v2")]
    assert [(each.repository, each.name) for each in older] == [(APP, "v2")]


async def test_the_newest_in_some_are_found_among_them(running: RunningCore) -> None:
    """However many of them there are, and however few changed."""
    await fill(running)
    names = [APP, WEB, *(RepositoryName(f"none/{number}") for number in range(200))]
    found = await running.database.snapshot(recent_changes.newest_in, names, 3)

    assert [(each.repository, each.name) for each in found] == [(WEB, "v3"), (APP, "v3"), (WEB, "v2")]
    assert await running.database.snapshot(recent_changes.newest_in, [], 3) == []


@pytest.mark.sqlite
async def test_no_history_is_walked(running: RunningCore) -> None:
    """The newest change of each repository, and the newest of those that matter, are searched by index."""
    await fill(running)
    with noted_plans(sqlite_of(running.database)) as plans:
        await running.database.snapshot(recent_changes.newest_in, [APP, WEB], 2)

    searches = [step for plan in plans for step in plan.splitlines() if "tag_history" in step]
    assert len(searches) == 3
    assert all(
        step.startswith("SEARCH tag_history USING ") and "ix_tag_history_repo_id_id" in step for step in searches
    )
