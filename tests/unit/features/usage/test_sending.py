# SPDX-License-Identifier: Apache-2.0
"""Bytes that clients were given reach the days of their repositories, each once."""

import asyncio

import pytest

from entrepot.features.usage.sending import Sending
from entrepot.oci.reference import RepositoryName
from entrepot.registry.sent_bytes import SentBytes
from tests.unit.features.usage.conftest import Metered

pytestmark = pytest.mark.anyio

APP = RepositoryName("team/app")


class Enough(Exception):
    """Ends what would run for ever."""


async def sent_bytes(metered: Metered) -> list[int]:
    """Return the bytes that are stored, by day."""
    return [day.sent_bytes for day in await metered.usage.days_of(APP, 1)]


async def test_what_was_counted_is_stored_and_the_rest_at_the_end(metered: Metered) -> None:
    """Now and then, and when the process stops."""
    sent, repo_id = SentBytes(), await metered.repository(APP)
    stored: list[list[int]] = []

    async def pause(_seconds: float) -> None:
        stored.append(await sent_bytes(metered))
        sent.add(repo_id, 10)
        if len(stored) == 3:
            raise Enough

    with pytest.raises(Enough):
        await Sending(metered.running.database, sent, metered.running.clock, pause).run()

    assert stored == [[], [10], [20]]
    assert await sent_bytes(metered) == [30]


async def test_what_cannot_be_stored_is_stored_later(metered: Metered) -> None:
    """A process whose database refuses loses nothing."""
    sent, repo_id = SentBytes(), await metered.repository(APP)
    sending = Sending(metered.running.database, sent, metered.running.clock)
    sent.add(repo_id, 10)
    await asyncio.to_thread(metered.running.database.close)
    with pytest.raises(RuntimeError, match="closed"):
        await sending.store()

    assert sent.take() == {repo_id: 10}
