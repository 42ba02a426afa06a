# SPDX-License-Identifier: Apache-2.0
"""Origins are asked on a miss, before 404, by every reading route; what they say is not believed."""

from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.access import Principal
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.registry.events import EventType
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import OriginBlob
from entrepot.registry.hooks import OriginManifest
from tests.builders.asgi import ask
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.core import body_of
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.registry.planted import PlantedGate
from tests.unit.registry.planted import PlantedOrigin

pytestmark = pytest.mark.anyio

THERE = an_index()
"""What the origin has under the tag `far`."""
FAR_BLOB = b"a blob that only the origin has"
HERE = an_image_manifest()

MISSES = {
    f"/v2/{REPOSITORY}/manifests/far": ("far", THERE.payload),
    f"/v2/{REPOSITORY}/manifests/{THERE.digest}": (THERE.digest, THERE.payload),
    f"/v2/{REPOSITORY}/blobs/{digest_of(FAR_BLOB)}": (digest_of(FAR_BLOB), FAR_BLOB),
}
"""By address, what an origin is asked for, and what the answer is."""
HITS = {
    f"/v2/{REPOSITORY}/manifests/latest": HERE.payload,
    f"/v2/{REPOSITORY}/manifests/{HERE.digest}": HERE.payload,
    f"/v2/{REPOSITORY}/blobs/{digest_of(A_LAYER)}": A_LAYER,
}

both_methods = pytest.mark.parametrize("method", ["GET", "HEAD"])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core."""
    with a_core(tmp_path) as running:
        yield running


def plant(running: RunningCore) -> PlantedOrigin:
    """Mount an origin."""
    origin = PlantedOrigin(manifests={"far": THERE}, blobs=(FAR_BLOB,))
    running.core.origins.append(origin)
    return origin


@both_methods
@pytest.mark.parametrize("address", MISSES)
async def test_an_origin_is_asked_on_a_miss(running: RunningCore, address: str, method: str) -> None:
    """What is not here is answered from the origin, in a repository that nobody has made."""
    origin = plant(running)
    wanted, content = MISSES[address]
    answer = await ask(running.application(), method, address)

    assert answer.status == 200
    assert answer.header("content-length") == str(len(content))
    assert answer.header("docker-content-digest") == digest_of(content)
    assert answer.body == (content if method == "GET" else b"")
    assert origin.asked == [wanted]


@both_methods
@pytest.mark.parametrize("address", HITS)
async def test_an_origin_is_not_asked_on_a_hit(running: RunningCore, address: str, method: str) -> None:
    """What is here is answered from here."""
    await running.put_image(HERE, "latest")
    origin = plant(running)
    answer = await ask(running.application(), method, address)

    assert answer.status == 200
    assert answer.body == (HITS[address] if method == "GET" else b"")
    assert origin.asked == []


@both_methods
@pytest.mark.parametrize("address", HITS)
async def test_what_no_origin_has_is_not_found(running: RunningCore, address: str, method: str) -> None:
    """Every origin is asked, in order, before a client hears 404."""
    first, second = plant(running), plant(running)
    answer = await ask(running.application(), method, address)

    assert answer.status == 404
    assert len(first.asked) == len(second.asked) == 1


async def test_the_first_origin_that_has_it_wins(running: RunningCore) -> None:
    """Behind an origin that answered, nobody is asked."""
    first, second = plant(running), plant(running)
    await ask(running.application(), "GET", f"/v2/{REPOSITORY}/manifests/far")

    assert (first.asked, second.asked) == (["far"], [])


@both_methods
@pytest.mark.parametrize("address", MISSES)
async def test_gates_see_what_an_origin_brings(running: RunningCore, address: str, method: str) -> None:
    """Content from elsewhere passes the same gates as content from here."""
    plant(running)
    running.core.gates.mount([PlantedGate(Deny("not from there"))])
    answer = await ask(running.application(), method, address)

    assert answer.status == 403
    assert answer.body == b"" or answer.json["errors"][0]["message"] == "not from there"


async def test_a_pull_through_an_origin_is_a_pull(running: RunningCore) -> None:
    """Use of what an origin serves is told to listeners, and not counted for a repository that does not exist."""
    plant(running)
    await ask(running.application(), "GET", f"/v2/{REPOSITORY}/manifests/far")
    await running.core.facts.flush()
    tables = await running.tables()

    assert [event.type for event in await running.events()] == [EventType.CONTENT_USED]
    assert tables["usage_deltas"] == []


class LyingOrigin(PlantedOrigin):
    """Says what it is told to say, whatever it is asked for."""

    def __init__(self, size: int, chunks: AsyncIterator[bytes]) -> None:
        super().__init__()
        self._answer = OriginBlob(size, chunks)

    async def manifest(self, principal: Principal, repository: str, reference: str) -> OriginManifest | None:
        """Send another manifest."""
        return OriginManifest(THERE.media_type, THERE.payload + b" ")

    async def blob(self, principal: Principal, repository: str, digest: Digest) -> OriginBlob | None:
        """Send what was given."""
        return self._answer


async def _broken(content: bytes) -> AsyncIterator[bytes]:
    yield content
    raise ConnectionResetError("the upstream went away")


LIES: dict[str, tuple[int, Callable[[], AsyncIterator[bytes]]]] = {
    "fewer bytes": (len(FAR_BLOB), lambda: body_of(FAR_BLOB[:10], FAR_BLOB[10:-1])),
    "more bytes": (len(FAR_BLOB), lambda: body_of(FAR_BLOB, b"!")),
    "another length": (len(FAR_BLOB) - 1, lambda: body_of(FAR_BLOB[:-1])),
    "other bytes": (len(FAR_BLOB), lambda: body_of(FAR_BLOB[:10], FAR_BLOB[10:].upper())),
    "nothing": (len(FAR_BLOB), body_of),
    "an end in the middle": (len(FAR_BLOB), lambda: _broken(FAR_BLOB[:10])),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lying_origin_never_looks_complete(running: RunningCore, lie: str) -> None:
    """When size or digest prove wrong the connection is aborted, with the last bytes held back."""
    size, chunks = LIES[lie]
    running.core.origins.append(LyingOrigin(size, chunks()))
    answer = await ask(running.application(), "GET", f"/v2/{REPOSITORY}/blobs/{digest_of(FAR_BLOB)}")

    assert answer.failure is not None
    assert not answer.is_ended
    assert len(answer.body) < size


async def test_a_manifest_of_another_digest_is_an_error(running: RunningCore) -> None:
    """Bytes that are not those of the digest asked for never reach the client."""
    running.core.origins.append(LyingOrigin(0, body_of()))
    answer = await ask(running.application(), "GET", f"/v2/{REPOSITORY}/manifests/{THERE.digest}")

    assert answer.status == 502
    assert THERE.payload not in answer.body
