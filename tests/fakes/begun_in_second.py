# SPDX-License-Identifier: Apache-2.0
"""Two places of which the second was the only one when an upload began."""

from collections.abc import Sequence

from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.two_places import TwoPlaces


class BegunInSecond(TwoPlaces):
    """Everything else is as it always is."""

    async def create(self, key: ObjectKey, hashers: Sequence[Hasher] = ()) -> Writer:
        """Begin an upload in the second place, as it did."""
        return await self._second.create(key, hashers)
