# SPDX-License-Identifier: Apache-2.0
"""What the threat model says of attacks is true of the tests: each that it names is there, and no file is left out."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from dev.rules.source import Violation
from dev.rules.source import parse

THREAT_MODEL = Path("docs/explanation/threat-model.md")
ATTACKS = Path("tests/attacks")

_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def attacks_are_tried(tree: Path) -> Iterator[Violation]:
    """Every test that the threat model names as `path::test` is there, and it names one of every file of attacks."""
    if not (tree / THREAT_MODEL).is_file():
        return
    named: set[str] = set()
    for line, text in enumerate((tree / THREAT_MODEL).read_text(encoding="utf-8").splitlines(), 1):
        for path, test in _NAMED.findall(text):
            named.add(path)
            if test not in _tests_in(tree / path):
                yield Violation(THREAT_MODEL, line, f"{path}::{test} is there", "Name the test that tries this attack.")
    for file in sorted((tree / ATTACKS).glob("test_*.py")):
        path = file.relative_to(tree)
        if path.as_posix() not in named:
            yield Violation(path, 1, "attacks are in the threat model", f"Name one of its tests in {THREAT_MODEL}.")


def _tests_in(path: Path) -> set[str]:
    module = parse(path)[1] if path.is_file() else None
    functions = ast.walk(module) if module else ()
    return {each.name for each in functions if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
