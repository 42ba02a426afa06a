# SPDX-License-Identifier: Apache-2.0
"""Everything that belongs to what is copied: children of indexes, blobs, referrers of any of them, and theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from entrepot.infra.distribution.content import Fetched
from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.errors import ContentMissing
from entrepot.infra.distribution.errors import PlaceInvalid
from entrepot.infra.distribution.errors import RegistryRefused
from entrepot.infra.distribution.errors import TooMuch
from entrepot.infra.http.outbound.errors import AnswerUnwanted
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.digest import referrers_tag
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.oci.manifest import Manifest
from entrepot.oci.manifest import ManifestKind
from entrepot.oci.media_types import OCI_ARTIFACT_MANIFEST
from entrepot.oci.media_types import is_foreign_layer
from entrepot.oci.media_types import is_image_manifest
from entrepot.oci.media_types import is_index
from entrepot.oci.reference import TagName
from entrepot.oci.reference import parse_tag

MAX_DEPTH = 16
MAX_MANIFESTS = 100_000
MAX_MANIFEST_BYTES_IN_ALL = 512 * 1024 * 1024
MAX_BLOBS = 1_000_000
LEGACY_SUFFIXES = ("sig", "att", "sbom")
"""What cosign's tags end with: they are asked for one by one where tags cannot be listed."""


@dataclass(slots=True)
class Closure:
    """What is to be copied. Manifests come after what they list and what they refer to."""

    manifests: dict[Digest, Fetched] = field(default_factory=dict)
    blobs: dict[Digest, Descriptor] = field(default_factory=dict)
    tags: dict[TagName, Digest] = field(default_factory=dict)
    manifest_bytes: int = 0

    @property
    def blob_bytes(self) -> int:
        """How much content that is besides manifests."""
        return sum(each.size for each in self.blobs.values())


class Gathering:
    """Gathers from one source. With `platform`, of an index its manifest for that platform alone."""

    def __init__(self, source: Source, *, platform: str = "", with_referrers: bool = True) -> None:
        self.closure = Closure()
        self._source = source
        self._platform = platform
        self._with_referrers = with_referrers
        self._legacy: dict[str, list[TagName]] | None = None
        self._lists_tags = True

    async def add(self, reference: Digest | TagName, tag: TagName | None) -> Digest:
        """Add what a reference names, under a tag if that is given; return its digest.

        Raises as `Source`, `ManifestInvalid`, `PlaceInvalid` for a platform that there is not, and `TooMuch`.
        """
        fetched = await self._source.manifest(reference)
        if self._platform:
            fetched = await self._for_platform(fetched)
        await self._add(fetched, 0)
        if tag is not None:
            self.closure.tags[tag] = fetched.digest
        return fetched.digest

    async def _for_platform(self, fetched: Fetched) -> Fetched:
        if not is_index(fetched.media_type):
            return fetched
        for each in fetched.manifest.children:
            if _is_for(each, self._platform):
                return await self._for_platform(await self._source.manifest(each.digest))
        known = sorted(
            {str(each.platform) for each in fetched.manifest.children if each.platform} - {"unknown/unknown"}
        )
        raise PlaceInvalid(f"there is nothing for {self._platform}", hint=f"There is: {', '.join(known) or 'nothing'}.")

    async def _add(self, fetched: Fetched, depth: int) -> None:
        closure = self.closure
        if fetched.digest in closure.manifests:
            return
        manifest = fetched.manifest
        closure.manifest_bytes += len(fetched.payload)
        if depth > MAX_DEPTH or len(closure.manifests) >= MAX_MANIFESTS:
            raise TooMuch(f"more than {MAX_MANIFESTS} manifests, or more than {MAX_DEPTH} of them inside each other")
        if closure.manifest_bytes > MAX_MANIFEST_BYTES_IN_ALL:
            raise TooMuch(f"the manifests have more than {MAX_MANIFEST_BYTES_IN_ALL} bytes", hint="Copy fewer at once.")
        for each in manifest.children:
            await self._add_child(each, depth)
        for each in needed_blobs(manifest):
            closure.blobs.setdefault(each.digest, each)
        if len(closure.blobs) > MAX_BLOBS:
            raise TooMuch(f"the manifests list more than {MAX_BLOBS} blobs", hint="Copy fewer at once.")
        closure.manifests[fetched.digest] = fetched
        if self._with_referrers:
            await self._add_referrers(fetched.digest, depth)

    async def _add_child(self, child: Descriptor, depth: int) -> None:
        """Add what an index lists, which may be a blob: exports of build caches do that."""
        is_manifest = is_index(child.media_type) or is_image_manifest(child.media_type)
        try:
            await self._add(await self._source.manifest(child.digest), depth + 1)
        except ContentMissing:
            if is_manifest or child.media_type == OCI_ARTIFACT_MANIFEST:
                raise
            self.closure.blobs.setdefault(child.digest, child)

    async def _add_referrers(self, subject: Digest, depth: int) -> None:
        for each in await self._source.referrers(subject):
            await self._add(await self._source.manifest(each.digest), depth + 1)
        for tag in await self._legacy_tags(subject):
            try:
                fetched = await self._source.manifest(tag)
            except ContentMissing:
                continue
            self.closure.tags[tag] = fetched.digest
            await self._add(fetched, depth + 1)

    async def _legacy_tags(self, subject: Digest) -> Sequence[TagName]:
        """Return the tags named after a digest. All are listed once; where they cannot be, some are guessed."""
        if self._legacy is None and self._lists_tags:
            try:
                self._legacy = _by_subject(await self._source.tags())
            except (AnswerUnwanted, ContentMissing, RegistryRefused, TooMuch):
                self._lists_tags = False
        if self._legacy is not None:
            return self._legacy.get(referrers_tag(subject), ())
        return [parse_tag(f"{referrers_tag(subject)}.{suffix}") for suffix in LEGACY_SUFFIXES]


def _by_subject(tags: Sequence[TagName]) -> dict[str, list[TagName]]:
    found: dict[str, list[TagName]] = {}
    for tag in tags:
        subject = subject_of_fallback_tag(tag)
        if subject is not None and subject.suffix:
            found.setdefault(f"{subject.algorithm}-{subject.encoded_prefix}", []).append(tag)
    return found


def needed_blobs(manifest: Manifest) -> Sequence[Descriptor]:
    """Return the blobs that a copy has to have: not those that are kept elsewhere."""
    if manifest.kind is not ManifestKind.OTHER or manifest.media_type == OCI_ARTIFACT_MANIFEST:
        return manifest.required_blobs
    return [each for each in manifest.optional_blobs if not each.urls and not is_foreign_layer(each.media_type)]


def _is_for(child: Descriptor, wanted: str) -> bool:
    if child.platform is None:
        return False
    name = str(child.platform)
    return name == wanted or name.startswith(f"{wanted}/")
