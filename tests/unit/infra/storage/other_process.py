# SPDX-License-Identifier: Apache-2.0
"""A second process that uses the same storage folder: `python -m … <what> <root> <key>`."""

import asyncio
import resource
import sys
from pathlib import Path

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import Writer

LIMIT_BYTES = 1_000_000


def say(line: str) -> None:
    """Tell the parent, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def hold(storage: FilesystemStorage, key: ObjectKey) -> None:
    """Write 300,000 bytes and keep the upload until killed."""
    writer = await storage.create(key)
    await writer.write(bytes(300_000))
    await writer.flush()
    say("holding")
    await asyncio.to_thread(sys.stdin.read)


async def overflow(storage: FilesystemStorage, key: ObjectKey) -> None:
    """Write until the disk takes no more, then suspend; say what was kept and its digest."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, LIMIT_BYTES))
    hasher = new_hasher("sha256")
    writer = await storage.create(key, (hasher,))
    try:
        await fill(writer)
    except StorageUnavailable as error:
        say(error.message)
    await writer.suspend()
    say(str(writer.offset))
    say(hasher.hexdigest())


async def fill(writer: Writer) -> None:
    """Write twice what fits, in odd pieces."""
    for number in range(40):
        await writer.write(bytes((number,)) * 50_001)
    await writer.flush()


if __name__ == "__main__":
    work = {"hold": hold, "overflow": overflow}[sys.argv[1]]
    asyncio.run(work(FilesystemStorage.open(Path(sys.argv[2])), ObjectKey(sys.argv[3])))
