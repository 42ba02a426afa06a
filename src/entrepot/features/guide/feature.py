# SPDX-License-Identifier: Apache-2.0
"""The guide, as the application lists it."""

from dataclasses import replace

from entrepot.features.guide.models import Offer
from entrepot.features.guide.routes import GuideRoutes
from entrepot.infra.http.challenge import Challenger
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="guide")


def guide_parts(platform: Platform, offer: Offer, challenger: Challenger) -> Parts:
    """Return what the guide adds to a running application. `offer` names the other features."""
    whole = replace(offer, features=sorted({*offer.features, feature.name}))
    return Parts(routes=(GuideRoutes(whole, challenger, ApiCallers(platform.rights)).router(),))
