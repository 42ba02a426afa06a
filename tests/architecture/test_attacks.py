# SPDX-License-Identifier: Apache-2.0
"""The threat model names tests that are there."""

import pytest

from dev.rules.attacks import attacks_are_tried
from tests.architecture.planting import PlantedTree

MODEL = "docs/explanation/threat-model.md"
TEST = "def test_a_door_is_locked() -> None: ...\n\n\nasync def test_a_window_is_shut() -> None: ...\n"


@pytest.mark.parametrize("test", ["test_a_door_is_locked", "test_a_window_is_shut"])
def test_an_attack_that_is_tried_is_left_alone(tree: PlantedTree, test: str) -> None:
    """A file of attacks, one of whose tests is named."""
    tree.plant("tests/attacks/test_doors.py", TEST)
    tree.plant(MODEL, f"| doors | locks | `tests/attacks/test_doors.py::{test}` |\n", header="")

    assert tree.found_by(attacks_are_tried) == []


@pytest.mark.parametrize("named", ["tests/attacks/test_doors.py::test_a_lock", "tests/api/test_locks.py::test_a_lock"])
def test_a_test_that_is_not_there_is_found(tree: PlantedTree, named: str) -> None:
    """Neither another function of the file will do, nor a file that is gone."""
    tree.plant("tests/attacks/test_doors.py", TEST)
    tree.plant(MODEL, f"`tests/attacks/test_doors.py::test_a_door_is_locked`\n`{named}`\n", header="")

    assert tree.found_by(attacks_are_tried) == [f"{MODEL}:2"]


def test_a_file_of_attacks_that_is_not_named_is_found(tree: PlantedTree) -> None:
    """Whoever reads the threat model learns of every class that is tried."""
    tree.plant("tests/attacks/test_doors.py", TEST)
    tree.plant(MODEL, "Nothing is locked.\n", header="")

    assert tree.found_by(attacks_are_tried) == ["tests/attacks/test_doors.py:1"]
