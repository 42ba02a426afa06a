# SPDX-License-Identifier: Apache-2.0
"""The audit log, as the application lists it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.audit.checkpoints import Checkpoints
from entrepot.features.audit.cli import audit_commands
from entrepot.features.audit.delivering import Delivering
from entrepot.features.audit.destinations.opening import Destinations
from entrepot.features.audit.jobs import DELIVER
from entrepot.features.audit.jobs import checkpoint_kind
from entrepot.features.audit.jobs import deliver_kind
from entrepot.features.audit.jobs import tidy_kind
from entrepot.features.audit.keeping import Keeping
from entrepot.features.audit.refusals import Refusals
from entrepot.features.audit.routes import AuditRoutes
from entrepot.features.audit.sealing import Sealer
from entrepot.features.audit.service import AuditLog
from entrepot.features.audit.settings import AuditSettings
from entrepot.features.audit.store import deliveries
from entrepot.features.audit.tidying import Tidying
from entrepot.features.audit.witnessing import Witnessing
from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.jobs.queue import remove_schedule
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="audit", needs=("break_glass", "projects", "tokens"), settings=AuditSettings, commands=(audit_commands,)
)


def audit_parts(
    platform: Platform,
    log: AuditLog,
    checkpoints: Checkpoints,
    refusals: Refusals,
    settings: AuditSettings,
    outbound: Outbound,
) -> Parts:
    """Return what the audit log adds to a running application."""
    database, clock = platform.database, platform.clock
    tidying = Tidying(database, settings, clock)
    delivering = Delivering(database, settings.deliver, Destinations(outbound, clock), clock)
    database.write_now(_forget_others, delivering.names)
    return Parts(
        routes=(AuditRoutes(log, Keeping(platform), Witnessing(platform), ApiCallers(platform.rights)).router(),),
        listeners=(Sealer(settings.pulls, clock),),
        jobs=(
            checkpoint_kind(checkpoints, tidying),
            tidy_kind(tidying, platform.collecting.even_clock),
            deliver_kind(delivering),
        ),
        tasks=(refusals.run,),
    )


def _forget_others(connection: Connection, names: Sequence[str]) -> None:
    """Send nothing to what is not configured any more; how far it was stays known, if it comes back."""
    for delivery in deliveries.all_of(connection):
        name = delivery.destination.partition("/")[0]
        if name not in names:
            remove_schedule(connection, f"{DELIVER} {name}")
