# SPDX-License-Identifier: Apache-2.0
"""Promotions, as the application lists them."""

from entrepot.features.projects import ProjectRights
from entrepot.features.promotions.administering import PromotionPaths
from entrepot.features.promotions.asking import Asking
from entrepot.features.promotions.cli import promotion_commands
from entrepot.features.promotions.handlers import EndedCopies
from entrepot.features.promotions.routes.paths import PathRoutes
from entrepot.features.promotions.routes.promotions import PromotionRoutes
from entrepot.features.promotions.running import Running
from entrepot.features.promotions.service import Promotions
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="promotions",
    needs=("access", "copies", "groups", "identity", "projects"),
    commands=(promotion_commands,),
)


def promotion_parts(platform: Platform, project_rights: ProjectRights) -> Parts:
    """Return what promotions add to a running application."""
    paths, callers = PromotionPaths(platform, project_rights), ApiCallers(platform.rights)
    promotions = Promotions(platform, Asking(platform, paths))
    return Parts(
        routes=(PromotionRoutes(promotions, callers).router(), PathRoutes(paths, callers).router()),
        listeners=(EndedCopies(platform.clock, platform.doorbell),),
        jobs=Running(platform).kinds(),
    )
