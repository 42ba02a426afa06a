# SPDX-License-Identifier: Apache-2.0
"""Bytes that the storage hands out itself, and bytes that it has lost."""

import pytest
from anyio.from_thread import BlockingPortal

from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Delivery
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import Redirect
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.clock import HOUR_MS
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store import blobs
from tests.builders.manifests import A_LAYER
from tests.fakes.faulty_storage import FaultyStorage
from tests.fakes.settable_clock import SettableClock
from tests.protocol.conftest import Opener
from tests.protocol.in_process import InProcess
from tests.protocol.in_process import Wiring
from tests.protocol.repository import Repository

NAME = RepositoryName("team/app")


class Elsewhere(FaultyStorage):
    """A storage whose objects are fetched from an address of its own."""

    async def deliver(self, key: ObjectKey, range: ByteRange, size: int, client: str = "") -> Delivery:
        """Send the client there."""
        return Redirect(f"https://objects.example/{key}?signed=1")


@pytest.fixture
def lossy() -> FaultyStorage:
    """A storage that can be made to fail."""
    return FaultyStorage(MemoryStorage())


async def lose_everything(storage: FaultyStorage) -> None:
    """Delete every object behind the registry's back."""
    async for each in storage.list_objects():
        await storage.delete(each.key)


def lease(portal: BlockingPortal, registry: InProcess, digest: Digest) -> int:
    """Return until when a blob that no manifest lists is kept."""
    found = portal.call(registry.core.database.read, blobs.find, NAME, digest)
    assert found is not None
    return found.lease_until


def test_a_client_is_sent_where_the_bytes_are(core: Opener) -> None:
    """GET of a blob answers 307 with the storage's own address, which is not kept by caches."""
    repo = Repository(core(Wiring(storage=Elsewhere(MemoryStorage()))), NAME)
    digest = repo.upload(A_LAYER)

    for headers in ((), (("range", "bytes=0-3"),)):
        answer = repo.ask("GET", f"blobs/{digest}", headers=headers)
        assert (answer.status, answer.header("cache-control")) == (307, "no-store")
        assert answer.location.startswith("https://objects.example/")


def test_only_the_bytes_of_blobs_are_elsewhere(core: Opener) -> None:
    """HEAD of a blob and every request for a manifest are answered here, without a redirect."""
    repo = Repository(core(Wiring(storage=Elsewhere(MemoryStorage()))), NAME)
    built = repo.push_image("v1")

    assert repo.status("blobs", repo.upload(A_LAYER)) == 200
    assert repo.ask("GET", "manifests/v1").body == built.payload


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_lost_bytes_are_pushed_again(core: Opener, portal: BlockingPortal, lossy: FaultyStorage, method: str) -> None:
    """A blob whose bytes are gone is not claimed to be here; the next push heals it."""
    registry = core(Wiring(storage=lossy))
    repo = Repository(registry, NAME)
    built, digest = repo.push_image(), repo.upload(A_LAYER)
    portal.call(lose_everything, lossy)

    assert repo.ask(method, f"blobs/{digest}").status == 404
    repo.push_image()

    assert repo.has(built)
    assert repo.ask("GET", f"blobs/{digest}").body == A_LAYER


@pytest.mark.parametrize("operation", ["resume", "write", "flush", "commit"])
def test_a_storage_that_is_away_asks_for_patience(core: Opener, lossy: FaultyStorage, operation: str) -> None:
    """A full, read-only or absent storage answers 503 with `Retry-After`; afterwards the push succeeds."""
    repo = Repository(core(Wiring(storage=lossy)), NAME)
    lossy.faults.errors[operation] = StorageUnavailable("the disk is full")
    content = b"x" * 100_000

    answer = repo.ask("POST", f"blobs/uploads/?digest={digest_of(content)}", content)

    assert answer.error == (503, "UNAVAILABLE")
    assert int(answer.header("retry-after") or "") > 0
    lossy.faults.errors.clear()
    assert repo.ask("GET", f"blobs/{repo.upload(A_LAYER)}").body == A_LAYER


@pytest.mark.parametrize("renewal", ["head", "mount", "push"])
def test_a_blob_that_was_said_to_be_here_is_kept_for_its_push(
    core: Opener, portal: BlockingPortal, renewal: str
) -> None:
    """HEAD by somebody who may push, a mount and a repeated push begin the blob's time anew."""
    clock = SettableClock()
    registry = core(Wiring(clock=clock, settings={"lease_hours": 24}))
    repo = Repository(registry, NAME)
    digest = repo.upload(A_LAYER)
    clock.advance(20 * HOUR_MS)

    if renewal == "head":
        repo.ask("HEAD", f"blobs/{digest}")
    elif renewal == "mount":
        repo.start(("mount", digest), ("from", NAME))
    else:
        repo.upload(A_LAYER)

    assert lease(portal, registry, digest) == clock() + 24 * HOUR_MS
