# SPDX-License-Identifier: Apache-2.0
"""Labels and notes as they are kept beside manifests."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import delete

from entrepot.features.labels import store
from entrepot.features.labels.models import Label
from entrepot.features.labels.models import Note
from entrepot.features.labels.models import Term
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.store import listed_artifacts
from entrepot.registry.store import repositories
from entrepot.registry.store.listed_artifacts import Wanted
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifests
from entrepot.registry.tables import tags
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import an_image_manifest

IMAGES = [an_image_manifest(annotations={"number": str(number)}) for number in range(4)]
FIRST, SECOND, THIRD, BARE = (image.digest for image in IMAGES)
THEN = Milliseconds(5)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core with images, three of which have labels."""
    with a_core(tmp_path) as running:
        asyncio.run(push(running))
        running.database.write_now(put_labels)
        yield running


async def push(running: RunningCore) -> None:
    """Push them, one after the other."""
    for image in IMAGES:
        await running.put_image(image)
        running.clock.advance(1)


def put_labels(connection: Connection) -> None:
    """Give them labels."""
    store.put(connection, repo_of(connection), FIRST, [label("stage", "prod"), label("team", "a")])
    store.put(connection, repo_of(connection), SECOND, [label("stage", "test"), label("team", "a")])
    store.put(connection, repo_of(connection), THIRD, [label("stage", "prod")])


def label(key: str, value: str) -> Label:
    """Make a label."""
    return Label(key, value, THEN, "user:alice")


def repo_of(connection: Connection) -> RepositoryId:
    """Return the repository's id."""
    found = repositories.find(connection, REPOSITORY)
    assert found is not None
    return found.id


def test_labels_of_many_are_read_at_once(running: RunningCore) -> None:
    """What has none is not among them, and neither are those of another repository."""
    found = running.database.snapshot_now(lambda c: store.labels_of(c, repo_of(c), [BARE, SECOND, FIRST]))

    assert found == {FIRST: {"stage": "prod", "team": "a"}, SECOND: {"stage": "test", "team": "a"}}
    assert running.database.snapshot_now(store.labels_of, RepositoryId(4711), [FIRST]) == {}


def test_a_label_takes_the_place_of_one_with_its_key(running: RunningCore) -> None:
    """Others stay; what is removed is gone, and what is not there is no mistake."""

    def change(connection: Connection) -> list[Label]:
        """Change one, remove another."""
        repo_id = repo_of(connection)
        store.put(connection, repo_id, FIRST, [label("stage", "test")])
        store.remove(connection, repo_id, FIRST, ["team", "nothing"])
        return store.find(connection, repo_id, FIRST)

    assert running.database.write_now(change) == [label("stage", "test")]


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        ([Term("stage", "prod")], [THIRD, FIRST]),
        ([Term("team", None)], [SECOND, FIRST]),
        ([Term("stage", "prod"), Term("team", "a")], [FIRST]),
        ([Term("stage", "prod"), Term("stage", "test")], []),
        ([Term("stage", "Prod")], []),
    ],
)
def test_lists_are_filtered_by_labels(running: RunningCore, terms: list[Term], wanted: list[str]) -> None:
    """By all of them."""
    statement, values = store.labelled(terms)
    asked = Wanted(among=(statement,), values=values)
    found, _ = running.database.snapshot_now(lambda c: listed_artifacts.page(c, repo_of(c), asked, None, 10))

    assert [each.digest for each in found] == wanted


def test_what_is_purged_has_none(running: RunningCore) -> None:
    """Labels and notes go with the manifest, in the statement that removes it."""

    def purge(connection: Connection) -> tuple[dict[str, str], int]:
        """Write a note, and remove the manifest as the collector does."""
        repo_id = repo_of(connection)
        store.add_note(connection, repo_id, FIRST, Note("1", "fine", "user:alice", THEN, THEN))
        connection.execute(delete(tags).where(tags.c.repo_id == repo_id, tags.c.digest == FIRST))
        connection.execute(delete(manifests).where(manifests.c.repo_id == repo_id, manifests.c.digest == FIRST))
        labels = store.labels_of(connection, repo_id, [FIRST]).get(FIRST, {})
        return labels, store.count_notes(connection, repo_id, FIRST)

    assert running.database.write_now(purge) == ({}, 0)


def test_notes_come_in_the_order_they_were_written(running: RunningCore) -> None:
    """One may be given another text, or be deleted."""

    def write(connection: Connection) -> list[str]:
        """Write three, change one, delete another."""
        repo_id = repo_of(connection)
        for number in ("1", "2", "3"):
            store.add_note(connection, repo_id, FIRST, Note(number, f"note {number}", "user:alice", THEN, THEN))
        store.change_note(connection, repo_id, FIRST, Note("3", "better", "user:bob", THEN, Milliseconds(9)))
        store.delete_note(connection, repo_id, FIRST, "2")
        store.delete_note(connection, repo_id, SECOND, "1")
        return [note.text for note in store.notes_on(connection, repo_id, FIRST)]

    assert running.database.write_now(write) == ["note 1", "better"]
