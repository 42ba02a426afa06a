# SPDX-License-Identifier: Apache-2.0
"""Saying something about an artifact: a document that is stored beside it, and refers to it.

It is an OCI image manifest with an artifact type, an empty configuration and one layer (image-spec, "Guidelines for
Artifact Usage"), and goes the ways that clients go, so that the rules of its repository hold as for any push. The same
document is stored once.
"""

import json
from collections.abc import AsyncIterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy import Connection

from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import OCI_EMPTY
from entrepot.oci.media_types import OCI_MANIFEST
from entrepot.oci.reference import RepositoryName
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.push import ManifestPush
from entrepot.registry.push import Push
from entrepot.registry.rights import Rights
from entrepot.registry.rights import rights_to_store
from entrepot.registry.store import blobs
from entrepot.registry.store import closures
from entrepot.registry.store import repositories
from entrepot.registry.uploads import Uploads

EMPTY = b"{}"
"""The configuration of what has none, as the specification spells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A document about an artifact of a repository."""

    repository: RepositoryName
    subject: Descriptor
    artifact_type: str
    content: bytes
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)

    def push(self) -> ManifestPush:
        """Return the manifest: always the same bytes for the same document."""
        document = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "artifactType": self.artifact_type,
            "config": _described(OCI_EMPTY, EMPTY),
            "layers": [_described(self.artifact_type, self.content)],
            "subject": {
                "mediaType": self.subject.media_type,
                "digest": self.subject.digest,
                "size": self.subject.size,
            },
            "annotations": dict(sorted(self.annotations.items())),
        }
        payload = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        manifest = parse_manifest(payload, OCI_MANIFEST)
        return ManifestPush(self.repository, digest_of(payload), payload, manifest, ())

    def blobs(self) -> dict[Digest, bytes]:
        """Return what the manifest lists."""
        return {digest_of(each): each for each in (EMPTY, self.content)}


class Attaching:
    """The use case. Whoever attaches something needs the right to push to the repository."""

    def __init__(self, core: Core, rights: Rights) -> None:
        self._core = core
        self._rights = rights
        self._push = Push(core)
        self._uploads = Uploads(core)

    async def ask(self, caller: Caller, attachment: Attachment) -> list[str]:
        """Ask everybody who may refuse it, before anything is written; return their warnings.

        Rights are not looked at: somebody else may attach it. Raises `RefusedByMode`, and `Denied` from a gate.
        """
        repository, push = attachment.repository, attachment.push()
        await self._core.modes.require_changing(repository)
        warnings: list[str] = []
        for digest, content in attachment.blobs().items():
            if await self._core.database.read(blobs.find, repository, digest) is None:
                about = GateContext(
                    Operation.UPLOAD_START,
                    caller.principal,
                    repository,
                    digest=digest,
                    address=caller.address,
                    size=len(content),
                )
                warnings += await self._core.gates.check(about)
        about = GateContext(
            Operation.MANIFEST_WRITE,
            caller.principal,
            repository,
            digest=push.digest,
            manifest=push.manifest,
            manifest_digest=push.digest,
            address=caller.address,
            size=len(push.payload),
        )
        return [*warnings, *(await self._core.gates.check(about))]

    async def attach(self, caller: Caller, attachment: Attachment) -> Digest:
        """Store the document unless it is there. Raises as `Rights.require`, `RefusedByMode`, and `Denied`."""
        repository, push = attachment.repository, attachment.push()
        for action in rights_to_store(push.manifest, ()):
            await self._rights.require(caller.principal, action, repository)
        if await self._core.database.read(_is_there, repository, push.digest):
            return push.digest
        for digest, content in attachment.blobs().items():
            if await self._core.database.read(blobs.find, repository, digest) is None:
                await self._uploads.put(caller, repository, digest, _all_of(content), len(content))
        await self._push.manifest(caller, push)
        return push.digest


def _described(media_type: str, content: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def _is_there(connection: Connection, name: RepositoryName, digest: Digest) -> bool:
    repository = repositories.find(connection, name)
    return repository is not None and digest in closures.nodes(connection, repository.id, [digest])


async def _all_of(content: bytes) -> AsyncIterator[bytes]:
    yield content
