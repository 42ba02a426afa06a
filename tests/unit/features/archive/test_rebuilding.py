# SPDX-License-Identifier: Apache-2.0
"""What was archived comes back, and what did not is told."""

import asyncio
from collections.abc import Callable
from collections.abc import Coroutine
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from entrepot.features.archive.errors import ArchiveOfAnother
from entrepot.features.archive.errors import ArchiveUnusable
from entrepot.features.archive.models import BASES
from entrepot.features.archive.models import MANIFESTS
from entrepot.features.archive.models import SEGMENTS
from entrepot.features.archive.writing import Archiver
from entrepot.features.archive.writing import stop
from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.interface import ObjectKey
from entrepot.kernel.clock import SECOND_MS
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import until_final
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest
from tests.unit.features.archive.archived import Archived
from tests.unit.features.archive.archived import add_row
from tests.unit.features.archive.archived import an_archived_core
from tests.unit.features.archive.archived import came_back
from tests.unit.features.archive.archived import names_in
from tests.unit.features.archive.archived import state

IMAGES = [an_image_manifest(annotations={"number": str(number)}) for number in range(4)]


@pytest.fixture
def archived(tmp_path: Path) -> Iterator[Archived]:
    """A registry that archives, with a base of nothing."""
    with an_archived_core(tmp_path / "data") as found:
        yield found


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[RunningCore]:
    """A registry with an empty database."""
    with a_core(tmp_path / "empty") as found:
        yield found


async def push_each(archived: Archived, *images: BuiltManifest) -> None:
    """Begin with a base, and push images under one tag, each into a segment of its own."""
    await archived.write_base()
    for built in images:
        await archived.running.put_image(built, "1")
        archived.running.clock.advance(SECOND_MS)
        await archived.archive()


def tag_in(found: dict[str, list[tuple[object, ...]]]) -> object:
    """Return the digest of the one tag."""
    [tag] = found["tags"]
    return tag[2]


@pytest.mark.anyio
async def test_what_was_pushed_after_the_base_comes_back(archived: Archived, tmp_path: Path) -> None:
    """A base and the segments behind it are the state that was."""
    await push_each(archived, *IMAGES)
    before = await archived.running.database.snapshot(state)

    report = await archived.rebuild(tmp_path / "rebuilt.db")

    assert await came_back(tmp_path / "rebuilt.db", tmp_path / "target") == before
    assert report.is_complete, report


@pytest.mark.anyio
async def test_of_two_that_archive_at_once_one_counts(archived: Archived, tmp_path: Path) -> None:
    """Two processes that write the same segment leave one chain, and nothing is lost or told twice."""
    await archived.write_base()
    others = [Archiver(archived.running.database, archived.documents, archived.running.clock) for _ in range(2)]
    for built in IMAGES:
        await archived.running.put_image(built, "1")
        await until_final(archived.running.database)
        await asyncio.gather(*(other.step(is_due=True) for other in others))
    await archived.archive()
    before = await archived.running.database.snapshot(state)

    report = await archived.rebuild(tmp_path / "rebuilt.db")

    assert await came_back(tmp_path / "rebuilt.db", tmp_path / "target") == before
    assert report.is_complete, report


@pytest.mark.anyio
async def test_a_segment_is_written_some_seconds_after_what_it_holds(archived: Archived) -> None:
    """One that is not due is not written: many pushes make one segment."""
    await archived.write_base()
    await archived.running.put_image(IMAGES[0], "1")
    await until_final(archived.running.database)

    assert not await archived.archiver.step()
    early = await names_in(archived.documents, SEGMENTS)
    archived.running.clock.advance(8 * SECOND_MS)
    await archived.archiver.step()

    assert (len(early), len(await names_in(archived.documents, SEGMENTS))) == (0, 1)


async def lose(archived: Archived, name: str) -> None:
    """Lose a document."""
    await archived.documents.delete(name)


