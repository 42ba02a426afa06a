# SPDX-License-Identifier: Apache-2.0
"""Comparing text with a pattern in which `*` stands for any characters, and no other means anything but itself."""

from typing import Any

from sqlalchemy import Boolean
from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_ESCAPE = "\\"


class Matches(FunctionElement[bool]):
    """Whether a column is like a pattern, capitals and all: `Matches(column, bindparam(…))`.

    The parameter's value is what `pattern` returns for the engine. SQLite's `LIKE` knows no case, its `GLOB` does.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[str], wanted: ColumnElement[str]) -> None:
        super().__init__(column, wanted)


def pattern(text: str, engine: str) -> str:
    """Return what an engine (`sqlite` or `postgresql`) calls the pattern."""
    if engine == "sqlite":
        return "".join(f"[{each}]" if each in "?[" else each for each in text)
    quoted = "".join(f"{_ESCAPE}{each}" if each in (_ESCAPE, "%", "_") else each for each in text)
    return quoted.replace("*", "%")


@compiles(Matches)
def _like(element: Matches, compiler: SQLCompiler, **options: Any) -> str:
    column, wanted = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} LIKE {wanted} ESCAPE '{_ESCAPE}'"


@compiles(Matches, "sqlite")
def _glob(element: Matches, compiler: SQLCompiler, **options: Any) -> str:
    column, wanted = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} GLOB {wanted}"
