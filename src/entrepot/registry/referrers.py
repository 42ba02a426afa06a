# SPDX-License-Identifier: Apache-2.0
"""Which manifests refer to a subject (end-12), from this registry's own records and from fallback tags."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.digest import referrers_tag
from entrepot.oci.errors import OciError
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import Core
from entrepot.registry.store import referrers

PAGE_ROWS = 1_000
PAGE_BYTES = 3 * 1024 * 1024
"""Clients read at most 4 MiB of a referrers answer; a page stays well below."""


@dataclass(frozen=True, slots=True)
class ReferrersPage:
    """Descriptors as JSON texts; `next_after` is where the next page begins, None on the last."""

    descriptors: list[str]
    next_after: Digest | None


class _Listed(msgspec.Struct):
    artifactType: str = ""  # noqa: N815 - the image specification's spelling


class Referrers:
    """The use case behind the referrers API."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def page(
        self,
        repository: RepositoryName,
        subject: Digest,
        artifact_types: Sequence[str],
        after: str = "",
        limit: int = PAGE_ROWS,
    ) -> ReferrersPage:
        """List referrers in order of digest, those of `artifact_types` only when any is given.

        A subject that does not exist has none. A page holds fewer than `limit`
        when the filter or the 4 MiB that clients accept demand it.
        """
        rows = await self._core.database.read(referrers.listed, repository, subject, after, limit + 1)
        is_more = len(rows) > limit
        found = dict(rows[:limit])
        boundary = rows[limit - 1][0] if is_more else None
        for digest, text in (await self._fallback(repository, subject)).items():
            if digest > after and (boundary is None or digest <= boundary):
                found.setdefault(digest, text)
        return _cut(found, artifact_types, boundary)

    async def _fallback(self, repository: RepositoryName, subject: Digest) -> dict[Digest, str]:
        tag = TagName(referrers_tag(subject))
        payload = await self._core.database.read(referrers.fallback_index, repository, tag)
        if payload is None:
            return {}
        try:
            index = parse_manifest(payload, None)
        except OciError:
            return {}
        digests = [child.digest for child in index.children]
        present = await self._core.database.read(referrers.present, repository, digests)
        return {child.digest: _text(child) for child in index.children if child.digest in present}


def _cut(found: dict[Digest, str], artifact_types: Sequence[str], boundary: Digest | None) -> ReferrersPage:
    descriptors: list[str] = []
    size = 0
    last: Digest | None = None
    for digest in sorted(found):
        text = found[digest]
        if artifact_types and msgspec.json.decode(text, type=_Listed).artifactType not in artifact_types:
            continue
        size += len(text.encode())
        if descriptors and size > PAGE_BYTES:
            return ReferrersPage(descriptors, last)
        descriptors.append(text)
        last = digest
    return ReferrersPage(descriptors, boundary)


def _text(child: Descriptor) -> str:
    listed: dict[str, object] = {"mediaType": child.media_type, "digest": child.digest, "size": child.size}
    if child.artifact_type:
        listed["artifactType"] = child.artifact_type
    if child.annotations:
        listed["annotations"] = dict(child.annotations)
    return msgspec.json.encode(listed).decode()