async def alter(archived: Archived, name: str) -> None:
    """Change one byte of a document."""
    data = bytearray(await archived.documents.read(name))
    data[len(data) // 2] ^= 1
    await archived.documents.write(name, bytes(data))


async def cut(archived: Archived, name: str) -> None:
    """Cut a document short."""
    data = await archived.documents.read(name)
    await archived.documents.write(name, data[:-20])


Damage = Callable[[Archived, str], Coroutine[None, None, None]]


@pytest.mark.anyio
@pytest.mark.parametrize("damage", [lose, alter, cut])
async def test_a_damaged_segment_is_told_and_the_others_count(
    archived: Archived, tmp_path: Path, damage: Damage
) -> None:
    """What came before and after a segment that is lost, altered or cut short comes back; what it held does not."""
    await push_each(archived, *IMAGES)
    await damage(archived, (await names_in(archived.documents, SEGMENTS))[1])

    report = await archived.rebuild(tmp_path / "rebuilt.db")

    found = await came_back(tmp_path / "rebuilt.db", tmp_path / "target")
    assert {row[1] for row in found["manifests"]} == {IMAGES[number].digest for number in (0, 2, 3)}
    assert tag_in(found) == IMAGES[3].digest
    assert any("between the segments 1 and 3" in finding for finding in report.findings)


@pytest.mark.anyio
async def test_a_tag_of_a_lost_manifest_goes_back_to_the_one_before(archived: Archived, tmp_path: Path) -> None:
    """A tag is set to the newest manifest that it had and that is there still, and that is told."""
    await push_each(archived, *IMAGES[:2])
    [name] = [name for name in await names_in(archived.documents, MANIFESTS) if IMAGES[1].digest[7:] in name]
    await lose(archived, name)

    report = await archived.rebuild(tmp_path / "rebuilt.db")

    assert tag_in(await came_back(tmp_path / "rebuilt.db", tmp_path / "target")) == IMAGES[0].digest
    assert report.lacks["tags set back to an earlier manifest"].named == [f"{REPOSITORY}:1"]


@pytest.mark.anyio
async def test_a_damaged_base_is_passed_over(archived: Archived, tmp_path: Path) -> None:
    """The base before it, and the segments behind that, are the same state."""
    await push_each(archived, IMAGES[0])
    await archived.write_base()
    await archived.running.put_image(IMAGES[1], "1")
    await archived.archive()
    before = await archived.running.database.snapshot(state)
    await alter(archived, [name for name in await names_in(archived.documents, BASES) if name.endswith(".gz")][-1])

    report = await archived.rebuild(tmp_path / "rebuilt.db")

    assert await came_back(tmp_path / "rebuilt.db", tmp_path / "target") == before
    assert [finding for finding in report.findings if "is not what was written" in finding]


@pytest.mark.anyio
async def test_no_more_than_two_bases_stay(archived: Archived) -> None:
    """With older bases go the segments that none of the newest two needs, and manifests that are gone."""
    for built in IMAGES:
        await push_each(archived, built)

    bases = await names_in(archived.documents, BASES)
    assert len([name for name in bases if name.endswith("complete.json")]) == 2
    assert len(await names_in(archived.documents, SEGMENTS)) == 2


@pytest.mark.anyio
async def test_rights_come_back_and_secrets_that_people_chose_do_not(archived: Archived, tmp_path: Path) -> None:
    """Whole tables are archived without the columns that are withheld."""
    user = {"name": "alice", "password_hash": "$argon2id$a secret", "created_at": 1, "password_changed_at": 1}
    grant = {"principal": "user:alice", "path_pattern": "team/**", "role": "reader", "created_at": 1, "created_by": "x"}
    rows = {"users": user, "grants": grant}
    for table, row in rows.items():
        await add_row(archived.running, table, row)
    await archived.write_base()

    await archived.rebuild(tmp_path / "rebuilt.db")

    def look() -> tuple[str, str]:
        database = SqliteDatabase(tmp_path / "rebuilt.db")
        found = database.snapshot_now(
            lambda c: [c.execute(select(metadata.tables[t])).one()._mapping for t in ("users", "grants")]
        )
        database.close()
        return found[0]["password_hash"], found[1]["path_pattern"]

    assert await asyncio.to_thread(look) == ("", "team/**")
    for name in await names_in(archived.documents, BASES):
        assert b"a secret" not in await archived.documents.read(name)


@pytest.mark.anyio
async def test_an_object_under_another_key_is_found_by_its_bytes(archived: Archived, tmp_path: Path) -> None:
    """A blob whose bytes were pushed again since, under a key that no segment tells, is not missing."""
    await push_each(archived, IMAGES[0])
    storage = archived.running.storage
    keys = [found.key async for found in storage.list_objects() if found.size == len(A_LAYER)]
    for key in keys:
        await storage.delete(key)
    writer = await storage.create(ObjectKey("objects/00/01ARZ3NDEKTSV4RRFFQ69G5F00"))
    await writer.write(A_LAYER)
    await writer.commit()

    report = await archived.rebuild(tmp_path / "rebuilt.db")

    assert (report.adopted, report.is_complete) == (1, True)


@pytest.mark.anyio
async def test_missing_bytes_are_told(archived: Archived, tmp_path: Path) -> None:
    """Each object is looked for, and what is not there is marked, so that the next push of it heals it."""
    await push_each(archived, IMAGES[0])
    for key in [found.key async for found in archived.running.storage.list_objects()]:
        await archived.running.storage.delete(key)

    report = await archived.rebuild(tmp_path / "rebuilt.db")

    assert report.lacks["blobs whose bytes are missing"].count == 2


@pytest.mark.anyio
async def test_another_database_does_not_continue_an_archive(archived: Archived, empty: RunningCore) -> None:
    """A server that was started with an empty database leaves the archive of the lost one alone."""
    await push_each(archived, IMAGES[0])
    before = await names_in(archived.documents, "meta/")

    with pytest.raises(ArchiveOfAnother):
        await Archiver(empty.database, archived.documents, empty.clock).step()

    assert await names_in(archived.documents, "meta/") == before


@pytest.mark.anyio
async def test_an_archive_that_was_switched_off_tells_of_the_gap(archived: Archived, tmp_path: Path) -> None:
    """What happened meanwhile is in the base that is written first, and until there is one a rebuild says so."""
    await push_each(archived, IMAGES[0])
    await archived.running.database.write_locked(stop)
    await archived.running.put_image(IMAGES[1], "unseen")
    await until_final(archived.running.database)
    await archived.archiver.step()
    await archived.running.put_image(IMAGES[2], "2")
    await archived.archive()

    report = await archived.rebuild(tmp_path / "rebuilt.db")

    assert any("something is missing" in finding for finding in report.findings)
    await archived.write_base()
    assert (await archived.rebuild(tmp_path / "rebuilt.db")).is_complete


@pytest.mark.anyio
async def test_without_a_base_there_is_nothing_to_rebuild_from(archived: Archived, tmp_path: Path) -> None:
    """That is refused, with what to do instead."""
    with pytest.raises(ArchiveUnusable):
        await archived.rebuild(tmp_path / "rebuilt.db")


@pytest.mark.anyio
async def test_deleted_things_stay_deleted_and_may_be_restored(archived: Archived, tmp_path: Path) -> None:
    """What is in the bin is in the bin of what was rebuilt."""
    await push_each(archived, *IMAGES[:2])
    await archived.running.delete.manifest(EVERYBODY, REPOSITORY, IMAGES[1].digest)
    await archived.archive()

    await archived.rebuild(tmp_path / "rebuilt.db")

    found = await came_back(tmp_path / "rebuilt.db", tmp_path / "target")
    assert {row[1]: row[3] is not None for row in found["manifests"]} == {
        IMAGES[0].digest: False,
        IMAGES[1].digest: True,
    }
