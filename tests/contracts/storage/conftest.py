# SPDX-License-Identifier: Apache-2.0
"""What every storage promises, run against every implementation."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrepot.infra.storage.interface import Storage
from tests.contracts.storage.places import KINDS
from tests.contracts.storage.places import LOCAL
from tests.contracts.storage.places import opened_at
from tests.contracts.storage.places import server_of
from tests.fakes.recorded_storage import RecordedStorage


@pytest.fixture(params=KINDS)
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    """An empty storage."""
    kind: str = request.param
    if kind in LOCAL:
        yield await asyncio.to_thread(LOCAL[kind], tmp_path / "storage")
        return
    server = server_of(kind)
    async with server.serving():
        opened = await opened_at(server, kind, tmp_path)
        yield RecordedStorage(opened) if kind.startswith("encrypted") else opened
        await opened.close()
