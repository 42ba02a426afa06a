# SPDX-License-Identifier: Apache-2.0
"""How far walks of the collector have come."""

from typing import TypeVar

import msgspec
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select

from entrepot.infra.database.upsert import dialect_insert
from entrepot.registry.tables import collection_marks

T = TypeVar("T")

_FIND = select(collection_marks.c.place).where(collection_marks.c.name == bindparam("name"))
_REMOVE = delete(collection_marks).where(collection_marks.c.name == bindparam("of_name"))


def find(connection: Connection, name: str, kind: type[T]) -> T | None:
    """Return the place that was kept under that name, None if there is none."""
    place = connection.execute(_FIND, {"name": name}).scalar()
    return None if place is None else msgspec.json.decode(place, type=kind)


def set_place(connection: Connection, name: str, place: object) -> None:
    """Keep a place, which is stored as JSON."""
    values = {"name": name, "place": msgspec.json.encode(place).decode()}
    statement = dialect_insert(connection, collection_marks).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"place": values["place"]}))


def remove(connection: Connection, name: str) -> None:
    """Forget a place: the walk begins anew."""
    connection.execute(_REMOVE, {"of_name": name})
