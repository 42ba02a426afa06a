# SPDX-License-Identifier: Apache-2.0
"""How a file begins: its licence, then what it is, in Python that every supported version reads."""

import ast
from collections.abc import Iterator
from pathlib import Path

from dev.rules.source import CODE_FOLDERS
from dev.rules.source import Violation
from dev.rules.source import parse
from dev.rules.source import python_files

LICENCE_LINE = "# SPDX-License-Identifier: Apache-2.0"


def files_name_their_licence(tree: Path) -> Iterator[Violation]:
    """The first line (the second, after `#!`) is the SPDX line."""
    for file in python_files(tree):
        lines = [line for line in file.text.splitlines()[:2] if not line.startswith("#!")]
        if lines[:1] != [LICENCE_LINE]:
            yield file.breaks("every file names its licence", f"Begin it with: {LICENCE_LINE}")


def modules_say_what_they_are(tree: Path) -> Iterator[Violation]:
    """Every module has a docstring."""
    for file in python_files(tree):
        if not ast.get_docstring(file.module):
            yield file.breaks("every module has a docstring", "Say in one sentence what somebody finds in it.")


def files_are_python(tree: Path) -> Iterator[Violation]:
    """Every file is valid for the oldest Python that runs the rules."""
    for folder in CODE_FOLDERS:
        for path in sorted((tree / folder).rglob("*.py")):
            if parse(path)[1] is None:
                remedy = f"Run `python -m py_compile {path.relative_to(tree)}` with Python 3.11 to see where."
                yield Violation(path.relative_to(tree), 1, "a file is valid Python 3.11", remedy)
