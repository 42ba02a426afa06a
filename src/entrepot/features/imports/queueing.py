# SPDX-License-Identifier: Apache-2.0
"""The jobs of imports, put into the queue in the transactions that ask for them."""

import msgspec
from sqlalchemy import Connection

from entrepot.features.imports.models import Import
from entrepot.infra.jobs import queue
from entrepot.kernel.clock import Milliseconds

RUN = "imports.run"


class ImportWork(msgspec.Struct, frozen=True):
    """Which import a job is about, and which of its turns: an earlier one does nothing any more."""

    id: str
    turn: int


def enqueue(connection: Connection, wanted: Import, now: Milliseconds) -> None:
    """Have a job go on with an import."""
    work = ImportWork(wanted.id, wanted.turn)
    queue.enqueue(connection, RUN, work, now, unique_key=_key(wanted))


def is_under_way(connection: Connection, wanted: Import) -> bool:
    """Tell whether a job is to go on with an import."""
    return queue.is_open(connection, RUN, _key(wanted))


def stop(connection: Connection, stopped: Import, now: Milliseconds) -> None:
    """Have the job of an import stop."""
    job = queue.find_open(connection, RUN, _key(stopped))
    if job is not None:
        queue.cancel(connection, job, now)


def _key(wanted: Import) -> str:
    return f"{RUN}:{wanted.id}:{wanted.turn}"
