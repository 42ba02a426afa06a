# SPDX-License-Identifier: Apache-2.0
"""What an upgrade consists of: its migrations, the rows they go through, and about how long that takes.

A migration that works on rows that are there already says so at its top: `VISITS`
names the tables whose rows it reads one by one, and rewrites where need be;
`INDEXES` names the table of each index that it builds of such rows.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VISITED_ROWS_PER_SECOND = 10_000
INDEXED_ROWS_PER_SECOND = 150_000
"""Lower than what a small machine does on either engine (docs/how-to/upgrade.md): an estimate, no promise."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema, as its file describes it. A table is named as often as its rows are gone through."""

    revision: str
    description: str
    visits: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()

    @property
    def tables(self) -> list[str]:
        """The tables with work to do, each once, by name."""
        return sorted({*self.visits, *self.indexes})


@dataclass(frozen=True, slots=True)
class TableWork:
    """How often a migration goes through the rows of a table: to read or rewrite them, and to build indexes."""

    table: str
    rows: int
    visits: int
    indexes: int

    @property
    def seconds(self) -> float:
        """About how long that takes."""
        return self.rows * (self.visits / VISITED_ROWS_PER_SECOND + self.indexes / INDEXED_ROWS_PER_SECOND)


@dataclass(frozen=True, slots=True)
class Step:
    """A migration that is to be done on a database that has so many rows."""

    revision: str
    description: str
    work: tuple[TableWork, ...]

    @property
    def seconds(self) -> float:
        """About how long it takes."""
        return sum(each.seconds for each in self.work)


@dataclass(frozen=True, slots=True)
class Plan:
    """The way from the revision `current` (None for an empty database) to the one that this program needs."""

    current: str | None
    needed: str
    steps: tuple[Step, ...]

    @property
    def seconds(self) -> float:
        """About how long it takes."""
        return sum(step.seconds for step in self.steps)


def read_migration(file: Path) -> Migration:
    """Read what the file of a migration says about itself, without running it."""
    module = ast.parse(file.read_text(encoding="utf-8"))
    said = {
        node.targets[0].id: node.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    visits, indexes = (ast.literal_eval(said[name]) if name in said else () for name in ("VISITS", "INDEXES"))
    description = (ast.get_docstring(module) or "").partition("\n")[0]
    return Migration(file.name.partition("_")[0], description, visits, indexes)


def step(migration: Migration, rows: Mapping[str, int]) -> Step:
    """Put a migration beside the number of rows of each table there is; of the others it makes some itself."""
    work = [
        TableWork(table, rows[table], migration.visits.count(table), migration.indexes.count(table))
        for table in migration.tables
        if table in rows
    ]
    return Step(migration.revision, migration.description, tuple(work))
