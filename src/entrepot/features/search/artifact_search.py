# SPDX-License-Identifier: Apache-2.0
"""The use case of finding artifacts by what they are."""

from entrepot.features.search.finding import Effort
from entrepot.features.search.finding import Finder
from entrepot.features.search.finding import Wish
from entrepot.features.search.findings import FoundPage
from entrepot.features.search.territory import Territories
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import Unauthenticated
from entrepot.registry.platform import Platform

_EFFORT = Effort()


class ArtifactSearch:
    """Finds artifacts among those that somebody may read at this moment."""

    def __init__(self, platform: Platform, effort: Effort = _EFFORT) -> None:
        self._territories = Territories(platform.database, platform.rights, platform.repositories, platform.clock)
        self._clock = platform.clock
        self._effort = effort

    async def find(self, principal: Principal, wish: Wish) -> FoundPage:
        """Return a page of what is looked for. Raises `Unauthenticated`."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        return await Finder(self._territories.of(principal), self._clock(), self._effort).page(wish)
