# SPDX-License-Identifier: Apache-2.0
"""Jobs, as the application lists them."""

from entrepot.features.jobs.cli import job_commands
from entrepot.features.jobs.routes import JobRoutes
from entrepot.features.jobs.service import Jobs
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform


def _mount(platform: Platform) -> Parts:
    jobs = Jobs(platform.database, platform.doorbell, platform.clock)
    return Parts(routes=(JobRoutes(jobs, platform.rights, ApiCallers(platform.rights)).router(),))


feature: Feature[Platform] = Feature(name="jobs", commands=(job_commands,), mount=_mount)
