# SPDX-License-Identifier: Apache-2.0
"""Events, as the application lists them."""

from entrepot.features.events.models import Tidings
from entrepot.features.events.routes import EventRoutes
from entrepot.features.events.service import Events
from entrepot.infra.events.tail import Tail
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform


def _mount(platform: Platform) -> Parts:
    events = Events(Tail(platform.database, Tidings.of, platform.commits), platform.rights)
    return Parts(routes=(EventRoutes(events, ApiCallers(platform.rights)).router(),))


feature: Feature[Platform] = Feature(name="events", mount=_mount)
