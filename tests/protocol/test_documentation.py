# SPDX-License-Identifier: Apache-2.0
"""The pages in docs/protocol name tests that exist, and no item without one."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "protocol").glob("*.md"))
CITED = re.compile(r"`(test_\w+)`")
TABLE_OF_TESTS = re.compile(r"\|[^|]+\|[^|]+\| tests \|")


def names_of_tests() -> set[str]:
    """Return the name of every test function."""
    names: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                names.add(node.name)
    return names


def rows_without_a_test(page: str) -> list[str]:
    """Return the rows of tables with a column of tests that name none."""
    missing: list[str] = []
    is_within = False
    for line in page.splitlines():
        if not line.startswith("|"):
            is_within = False
        elif TABLE_OF_TESTS.fullmatch(line):
            is_within = True
        elif is_within and not line.startswith("|---") and not CITED.search(line.rpartition(" | ")[2]):
            missing.append(line)
    return missing


def test_every_test_that_is_cited_exists() -> None:
    """A test that was renamed or deleted is renamed or deleted on these pages too."""
    cited = {name for page in PAGES for name in CITED.findall(page.read_text(encoding="utf-8"))}

    assert len(cited) > 100
    assert cited - names_of_tests() == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_item_names_its_tests(page: Path) -> None:
    """A row of a table of tests cites one at least."""
    assert rows_without_a_test(page.read_text(encoding="utf-8")) == []


def test_an_item_without_a_test_is_found() -> None:
    """A row that cites nothing, or only in another column, is reported."""
    head = "| item | what we do | tests |\n|---|---|---|\n"

    assert rows_without_a_test(head + "| a | b | `test_c` |\n| a | `test_b` | none |\n") == ["| a | `test_b` | none |"]
