# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about labels and notes."""

from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection
from sqlalchemy import FromClause
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.labels.models import Label
from entrepot.features.labels.models import Note
from entrepot.features.labels.models import Term
from entrepot.features.labels.tables import artifact_labels as labels
from entrepot.features.labels.tables import artifact_notes as notes
from entrepot.infra.database.among import Among
from entrepot.infra.database.upsert import dialect_insert
from entrepot.oci.digest import Digest
from entrepot.registry.store.repositories import RepositoryId

DIGESTS_PER_STATEMENT = 5_000

_LABELS_OF = (
    select(labels.c.digest, labels.c.key, labels.c.value)
    .where(
        labels.c.repo_id == bindparam("the_repo"),
        Among(labels.c.digest, "digests"),
    )
    .order_by(labels.c.digest, labels.c.key)
)
_OF_ONE = (labels.c.repo_id == bindparam("the_repo"), labels.c.digest == bindparam("the_digest"))
_FIND = select(labels.c.key, labels.c.value, labels.c.changed_at, labels.c.changed_by).where(*_OF_ONE)
_REMOVE = delete(labels).where(*_OF_ONE, labels.c.key == bindparam("the_key"))

_ON_ONE = (notes.c.repo_id == bindparam("the_repo"), notes.c.digest == bindparam("the_digest"))
_NOTES = select(notes.c.id, notes.c.text, notes.c.author, notes.c.created_at, notes.c.changed_at).where(*_ON_ONE)
_NOTE = _NOTES.where(notes.c.id == bindparam("the_note"))
_COUNT_NOTES = select(func.count()).select_from(notes).where(*_ON_ONE)
_ADD_NOTE = insert(notes)
_CHANGE_NOTE = (
    update(notes)
    .where(*_ON_ONE, notes.c.id == bindparam("the_note"))
    .values(text=bindparam("new_text"), changed_at=bindparam("now"))
)
_DELETE_NOTE = delete(notes).where(*_ON_ONE, notes.c.id == bindparam("the_note"))


def labels_of(connection: Connection, repo_id: RepositoryId, digests: Sequence[Digest]) -> dict[Digest, dict[str, str]]:
    """Return the labels of manifests of a repository by key, of those that have any; of what is in the bin too."""
    found: dict[Digest, dict[str, str]] = {}
    for start in range(0, len(digests), DIGESTS_PER_STATEMENT):
        values = {"the_repo": repo_id, "digests": list(digests[start : start + DIGESTS_PER_STATEMENT])}
        for digest, key, value in connection.execute(_LABELS_OF, values):
            found.setdefault(digest, {})[key] = value
    return found


def labelled(terms: Sequence[Term]) -> tuple[Select[tuple[str]], Mapping[str, object]]:
    """Return a statement that selects the digests with labels as all of `terms` ask, and the values it takes.

    It takes `repo_id` besides. There is one statement for each form of a filter, however many filters there are.
    """
    statement = _labelled(tuple(term.value is None for term in terms))
    values: dict[str, object] = {}
    for number, term in enumerate(terms):
        values[f"label_key_{number}"] = term.key
        if term.value is not None:
            values[f"label_value_{number}"] = term.value
    return statement, values


def find(connection: Connection, repo_id: RepositoryId, digest: Digest) -> list[Label]:
    """Return the labels of a manifest, by key."""
    rows = connection.execute(_FIND, {"the_repo": repo_id, "the_digest": digest})
    return sorted((Label(*row) for row in rows), key=lambda label: label.key)


def put(connection: Connection, repo_id: RepositoryId, digest: Digest, given: Sequence[Label]) -> None:
    """Set labels of a manifest, each in the place of one with its key."""
    if not given:
        return
    rows = [
        {
            "repo_id": repo_id,
            "digest": digest,
            "key": label.key,
            "value": label.value,
            "changed_at": label.changed_at,
            "changed_by": label.changed_by,
        }
        for label in given
    ]
    statement = dialect_insert(connection, labels)
    new = {name: statement.excluded[name] for name in ("value", "changed_at", "changed_by")}
    connection.execute(statement.on_conflict_do_update(index_elements=["repo_id", "digest", "key"], set_=new), rows)


def remove(connection: Connection, repo_id: RepositoryId, digest: Digest, keys: Sequence[str]) -> None:
    """Remove labels of a manifest."""
    if keys:
        rows = [{"the_repo": repo_id, "the_digest": digest, "the_key": key} for key in keys]
        connection.execute(_REMOVE, rows)


def notes_on(connection: Connection, repo_id: RepositoryId, digest: Digest) -> list[Note]:
    """Return the notes on a manifest, the first that was written first."""
    rows = connection.execute(_NOTES, {"the_repo": repo_id, "the_digest": digest})
    return sorted((Note(*row) for row in rows), key=lambda note: note.id)


def find_note(connection: Connection, repo_id: RepositoryId, digest: Digest, note_id: str) -> Note | None:
    """Return a note on a manifest."""
    values = {"the_repo": repo_id, "the_digest": digest, "the_note": note_id}
    row = connection.execute(_NOTE, values).first()
    return None if row is None else Note(*row)


def count_notes(connection: Connection, repo_id: RepositoryId, digest: Digest) -> int:
    """Return how many notes are on a manifest."""
    return connection.execute(_COUNT_NOTES, {"the_repo": repo_id, "the_digest": digest}).scalar_one()


def add_note(connection: Connection, repo_id: RepositoryId, digest: Digest, note: Note) -> None:
    """Store a new note."""
    row = {
        "id": note.id,
        "repo_id": repo_id,
        "digest": digest,
        "text": note.text,
        "author": note.author,
        "created_at": note.created_at,
        "changed_at": note.changed_at,
    }
    connection.execute(_ADD_NOTE, row)


def change_note(connection: Connection, repo_id: RepositoryId, digest: Digest, note: Note) -> None:
    """Give the note of that id another text."""
    values = {"the_repo": repo_id, "the_digest": digest, "the_note": note.id}
    connection.execute(_CHANGE_NOTE, {**values, "new_text": note.text, "now": note.changed_at})


def delete_note(connection: Connection, repo_id: RepositoryId, digest: Digest, note_id: str) -> None:
    """Delete a note."""
    connection.execute(_DELETE_NOTE, {"the_repo": repo_id, "the_digest": digest, "the_note": note_id})


@cache
def _labelled(form: tuple[bool, ...]) -> Select[tuple[str]]:
    each = [labels.alias(f"label_{number}") for number in range(len(form))]
    first = each[0]
    joined: FromClause = first
    chosen = select(first.c.digest).where(first.c.repo_id == bindparam("repo_id"))
    for number, (one, is_any) in enumerate(zip(each, form, strict=True)):
        if number:
            joined = joined.join(one, and_(one.c.repo_id == first.c.repo_id, one.c.digest == first.c.digest))
        chosen = chosen.where(one.c.key == bindparam(f"label_key_{number}"))
        if not is_any:
            chosen = chosen.where(one.c.value == bindparam(f"label_value_{number}"))
    return chosen.select_from(joined)
