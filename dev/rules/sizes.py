# SPDX-License-Identifier: Apache-2.0
"""How long things may be. A budget, so that nothing grows without a decision."""

import ast
from collections.abc import Iterator
from pathlib import Path

from dev.rules.source import SourceFile
from dev.rules.source import Violation
from dev.rules.source import hand_written_files

FILE_LINES = 400
FUNCTION_LINES = 50
TEST_LINES = 25
CONFTEST_LINES = 150

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def files_are_short(tree: Path) -> Iterator[Violation]:
    """A file has at most 400 lines, a `conftest.py` at most 150."""
    for file in hand_written_files(tree):
        is_conftest = file.path.name == "conftest.py"
        limit = CONFTEST_LINES if is_conftest else FILE_LINES
        lines = len(file.text.splitlines())
        if lines > limit:
            remedy = "Put fixtures beside their tests." if is_conftest else "Split it by what its parts do."
            yield file.breaks(f"{lines} lines, and {limit} is the limit", remedy, limit + 1)


def functions_are_short(tree: Path) -> Iterator[Violation]:
    """A function has at most 50 lines, a test at most 25, signature and docstring included."""
    for file in hand_written_files(tree):
        for function in _functions(file):
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            is_test = file.path.parts[0] == "tests" and function.name.startswith("test_")
            limit = TEST_LINES if is_test else FUNCTION_LINES
            if lines > limit:
                remedy = "Move arranging into a builder." if is_test else "Give its steps names of their own."
                rule = f"{function.name} has {lines} lines, and {limit} is the limit"
                yield file.breaks(rule, remedy, function.lineno)


def _functions(file: SourceFile) -> Iterator[FunctionNode]:
    for node in ast.walk(file.module):
        if isinstance(node, FunctionNode):
            yield node
