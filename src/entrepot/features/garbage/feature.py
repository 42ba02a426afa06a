# SPDX-License-Identifier: Apache-2.0
"""Garbage, as the application lists it."""

from entrepot.features.garbage.cli import garbage_commands
from entrepot.features.garbage.grace import Grace
from entrepot.features.garbage.jobs import job_kinds
from entrepot.features.garbage.jobs import tidy_kind
from entrepot.features.garbage.pace import Pace
from entrepot.features.garbage.routes import GarbageRoutes
from entrepot.features.garbage.run import REST
from entrepot.features.garbage.run import Collection
from entrepot.features.garbage.run import Standstill
from entrepot.features.garbage.service import Garbage
from entrepot.features.garbage.settings import GarbageSettings
from entrepot.features.garbage.sweeping import Sweeping
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="garbage", settings=GarbageSettings, commands=(garbage_commands,))


def garbage_parts(platform: Platform, settings: GarbageSettings, grace: Grace) -> Parts:
    """Return what collection adds to a running application."""
    database, collecting = platform.database, platform.collecting
    collecting.even_clock.start()
    standstill = Standstill(database, platform.modes, collecting.even_clock)
    rows, deletes = Pace(settings.rows_per_second, rest=REST), Pace(settings.deletes_per_second)
    collection = Collection(collecting.steps, collecting.housekeeping, standstill, rows, deletes)
    sweeping = Sweeping(collecting.sweeps, database, platform.stores, standstill, rows)
    garbage = Garbage(platform, grace)
    return Parts(
        routes=(GarbageRoutes(garbage, ApiCallers(platform.rights)).router(),),
        jobs=(
            tidy_kind(collecting.housekeeping),
            *job_kinds(database, platform.clock, collection, sweeping, settings),
        ),
    )
