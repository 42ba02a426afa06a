# SPDX-License-Identifier: Apache-2.0
"""What requests and the steps of collection cost does not grow with what the repository holds."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy import event

from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.reclaim import SETTLED_MS
from entrepot.registry.referrers import Referrers
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.registry.collecting import LEASE_MS
from tests.unit.registry.collecting import WINDOW_MS
from tests.unit.registry.collecting import Collecting

FEW, MANY = 24, 150
"""A step of collection finds enough to do in both."""

AT_MOST = 1.3
"""Trees are a level deeper where there is more in them. Whatever looks at everything comes to six."""

ALONE = 2
"""The image that shares nothing: a preview looks at whoever shares with what it is about."""

EVERY = 10
ELSEWHERE = RepositoryName("team/elsewhere")

pytestmark = pytest.mark.sqlite


class Work:
    """What SQLite's machine has done: its instructions, in tens."""

    def __init__(self) -> None:
        self.done = 0
        self.of: dict[str, int] = {}

    def __call__(self) -> int:
        """Count; let it go on."""
        self.done += 1
        return 0

    async def measure(self, what: str, doing: Awaitable[Any]) -> None:
        """Note how much something took."""
        before = self.done
        await doing
        self.of[what] = self.done - before


@contextmanager
def counted() -> Iterator[Work]:
    """Hold a count of the work of all connections that are made meanwhile."""
    work = Work()

    def watch(driver: Any, _record: object) -> None:
        """Count what this connection does."""
        driver.set_progress_handler(work, EVERY)

    event.listen(Engine, "connect", watch)
    yield work
    event.remove(Engine, "connect", watch)


def image(number: int, **fields: Any) -> BuiltManifest:
    """Describe an image of what all but one have in common and of a layer of its own."""
    own = a_descriptor(layer(number))
    if number == ALONE:
        return an_image_manifest(config=own, layers=[own], **fields)
    return an_image_manifest(layers=[a_descriptor(A_LAYER), own], **fields)


def layer(number: int) -> bytes:
    """Return the layer that only this image has."""
    return f"layer {number}".encode()


async def fill(running: RunningCore, count: int) -> None:
    """Push so many images, each with two tags and a referrer, and an index of each; have as many in the bin."""
    await running.put_blob(A_CONFIG)
    await running.put_blob(A_LAYER)
    for number in range(count):
        await running.put_blob(layer(number))
        built = image(number)
        await running.put_manifest(built, f"v{number}", f"also-{number}")
        await running.put_manifest(image(number, subject=built.descriptor()))
        await running.put_manifest(an_index(built.descriptor()), f"index-{number}")
        deleted = await running.put_manifest(image(number, annotations={"is": "deleted"}), f"deleted-{number}")
        await running.delete.manifest(EVERYBODY, REPOSITORY, deleted)


async def do_everything(running: RunningCore, work: Work) -> None:
    """Push, pull, delete, restore and collect, each once, and note what it took."""
    new, old, of_new = image(-1), image(1), image(-1, subject=image(-1).descriptor())
    collecting = Collecting(running)
    pull, delete, undelete, clock = running.pull, running.delete, running.undelete, running.clock
    await work.measure("push a blob", running.put_blob(layer(-1)))
    await work.measure("push an image", running.put_manifest(new, "new"))
    await work.measure("push a referrer", running.put_manifest(of_new))
    await work.measure("move a tag", running.put_manifest(new, "v0"))
    await work.measure("push an index", running.put_manifest(an_index(old.descriptor(), new.descriptor()), "both"))
    await work.measure("pull by tag", pull.manifest(EVERYBODY, REPOSITORY, TagName("v1"), is_head=False))
    await work.measure("pull by digest", pull.manifest(EVERYBODY, REPOSITORY, old.digest, is_head=False))
    await work.measure("pull a blob", running.get_blob(digest_of(layer(1))))
    await work.measure("referrers", Referrers(running.core).page(REPOSITORY, old.digest, []))
    await work.measure("mount", running.mounts.mount(EVERYBODY, ELSEWHERE, digest_of(layer(1)), REPOSITORY))
    await work.measure("mount from anywhere", running.mounts.mount(EVERYBODY, ELSEWHERE, digest_of(layer(ALONE)), None))
    await work.measure("delete a tag", delete.tag(EVERYBODY, REPOSITORY, TagName("also-3")))
    await work.measure("restore a tag", undelete.restore_tag(EVERYBODY, REPOSITORY, TagName("also-3"), image(3).digest))
    await work.measure(
        "delete an index", delete.manifest(EVERYBODY, REPOSITORY, an_index(image(ALONE).descriptor()).digest)
    )
    await work.measure("delete an image", delete.manifest(EVERYBODY, REPOSITORY, image(ALONE).digest))
    await work.measure("restore it", undelete.restore_manifest(EVERYBODY, REPOSITORY, image(ALONE).digest))
    await work.measure("preview", collecting.promises.preview(EVERYBODY, REPOSITORY, image(ALONE).digest))
    await work.measure("free now", collecting.promises.free_now(EVERYBODY, REPOSITORY, image(ALONE).digest))
    await delete.manifest(EVERYBODY, REPOSITORY, an_index(image(3).descriptor()).digest)
    await delete.manifest(EVERYBODY, REPOSITORY, image(3).digest)
    clock.advance(WINDOW_MS + LEASE_MS + SETTLED_MS)
    await work.measure("purge", collecting.steps.purge(None))
    while (await collecting.purge()).manifests:
        pass
    while await collecting.steps.find_unused():
        pass
    await work.measure("unlink", collecting.steps.unlink())
    while (await collecting.steps.unlink()).looked_at:
        pass
    await work.measure("remove blobs", collecting.steps.remove_blobs())
    await work.measure("delete objects", collecting.steps.delete_objects())


async def fill_and_do_everything(running: RunningCore, count: int, work: Work) -> None:
    """Do it in one event loop."""
    await fill(running, count)
    await do_everything(running, work)


def test_work_does_not_grow_with_the_repository(tmp_path: Path) -> None:
    """Each does a fixed number of descents into trees: nothing is looked at that it is not about."""
    taken: list[dict[str, int]] = []
    for count in (FEW, MANY):
        with counted() as work, a_core(tmp_path / str(count)) as running:
            asyncio.run(fill_and_do_everything(running, count, work))
        taken.append(work.of)

    grown = {what: (taken[0][what], more) for what, more in taken[1].items() if more > taken[0][what] * AT_MOST}
    assert not grown
