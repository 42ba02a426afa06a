# SPDX-License-Identifier: Apache-2.0
"""Retention, as the application lists it."""

from entrepot.features.projects import ProjectRights
from entrepot.features.projects import Projects
from entrepot.features.retention.carrying_out import CarryingOut
from entrepot.features.retention.cli import retention_commands
from entrepot.features.retention.expiring import Expiring
from entrepot.features.retention.expiry import TagExpiry
from entrepot.features.retention.making import Making
from entrepot.features.retention.reading import Reading
from entrepot.features.retention.routes.expiry import ExpiryRoutes
from entrepot.features.retention.routes.plans import PlanRoutes
from entrepot.features.retention.routes.policies import RetentionRoutes
from entrepot.features.retention.running import Running
from entrepot.features.retention.service import Retention
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="retention", needs=("access", "artifacts", "immutability", "projects", "usage"), commands=(retention_commands,)
)


def retention_parts(platform: Platform, projects: Projects, rights: ProjectRights) -> Parts:
    """Return what retention adds to a running application."""
    database, clock, reading = platform.database, platform.clock, Reading()
    retention = Retention(platform, projects, rights, reading)
    carrying_out = CarryingOut(database, reading, platform.delete, clock)
    expiring = Expiring(database, reading, clock)
    running = Running(database, Making(database, reading, clock), carrying_out, expiring, clock)
    callers = ApiCallers(platform.rights)
    routes = (
        RetentionRoutes(retention, callers).router(),
        PlanRoutes(retention, callers).router(),
        ExpiryRoutes(TagExpiry(platform, reading), callers).router(),
    )
    return Parts(routes=routes, jobs=running.kinds())
