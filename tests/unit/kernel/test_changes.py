# SPDX-License-Identifier: Apache-2.0
"""What is told of changes."""

from pathlib import Path

import entrepot
from entrepot.kernel.changes import Change

SOURCES = Path(entrepot.__file__).parent


def test_every_change_is_told_somewhere() -> None:
    """There is no type of record that nothing makes."""
    told = "".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py") if path.stem != "changes")

    assert [change.name for change in Change if f"Change.{change.name}" not in told] == []


def test_changes_are_named_alike() -> None:
    """A noun, a dot, and what happened to it."""
    for change in Change:
        noun, dot, verb = change.value.partition(".")
        assert noun, change
        assert dot, change
        assert verb.replace("-", "").isalpha(), change
