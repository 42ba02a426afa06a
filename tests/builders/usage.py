# SPDX-License-Identifier: Apache-2.0
"""Usage that follows when a test says so."""

from entrepot.features.usage.following import Following
from entrepot.features.usage.recorder import Recorder
from tests.builders.application import Application


async def follow(application: Application) -> None:
    """Note and count all that was used, as the task of a process does by and by."""
    database, clock = application.database, application.core.clock
    await Following(database, clock, Recorder(database, clock)).catch_up()
