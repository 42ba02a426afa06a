# SPDX-License-Identifier: Apache-2.0
"""Finding text inside text with `LIKE`, in which no character of what is looked for means anything but itself."""

from typing import Any

from sqlalchemy import Boolean
from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_ESCAPE = "\\"


class Contains(FunctionElement[bool]):
    """Whether a column of ASCII contains a text, in whatever case: `Contains(column, bindparam(…))`.

    The parameter's value is what `containing` returns. SQLite's `LIKE` knows no case
    of ASCII letters, and making every name small first would double its work.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[str], pattern: ColumnElement[str]) -> None:
        super().__init__(column, pattern)


def containing(text: str) -> str:
    """Return the pattern of what contains `text`."""
    quoted = "".join(f"{_ESCAPE}{each}" if each in (_ESCAPE, "%", "_") else each for each in text.lower())
    return f"%{quoted}%"


@compiles(Contains)
def _anywhere(element: Contains, compiler: SQLCompiler, **options: Any) -> str:
    column, pattern = (compiler.process(each, **options) for each in element.clauses)
    return f"lower({column}) LIKE {pattern} ESCAPE '{_ESCAPE}'"


@compiles(Contains, "sqlite")
def _on_sqlite(element: Contains, compiler: SQLCompiler, **options: Any) -> str:
    column, pattern = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} LIKE {pattern} ESCAPE '{_ESCAPE}'"
