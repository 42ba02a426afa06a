# SPDX-License-Identifier: Apache-2.0
"""A place that does not exist yet, for whoever only wants to know what would be copied."""

from entrepot.infra.distribution.content import Fetched
from entrepot.infra.distribution.content import Outcome
from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.content import Target
from entrepot.infra.distribution.errors import PlaceUnusable
from entrepot.infra.distribution.flow import Flow
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName


class NothingThere(Target):
    """Has nothing, and takes nothing."""

    async def has_manifest(self, digest: Digest) -> bool:
        """See `Target`."""
        return False

    async def has_blob(self, descriptor: Descriptor) -> bool:
        """See `Target`."""
        return False

    async def put_blob(self, descriptor: Descriptor, source: Source, flow: Flow) -> Outcome:
        """See `Target`. Raises `PlaceUnusable`."""
        raise PlaceUnusable("nothing can be copied to where only looking was asked for")

    async def put_manifest(self, fetched: Fetched, tag: TagName | None = None) -> None:
        """See `Target`. Raises `PlaceUnusable`."""
        raise PlaceUnusable("nothing can be copied to where only looking was asked for")

    async def finish(self) -> None:
        """See `Target`."""

    async def close(self) -> None:
        """See `Target`."""
