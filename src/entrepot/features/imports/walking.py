# SPDX-License-Identifier: Apache-2.0
"""Everything that belongs to an artifact of a source: what an index holds, what refers to any of it, and so on."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from entrepot.infra.distribution.closure import needed_blobs
from entrepot.infra.distribution.content import Fetched
from entrepot.infra.distribution.errors import ContentMissing
from entrepot.infra.distribution.errors import TooMuch
from entrepot.infra.distribution.repository import Repository
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.media_types import OCI_ARTIFACT_MANIFEST
from entrepot.oci.media_types import is_image_manifest
from entrepot.oci.media_types import is_index
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.intake import Intake

MAX_DEPTH = 16
MAX_MANIFESTS = 5_000
MAX_MANIFEST_BYTES = 64 * 1024 * 1024
"""Of one artifact: all its manifests are in memory at once."""
MAX_BLOBS = 100_000

Derived = Callable[[Digest], Awaitable[Sequence[TagName]]]
"""Returns the tags of the source that are named after a digest."""


@dataclass(slots=True)
class Found:
    """What belongs to an artifact. Manifests come after what they list, and the artifact itself comes last."""

    manifests: dict[Digest, Fetched] = field(default_factory=dict)
    blobs: dict[Digest, Descriptor] = field(default_factory=dict)
    loose: dict[Digest, Descriptor] = field(default_factory=dict)
    """Blobs that an index lists by itself, as exports of build caches do."""
    tags: dict[TagName, Digest] = field(default_factory=dict)
    referrers: dict[Digest, None] = field(default_factory=dict)
    absent: dict[Digest, None] = field(default_factory=dict)
    """What an index lists and the source does not have."""

    @property
    def size(self) -> int:
        """How many bytes that is, each digest counted once."""
        blobs = self.blobs | self.loose
        return sum(len(each.payload) for each in self.manifests.values()) + sum(each.size for each in blobs.values())


@dataclass(frozen=True, slots=True)
class Place:
    """A repository of a source, and the one here that it comes to."""

    origin: Repository
    target: RepositoryName
    intake: Intake
    derived: Derived

    async def manifest(self, digest: Digest) -> Fetched:
        """Return a manifest, from here if it is here."""
        held = await self.intake.held(self.target, digest)
        if held is not None:
            return Fetched(held.payload, held.media_type, digest)
        return await self.origin.manifest(digest)


class Walk:
    """Goes through what belongs to one artifact. Raises as `Repository`, `ManifestInvalid` and `TooMuch`."""

    def __init__(self, place: Place, *, with_referrers: bool) -> None:
        self._place = place
        self._with_referrers = with_referrers
        self._found = Found()
        self._seen: set[Digest] = set()
        self._bytes = 0

    async def of(self, root: Digest) -> Found:
        """Return what belongs to a manifest."""
        fetched = await self._place.manifest(root)
        await self._add(fetched, 0)
        found = self._found
        found.manifests[root] = found.manifests.pop(root)
        return found

    async def _add(self, fetched: Fetched, depth: int) -> None:
        if fetched.digest in self._seen:
            return
        self._seen.add(fetched.digest)
        self._bytes += len(fetched.payload)
        self._require_within(depth)
        manifest, found = fetched.manifest, self._found
        for child in manifest.children:
            await self._add_child(child, depth)
        found.blobs |= {each.digest: each for each in needed_blobs(manifest)}
        found.manifests[fetched.digest] = fetched
        if self._with_referrers:
            await self._add_referrers(fetched.digest, depth)

    async def _add_child(self, child: Descriptor, depth: int) -> None:
        if child.digest in self._seen:
            return
        is_manifest = is_index(child.media_type) or is_image_manifest(child.media_type)
        try:
            fetched = await self._place.manifest(child.digest)
        except ContentMissing:
            if is_manifest or child.media_type == OCI_ARTIFACT_MANIFEST:
                self._found.absent[child.digest] = None
            else:
                self._found.loose[child.digest] = child
            return
        await self._add(fetched, depth + 1)

    async def _add_referrers(self, subject: Digest, depth: int) -> None:
        for each in await self._place.origin.referrers(subject):
            if each.digest not in self._seen:
                self._found.referrers[each.digest] = None
                await self._add(await self._place.manifest(each.digest), depth + 1)
        for tag in await self._place.derived(subject):
            digest = await self._place.origin.manifest_digest(tag)
            if digest is not None:
                self._found.tags[tag] = digest
                await self._add(await self._place.manifest(digest), depth + 1)

    def _require_within(self, depth: int) -> None:
        if depth > MAX_DEPTH or len(self._seen) > MAX_MANIFESTS or self._bytes > MAX_MANIFEST_BYTES:
            raise TooMuch(
                f"more than {MAX_MANIFESTS} manifests belong to it, or more than {MAX_DEPTH} inside each other, "
                f"or more than {MAX_MANIFEST_BYTES} bytes of them"
            )
        if len(self._found.blobs) > MAX_BLOBS:
            raise TooMuch(f"it lists more than {MAX_BLOBS} blobs")
