# SPDX-License-Identifier: Apache-2.0
"""Usage, as the application lists it."""

from entrepot.features.usage.handlers import FreshFigures
from entrepot.features.usage.jobs import job_kinds
from entrepot.features.usage.recording import Recorder
from entrepot.features.usage.service import Usage
from entrepot.features.usage.settings import UsageSettings
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="usage", needs=("projects",), settings=UsageSettings)


def usage_parts(platform: Platform, settings: UsageSettings) -> Parts:
    """Return what usage adds to a running application."""
    usage = Usage(platform.database, platform.clock)
    recorder = Recorder(platform.database, platform.clock, settings.ignored_principals)
    platform.database.write_now(recorder.begin)
    return Parts(listeners=(FreshFigures(usage, recorder),), jobs=job_kinds(usage, recorder))
