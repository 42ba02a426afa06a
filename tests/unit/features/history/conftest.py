# SPDX-License-Identifier: Apache-2.0
"""A core with content, and the history of its tags."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.entry.everything import Everything
from entrepot.features.history.service import TagHistory
from entrepot.registry.rights import Rights
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.interop.core_alone import EverybodyIsKnown


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """Hold an empty core whose clock stands still, and whose window for restoring is one day."""
    with a_core(tmp_path, undelete_days=1) as running:
        yield running


@pytest.fixture
def history(running: RunningCore) -> TagHistory:
    """The history of that core's tags, for everybody."""
    return TagHistory(running.database, Rights(EverybodyIsKnown(), Everything()), running.undelete)
