# SPDX-License-Identifier: Apache-2.0
"""Whoever asks where an upload stands is told once the request has ended that still brings bytes, or after a while."""

import asyncio
from contextlib import ExitStack

import pytest

from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.errors import TooManyRequests
from entrepot.registry import running_uploads
from entrepot.registry.running_uploads import RunningUploads

pytestmark = pytest.mark.anyio

PAUSE_SECONDS = 0.05


async def test_an_upload_is_settled_when_its_last_request_has_ended() -> None:
    """Not when the first of two has, and whatever becomes of other sessions."""
    running, mine, other = RunningUploads(limit=10), new_ulid(), new_ulid()
    with running.one_of("user:ada", other):
        with running.one_of("user:ada", mine):
            with running.one_of("user:ada", mine):
                settled = asyncio.create_task(running.settle(mine))
                await asyncio.sleep(PAUSE_SECONDS)
            await asyncio.sleep(PAUSE_SECONDS)
            assert not settled.done()

        await asyncio.wait_for(settled, 2)


async def test_nobody_waits_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is still sending may be asked about too."""
    monkeypatch.setattr(running_uploads, "SETTLE_SECONDS", 0.1)
    running, upload_id = RunningUploads(limit=10), new_ulid()

    with running.one_of("user:ada", upload_id):
        await asyncio.wait_for(running.settle(upload_id), 2)


def test_a_principal_has_room_again_when_a_request_ends() -> None:
    """However it ended."""
    running = RunningUploads(limit=2)
    with ExitStack() as both:
        for _ in range(2):
            both.enter_context(running.one_of("user:ada", new_ulid()))
        with pytest.raises(TooManyRequests):
            running.require_room("user:ada")
        running.require_room("user:bob")

    running.require_room("user:ada")
