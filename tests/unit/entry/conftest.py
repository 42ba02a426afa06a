# SPDX-License-Identifier: Apache-2.0
"""A working folder of its own for each test, without settings from outside."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


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
