# SPDX-License-Identifier: Apache-2.0
"""A gate and an origin that do what a test says, and remember that they were asked."""

from collections.abc import AsyncIterator
from collections.abc import Callable

from entrepot.kernel.access import Principal
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import OriginBlob
from entrepot.registry.hooks import OriginManifest
from entrepot.registry.hooks import Verdict
from tests.builders.manifests import BuiltManifest

EVERY_OPERATION = frozenset(Operation)
ALLOWED = Allow()
UNDECIDED = Deny("")


class PlantedGate:
    """Gives one verdict everywhere, or what `decide` says of each context."""

    def __init__(
        self,
        verdict: Verdict | Callable[[GateContext], Verdict] = ALLOWED,
        operations: frozenset[Operation] = EVERY_OPERATION,
        name: str = "planted",
        on_error: Verdict = UNDECIDED,
    ) -> None:
        self.name = name
        self.on_error = on_error
        self.operations = operations
        self.asked: list[GateContext] = []
        self._verdict = verdict

    async def check(self, context: GateContext) -> Verdict:
        """Remember the context, and decide."""
        self.asked.append(context)
        return self._verdict(context) if callable(self._verdict) else self._verdict


class PlantedOrigin:
    """Has the manifests and blobs it is given, whatever repository is asked for."""

    def __init__(self, *, manifests: dict[str, BuiltManifest] | None = None, blobs: tuple[bytes, ...] = ()) -> None:
        """`manifests` are under tags; each is found by its digest too."""
        self.asked: list[str] = []
        self._manifests: dict[str, BuiltManifest] = {}
        for tag, built in (manifests or {}).items():
            self._manifests |= {tag: built, built.digest: built}
        self._blobs = {digest_of(blob): blob for blob in blobs}

    async def manifest(self, principal: Principal, repository: str, reference: str) -> OriginManifest | None:
        """Return what there is under the reference."""
        self.asked.append(reference)
        found = self._manifests.get(reference)
        return None if found is None else OriginManifest(found.media_type, found.payload)

    async def blob(self, principal: Principal, repository: str, digest: Digest) -> OriginBlob | None:
        """Stream the blob in two chunks."""
        self.asked.append(digest)
        found = self._blobs.get(digest)
        return None if found is None else OriginBlob(len(found), _in_two(found))


async def _in_two(content: bytes) -> AsyncIterator[bytes]:
    middle = len(content) // 2
    yield content[:middle]
    yield content[middle:]
