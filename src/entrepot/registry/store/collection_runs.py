# SPDX-License-Identifier: Apache-2.0
"""Runs of the collector, and what each of them did."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.tables import collection_runs


class RunState(StrEnum):
    """Where a run is. The last three are final."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """Cancelled, paused, or its process died. The next run goes on where it was."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One run; `cause` is who started it, and the report is JSON."""

    id: Ulid
    cause: str
    state: RunState
    started_at: Milliseconds
    finished_at: Milliseconds | None
    report: str


NEWEST = "Z" * 26
"""Behind every id."""

_RUNS = select(
    collection_runs.c.id,
    collection_runs.c.cause,
    collection_runs.c.state,
    collection_runs.c.started_at,
    collection_runs.c.finished_at,
    collection_runs.c.report,
)
_FIND = _RUNS.where(collection_runs.c.id == bindparam("run_id"))
_PAGE = (
    _RUNS.where(collection_runs.c.id < bindparam("before"))
    .order_by(collection_runs.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_NEWEST_IDS = select(collection_runs.c.id).order_by(collection_runs.c.id.desc()).limit(10)
_STOP = (
    update(collection_runs)
    .where(collection_runs.c.state == RunState.RUNNING, collection_runs.c.id.in_(_NEWEST_IDS))
    .values(state=RunState.STOPPED.value, finished_at=bindparam("now"))
)
_OLDEST_IDS = select(collection_runs.c.id).order_by(collection_runs.c.id).limit(100)
_PRUNE = delete(collection_runs).where(
    collection_runs.c.id.in_(_OLDEST_IDS), collection_runs.c.started_at < bindparam("before", type_=BigInteger)
)


def save(connection: Connection, run: Run) -> None:
    """Store a run, or how far it has come."""
    values = {
        "id": run.id,
        "cause": run.cause,
        "state": run.state.value,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "report": run.report,
    }
    changes = {name: values[name] for name in ("state", "finished_at", "report")}
    statement = dialect_insert(connection, collection_runs).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes))


def stop_others(connection: Connection, now: Milliseconds) -> None:
    """Mark runs as stopped whose process died: there is one run at a time."""
    connection.execute(_STOP, {"now": now})


def prune(connection: Connection, before: Milliseconds) -> None:
    """Forget some of the runs that were begun before a moment."""
    connection.execute(_PRUNE, {"before": before})


def find(connection: Connection, run_id: Ulid) -> Run | None:
    """Return one run."""
    row = connection.execute(_FIND, {"run_id": run_id}).first()
    return None if row is None else _run(row)


def page(connection: Connection, before: str, limit: int) -> list[Run]:
    """Return up to `limit` runs begun before the one named `before`, newest first."""
    return [_run(row) for row in connection.execute(_PAGE, {"before": before, "limit": limit})]


def _run(row: Sequence[Any]) -> Run:
    run_id, cause, state, *rest = row
    return Run(run_id, cause, RunState(state), *rest)
