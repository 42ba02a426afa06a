# SPDX-License-Identifier: Apache-2.0
"""What rules are made of: violations, parsed source files and their imports."""

import ast
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path("src/entrepot")
"""The product, relative to the root of a tree."""

CODE_FOLDERS = ("src", "tests", "dev", "bench")
GENERATED_FOLDERS = (PACKAGE / "infra/database/migrations/versions",)
"""Outside the rules on size: written by alembic, kept for ever."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: where, what the rule is, and what to do about it."""

    path: Path
    """Relative to the root of the tree."""
    line: int
    rule: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}\n    {self.remedy}"


Rule = Callable[[Path], Iterator[Violation]]
"""Takes the root of a tree and yields every violation in it."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A parsed Python file."""

    path: Path
    """Relative to the root of the tree."""
    text: str
    module: ast.Module

    def breaks(self, rule: str, remedy: str, line: int = 1) -> Violation:
        """Describe a violation in this file."""
        return Violation(self.path, line, rule, remedy)

    @property
    def name(self) -> str:
        """The dotted name it is imported by, such as `entrepot.oci.digest`."""
        parts = self.path.with_suffix("").parts
        parts = parts[1:] if parts[0] == "src" else parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `from module import name`, or `import module` with an empty name."""

    module: str
    name: str
    line: int

    @property
    def library(self) -> str:
        """The top-level package that it reaches."""
        return self.module.partition(".")[0]


def python_files(tree: Path, *folders: str | Path) -> Iterator[SourceFile]:
    """Parse every Python file below `folders` (all code by default), in a stable order.

    A file that is not Python is left to the rule that says so.
    """
    for folder in folders or CODE_FOLDERS:
        for path in sorted((tree / folder).rglob("*.py")):
            text, module = parse(path)
            if module is not None:
                yield SourceFile(path.relative_to(tree), text, module)


def parse(path: Path) -> tuple[str, ast.Module | None]:
    """Read a file and its syntax tree: None when this Python cannot read it."""
    status = path.stat()
    return _parse(path, status.st_mtime_ns, status.st_size)


def hand_written_files(tree: Path) -> Iterator[SourceFile]:
    """Parse every Python file that is not generated."""
    for file in python_files(tree):
        if file.path.parent not in GENERATED_FOLDERS:
            yield file


def imports(file: SourceFile) -> Iterator[Import]:
    """Yield everything that a file imports, wherever in the file it does so."""
    for node in ast.walk(file.module):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, "", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (Import(node.module or "", alias.name, node.lineno) for alias in node.names)


def strings(file: SourceFile) -> Iterator[str]:
    """Yield every string literal of a file, docstrings included."""
    for node in ast.walk(file.module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def _parse(path: Path, _modified_ns: int, _size: int) -> tuple[str, ast.Module | None]:
    text = path.read_text(encoding="utf-8")
    try:
        return text, ast.parse(text, filename=str(path))
    except SyntaxError:
        return text, None
