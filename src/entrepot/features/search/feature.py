# SPDX-License-Identifier: Apache-2.0
"""Search, as the application lists it."""

from entrepot.features.search.artifact_search import ArtifactSearch
from entrepot.features.search.handlers import ChangedArtifacts
from entrepot.features.search.routes import ArtifactSearchRoutes
from entrepot.features.search.routes import SearchRoutes
from entrepot.features.search.saved import SavedQueries
from entrepot.features.search.service import Search
from entrepot.infra.http.challenge import Challenger
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="search", needs=("artifacts", "labels", "projects", "usage"))


def search_parts(platform: Platform, search: Search, challenger: Challenger) -> Parts:
    """Return what search adds to a running application; `challenger` knows how clients reach it."""
    callers = ApiCallers(platform.rights)
    artifacts, saved = ArtifactSearch(platform), SavedQueries(platform)
    return Parts(
        routes=(
            ArtifactSearchRoutes(artifacts, saved, challenger, callers).router(),
            SearchRoutes(search, callers).router(),
        ),
        listeners=(ChangedArtifacts(),),
    )
