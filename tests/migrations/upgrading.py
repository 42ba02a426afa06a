# SPDX-License-Identifier: Apache-2.0
"""A second process that upgrades a database: `python -m … <what> <database>`."""

import os
import signal
import sys
from contextlib import closing
from typing import Any

from sqlalchemy import event

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from tests.builders.databases import engine_of
from tests.builders.databases import opened


def upgrade(database: Database) -> None:
    """Upgrade once the parent says so, and tell what there was before."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(f"{schema.upgrade(database).current}\n")


def die(database: Database, after: int) -> None:
    """Upgrade, and be killed before the statement number `after` of it that changes the schema."""
    count = 0

    def strike(*arguments: Any) -> None:
        nonlocal count
        count += str(arguments[2]).lstrip().upper().startswith(("CREATE", "INSERT", "COMMIT"))
        if count > after:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine_of(database), "before_cursor_execute", strike)
    schema.upgrade(database)


if __name__ == "__main__":
    with closing(opened(sys.argv[2])) as database:
        if sys.argv[1] == "upgrade":
            upgrade(database)
        else:
            die(database, int(sys.argv[1]))
