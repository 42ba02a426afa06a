# SPDX-License-Identifier: Apache-2.0
"""A process that archives is killed while it writes a segment: what is older than the promise is not lost."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from entrepot.features.archive.models import SEGMENTS
from entrepot.features.archive.writing import LATEST_MS
from entrepot.features.archive.writing import Archiver
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.folder_documents import FolderDocuments
from entrepot.kernel.clock import Milliseconds
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import place_of
from tests.builders.databases import until_final
from tests.builders.manifests import an_image_manifest
from tests.server import ROOT
from tests.unit.features.archive.archived import Archived
from tests.unit.features.archive.archived import came_back
from tests.unit.features.archive.archived import names_in
from tests.unit.features.archive.archived import state

OLD, NEW = an_image_manifest(annotations={"number": "1"}), an_image_manifest(annotations={"number": "2"})

KILLED = """
import asyncio, os, sys
from pathlib import Path
import entrepot.entry.tables
from entrepot.features.archive import writing
from entrepot.infra.storage import folder_documents
from entrepot.infra.storage.folder_documents import FolderDocuments
from tests.builders.databases import opened

at, where, folder, now = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])

def die():
    os.kill(os.getpid(), 9)

class Dying(FolderDocuments):
    '''Dies with half a segment, with a draft that was not renamed, or with one that nobody was told of.'''

    def _write(self, path, data):
        if "/segments/" not in str(path):
            return super()._write(path, data)
        if at == "half":
            path.parent.mkdir(parents=True, exist_ok=True)
            (path.parent / ".draft").write_bytes(data[: len(data) // 2])
            die()
        super()._write(path, data)
        die()

archiver = writing.Archiver(opened(where), Dying(folder), lambda: now)
asyncio.run(archiver.run())
"""


def killed(at: str, running: RunningCore, folder: Path, now: Milliseconds) -> None:
    """Let a process archive that is killed while it writes a segment."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    arguments = [sys.executable, "-c", KILLED, at, place_of(running.database), str(folder), str(now)]
    done = subprocess.run(arguments, check=False, capture_output=True, env=environment, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


async def push_old_and_new(running: RunningCore, archived: Archived) -> None:
    """Push an image that is archived in time, and one that is about to be."""
    await archived.write_base()
    await running.put_image(OLD, "old")
    running.clock.advance(LATEST_MS)
    await until_final(running.database)
    while await archived.archiver.step():
        pass
    await running.put_image(NEW, "new")
    await until_final(running.database)


@pytest.mark.parametrize("at", ["half", "whole"])
def test_what_is_older_than_the_promise_survives(tmp_path: Path, at: str) -> None:
    """The database is lost with the process: of both, only what nobody was promised. Going on loses nothing at all."""
    storage = FilesystemStorage.open(tmp_path / "blobs")
    assert storage.continuity
    folder = tmp_path / "blobs"
    with a_core(tmp_path / "data", storage, manifest_cache_mib=0) as running:
        archived = Archived(running, FolderDocuments(folder))
        asyncio.run(push_old_and_new(running, archived))
        before = asyncio.run(names_in(FolderDocuments(folder), SEGMENTS))

        killed(at, running, folder, Milliseconds(running.clock() + LATEST_MS))

        asyncio.run(archived.rebuild(tmp_path / "lost.db"))
        tags = [row[1] for row in asyncio.run(came_back(tmp_path / "lost.db", tmp_path / "lost"))["tags"]]
        assert "old" in tags
        after = asyncio.run(names_in(FolderDocuments(folder), SEGMENTS))
        assert len(after) - len(before) == (at == "whole")
        archived.archiver = Archiver(running.database, FolderDocuments(folder), running.clock)
        asyncio.run(archived.archive())
        report = asyncio.run(archived.rebuild(tmp_path / "whole.db"))
        assert report.is_complete, report
        whole = running.database.snapshot_now(state)
        assert asyncio.run(came_back(tmp_path / "whole.db", tmp_path / "whole")) == whole
