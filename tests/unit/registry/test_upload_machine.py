# SPDX-License-Identifier: Apache-2.0
"""Uploads under everything that happens to them, against a model that is the bytes acknowledged."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from collections.abc import Coroutine
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import invariant
from hypothesis.stateful import rule
from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.http.request import ClientDisconnected
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.errors import AppError
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import BlobUnknown
from entrepot.oci.errors import BlobUploadUnknown
from entrepot.registry.held_upload import Chunk
from entrepot.registry.tables import uploads
from entrepot.registry.verify import Options
from entrepot.registry.verify import verify_report
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.core import body_of
from tests.builders.databases import dropping
from tests.fakes.faulty_storage import FaultyStorage
from tests.fakes.settable_clock import SettableClock
from tests.unit.registry.flaky_database import FlakyDatabase
from tests.unit.registry.flaky_database import Mood

IDLE_MS = 24 * HOUR_MS
DATA = st.sampled_from([b"", b"a", b"some bytes", b"x" * 70_000])
"""Nothing, little, and more than is hashed in the event loop."""
TROUBLED_MOODS = [Mood.AWAY, Mood.ANSWER_LOST]
ALGORITHMS = st.sampled_from(["sha256", "sha512"])

Doing = Coroutine[Any, Any, object]


@dataclass
class Session:
    """What a client knows of its upload."""

    id: Ulid
    acknowledged: bytes = b""
    idle_since: int = 0
    is_open: bool = True
    became: Digest | None = None
    """What it was closed as, while that is remembered."""
    finished_at: int = 0


class UploadMachine(RuleBasedStateMachine):
    """Does to a repository what clients, disks and power companies do."""

    sessions = Bundle("sessions")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(dropping())
        self.runner = self.stack.enter_context(asyncio.Runner())
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="entrepot-uploads-")))
        self.clock = SettableClock()
        self.process = ExitStack()
        self.known: list[Session] = []
        self.blobs: dict[Digest, bytes] = {}
        self.absent: set[Digest] = set()
        self._start_process()

    def _start_process(self) -> None:
        self.process.close()
        self.storage = FaultyStorage(self._opened_storage())
        opened = a_core(self.folder, self.storage, clock=self.clock, open_database=FlakyDatabase)
        self.running: RunningCore = self.process.enter_context(opened)
        assert isinstance(self.running.database, FlakyDatabase)
        self.database = self.running.database

    def _opened_storage(self) -> Storage:
        return FilesystemStorage.open(self.folder / "blobs")

    def teardown(self) -> None:
        """Verify everything that is stored, then let go of it."""
        with self.stack, self.process:
            core = self.running.core
            report = self.runner.run(verify_report(core.database, core.stores, core.clock, Options(is_deep=True)))
            assert report.is_clean, report.findings

    @rule(target=sessions, algorithm=ALGORITHMS)
    def start(self, algorithm: str) -> Session:
        """Open a session, announcing an algorithm."""
        opened = self.runner.run(self.running.uploads.start(EVERYBODY, REPOSITORY, algorithm))
        session = Session(opened.id, idle_since=self.clock())
        self.known.append(session)
        return session

    @rule(session=sessions, data=DATA, distance=st.sampled_from([None, 0, 0, 0, -1, 1]))
    def append(self, session: Session, data: bytes, distance: int | None) -> None:
        """Send a chunk without a place, in its place, overlapping, or with a gap."""
        start = None if distance is None else max(0, len(session.acknowledged) + distance)
        is_in_place = start in (None, len(session.acknowledged))
        outcome = self._try(self._append(session, body_of(data[:7], data[7:]), start))

        if self._is_live(session) and is_in_place:
            assert outcome is None
            self._acknowledge(session, data)
        else:
            assert outcome == ("RANGE_INVALID" if self._is_live(session) else "BLOB_UPLOAD_UNKNOWN")

    @rule(session=sessions, data=DATA)
    def append_and_vanish(self, session: Session, data: bytes) -> None:
        """Send a chunk and go away before its end: what arrived is kept."""
        outcome = self._try(self._append(session, _cut_off(data)))

        assert outcome == ("client_disconnected" if self._is_live(session) else "BLOB_UPLOAD_UNKNOWN")
        if self._is_live(session):
            self._acknowledge(session, data)

    @rule(session=sessions, data=DATA, fault=st.sampled_from(["write", "resume", *TROUBLED_MOODS]))
    def append_in_trouble(self, session: Session, data: bytes, fault: str) -> None:
        """Send a chunk while disk or database fail, then the rest: what was acknowledged stays, of the rest a part."""
        with self._trouble(fault):
            self._try(self._append(session, body_of(data[:7], data[7:])))
        if self._is_live(session):
            offset = self._offset(session)
            assert offset is not None
            assert len(session.acknowledged) <= offset <= len(session.acknowledged + data)
            rest = data[offset - len(session.acknowledged) :]
            assert self._try(self._append(session, body_of(rest), offset)) is None
            self._acknowledge(session, data)

    @rule(session=sessions, last=DATA, algorithm=ALGORITHMS, is_placed=st.booleans())
    def finish(self, session: Session, last: bytes, algorithm: str, is_placed: bool) -> None:
        """Close a session with the right digest, or once more."""
        content = session.acknowledged + last
        digest = digest_of(content, algorithm)
        start = len(session.acknowledged) if is_placed else None
        outcome = self._try(self._finish(session, digest, body_of(last), start))

        if self._is_live(session):
            assert outcome is None
            self._finished(session, content, digest)
        else:
            assert outcome == (None if self._was(session, digest) else "BLOB_UPLOAD_UNKNOWN")

    @rule(session=sessions)
    def finish_again(self, session: Session) -> None:
        """Repeat a closing request whose answer was lost."""
        if session.became is not None:
            assert self._try(self._finish(session, session.became, body_of())) is None

    @rule(session=sessions, last=DATA, algorithm=ALGORITHMS)
    def finish_wrong(self, session: Session, last: bytes, algorithm: str) -> None:
        """Close a session with a digest that is not that of the bytes: nothing is left."""
        digest = digest_of(session.acknowledged + last + b"?", algorithm)
        outcome = self._try(self._finish(session, digest, body_of(last)))

        if self._is_live(session):
            assert outcome == "DIGEST_INVALID"
            session.is_open = False
            self.absent.add(digest)
        elif digest not in self.blobs:
            assert outcome == "BLOB_UPLOAD_UNKNOWN"

    @rule(session=sessions, last=DATA)
    def finish_and_vanish(self, session: Session, last: bytes) -> None:
        """Go away in the middle of a closing request: the session stays where it was."""
        digest = digest_of(session.acknowledged + last)
        outcome = self._try(self._finish(session, digest, _cut_off(last)))

        if self._is_live(session):
            assert outcome == "client_disconnected"
            self.absent.add(digest)
            assert self._offset(session) == len(session.acknowledged)

    @rule(
        session=sessions,
        last=DATA,
        fault=st.sampled_from(["write", "flush", "resume", *TROUBLED_MOODS]),
        restarts=st.booleans(),
    )
    def finish_in_trouble(self, session: Session, last: bytes, fault: str, restarts: bool) -> None:
        """Close a session while disk or database fail, or the process dies, then close it again like a client does."""
        content = session.acknowledged + last
        digest = digest_of(content)
        with self._trouble(fault):
            self._try(self._finish(session, digest, body_of(last)))
        if restarts:
            self._start_process()
        if self._is_live(session):
            assert self._try(self._finish(session, digest, body_of(last))) is None
            self._finished(session, content, digest)

    @rule(session=sessions)
    def cancel(self, session: Session) -> None:
        """End a session."""
        outcome = self._try(self.running.uploads.cancel(REPOSITORY, session.id))

        assert outcome == (None if self._is_live(session) else "BLOB_UPLOAD_UNKNOWN")
        session.is_open = False

    @rule()
    def restart(self) -> None:
        """Let the process die between two requests, and start another one on what it left."""
        self._start_process()

    @rule(loses_bytes=st.booleans())
    def cut_power(self, loses_bytes: bool) -> None:
        """Boot the machine anew: no hash can be taken up, and perhaps the ends of unfinished files are gone."""
        self.runner.run(self.running.database.write(_forget_hashes))
        self._start_process()
        if loses_bytes:
            self._lose_bytes()

    def _lose_bytes(self) -> None:
        for file in (self.folder / "blobs" / "uploads").iterdir():
            left = file.stat().st_size // 2
            os.truncate(file, left)
            for session in self.known:
                if session.id == file.name and left < len(session.acknowledged):
                    session.acknowledged = b""

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        """Let hours go by, and tidy up."""
        self.clock.advance(hours * HOUR_MS)
        self.runner.run(self.running.uploads.expire())
        for session in self.known:
            if session.finished_at + HOUR_MS < self.clock():
                session.became = None

    @invariant()
    def every_session_stands_where_it_should(self) -> None:
        """The offset of an open session is the number of bytes acknowledged; no other session is found."""
        for session in self.known:
            assert self._offset(session) == (len(session.acknowledged) if self._is_live(session) else None)

    @invariant()
    def every_blob_is_what_it_should_be(self) -> None:
        """A blob that was closed well is byte-exact, and one that was not does not exist."""
        for digest, content in self.blobs.items():
            assert self.runner.run(self.running.get_blob(digest)) == content
        for digest in self.absent - set(self.blobs):
            assert self._try(self.running.get_blob(digest)) == BlobUnknown.code

    def _is_live(self, session: Session) -> bool:
        return session.is_open and session.idle_since + IDLE_MS >= self.clock()

    def _was(self, session: Session, digest: Digest) -> bool:
        """Tell whether a closing request to an ended session is answered with success: its blob is there."""
        return session.became == digest or (session.became is None and digest in self.blobs)

    def _acknowledge(self, session: Session, data: bytes) -> None:
        session.acknowledged += data
        session.idle_since = self.clock()

    def _finished(self, session: Session, content: bytes, digest: Digest) -> None:
        session.is_open = False
        session.became = digest
        session.finished_at = self.clock()
        self.blobs[digest] = content

    def _offset(self, session: Session) -> int | None:
        try:
            return self.runner.run(self.running.uploads.status(REPOSITORY, session.id)).offset
        except BlobUploadUnknown:
            return None

    def _append(self, session: Session, body: AsyncIterator[bytes], start: int | None = None) -> Doing:
        return self.running.uploads.append(REPOSITORY, session.id, Chunk(body, start))

    def _finish(self, session: Session, digest: Digest, body: AsyncIterator[bytes], start: int | None = None) -> Doing:
        return self.running.uploads.finish(EVERYBODY, REPOSITORY, session.id, digest, Chunk(body, start))

    def _try(self, doing: Doing) -> str | None:
        """Do it; return the code of the error, None when it went well."""
        try:
            self.runner.run(doing)
        except AppError as error:
            return error.code
        return None

    @contextmanager
    def _trouble(self, fault: str) -> Iterator[None]:
        """Let a part of the storage fail, or the database."""
        if fault in list(Mood):
            self.database.mood = Mood(fault)
        else:
            self.storage.faults.errors[fault] = StorageUnavailable("its disk reports errors")
        yield
        self.database.mood = Mood.WELL
        self.storage.faults.errors.clear()


async def _cut_off(data: bytes) -> AsyncIterator[bytes]:
    yield data
    raise ClientDisconnected


def _forget_hashes(connection: Connection) -> None:
    """Make the saved hashes those of another boot, which nobody can take up."""
    for row in connection.execute(select(uploads.c.id, uploads.c.hash_state)).all():
        states, digests, _ = msgspec.msgpack.decode(row.hash_state)
        forgotten = msgspec.msgpack.encode([states, digests, "another boot"])
        connection.execute(update(uploads).where(uploads.c.id == row.id).values(hash_state=forgotten))


TestUploads = UploadMachine.TestCase
TestUploads.settings = settings(
    max_examples=30, stateful_step_count=25, report_multiple_bugs=False, suppress_health_check=list(HealthCheck)
)


def test_what_was_lost_does_not_prolong_a_session() -> None:
    """A session whose bytes a power loss took ends when it would have ended with them."""
    state = UploadMachine()
    session = state.start(algorithm="sha256")
    state.append(session=session, data=b"a", distance=None)
    state.wait(hours=21)
    state.cut_power(loses_bytes=True)
    state.every_session_stands_where_it_should()

    state.wait(hours=4)

    state.every_session_stands_where_it_should()
    state.teardown()
