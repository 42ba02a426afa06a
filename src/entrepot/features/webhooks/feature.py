# SPDX-License-Identifier: Apache-2.0
"""Webhooks, as the application lists them."""

from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass

from entrepot.features.projects import ProjectRights
from entrepot.features.tokens import InstanceKey
from entrepot.features.webhooks.administering import Administering
from entrepot.features.webhooks.cli import webhook_commands
from entrepot.features.webhooks.deliverer import Deliverer
from entrepot.features.webhooks.delivering import Delivering
from entrepot.features.webhooks.endpoints import Endpoints
from entrepot.features.webhooks.handlers import DeliveredEvents
from entrepot.features.webhooks.jobs import Tidying
from entrepot.features.webhooks.jobs import tidy_kind
from entrepot.features.webhooks.log import DeliveryLog
from entrepot.features.webhooks.owners import Owners
from entrepot.features.webhooks.rendering import Renderings
from entrepot.features.webhooks.routes.deliveries import DeliveryRoutes
from entrepot.features.webhooks.routes.webhooks import WebhookRoutes
from entrepot.features.webhooks.service import Webhooks
from entrepot.features.webhooks.signing import Sealing
from entrepot.infra.http.outbound.client import Outbound
from entrepot.kernel.access import Principal
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="webhooks", needs=("access", "events", "projects", "tokens"), commands=(webhook_commands,)
)


@dataclass(frozen=True, slots=True)
class Telling:
    """What it takes to tell other servers of what happens."""

    project_rights: ProjectRights
    is_account: Callable[[Principal], Awaitable[bool]]
    """Tells whether an account exists and is enabled."""
    instance_key: InstanceKey
    outbound: Outbound
    public_url: str
    """What CloudEvents come from; empty where it is not configured."""


def webhook_parts(platform: Platform, telling: Telling) -> Parts:
    """Return what webhooks add to a running application."""
    database, clock, rights = platform.database, platform.clock, platform.rights
    endpoints, renderings = Endpoints(telling.outbound), Renderings(telling.public_url)
    sealing = Sealing(telling.instance_key)
    owners = Owners(rights, telling.project_rights, telling.is_account)
    delivering = Delivering(endpoints, renderings, sealing, owners, clock)
    administering = Administering(database, rights, telling.project_rights)
    webhooks = Webhooks(database, administering, endpoints, renderings, sealing, clock)
    log, callers = DeliveryLog(database, administering, delivering, renderings.source, clock), ApiCallers(rights)
    return Parts(
        routes=(WebhookRoutes(webhooks, log, callers).router(), DeliveryRoutes(log, callers).router()),
        listeners=(DeliveredEvents(clock, renderings.source),),
        jobs=(tidy_kind(Tidying(database, clock)),),
        tasks=(Deliverer(database, delivering, clock).run,),
    )
