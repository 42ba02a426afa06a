# SPDX-License-Identifier: Apache-2.0
"""The use cases of notes."""

from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.labels import store
from entrepot.features.labels.errors import NoteOfAnother
from entrepot.features.labels.errors import NoteUnknown
from entrepot.features.labels.errors import TooManyNotes
from entrepot.features.labels.models import MAX_NOTES
from entrepot.features.labels.models import Note
from entrepot.features.labels.places import MAY_SAY
from entrepot.features.labels.places import locked_place_of
from entrepot.features.labels.places import place_of
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.platform import Platform
from entrepot.registry.store.repositories import RepositoryId


class Notes:
    """Notes on artifacts that are there. Each is its author's, who alone changes it."""

    def __init__(self, platform: Platform) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._modes = platform.modes
        self._clock = platform.clock

    async def show(self, principal: Principal, name: RepositoryName, digest: Digest) -> list[Note]:
        """Return the notes on an artifact, the first one first. Raises as `Rights.require`, `ManifestUnknown`."""
        await self._rights.require(principal, Action.READ, name)
        return await self._database.snapshot(_show, name, digest)

    async def write(self, principal: Principal, name: RepositoryName, digest: Digest, text: str) -> Note:
        """Write a note. Takes the right to push, or to manage policies.

        Raises as `Rights.require_any`, `NameUnknown`, `RefusedByMode`, `ManifestUnknown` and `TooManyNotes`.
        """
        await self._rights.require_any(principal, MAY_SAY, name)
        await self._modes.require_changing(name)
        now = self._clock()
        return await self._database.write_locked(
            _write, name, digest, Note(new_ulid(), text, principal.identity, now, now)
        )

    async def change(self, principal: Principal, name: RepositoryName, digest: Digest, note_id: str, text: str) -> Note:
        """Give one's own note another text. Takes what `write` takes.

        Raises as `Rights.require_any`, `RefusedByMode`, `NameUnknown`, `ManifestUnknown`, `NoteUnknown` and
        `NoteOfAnother`.
        """
        await self._rights.require_any(principal, MAY_SAY, name)
        await self._modes.require_changing(name)
        now = self._clock()
        return await self._database.write_locked(
            _change, name, digest, Note(note_id, text, principal.identity, now, now)
        )

    async def delete(self, principal: Principal, name: RepositoryName, digest: Digest, note_id: str) -> None:
        """Delete one's own note, or, as an administrator of the repository, anybody's.

        Raises as `Rights.require_any`, `RefusedByMode`, `NameUnknown`, `ManifestUnknown`, `NoteUnknown` and
        `NoteOfAnother`.
        """
        await self._rights.require_any(principal, (*MAY_SAY, Action.ADMIN), name)
        await self._modes.require_changing(name)
        author = None if await self._rights.may(principal, Action.ADMIN, name) else principal.identity
        await self._database.write_locked(_delete, name, digest, note_id, author, self._clock())


def _show(connection: Connection, name: RepositoryName, digest: Digest) -> list[Note]:
    return store.notes_on(connection, place_of(connection, name, digest), digest)


def _write(connection: Connection, name: RepositoryName, digest: Digest, note: Note) -> Note:
    repo_id = locked_place_of(connection, name, digest)
    if store.count_notes(connection, repo_id, digest) >= MAX_NOTES:
        raise TooManyNotes(f"an artifact has at most {MAX_NOTES} notes")
    store.add_note(connection, repo_id, digest, note)
    announce(connection, Change.NOTE_WRITTEN, note.created_at, _told(name, digest, None, note))
    return note


def _change(connection: Connection, name: RepositoryName, digest: Digest, wanted: Note) -> Note:
    repo_id = locked_place_of(connection, name, digest)
    before = _own(connection, repo_id, digest, wanted.id, wanted.author)
    if before.text == wanted.text:
        return before
    store.change_note(connection, repo_id, digest, wanted)
    after = replace(before, text=wanted.text, changed_at=wanted.changed_at)
    announce(connection, Change.NOTE_CHANGED, wanted.changed_at, _told(name, digest, before, after))
    return after


def _delete(
    connection: Connection, name: RepositoryName, digest: Digest, note_id: str, author: str | None, now: Milliseconds
) -> None:
    repo_id = locked_place_of(connection, name, digest)
    before = _own(connection, repo_id, digest, note_id, author)
    store.delete_note(connection, repo_id, digest, note_id)
    announce(connection, Change.NOTE_DELETED, now, _told(name, digest, before, None))


def _own(connection: Connection, repo_id: RepositoryId, digest: Digest, note_id: str, author: str | None) -> Note:
    """Return a note, which has to be by `author` unless that is None."""
    note = store.find_note(connection, repo_id, digest, note_id)
    if note is None:
        raise NoteUnknown(f"{digest} has no note {note_id[:80]}")
    if author is not None and note.author != author:
        raise NoteOfAnother(f"the note is by {note.author}")
    return note


def _told(name: RepositoryName, digest: Digest, before: Note | None, after: Note | None) -> Told:
    note = after or before
    return Told(
        object=f"note:{note.id if note else ''}",
        project=namespace_of(name),
        repository=name,
        digest=digest,
        before=_plain(before),
        after=_plain(after),
    )


def _plain(note: Note | None) -> dict[str, str] | None:
    return None if note is None else {"text": note.text, "author": note.author}
