# SPDX-License-Identifier: Apache-2.0
"""Events, as the application lists them."""

from collections.abc import Mapping

import structlog

from entrepot.features.events import store
from entrepot.features.events.filters import names_of
from entrepot.features.events.models import Tidings
from entrepot.features.events.routes import EventRoutes
from entrepot.features.events.sending import Sending
from entrepot.features.events.sending import Wanted
from entrepot.features.events.service import Events
from entrepot.features.events.settings import EventSettings
from entrepot.features.events.settings import SinkSettings
from entrepot.features.events.sinks.opening import open_sink
from entrepot.infra.database.engine import Database
from entrepot.infra.events.tail import Tail
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import after
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

FORGOTTEN_AFTER_DAYS = 7
"""A sink that the configuration no longer names keeps what happened from being dropped for so long."""

log = structlog.get_logger(__name__)


def _mount(platform: Platform) -> Parts:
    events = Events(Tail(platform.database, Tidings.of, platform.commits), platform.rights)
    return Parts(routes=(EventRoutes(events, ApiCallers(platform.rights)).router(),))


feature: Feature[Platform] = Feature(name="events", settings=EventSettings, mount=_mount)


def sink_parts(platform: Platform, sinks: Mapping[str, SinkSettings], source: str) -> Parts:
    """Return what sinks add to a running application. `source` is what CloudEvents come from.

    Raises `NatsNotInstalled`.
    """
    database, clock = platform.database, platform.clock
    sending = [
        Sending(name, open_sink(each), Wanted(names_of(each.types), source), database, platform.commits, clock)
        for name, each in sinks.items()
    ]

    async def forget() -> None:
        """Forget, when the process starts, sinks that were taken out of the configuration a week ago."""
        await _forget(database, sinks, clock)

    return Parts(tasks=(*(each.run for each in sending), forget))


async def _forget(database: Database, sinks: Mapping[str, SinkSettings], clock: Clock) -> None:
    try:
        gone = await database.write(store.forget_others, list(sinks), after(clock(), -FORGOTTEN_AFTER_DAYS * DAY_MS))
    except Unavailable:
        return  # the next process that starts does
    for name in gone:
        log.info("events.sink_forgotten", sink=name)
