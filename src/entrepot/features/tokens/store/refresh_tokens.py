# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about refresh tokens."""

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.tokens.models import RefreshToken
from entrepot.features.tokens.tables import refresh_tokens
from entrepot.infra.database.prepared import Prepared
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

_COLUMNS = (
    refresh_tokens.c.id,
    refresh_tokens.c.secret_sha256,
    refresh_tokens.c.principal,
    refresh_tokens.c.credential,
    refresh_tokens.c.created_at,
    refresh_tokens.c.used_at,
)
_OF_PRINCIPAL = refresh_tokens.c.principal == bindparam("of")
_FIND = Prepared(select(*_COLUMNS).where(refresh_tokens.c.id == bindparam("id")), "id")
_ADD = insert(refresh_tokens)
_TOUCH = update(refresh_tokens).where(refresh_tokens.c.id == bindparam("of")).values(used_at=bindparam("now"))
_WAS_USED_LATER = case((refresh_tokens.c.used_at > refresh_tokens.c.created_at, 1), else_=0)
_BEYOND = (
    select(refresh_tokens.c.id)
    .where(_OF_PRINCIPAL)
    .order_by(_WAS_USED_LATER.desc(), refresh_tokens.c.used_at.desc(), refresh_tokens.c.id.desc())
    .offset(bindparam("keep"))
)
_FORGET_BEYOND = delete(refresh_tokens).where(refresh_tokens.c.id.in_(_BEYOND))
_REMOVE_ALL = delete(refresh_tokens).where(_OF_PRINCIPAL)
_REMOVE_LOGINS = delete(refresh_tokens).where(_OF_PRINCIPAL, refresh_tokens.c.credential == bindparam("made_by"))
_UNUSED = select(refresh_tokens.c.id).where(refresh_tokens.c.used_at < bindparam("before")).limit(bindparam("limit"))
_PRUNE = delete(refresh_tokens).where(refresh_tokens.c.id.in_(_UNUSED))


def find(connection: Connection, token_id: Ulid) -> RefreshToken | None:
    """Return a refresh token."""
    row = _FIND.first(connection, token_id)
    return None if row is None else RefreshToken(*row)


def add(connection: Connection, token: RefreshToken, keep: int) -> None:
    """Store a refresh token, and forget what its principal has beyond `keep` others.

    Those go first that were never used after their first day, as a login in each run of a
    pipeline leaves them behind; then those that were not used for longest.
    """
    connection.execute(_FORGET_BEYOND, {"of": token.principal, "keep": keep})
    row = {
        "id": token.id,
        "secret_sha256": token.secret_sha256,
        "principal": token.principal,
        "credential": token.credential,
        "created_at": token.created_at,
        "used_at": token.used_at,
    }
    connection.execute(_ADD, row)


def touch(connection: Connection, token_id: Ulid, now: Milliseconds) -> None:
    """Note that a refresh token is in use."""
    connection.execute(_TOUCH, {"of": token_id, "now": now})


def remove_all(connection: Connection, principal: str) -> None:
    """Remove every refresh token of a principal."""
    connection.execute(_REMOVE_ALL, {"of": principal})


def remove_logins(connection: Connection, principal: str, credential: str) -> None:
    """Remove the refresh tokens that a principal was given for logging in with one credential."""
    connection.execute(_REMOVE_LOGINS, {"of": principal, "made_by": credential})


def prune(connection: Connection, before: Milliseconds, limit: int) -> int:
    """Remove up to `limit` refresh tokens that were not used since a moment; return how many."""
    return connection.execute(_PRUNE, {"before": before, "limit": limit}).rowcount
