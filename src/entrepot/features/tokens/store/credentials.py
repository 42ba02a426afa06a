# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about the secrets that programs log in with."""

from collections.abc import Collection

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.tables import IS_NOT_REVOKED
from entrepot.features.tokens.tables import credentials
from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

_COLUMNS = (
    credentials.c.id,
    credentials.c.principal,
    credentials.c.name,
    credentials.c.secret_sha256,
    credentials.c.created_at,
    credentials.c.created_by,
    credentials.c.expires_at,
    credentials.c.revoked_at,
)
_OF_PRINCIPAL = credentials.c.principal == bindparam("of")
_ENDED = or_(credentials.c.revoked_at <= bindparam("now"), credentials.c.expires_at <= bindparam("now"))
_IS_LIVE = and_(
    or_(credentials.c.revoked_at.is_(None), credentials.c.revoked_at > bindparam("now")),
    or_(credentials.c.expires_at.is_(None), credentials.c.expires_at > bindparam("now")),
)

_FIND = Prepared(select(*_COLUMNS).where(credentials.c.id == bindparam("id")), "id")
_NAMED = select(*_COLUMNS).where(_OF_PRINCIPAL, credentials.c.name == bindparam("name"), IS_NOT_REVOKED)
_PAGE = (
    select(*_COLUMNS)
    .where(_OF_PRINCIPAL, credentials.c.id < bindparam("before"))
    .order_by(credentials.c.id.desc())
    .limit(bindparam("limit"))
)
_CURRENT = select(*_COLUMNS).where(credentials.c.principal.in_(bindparam("principals", expanding=True)), IS_NOT_REVOKED)
_COUNT_LIVE = select(func.count()).select_from(credentials).where(_OF_PRINCIPAL, _IS_LIVE)
_REVOKE = (
    update(credentials)
    .where(
        credentials.c.id == bindparam("of"),
        or_(credentials.c.revoked_at.is_(None), credentials.c.revoked_at > bindparam("at")),
    )
    .values(revoked_at=bindparam("at"))
)
_REVOKE_ALL = (
    update(credentials)
    .where(_OF_PRINCIPAL, or_(credentials.c.revoked_at.is_(None), credentials.c.revoked_at > bindparam("at")))
    .values(revoked_at=bindparam("at"))
)
_ENDED_BEYOND = (
    select(credentials.c.id).where(_OF_PRINCIPAL, _ENDED).order_by(credentials.c.id.desc()).offset(bindparam("keep"))
)
_FORGET_ENDED_BEYOND = delete(credentials).where(credentials.c.id.in_(_ENDED_BEYOND))
_REMOVE_ALL = delete(credentials).where(_OF_PRINCIPAL)
_LONG_ENDED = select(credentials.c.id).where(_ENDED).limit(bindparam("limit"))
_PRUNE = delete(credentials).where(credentials.c.id.in_(_LONG_ENDED))


def find(connection: Connection, credential_id: Ulid) -> Credential | None:
    """Return a credential, whatever its state."""
    row = _FIND.first(connection, credential_id)
    return None if row is None else Credential(*row)


def named(connection: Connection, principal: str, name: str) -> Credential | None:
    """Return the credential of this name that was not revoked; it may have expired."""
    row = connection.execute(_NAMED, {"of": principal, "name": name}).first()
    return None if row is None else Credential(*row)


def page(connection: Connection, principal: str, before: str, limit: int) -> list[Credential]:
    """Return up to `limit` credentials of a principal that are older than the id `before`, newest first."""
    rows = connection.execute(_PAGE, {"of": principal, "before": before, "limit": limit})
    return [Credential(*row) for row in rows]


def current(connection: Connection, principals: Collection[str]) -> list[Credential]:
    """Return the credentials of these principals that were not revoked; some may have expired."""
    return [Credential(*row) for row in connection.execute(_CURRENT, {"principals": list(principals)})]


def count_live(connection: Connection, principal: str, now: Milliseconds) -> int:
    """Return how many credentials a principal can log in with."""
    count: int = connection.execute(_COUNT_LIVE, {"of": principal, "now": now}).scalar_one()
    return count


def add(connection: Connection, credential: Credential) -> bool:
    """Store a credential unless its principal has one of that name that is not revoked; tell whether it was stored."""
    row = {
        "id": credential.id,
        "principal": credential.principal,
        "name": credential.name,
        "secret_sha256": credential.secret_sha256,
        "created_at": credential.created_at,
        "created_by": credential.created_by,
        "expires_at": credential.expires_at,
        "revoked_at": credential.revoked_at,
    }
    return insert_if_absent(connection, credentials, row)


def revoke(connection: Connection, credential_id: Ulid, at: Milliseconds) -> None:
    """Let a credential end at `at`, unless it was revoked from an earlier moment on."""
    connection.execute(_REVOKE, {"of": credential_id, "at": at})


def revoke_all(connection: Connection, principal: str, at: Milliseconds) -> None:
    """Do the same to every credential of a principal."""
    connection.execute(_REVOKE_ALL, {"of": principal, "at": at})


def forget_ended(connection: Connection, principal: str, now: Milliseconds, keep: int) -> None:
    """Remove what a principal can no longer log in with, but for the newest `keep`."""
    connection.execute(_FORGET_ENDED_BEYOND, {"of": principal, "now": now, "keep": keep})


def remove_all(connection: Connection, principal: str) -> None:
    """Remove every credential of a principal."""
    connection.execute(_REMOVE_ALL, {"of": principal})


def prune(connection: Connection, before: Milliseconds, limit: int) -> int:
    """Remove up to `limit` credentials that ended before a moment; return how many."""
    return connection.execute(_PRUNE, {"now": before, "limit": limit}).rowcount
