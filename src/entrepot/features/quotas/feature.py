# SPDX-License-Identifier: Apache-2.0
"""Quotas, as the application lists them."""

from sqlalchemy import Connection

from entrepot.features.projects import ProjectRights
from entrepot.features.quotas.checking import Checking
from entrepot.features.quotas.cli import quota_commands
from entrepot.features.quotas.gate import QuotaGate
from entrepot.features.quotas.handlers import CountedEvents
from entrepot.features.quotas.jobs import job_kinds
from entrepot.features.quotas.known import KnownQuotas
from entrepot.features.quotas.ledger import Ledger
from entrepot.features.quotas.requesting import Requests
from entrepot.features.quotas.routes import QuotaRoutes
from entrepot.features.quotas.service import Quotas
from entrepot.features.quotas.store import checks
from entrepot.features.quotas.store.checks import Check
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="quotas", needs=("projects",), commands=(quota_commands,))


def quota_parts(platform: Platform, project_rights: ProjectRights) -> Parts:
    """Return what quotas add to a running application. Blocks: it reads the quotas."""
    database, clock = platform.database, platform.clock
    known, ledger = KnownQuotas(database), Ledger(database, clock)
    requests = Requests(clock)

    def begin(connection: Connection) -> None:
        """Have what was there before quotas counted, once."""
        if checks.last(connection) is not None:
            return
        if checks.rooms_behind(connection, -1, 1):
            requests.check(connection)
        else:
            checks.note(connection, Check(clock(), clock()))

    database.write_now(begin)
    quotas = Quotas(platform, known.refresh, project_rights, requests)
    return Parts(
        routes=(QuotaRoutes(quotas, ApiCallers(platform.rights)).router(),),
        gates=(QuotaGate(database, known, ledger),),
        listeners=(CountedEvents(clock, requests.look_through),),
        jobs=job_kinds(Checking(database, clock)),
        tasks=(known.run, ledger.run),
    )
