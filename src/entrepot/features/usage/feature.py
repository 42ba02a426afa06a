# SPDX-License-Identifier: Apache-2.0
"""Usage, as the application lists it."""

from entrepot.features.projects import ProjectRights
from entrepot.features.usage.cli import usage_commands
from entrepot.features.usage.following import Following
from entrepot.features.usage.handlers import FreshFigures
from entrepot.features.usage.jobs import job_kinds
from entrepot.features.usage.recorder import Recorder
from entrepot.features.usage.reports import Reports
from entrepot.features.usage.routes import UsageRoutes
from entrepot.features.usage.sending import Sending
from entrepot.features.usage.service import Usage
from entrepot.features.usage.settings import UsageSettings
from entrepot.features.usage.tidying import Tidying
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="usage", needs=("projects",), settings=UsageSettings, commands=(usage_commands,)
)


def usage_parts(platform: Platform, settings: UsageSettings, rights: ProjectRights) -> Parts:
    """Return what usage adds to a running application."""
    database, clock = platform.database, platform.clock
    usage = Usage(database, clock)
    recorder = Recorder(database, clock, settings.ignored_principals)
    following, sending = Following(database, clock, recorder), Sending(database, platform.sent, clock)
    database.write_now(following.begin)
    return Parts(
        routes=(UsageRoutes(Reports(platform, rights), ApiCallers(platform.rights)).router(),),
        listeners=(FreshFigures(usage),),
        jobs=job_kinds(usage, recorder, Tidying(database, clock)),
        tasks=(following.run, sending.run),
    )
