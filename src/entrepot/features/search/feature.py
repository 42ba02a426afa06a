# SPDX-License-Identifier: Apache-2.0
"""Search, as the application lists it."""

from entrepot.features.search.routes import SearchRoutes
from entrepot.features.search.service import Search
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="search", needs=("projects",))


def search_parts(platform: Platform, search: Search) -> Parts:
    """Return what search adds to a running application."""
    return Parts(routes=(SearchRoutes(search, ApiCallers(platform.rights)).router(),))
