# SPDX-License-Identifier: Apache-2.0
"""Files and functions stay short."""

from dev.rules.sizes import files_are_short
from dev.rules.sizes import functions_are_short
from tests.architecture.planting import PlantedTree


def lines(count: int, indent: str = "") -> str:
    """Write that many statements."""
    return f"{indent}x = 1\n" * count


def test_a_file_over_400_lines_is_found(tree: PlantedTree) -> None:
    """A file may have 400 lines and no more."""
    tree.plant("src/entrepot/kernel/full.py", lines(398))
    tree.plant("src/entrepot/kernel/long.py", lines(399))

    assert tree.found_by(files_are_short) == ["src/entrepot/kernel/long.py:401"]


def test_a_conftest_over_150_lines_is_found(tree: PlantedTree) -> None:
    """Fixtures stand beside their tests, so no conftest grows."""
    tree.plant("tests/unit/conftest.py", lines(149))

    assert tree.found_by(files_are_short) == ["tests/unit/conftest.py:151"]


def test_generated_migrations_may_be_long(tree: PlantedTree) -> None:
    """A migration, written by alembic and kept for ever, is outside the rules on size."""
    tree.plant("src/entrepot/infra/database/migrations/versions/0001.py", lines(500))

    assert tree.found_by(files_are_short) == []


def test_a_function_over_50_lines_is_found(tree: PlantedTree) -> None:
    """A function may have 50 lines, its signature included, wherever it is defined."""
    tree.plant("src/entrepot/kernel/full.py", "def full():\n" + lines(49, "    "))
    tree.plant("src/entrepot/kernel/long.py", "class A:\n    async def long(self):\n" + lines(50, "        "))

    assert tree.found_by(functions_are_short) == ["src/entrepot/kernel/long.py:4"]


def test_a_test_over_25_lines_is_found(tree: PlantedTree) -> None:
    """A test may have 25 lines; what surrounds it may have 50."""
    tree.plant("tests/unit/test_long.py", "def test_long():\n" + lines(25, "    "))
    tree.plant("tests/unit/builders.py", "def an_image():\n" + lines(25, "    "))

    assert tree.found_by(functions_are_short) == ["tests/unit/test_long.py:3"]
