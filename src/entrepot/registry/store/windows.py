# SPDX-License-Identifier: Apache-2.0
"""For how long each project keeps what is deleted, where that is not as configured."""

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import ScalarSelect
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select

from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.registry.store.hold_tables import undelete_windows

MIN_DAYS, MAX_DAYS = 1, 90

_PUT = InsertOrUpdate(undelete_windows, ("namespace", "days"), ("namespace",), lambda new: {"days": new["days"]})
_REMOVE = delete(undelete_windows).where(undelete_windows.c.namespace == bindparam("of_namespace"))


def days_of(namespace: ColumnElement[str]) -> ScalarSelect[int | None]:
    """Return a part of a statement: for how many days a namespace keeps what is deleted, null for as configured."""
    return (
        select(undelete_windows.c.days)
        .where(undelete_windows.c.namespace == namespace)
        .correlate_except(undelete_windows)
        .scalar_subquery()
    )


def put(connection: Connection, namespace: str, days: int | None) -> None:
    """Set for how long; None for as configured. It counts for what is deleted from then on."""
    if days is None:
        connection.execute(_REMOVE, {"of_namespace": namespace})
    else:
        _PUT.run_all(connection, [(namespace, days)])
