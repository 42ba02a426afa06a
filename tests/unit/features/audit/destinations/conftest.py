# SPDX-License-Identifier: Apache-2.0
"""A log to deliver, and what delivers it."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from entrepot.features.audit.delivering import Delivering
from entrepot.features.audit.destinations.opening import Destinations
from entrepot.features.audit.settings import DeliverySettings
from entrepot.infra.database.engine import Database
from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.kernel.clock import system_clock
from tests.builders.databases import a_database
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.audit.chains import fill
from tests.unit.features.audit.chains import sign

SECRET = "a secret that is in no message"
Deliver = Callable[..., Awaitable[int]]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A log of twelve records, the last of which is signed."""
    with closing(a_database(tmp_path)) as database:
        fill(database, 12)
        sign(database)
        yield database


@pytest.fixture
def clock() -> SettableClock:
    """The time that deliveries go by: objects cannot be locked until a moment that is over."""
    return SettableClock(system_clock())


@pytest.fixture
def destinations(clock: SettableClock, monkeypatch: pytest.MonkeyPatch) -> Destinations:
    """What opens destinations, whose secret is in a variable."""
    monkeypatch.setenv("AUDIT_SECRET", SECRET)
    return Destinations(Outbound(OutgoingSettings(read_seconds=5)), clock)


@pytest.fixture
def deliver(database: Database, destinations: Destinations, clock: SettableClock) -> Deliver:
    """Send a destination, described by its settings, what is new."""

    async def deliver(**given: object) -> int:
        """Do it once."""
        settings = {"there": DeliverySettings.model_validate(given)}
        return await Delivering(database, settings, destinations, clock).deliver("there", lambda _: None)

    return deliver
