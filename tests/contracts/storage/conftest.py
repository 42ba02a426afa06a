# SPDX-License-Identifier: Apache-2.0
"""What every storage promises, run against every implementation."""

from collections.abc import Callable
from pathlib import Path

import pytest

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.memory import MemoryStorage
from tests.fakes.faulty_storage import FaultyStorage
from tests.fakes.recorded_storage import RecordedStorage

IMPLEMENTATIONS: dict[str, Callable[[Path], Storage]] = {
    "filesystem": FilesystemStorage.open,
    "memory": lambda folder: MemoryStorage(folder.name),
    "encrypted-filesystem": lambda folder: RecordedStorage(FilesystemStorage.open(folder)),
    "encrypted-memory": lambda folder: RecordedStorage(MemoryStorage(folder.name)),
    "faultless-fake": lambda folder: FaultyStorage(MemoryStorage(folder.name)),
}


@pytest.fixture(params=IMPLEMENTATIONS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty storage."""
    return IMPLEMENTATIONS[request.param](tmp_path / "storage")
