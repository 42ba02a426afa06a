# SPDX-License-Identifier: Apache-2.0
"""What a tag pointed at, and what of it can be restored."""

import pytest

from entrepot.features.history.service import NEWEST
from entrepot.features.history.service import TagHistory
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.oci.digest import Digest
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.manifests import an_image_manifest

TAG = TagName("1.0")

pytestmark = pytest.mark.anyio


async def push(running: RunningCore, number: int, *tags: str) -> Digest:
    """Push one of several images."""
    return await running.put_image(an_image_manifest(annotations={"number": str(number)}), *tags)


async def restorable(history: TagHistory) -> list[tuple[Digest | None, bool]]:
    """Return the values of the tag, newest first, each with whether it can be restored."""
    page = await history.page(EVERYBODY.principal, REPOSITORY, TAG, NEWEST, 100)
    return [(value.entry.digest, value.is_restorable) for value in page.values]


async def test_the_window_of_the_instance_counts_from_the_deletion(history: TagHistory, running: RunningCore) -> None:
    """A deleted manifest can be restored for `undelete_days` after its deletion, whenever it was pushed."""
    await push(running, 1, TAG)
    running.clock.advance(5 * DAY_MS)
    deleted_at = running.clock()
    await running.delete.manifest(EVERYBODY, REPOSITORY, await push(running, 1))

    page = await history.page(EVERYBODY.principal, REPOSITORY, TAG, NEWEST, 100)

    assert [value.restorable_until for value in page.values] == [None, after(deleted_at, DAY_MS)]


async def test_every_former_value_can_be_restored_but_the_present_one(
    history: TagHistory, running: RunningCore
) -> None:
    """A value that the tag has again is the present one wherever it stands in the history."""
    first, second = await push(running, 1, TAG), await push(running, 2, TAG)
    await push(running, 1, TAG)

    assert await restorable(history) == [(first, False), (second, True), (first, False)]


async def test_after_the_tag_was_deleted_every_value_can_be_restored(history: TagHistory, running: RunningCore) -> None:
    """Deleting a tag takes nothing with it."""
    digest = await push(running, 1, TAG)
    await running.delete.tag(EVERYBODY, REPOSITORY, TAG)

    assert await restorable(history) == [(None, False), (digest, True)]


async def test_a_restored_value_is_the_present_one(history: TagHistory, running: RunningCore) -> None:
    """Restoring is one more change, and its version is above all before."""
    first, second = await push(running, 1, TAG), await push(running, 2, TAG)

    restored = await history.restore(EVERYBODY, REPOSITORY, TAG, first)

    assert await restorable(history) == [(first, False), (second, True), (first, False)]
    before = restored.move.before
    assert before is not None
    assert (before.digest, restored.move.version > before.version) == (second, True)


async def test_the_page_behind_the_last_change_is_empty(history: TagHistory, running: RunningCore) -> None:
    """Only the first page of a tag that never was is an error."""
    await push(running, 1, TAG)
    await running.delete.tag(EVERYBODY, REPOSITORY, TAG)

    page = await history.page(EVERYBODY.principal, REPOSITORY, TAG, 0, 100)

    assert (page.values, page.is_more) == ([], False)


async def test_what_never_was_has_no_history(history: TagHistory, running: RunningCore) -> None:
    """An unknown tag and an unknown repository are told apart to those who may read."""
    await push(running, 1)

    with pytest.raises(ManifestUnknown, match="there never was a tag"):
        await history.page(EVERYBODY.principal, REPOSITORY, TAG, NEWEST, 100)
    with pytest.raises(NameUnknown):
        await history.page(EVERYBODY.principal, RepositoryName("team/nil"), TAG, NEWEST, 100)
