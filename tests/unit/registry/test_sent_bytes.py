# SPDX-License-Identifier: Apache-2.0
"""How many bytes clients were given: counted in memory, by repository."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.storage.interface import ByteRange
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import internal
from entrepot.oci.digest import digest_of
from entrepot.registry.core import Caller
from entrepot.registry.sent_bytes import MAX_REPOSITORIES
from entrepot.registry.sent_bytes import SentBytes
from entrepot.registry.store.repositories import RepositoryId
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest

IMAGE = an_image_manifest()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core."""
    with a_core(tmp_path) as running:
        yield running


def test_sums_are_taken_once() -> None:
    """What is counted while they are stored is in the next."""
    sent = SentBytes()
    for size in (3, 4):
        sent.add(RepositoryId(1), size)
    taken = sent.take()
    sent.add(RepositoryId(1), 5)

    assert (taken, sent.take(), sent.take()) == ({1: 7}, {1: 5}, {})


def test_they_are_bounded() -> None:
    """Without anybody who takes them; what is known is counted on."""
    sent = SentBytes()
    for number in range(MAX_REPOSITORIES + 1):
        sent.add(RepositoryId(number), 1)
    sent.add(RepositoryId(0), 1)
    taken = sent.take()

    assert (len(taken), taken[RepositoryId(0)]) == (MAX_REPOSITORIES, 2)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("caller", "counts"),
    [
        (EVERYBODY, True),
        (Caller(internal("scanner")), False),
        (Caller(Principal(PrincipalKind.USER, "alice"), is_looking=True), False),
    ],
    ids=["client", "scanner", "console"],
)
async def test_what_clients_are_given_is_counted(running: RunningCore, caller: Caller, counts: bool) -> None:
    """Manifests, and of blobs what was asked for; a description of a manifest is none of it."""
    await running.put_image(IMAGE)
    for is_head in (True, False):
        await running.pull.manifest(caller, REPOSITORY, IMAGE.digest, is_head=is_head)
    found = await running.pull.blob(caller, REPOSITORY, digest_of(A_LAYER))
    assert found.linked is not None
    await running.pull.deliver(caller, found.linked, ByteRange(2, 7))

    expected = {found.linked.repo_id: len(IMAGE.payload) + 5}
    assert running.core.sent.take() == (expected if counts else {})
