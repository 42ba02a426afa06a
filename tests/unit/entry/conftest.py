# SPDX-License-Identifier: Apache-2.0
"""A working folder and logs of its own for each test, without settings from outside."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder, and no variable of ours; whatever a test sets is gone afterwards."""
    before = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    for name in before:
        if name.upper().startswith("ENTREPOT_"):
            del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True)
def restored_logs() -> Iterator[None]:
    """A command that configured the logs has done so for its test only."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
