# SPDX-License-Identifier: Apache-2.0
"""The bytes of a manifest and of its configuration, for people to look at."""

import asyncio
from dataclasses import dataclass

from entrepot.features.artifacts.service import visible
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Action
from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import NotFound
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.core import Caller
from entrepot.registry.pull import Pull
from entrepot.registry.rights import Rights
from entrepot.registry.store import manifests

MAX_CONFIGURATION_BYTES = 1024 * 1024
"""Largest configuration that is handed out here; clients pull a larger one."""


class NoConfiguration(NotFound):
    """The artifact has no configuration."""

    code = "no_configuration"
    default_hint = "An index has none; its entries do."


class ConfigurationTooLarge(Conflict):
    """The configuration is too large to be shown."""

    code = "configuration_too_large"


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes, and the digest that they have."""

    digest: Digest
    content: bytes


class ArtifactContent:
    """The use cases that hand out content. Gates are asked as for a pull, but it is none: nothing is counted."""

    def __init__(self, database: Database, rights: Rights, pull: Pull) -> None:
        self._database = database
        self._rights = rights
        self._pull = pull

    async def manifest(self, caller: Caller, name: RepositoryName, digest: Digest) -> Content:
        """Return a manifest, byte for byte. Raises as `Rights.require` and `Pull.manifest`."""
        await self._rights.require(caller.principal, Action.PULL, name)
        pulled = await self._pull.manifest(caller, name, digest, is_head=False)
        return Content(digest, pulled.payload or b"")

    async def config(self, caller: Caller, name: RepositoryName, digest: Digest) -> Content:
        """Return the configuration of a manifest, byte for byte.

        Raises as `Rights.require` and `Pull.blob`, `ManifestUnknown`, `NoConfiguration` and `ConfigurationTooLarge`.
        """
        await self._rights.require(caller.principal, Action.PULL, name)
        described = await self._described(name, digest)
        pulled = await self._pull.blob(caller, name, described.digest)
        if pulled.size > MAX_CONFIGURATION_BYTES:
            raise ConfigurationTooLarge(
                f"the configuration has {pulled.size} bytes; up to {MAX_CONFIGURATION_BYTES} are shown",
                hint=f"Pull it: GET /v2/{name}/blobs/{described.digest}",
            )
        if pulled.origin is not None:
            return Content(described.digest, b"".join([chunk async for chunk in pulled.origin]))
        content = b"" if pulled.linked is None else await self._pull.content(pulled.linked)
        return Content(described.digest, content)

    async def _described(self, name: RepositoryName, digest: Digest) -> Descriptor:
        row = await self._database.read(manifests.by_digest, name, digest)
        payload = None if row is None else await self._database.read(manifests.payload, row.repo_id, digest)
        if row is None or payload is None:
            await self._database.read(visible, name)
            raise ManifestUnknown(f"{digest} is not in {name}", detail={"digest": digest})
        manifest = await asyncio.to_thread(parse_manifest, payload, row.media_type)
        if manifest.config is None:
            raise NoConfiguration
        return manifest.config
