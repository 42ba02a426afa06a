# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about exceptions from guardrails."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.features.guardrails.models import ExceptionTerms
from entrepot.features.guardrails.models import GuardrailException
from entrepot.features.guardrails.tables import guardrail_exceptions
from entrepot.features.guardrails.tables import guardrails
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

_COLUMNS = (
    guardrail_exceptions.c.id,
    guardrail_exceptions.c.guardrail,
    guardrail_exceptions.c.path_pattern,
    guardrail_exceptions.c.principal,
    guardrail_exceptions.c.reason,
    guardrail_exceptions.c.expires_at,
    guardrail_exceptions.c.created_at,
    guardrail_exceptions.c.created_by,
)
_IS_IN_FORCE = guardrail_exceptions.c.expires_at > bindparam("now")
_OF = guardrail_exceptions.c.guardrail == bindparam("of")
_IN_FORCE = select(*_COLUMNS).where(_IS_IN_FORCE).order_by(guardrail_exceptions.c.id)
_PAGE = (
    select(*_COLUMNS)
    .where(_OF, guardrail_exceptions.c.id > bindparam("after"))
    .order_by(guardrail_exceptions.c.id)
    .limit(bindparam("limit"))
)
_COUNT = select(func.count()).select_from(guardrail_exceptions).where(_OF, _IS_IN_FORCE)
_ADD = insert(guardrail_exceptions)
_REMOVE = delete(guardrail_exceptions).where(_OF, guardrail_exceptions.c.id == bindparam("the_id")).returning(*_COLUMNS)
_REMOVE_OF = (
    delete(guardrail_exceptions).where(guardrail_exceptions.c.principal == bindparam("of_whom")).returning(*_COLUMNS)
)
_ENDED = (
    select(guardrail_exceptions.c.id)
    .where(guardrail_exceptions.c.expires_at < bindparam("ended_before"))
    .order_by(guardrail_exceptions.c.expires_at)
    .limit(bindparam("limit"))
)
_PRUNE = delete(guardrail_exceptions).where(guardrail_exceptions.c.id.in_(_ENDED))


def in_force(connection: Connection, now: Milliseconds) -> list[GuardrailException]:
    """Return every exception that has not ended, oldest first."""
    return [_read(row) for row in connection.execute(_IN_FORCE, {"now": now})]


def page(connection: Connection, guardrail: str, after: str, limit: int) -> list[GuardrailException]:
    """Return up to `limit` exceptions from a guardrail behind the one with this id, oldest first, ended ones too."""
    return [_read(row) for row in connection.execute(_PAGE, {"of": guardrail, "after": after, "limit": limit})]


def count(connection: Connection, guardrail: str, now: Milliseconds) -> int:
    """Return how many exceptions from a guardrail are in force."""
    return connection.execute(_COUNT, {"of": guardrail, "now": now}).scalar_one()


def add(connection: Connection, given: GuardrailException) -> None:
    """Store an exception."""
    row = {
        "id": given.id,
        "guardrail": given.guardrail,
        "path_pattern": given.terms.path_pattern,
        "principal": given.terms.principal,
        "reason": given.terms.reason,
        "expires_at": given.terms.expires_at,
        "created_at": given.created_at,
        "created_by": given.created_by,
    }
    connection.execute(_ADD, row)


def remove(connection: Connection, guardrail: str, exception_id: str) -> GuardrailException | None:
    """Remove an exception; return it, None when the guardrail has no such one."""
    row = connection.execute(_REMOVE, {"of": guardrail, "the_id": exception_id}).first()
    return None if row is None else _read(row)


def remove_of(connection: Connection, principal: str) -> list[GuardrailException]:
    """Remove the exceptions for somebody such as `user:alice`, and return them."""
    return [_read(row) for row in connection.execute(_REMOVE_OF, {"of_whom": principal})]


def remove_within(connection: Connection, project: str) -> list[GuardrailException]:
    """Remove the exceptions that are about nothing but a project, themselves or by their guardrail; return them."""
    own, all_of = guardrail_exceptions.c.path_pattern, guardrails.c.path_pattern
    confined = select(guardrails.c.name).where(_is_within(all_of, project))
    removed = or_(_is_within(own, project), and_(own == "", guardrail_exceptions.c.guardrail.in_(confined)))
    return [_read(row) for row in connection.execute(delete(guardrail_exceptions).where(removed).returning(*_COLUMNS))]


def prune(connection: Connection, ended_before: Milliseconds, limit: int) -> int:
    """Remove up to `limit` exceptions that ended before a moment; return how many."""
    return connection.execute(_PRUNE, {"ended_before": ended_before, "limit": limit}).rowcount


def _is_within(path_pattern: ColumnElement[str], project: str) -> ColumnElement[bool]:
    return or_(path_pattern == project, path_pattern.startswith(f"{project}/", autoescape=True))


def _read(row: Any) -> GuardrailException:
    exception_id, guardrail, path_pattern, principal, reason, expires_at, created_at, created_by = row
    terms = ExceptionTerms(path_pattern, principal, reason, Milliseconds(expires_at))
    return GuardrailException(Ulid(exception_id), guardrail, terms, Milliseconds(created_at), created_by)
