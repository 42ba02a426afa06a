# SPDX-License-Identifier: Apache-2.0
"""How many uploads one principal may have in progress, and how long one is waited for that still brings bytes."""

import asyncio
from contextlib import ExitStack

import pytest

from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.errors import TooManyRequests
from entrepot.registry import running_uploads
from entrepot.registry.running_uploads import SETTLE_SECONDS
from entrepot.registry.running_uploads import RunningUploads

pytestmark = pytest.mark.anyio

PAUSE_SECONDS = 0.05


def test_a_principal_has_so_many_and_no_more() -> None:
    """The one too many is told when to come again; another principal is not affected."""
    running = RunningUploads(2)
    with ExitStack() as stack:
        stack.enter_context(running.one_of("user:a"))
        stack.enter_context(running.one_of("user:a"))

        with pytest.raises(TooManyRequests) as refusal:
            stack.enter_context(running.one_of("user:a"))
        running.require_room("user:b")

    assert refusal.value.status == 429
    assert int(refusal.value.headers["Retry-After"]) > 0


def test_an_upload_that_ends_makes_room() -> None:
    """However it ends, and nobody is remembered who has none."""
    running = RunningUploads(1)
    for _ in range(3):
        with pytest.raises(ConnectionError), running.one_of("user:a"):
            raise ConnectionError

    running.require_room("user:a")
    assert not running._of


async def test_a_request_that_fails_is_waited_for_no_longer() -> None:
    """However it ends, and no session is remembered that nobody writes to."""
    running, upload_id = RunningUploads(1), new_ulid()
    with pytest.raises(ConnectionError), running.one_of("user:a", upload_id):
        raise ConnectionError

    left = await asyncio.wait_for(running.settle(upload_id), 2)
    assert SETTLE_SECONDS - 1 < left <= SETTLE_SECONDS
    assert not running._of
    assert not running._ends


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
        assert await asyncio.wait_for(running.settle(upload_id), 2) == 0
