# SPDX-License-Identifier: Apache-2.0
"""Whatever goes wrong in the middle of a body, no client takes a part for the whole."""

import asyncio
import os
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.http.request import Message
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.oci.digest import digest_of
from entrepot.registry.http.application import RegistryApplication
from tests.builders.asgi import ask
from tests.builders.asgi import incoming
from tests.builders.asgi import scope_of
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.fakes.faulty_storage import FaultyStorage

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) * 4 * 1024
"""1 MiB: several chunks of whatever reads it."""
ADDRESS = f"/v2/{REPOSITORY}/blobs/{digest_of(CONTENT)}"
RANGES = ["", "bytes=10-", "bytes=-700000", "bytes=0-9,20-999999"]


class Trouble:
    """Lets the first chunk through and does something else to those behind it."""

    def __init__(self, then: Callable[[bytes], bytes]) -> None:
        self._then = then
        self._chunks = 0

    def __call__(self, chunk: bytes) -> bytes:
        """Alter a chunk."""
        self._chunks += 1
        return chunk if self._chunks == 1 else self._then(chunk)


def _raise(error: Exception) -> Callable[[bytes], bytes]:
    def alter(chunk: bytes) -> bytes:
        raise error

    return alter


TROUBLES: dict[str, Callable[[bytes], bytes]] = {
    "the object is lost": _raise(ObjectMissing("gone")),
    "the disk fails": _raise(StorageUnavailable("its disk reports errors")),
    "the storage has a bug": _raise(RuntimeError("a bug")),
    "bytes are missing": lambda chunk: chunk[:-1],
    "everything is missing": lambda chunk: chunk[:0],
    "there is too much": lambda chunk: chunk + b"!",
}


@pytest.fixture
def storage() -> FaultyStorage:
    """A storage in memory whose faults a test chooses."""
    return FaultyStorage(MemoryStorage())


@pytest.fixture
def running(tmp_path: Path, storage: FaultyStorage) -> Iterator[RunningCore]:
    """A core on it."""
    with a_core(tmp_path, storage) as running:
        yield running


@pytest.mark.parametrize("wanted", RANGES)
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_trouble_in_the_middle_never_looks_complete(
    running: RunningCore, storage: FaultyStorage, trouble: str, wanted: str
) -> None:
    """A body that breaks off is aborted, or is not as long as announced, whole or in ranges."""
    await running.put_blob(CONTENT)
    storage.faults.alter = Trouble(TROUBLES[trouble])
    headers = [("range", wanted)] if wanted else []
    answer = await ask(running.application(), "GET", ADDRESS, headers=headers)

    assert answer.status in (200, 206)
    assert not answer.looks_complete


async def test_an_object_lost_before_the_body_is_not_found(running: RunningCore, storage: FaultyStorage) -> None:
    """The client hears 404, and the next push of the blob heals it."""
    await running.put_blob(CONTENT)
    storage.faults.errors["deliver"] = ObjectMissing("gone")
    lost = await ask(running.application(), "GET", ADDRESS)
    storage.faults.errors.clear()
    still_lost = await ask(running.application(), "GET", ADDRESS)
    await running.put_blob(CONTENT)
    healed = await ask(running.application(), "GET", ADDRESS)

    assert (lost.status, lost.json["errors"][0]["code"]) == (404, "BLOB_UNKNOWN")
    assert still_lost.status == 404
    assert healed.looks_complete
    assert healed.body == CONTENT


@pytest.mark.parametrize("fault", ["deliver", "size"])
async def test_a_storage_that_is_away_is_unavailable(running: RunningCore, storage: FaultyStorage, fault: str) -> None:
    """A storage that does not answer is 503 with a time to come back, and loses nothing."""
    await running.put_blob(CONTENT)
    storage.faults.errors[fault] = StorageUnavailable("it is gone; mount or restore it")
    answer = await ask(running.application(), "GET" if fault == "deliver" else "HEAD", ADDRESS)
    storage.faults.errors.clear()

    assert answer.status == 503
    assert answer.header("retry-after") == "5"
    assert (await ask(running.application(), "GET", ADDRESS)).body == CONTENT


class OnDisk:
    """A blob in a file, and a client to whom something happens after the first part of the body."""

    def __init__(self, application: RegistryApplication, file: Path) -> None:
        self.application = application
        self.file = file
        self.received = b""

    async def get(self, then: Callable[[], object]) -> None:
        """Read the blob; raises what aborts the connection."""

        async def send(message: Message) -> None:
            if not self.received and message.get("body"):
                await asyncio.to_thread(then)
            self.received += message.get("body", b"")

        await self.application(scope_of("GET", ADDRESS), incoming(b""), send)


@pytest.fixture
def running_on_disk(tmp_path: Path) -> Iterator[RunningCore]:
    """A core whose storage is a folder."""
    with a_core(tmp_path, FilesystemStorage.open(tmp_path / "blobs")) as running:
        yield running


@pytest.fixture
async def on_disk(running_on_disk: RunningCore, tmp_path: Path) -> OnDisk:
    """The blob in its file."""
    await running_on_disk.put_blob(CONTENT)
    (file,) = (path for path in (tmp_path / "blobs" / "objects").rglob("*") if path.is_file())
    return OnDisk(running_on_disk.application(), file)


async def test_a_file_cut_off_while_it_is_sent_aborts_the_connection(on_disk: OnDisk) -> None:
    """A file that ends before the announced length is an error, not an end."""
    with pytest.raises(OSError, match="early"):
        await on_disk.get(lambda: os.truncate(on_disk.file, len(CONTENT) - 1))

    assert len(on_disk.received) < len(CONTENT)


async def test_a_file_deleted_while_it_is_sent_is_sent_to_its_end(on_disk: OnDisk) -> None:
    """The collector may delete what is still being sent."""
    await on_disk.get(on_disk.file.unlink)

    assert on_disk.received == CONTENT


async def test_a_file_cut_off_before_is_missing(on_disk: OnDisk) -> None:
    """A file that is too short from the beginning is answered with 404, and remembered."""
    os.truncate(on_disk.file, 10)
    answer = await ask(on_disk.application, "GET", ADDRESS)

    assert answer.status == 404
