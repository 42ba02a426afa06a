# SPDX-License-Identifier: Apache-2.0
"""Modes as they are stored: what the instance, or one project, lets happen right now."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import modes

INSTANCE = ""
"""The scope that is the whole registry; every other one is the name of a project."""


class Mode(StrEnum):
    """What may happen; each lets less happen than the one before it."""

    RW = "rw"
    NO_DELETE = "no-delete"
    READ_ONLY = "read-only"
    MAINTENANCE = "maintenance"

    @property
    def strictness(self) -> int:
        """How many modes are looser."""
        return _ORDER.index(self)


_ORDER = tuple(Mode)


@dataclass(frozen=True, slots=True)
class ModeSetting:
    """A mode, for which scope it was set, by whom (such as `user:alice`), when, and why, as clients are told."""

    scope: str
    mode: Mode
    reason: str
    set_by: str
    set_at: Milliseconds


_COLUMNS = (modes.c.scope, modes.c.mode, modes.c.reason, modes.c.set_by, modes.c.set_at)
_ALL = select(*_COLUMNS)
_FIND = _ALL.where(modes.c.scope == bindparam("of_scope"))
_COUNT = select(func.count()).select_from(modes)
_REMOVE = delete(modes).where(modes.c.scope == bindparam("of_scope"))


def every_setting(connection: Connection) -> dict[str, ModeSetting]:
    """Return every mode but `rw`, by scope: as many as `set_mode` lets there be."""
    return {row.scope: _setting(*row) for row in connection.execute(_ALL)}


def find(connection: Connection, scope: str) -> ModeSetting | None:
    """Return the mode of a scope, None for `rw`."""
    row = connection.execute(_FIND, {"of_scope": scope}).first()
    return None if row is None else _setting(*row)


def count(connection: Connection) -> int:
    """Return how many scopes have a mode but `rw`."""
    return connection.execute(_COUNT).scalar_one()


def put(connection: Connection, setting: ModeSetting) -> None:
    """Store a mode in place of what the scope had. What is `rw` has no row."""
    if setting.mode is Mode.RW:
        remove(connection, setting.scope)
        return
    values = {
        "mode": setting.mode.value,
        "reason": setting.reason,
        "set_by": setting.set_by,
        "set_at": setting.set_at,
    }
    insert = dialect_insert(connection, modes).values(scope=setting.scope, **values)
    connection.execute(insert.on_conflict_do_update(index_elements=["scope"], set_=values))


def remove(connection: Connection, scope: str) -> None:
    """Let a scope be `rw`."""
    connection.execute(_REMOVE, {"of_scope": scope})


def _setting(scope: str, mode: str, reason: str, set_by: str, set_at: int) -> ModeSetting:
    return ModeSetting(scope, Mode(mode), reason, set_by, Milliseconds(set_at))
