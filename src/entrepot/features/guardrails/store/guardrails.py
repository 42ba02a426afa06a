# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about guardrails themselves."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.guardrails.models import Guardrail
from entrepot.features.guardrails.models import GuardrailException
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.models import GuardrailMode
from entrepot.features.guardrails.models import GuardrailTerms
from entrepot.features.guardrails.models import Options
from entrepot.features.guardrails.store import exceptions
from entrepot.features.guardrails.tables import guardrails
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InvalidRequest

_COLUMNS = (
    guardrails.c.name,
    guardrails.c.path_pattern,
    guardrails.c.kind,
    guardrails.c.options,
    guardrails.c.mode,
    guardrails.c.reason,
    guardrails.c.created_at,
    guardrails.c.created_by,
    guardrails.c.changed_at,
    guardrails.c.changed_by,
)
_ALL = select(*_COLUMNS).order_by(guardrails.c.name)
_FIND = select(*_COLUMNS).where(guardrails.c.name == bindparam("name"))
_LOCK = _FIND.with_for_update()
_PAGE = _ALL.where(guardrails.c.name > bindparam("after")).limit(bindparam("limit"))
_COUNT = select(func.count()).select_from(guardrails)
_NAMES_AMONG = select(guardrails.c.name).where(guardrails.c.name.in_(bindparam("names", expanding=True)))
_CHANGE = (
    update(guardrails)
    .where(guardrails.c.name == bindparam("the_name"))
    .values(
        mode=bindparam("mode"),
        reason=bindparam("reason"),
        changed_at=bindparam("changed_at"),
        changed_by=bindparam("changed_by"),
    )
)
_REMOVE = delete(guardrails).where(guardrails.c.name == bindparam("the_name"))


def everything(connection: Connection, now: Milliseconds) -> tuple[list[Guardrail], list[GuardrailException]]:
    """Return every guardrail that this version understands, by name, and every exception that has not ended."""
    return _read(connection.execute(_ALL)), exceptions.in_force(connection, now)


def page(connection: Connection, after: str, limit: int) -> list[Guardrail]:
    """Return up to `limit` guardrails behind the name `after`, by name."""
    return _read(connection.execute(_PAGE, {"after": after, "limit": limit}))


def find(connection: Connection, name: str) -> Guardrail | None:
    """Return the guardrail of this name."""
    return next(iter(_read(connection.execute(_FIND, {"name": name}))), None)


def lock(connection: Connection, name: str) -> Guardrail | None:
    """Return the same; nobody else changes it until this transaction ends."""
    return next(iter(_read(connection.execute(_LOCK, {"name": name}))), None)


def count(connection: Connection) -> int:
    """Return how many guardrails there are."""
    return connection.execute(_COUNT).scalar_one()


def names_among(connection: Connection, names: Iterable[str]) -> set[str]:
    """Return those of `names` that guardrails have."""
    return set(connection.execute(_NAMES_AMONG, {"names": list(names)}).scalars())


def add(connection: Connection, guardrail: Guardrail) -> bool:
    """Store a guardrail unless there is one of its name; tell whether this call did."""
    terms = guardrail.terms
    row = {
        "name": guardrail.name,
        "path_pattern": terms.path_pattern,
        "kind": terms.kind.value,
        "options": msgspec.json.encode(terms.options).decode(),
        "mode": guardrail.mode.value,
        "reason": guardrail.reason,
        "created_at": guardrail.created_at,
        "created_by": guardrail.created_by,
        "changed_at": guardrail.changed_at,
        "changed_by": guardrail.changed_by,
    }
    return insert_if_absent(connection, guardrails, row)


def change(connection: Connection, guardrail: Guardrail) -> None:
    """Store the mode and the reason of a guardrail, and who changed them."""
    values = {
        "the_name": guardrail.name,
        "mode": guardrail.mode.value,
        "reason": guardrail.reason,
        "changed_at": guardrail.changed_at,
        "changed_by": guardrail.changed_by,
    }
    connection.execute(_CHANGE, values)


def remove(connection: Connection, name: str) -> None:
    """Remove a guardrail with its exceptions and what it would have refused."""
    connection.execute(_REMOVE, {"the_name": name})


def _read(rows: Iterable[Any]) -> list[Guardrail]:
    """Read rows; what a newer version wrote, and this one does not understand, is left out."""
    found: list[Guardrail] = []
    for name, path_pattern, kind, options, mode, *rest in rows:
        with suppress(ValueError, InvalidRequest, msgspec.ValidationError):
            read = msgspec.json.decode(options, type=Options)
            terms = GuardrailTerms(path_pattern, GuardrailKind(kind), read)
            found.append(Guardrail(name, terms, GuardrailMode(mode), *rest))
    return found
