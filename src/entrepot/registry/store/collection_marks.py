# SPDX-License-Identifier: Apache-2.0
"""How far walks of the collector have come."""

from typing import TypeVar

import msgspec
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select

from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.registry.tables import collection_marks

T = TypeVar("T")

_FIND = Prepared(select(collection_marks.c.place).where(collection_marks.c.name == bindparam("name")), "name")
_SET = InsertOrUpdate(collection_marks, ("name", "place"), ("name",), lambda new: {"place": new["place"]})
_REMOVE = delete(collection_marks).where(collection_marks.c.name == bindparam("of_name"))


def find(connection: Connection, name: str, kind: type[T]) -> T | None:
    """Return the place that was kept under that name, None if there is none."""
    row = _FIND.first(connection, name)
    return None if row is None else msgspec.json.decode(row[0], type=kind)


def set_place(connection: Connection, name: str, place: object) -> None:
    """Keep a place, which is stored as JSON."""
    _SET.run_all(connection, [(name, msgspec.json.encode(place).decode())])


def remove(connection: Connection, name: str) -> None:
    """Forget a place: the walk begins anew."""
    connection.execute(_REMOVE, {"of_name": name})
