# SPDX-License-Identifier: Apache-2.0
"""Files begin with their licence and say what they are."""

import pytest

from dev.rules.headers import files_are_python
from dev.rules.headers import files_name_their_licence
from dev.rules.headers import modules_say_what_they_are
from tests.architecture.planting import PlantedTree

PATH = "src/entrepot/kernel/planted.py"


@pytest.mark.parametrize("header", ["", '"""Planted."""\n', "\n# SPDX-License-Identifier: Apache-2.0\n"])
def test_a_file_without_its_licence_is_found(tree: PlantedTree, header: str) -> None:
    """The first line of a file names its licence."""
    tree.plant(PATH, header=header)

    assert tree.found_by(files_name_their_licence) == [f"{PATH}:1"]


def test_a_program_names_its_licence_after_its_interpreter(tree: PlantedTree) -> None:
    """`#!` may stand before the licence."""
    tree.plant(PATH, header="#!/usr/bin/env python3\n# SPDX-License-Identifier: Apache-2.0\n")

    assert tree.found_by(files_name_their_licence) == []


def test_a_module_without_a_docstring_is_found(tree: PlantedTree) -> None:
    """Every module says what it is, an empty `__init__.py` too."""
    tree.plant("tests/unit/__init__.py", header="# SPDX-License-Identifier: Apache-2.0\n")

    assert tree.found_by(modules_say_what_they_are) == ["tests/unit/__init__.py:1"]


def test_a_file_that_is_not_python_is_found(tree: PlantedTree) -> None:
    """A file that the oldest supported Python cannot read is a violation, and stops no other rule."""
    tree.plant(PATH, "def broken(:\n")

    assert tree.found_by(files_are_python) == [f"{PATH}:1"]
    assert tree.found_by(modules_say_what_they_are) == []
