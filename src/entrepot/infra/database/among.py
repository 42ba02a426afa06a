# SPDX-License-Identifier: Apache-2.0
"""Looking for thousands of texts, or numbers, in one statement.

On PostgreSQL one parameter holds all of them: `column IN (…)` has one for each, and to spell those took a fifth of
the time of planning a large repository. SQLite spells them fast, and seeks for each only where it sees how many
there are.
"""

from typing import Any

from sqlalchemy import Boolean
from sqlalchemy import ColumnElement
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine


class Among(FunctionElement[bool]):
    """Whether a column of text is among those of a parameter, a list: `Among(column, "digests")`.

    `of` is the type of a column of something else. Give it a few thousand at once: SQLite has no more parameters than
    32,766.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str, of: TypeEngine[Any] | None = None) -> None:
        in_many = column.in_(bindparam(name, expanding=True))
        super().__init__(in_many, column == bindparam(name, type_=ARRAY(of or Text())).any_())

    def self_group(self, against: OperatorType | None = None) -> Any:
        """Stand as it is: compared with 1, as a function is where there are no booleans, it would seek nothing."""
        return self


@compiles(Among)
def _in_many(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    in_many, _ = element.clauses
    return compiler.process(in_many, **options)


@compiles(Among, "postgresql")
def _in_array(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    _, in_array = element.clauses
    return compiler.process(in_array, **options)
