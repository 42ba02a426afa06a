# SPDX-License-Identifier: Apache-2.0
"""Manifest bytes in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.registry.manifest_cache import ManifestCache
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

KILOBYTE = 1024


def put(cache: ManifestCache, number: int, size: int = KILOBYTE) -> Digest:
    """Keep a manifest of that many bytes."""
    payload = str(number).zfill(size).encode()
    cache.put(digest_of(payload), payload)
    return digest_of(payload)


def test_bytes_come_back_as_they_were() -> None:
    """What was put is returned by its digest, and nothing else."""
    cache = ManifestCache(64 * KILOBYTE)
    digest = put(cache, 1)

    assert cache.get(digest) == b"1".zfill(KILOBYTE)
    assert cache.get(digest_of(b"another")) is None


def test_the_least_recently_used_goes() -> None:
    """Beyond the limit, what nobody asked for is dropped first."""
    cache = ManifestCache(8 * KILOBYTE)
    first, second, *others = [put(cache, number) for number in range(8)]
    cache.get(first)
    newest = put(cache, 8)

    assert cache.get(second) is None
    assert all(cache.get(digest) is not None for digest in [first, newest, *others])


def test_one_large_manifest_does_not_empty_the_cache() -> None:
    """A manifest that would take more than an eighth of the room is not kept."""
    cache = ManifestCache(8 * KILOBYTE)
    small, large = put(cache, 1), put(cache, 2, KILOBYTE + 1)

    assert cache.get(large) is None
    assert cache.get(small) is not None


def test_putting_again_takes_no_more_room() -> None:
    """The same manifest counts once, however often it is pushed."""
    cache = ManifestCache(8 * KILOBYTE)
    digests = [put(cache, number) for number in range(4)]
    for _ in range(100):
        put(cache, 0)

    assert all(cache.get(digest) is not None for digest in digests)


@pytest.fixture(params=[0, 32])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningCore]:
    """A core with and without room for manifests."""
    with a_core(tmp_path, manifest_cache_mib=request.param) as running:
        yield running


@pytest.mark.anyio
async def test_a_deleted_manifest_is_not_served_from_memory(running: RunningCore) -> None:
    """Whether a repository has a manifest is asked of the database every time; only its bytes come from memory."""
    built = an_image_manifest()
    await running.put_image(built, "latest")
    for _ in range(2):
        found = await running.pull.manifest(EVERYBODY, REPOSITORY, built.digest, is_head=False)
        assert found.payload == built.payload
    await running.delete.manifest(EVERYBODY, REPOSITORY, built.digest)

    with pytest.raises(ManifestUnknown):
        await running.pull.manifest(EVERYBODY, REPOSITORY, built.digest, is_head=False)


@pytest.mark.anyio
async def test_a_manifest_in_memory_is_not_in_every_repository(running: RunningCore) -> None:
    """Bytes that one repository's readers know are no answer to those of another."""
    built = an_image_manifest()
    await running.put_image(built, "latest")
    await running.put_image(an_index(), repository=RepositoryName("team/other"))

    with pytest.raises(ManifestUnknown):
        await running.pull.manifest(EVERYBODY, RepositoryName("team/other"), built.digest, is_head=False)
