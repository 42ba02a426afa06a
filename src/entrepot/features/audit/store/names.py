# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement on names and the pseudonyms that stand for them in the chain."""

from collections.abc import Collection
from collections.abc import Mapping
from typing import NamedTuple
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update

from entrepot.features.audit.models import Month
from entrepot.features.audit.models import Pseudonym
from entrepot.features.audit.record import new_salt
from entrepot.features.audit.record import pseudonym_of
from entrepot.features.audit.tables import audit_names

T = TypeVar("T")

NAMES_PER_STATEMENT = 200

Key = tuple[str, str]
"""A kind and a name."""


class StoredName(NamedTuple):
    """Whom a pseudonym stands for, and what it was made with."""

    pseudonym: Pseudonym
    kind: str
    name: str
    salt: bytes | None


_KEY = tuple_(audit_names.c.kind, audit_names.c.name)
_KNOWN = select(audit_names.c.kind, audit_names.c.name, audit_names.c.pseudonym, audit_names.c.last_month).where(
    _KEY.in_(bindparam("keys", expanding=True))
)
_NAMES = select(audit_names.c.pseudonym, audit_names.c.name).where(
    audit_names.c.pseudonym.in_(bindparam("pseudonyms", expanding=True))
)
_FIND = select(audit_names.c.pseudonym).where(
    audit_names.c.kind == bindparam("kind"), audit_names.c.name == bindparam("name")
)
_PAGE = (
    select(*(audit_names.c[each] for each in StoredName._fields))
    .where(audit_names.c.pseudonym > bindparam("after"), audit_names.c.name.is_not(None))
    .order_by(audit_names.c.pseudonym)
    .limit(bindparam("limit"))
)
_ADD = insert(audit_names)
_USE = (
    update(audit_names)
    .where(audit_names.c.pseudonym.in_(bindparam("pseudonyms", expanding=True)))
    .values(last_month=bindparam("month"))
)
_ERASE = update(audit_names).where(audit_names.c.pseudonym == bindparam("of")).values(name=None, salt=None)
_PRUNE = delete(audit_names).where(audit_names.c.last_month < bindparam("month"))


def pseudonyms(connection: Connection, keys: Collection[Key], month: Month) -> dict[Key, Pseudonym]:
    """Return what stands for each of these, made where there is none; hold the head of the chain meanwhile."""
    found: dict[Key, Pseudonym] = {}
    outdated = []
    for some in _portions(sorted(keys)):
        for row in connection.execute(_KNOWN, {"keys": some}):
            found[row.kind, row.name] = Pseudonym(row.pseudonym)
            if row.last_month != month:
                outdated.append(row.pseudonym)
    new: dict[Key, Pseudonym] = {}
    rows = []
    for kind, name in sorted(set(keys) - found.keys()):
        salt = new_salt()
        new[kind, name] = pseudonym = pseudonym_of(kind, name, salt)
        rows.append({"pseudonym": pseudonym, "kind": kind, "name": name, "last_month": month, "salt": salt})
    if rows:
        connection.execute(_ADD, rows)
    for some in _portions(outdated):
        connection.execute(_USE, {"pseudonyms": some, "month": month})
    return found | new


def page(connection: Connection, after: Pseudonym, limit: int) -> list[StoredName]:
    """Return up to `limit` names that were not erased, behind that of a pseudonym."""
    found = connection.execute(_PAGE, {"after": after, "limit": limit})
    return [StoredName(Pseudonym(pseudonym), *row) for pseudonym, *row in found]


def find(connection: Connection, kind: str, name: str) -> Pseudonym | None:
    """Return what stands for this name, None if nothing does."""
    found = connection.execute(_FIND, {"kind": kind, "name": name}).scalar()
    return None if found is None else Pseudonym(found)


def names_of(connection: Connection, wanted: Collection[Pseudonym]) -> Mapping[Pseudonym, str | None]:
    """Return whom each stands for, None where that was erased."""
    found: dict[Pseudonym, str | None] = {}
    for some in _portions(sorted(wanted)):
        found |= {Pseudonym(row.pseudonym): row.name for row in connection.execute(_NAMES, {"pseudonyms": some})}
    return found


def erase(connection: Connection, pseudonym: Pseudonym) -> None:
    """Forget for good whom it stands for."""
    connection.execute(_ERASE, {"of": pseudonym})


def prune(connection: Connection, month: Month) -> int:
    """Forget names that no record from this month on has; return how many."""
    return connection.execute(_PRUNE, {"month": month}).rowcount


def _portions(values: list[T]) -> list[list[T]]:
    return [values[start : start + NAMES_PER_STATEMENT] for start in range(0, len(values), NAMES_PER_STATEMENT)]
