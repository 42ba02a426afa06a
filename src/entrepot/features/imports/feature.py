# SPDX-License-Identifier: Apache-2.0
"""Imports, as the application lists them."""

from entrepot.features.imports.cli import import_commands
from entrepot.features.imports.going_on import Sealed
from entrepot.features.imports.reporting import Reporting
from entrepot.features.imports.routes import ImportRoutes
from entrepot.features.imports.running import Running
from entrepot.features.imports.sealing import Sealing
from entrepot.features.imports.service import Imports
from entrepot.features.imports.sources import Sources
from entrepot.features.projects import ProjectRights
from entrepot.features.tokens import InstanceKey
from entrepot.infra.http.outbound.client import Outbound
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="imports", needs=("access", "copies", "projects", "tokens"), commands=(import_commands,)
)


def import_parts(platform: Platform, outbound: Outbound, key: InstanceKey, rights: ProjectRights) -> Parts:
    """Return what imports add to a running application."""
    sealed = Sealed(Sources(outbound), Sealing(key))
    imports = Imports(platform, sealed, rights)
    reporting = Reporting(platform.database, platform.intake, platform.rights)
    routes = ImportRoutes(imports, reporting, ApiCallers(platform.rights))
    return Parts(routes=(routes.router(),), jobs=Running(platform, sealed).kinds())
