# SPDX-License-Identifier: Apache-2.0
"""What every storage promises, run against every implementation."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrepot.infra.storage.interface import Storage
from tests.contracts.storage.places import AROUND
from tests.contracts.storage.places import KINDS
from tests.contracts.storage.places import LOCAL
from tests.contracts.storage.places import opened_at
from tests.contracts.storage.places import server_of


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
        around = AROUND.get(kind)
        yield opened if around is None else await asyncio.to_thread(around, opened, tmp_path / "folder")
        await opened.close()
