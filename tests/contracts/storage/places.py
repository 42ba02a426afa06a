# SPDX-License-Identifier: Apache-2.0
"""Every implementation of a storage: where nothing else runs, or where variables name real stores, in every mood."""

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.measured import MeasuredStorage
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.infra.storage.s3.storage import S3Storage
from entrepot.infra.storage.two_places import TwoPlaces
from tests.builders.buckets import REAL
from tests.builders.buckets import bucket_of
from tests.builders.buckets import real_bucket
from tests.builders.clouds import REAL_AZURE
from tests.builders.clouds import REAL_GOOGLE
from tests.builders.clouds import container_of
from tests.builders.clouds import google_of
from tests.builders.clouds import real_container
from tests.builders.clouds import real_google
from tests.builders.clouds import surroundings
from tests.fakes.azure.calls import AzureCall
from tests.fakes.azure.server import AzureServer
from tests.fakes.begun_in_second import BegunInSecond
from tests.fakes.faulty_storage import FaultyStorage
from tests.fakes.google.front import GoogleFront
from tests.fakes.google.server import GoogleServer
from tests.fakes.recorded_storage import RecordedStorage
from tests.fakes.s3.faults import CutAnswer
from tests.fakes.s3.faults import Delay
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.faults import Fault
from tests.fakes.s3.faults import Throttle
from tests.fakes.s3.faults import every
from tests.fakes.s3.faults import share
from tests.fakes.s3.proxy import S3Proxy
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.serving import ServedS3
from tests.fakes.s3.traits import EQUAL_PARTS
from tests.fakes.s3.traits import SMALL_PARTS
from tests.fakes.s3.traits import UNCONDITIONAL

LOCAL: dict[str, Callable[[Path], Storage]] = {
    "filesystem": FilesystemStorage.open,
    "memory": lambda folder: MemoryStorage(folder.name),
    "encrypted-filesystem": lambda folder: RecordedStorage(FilesystemStorage.open(folder)),
    "encrypted-memory": lambda folder: RecordedStorage(MemoryStorage(folder.name)),
    "measured-memory": lambda folder: MeasuredStorage(MemoryStorage(folder.name)),
    "faultless-fake": lambda folder: FaultyStorage(MemoryStorage(folder.name)),
    "memory-then-folder": lambda folder: TwoPlaces(MemoryStorage(folder.name), FilesystemStorage.open(folder)),
    "begun-in-second": lambda folder: BegunInSecond(MemoryStorage(folder.name), FilesystemStorage.open(folder)),
    "encrypted-folders": lambda folder: RecordedStorage(
        TwoPlaces(FilesystemStorage.open(folder / "first"), FilesystemStorage.open(folder / "second"))
    ),
}

BUCKETS = {
    "s3": SMALL_PARTS,
    "s3-equal-parts": EQUAL_PARTS,
    "s3-unconditional": UNCONDITIONAL,
    "encrypted-s3": SMALL_PARTS,
    "folder-then-s3": SMALL_PARTS,
    "s3-then-folder": UNCONDITIONAL,
    "begun-in-second-s3": SMALL_PARTS,
}
"""Kinds of buckets, whose parts are small so that a test has many."""

AROUND: dict[str, Callable[[S3Storage, Path], Storage]] = {
    "encrypted-s3": lambda bucket, _folder: RecordedStorage(bucket),
    "folder-then-s3": lambda bucket, folder: TwoPlaces(FilesystemStorage.open(folder), bucket),
    "s3-then-folder": lambda bucket, folder: TwoPlaces(bucket, FilesystemStorage.open(folder)),
    "begun-in-second-s3": lambda bucket, folder: BegunInSecond(FilesystemStorage.open(folder), bucket),
}
"""What is made of a bucket, and a folder beside it."""

CLOUDS = ("azure", "google")
"""Buckets of others than S3."""

MOODS: dict[str, Sequence[Fault]] = {
    "well": (),
    "slow": (Delay(0.05),),
    "throttled": (Throttle(20_000_000),),
    "failing": (Fail("SlowDown"),),
    "hung-up": (CutAnswer(),),
}
"""What is between us and a real store, where there is one. Half of the calls fail; every third answer never comes."""

REALS = [name for name, is_there in (("s3", REAL), ("azure", REAL_AZURE), ("google", REAL_GOOGLE)) if is_there]
KINDS = [f"real-{name}-{mood}" for name in REALS for mood in MOODS] or [*LOCAL, *BUCKETS, *CLOUDS]


def server_of(kind: str) -> ServedS3:
    """Return what answers for a bucket of a kind, with the faults of its mood."""
    if kind in BUCKETS:
        return S3Server(BUCKETS[kind])
    if kind in CLOUDS:
        return AzureServer() if kind == "azure" else GoogleServer()
    _, name, mood = kind.split("-", 2)
    server: ServedS3
    if name == "s3":
        server = S3Proxy(REAL)
    elif name == "azure":
        server = S3Proxy(REAL_AZURE.rpartition("/")[0], AzureCall)
    else:
        server = GoogleFront(REAL_GOOGLE)
    misbehave(server, mood)
    return server


async def opened_at(server: ServedS3, kind: str, folder: Path) -> S3Storage:
    """Open an empty place in what runs there."""
    around = surroundings(folder)
    if kind.startswith("real-azure"):
        return real_container(f"{server.url}/{REAL_AZURE.rpartition('/')[2]}", folder)
    if kind.startswith("real-google"):
        return await real_google(server.url, folder)
    match server:
        case S3Proxy():
            return real_bucket(server.url, folder)
        case AzureServer():
            return container_of(server, around)
        case GoogleServer():
            return await google_of(server, folder, around)
        case S3Server():
            return bucket_of(server, folder)
    raise AssertionError(kind)


def misbehave(server: ServedS3, mood: str) -> None:
    """Let a server do to requests what the mood is."""
    for fault in MOODS[mood]:
        when = {"failing": share(0.5), "hung-up": every(3)}.get(mood)
        if when is None:
            server.faults.add(fault)
        else:
            server.faults.add(fault, when=when)
