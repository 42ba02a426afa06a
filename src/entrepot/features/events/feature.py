# SPDX-License-Identifier: Apache-2.0
"""Events, as the application lists them."""

from collections.abc import Mapping
from functools import partial

from entrepot.features.events.filters import names_of
from entrepot.features.events.models import Tidings
from entrepot.features.events.routes import EventRoutes
from entrepot.features.events.sending import Sending
from entrepot.features.events.sending import Wanted
from entrepot.features.events.sending import forget_all_but
from entrepot.features.events.service import Events
from entrepot.features.events.settings import EventSettings
from entrepot.features.events.settings import SinkSettings
from entrepot.features.events.sinks.opening import open_sink
from entrepot.infra.events.tail import Tail
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[Platform] = Feature(name="events", settings=EventSettings)


def event_parts(platform: Platform, sinks: Mapping[str, SinkSettings], source: str) -> Parts:
    """Return what events and their sinks add to a running application. `source` is what CloudEvents come from.

    Raises `NatsNotInstalled`.
    """
    database, clock = platform.database, platform.clock
    sending = [
        Sending(name, open_sink(each), Wanted(names_of(each.types), source), database, platform.commits, clock)
        for name, each in sinks.items()
    ]

    async def forget() -> None:
        """Forget, when the process starts, sinks that were taken out of the configuration a week ago."""
        await forget_all_but(database, list(sinks), clock)

    events = Events(Tail(database, partial(Tidings.of, source=source), platform.commits), platform.rights)
    routes = EventRoutes(events, ApiCallers(platform.rights)).router()
    return Parts(routes=(routes,), tasks=(*(each.run for each in sending), forget))
