# SPDX-License-Identifier: Apache-2.0
"""A program to trace: stores objects, notes each in a database, then says so.

`python -m tests.durability.workload DATA COUNT SEED` pushes COUNT objects, one at a
time. For each it prints `durable KEY` after it is durable, or `failed REASON` when
the storage or the database refused it. An object's content follows from its key, see `content_of`.
"""

import asyncio
import random
import sys
from itertools import pairwise
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import text

from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import object_key
from entrepot.kernel.errors import Unavailable

DURABLE = b"durable "
FAILED = b"failed "
LARGEST_BYTES = 60_000
DATABASE = "notes.db"
STORAGE = "storage"


def content_of(key: str) -> bytes:
    """Return what the object of this key holds: nothing, or up to 60,000 bytes."""
    draw = random.Random(key)
    return draw.randbytes(draw.choice((0, 1, 511, 512, 4096, draw.randrange(LARGEST_BYTES))))


async def push(storage: FilesystemStorage, pieces: int) -> ObjectKey:
    """Upload an object in so many requests. Raises `Unavailable`."""
    key = object_key()
    data = content_of(key)
    cuts = [len(data) * number // pieces for number in range(pieces + 1)]
    for start, stop in pairwise(cuts):
        writer = await storage.resume(key, start, b"")
        await writer.write(data[start:stop])
        await writer.suspend()
    writer = await storage.resume(key, len(data), b"")
    await writer.commit()
    return key


def note(connection: Connection, key: ObjectKey) -> None:
    """Record an object in the database."""
    connection.execute(text("INSERT INTO objects (key) VALUES (:key)"), {"key": key})


def create_table(connection: Connection) -> None:
    """Make the one table."""
    connection.execute(text("CREATE TABLE objects (key TEXT PRIMARY KEY)"))


async def main(data: Path, count: int, seed: int) -> None:
    """Push the objects."""
    draw = random.Random(seed)
    storage = FilesystemStorage.open(data / STORAGE)
    database = SqliteDatabase(data / DATABASE)
    await database.write(create_table)
    for _ in range(count):
        try:
            key = await push(storage, draw.choice((1, 1, 2, 5)))
            await database.write(note, key)
            said = DURABLE + key.encode()
        except Unavailable as error:
            said = FAILED + error.message.encode()
        sys.stdout.buffer.write(said + b"\n")
        sys.stdout.buffer.flush()
    await asyncio.to_thread(database.close)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
