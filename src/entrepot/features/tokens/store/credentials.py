# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about the secrets that programs log in with."""

from collections.abc import Collection
from collections.abc import Mapping

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import null
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.tables import IS_NOT_REVOKED
from entrepot.features.tokens.tables import credentials
from entrepot.features.tokens.tables import login_aliases
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
    credentials.c.allowed_addresses,
    credentials.c.imported_hash,
    credentials.c.used_at,
    credentials.c.used_from,
    credentials.c.replaced_at,
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
_CURRENT = (
    select(*_COLUMNS)
    .where(credentials.c.principal.in_(bindparam("principals", expanding=True)), IS_NOT_REVOKED)
    .order_by(credentials.c.created_at, credentials.c.id)
)
_LIVE = select(*_COLUMNS).where(_OF_PRINCIPAL, _IS_LIVE).order_by(credentials.c.created_at, credentials.c.id)
_LAST_USED = (
    select(credentials.c.principal, func.max(credentials.c.used_at))
    .where(credentials.c.principal.in_(bindparam("principals", expanding=True)), credentials.c.used_at.is_not(None))
    .group_by(credentials.c.principal)
)
_COUNT_LIVE = select(func.count()).select_from(credentials).where(_OF_PRINCIPAL, _IS_LIVE)
_GOES_ON = or_(credentials.c.revoked_at.is_(None), credentials.c.revoked_at > bindparam("at"))
_REVOKE = (
    update(credentials)
    .where(credentials.c.id == bindparam("of"))
    .values(revoked_at=case((_GOES_ON, bindparam("at")), else_=credentials.c.revoked_at), replaced_at=null())
)
_REPLACE = (
    update(credentials)
    .where(credentials.c.id == bindparam("of"), _GOES_ON)
    .values(revoked_at=bindparam("at"), replaced_at=func.coalesce(credentials.c.replaced_at, bindparam("now")))
)
_ALLOW = update(credentials).where(_OF_PRINCIPAL).values(allowed_addresses=bindparam("addresses"))
_ALLOW_ONE = (
    update(credentials).where(credentials.c.id == bindparam("of")).values(allowed_addresses=bindparam("addresses"))
)
_IMPORTED = (
    select(*_COLUMNS)
    .join(login_aliases, login_aliases.c.principal == credentials.c.principal)
    .where(login_aliases.c.alias == bindparam("alias"), credentials.c.imported_hash.is_not(None))
    .order_by(case((credentials.c.revoked_at.is_(None), 1), else_=0).desc(), credentials.c.id.desc())
    .limit(1)
)
_CONVERT = (
    update(credentials)
    .where(credentials.c.id == bindparam("of"), credentials.c.imported_hash == bindparam("before"))
    .values(imported_hash=bindparam("after"))
)
_NOTE_USE = Prepared(
    update(credentials)
    .where(
        credentials.c.id == bindparam("of"),
        or_(credentials.c.used_at.is_(None), credentials.c.used_at < bindparam("at")),
    )
    .values(used_at=bindparam("at"), used_from=bindparam("address")),
    "of",
    "at",
    "address",
)
_ENDING = (
    select(*_COLUMNS)
    .where(
        credentials.c.expires_at > bindparam("now"),
        credentials.c.expires_at <= bindparam("until"),
        credentials.c.warned_at.is_(None),
        IS_NOT_REVOKED,
        credentials.c.principal.startswith(bindparam("kind"), autoescape=False),
    )
    .order_by(credentials.c.expires_at)
    .limit(bindparam("limit"))
)
_EXPIRING = (
    select(*_COLUMNS)
    .where(
        credentials.c.expires_at > bindparam("now"),
        credentials.c.expires_at <= bindparam("until"),
        IS_NOT_REVOKED,
        credentials.c.principal.startswith(bindparam("kind"), autoescape=False),
    )
    .order_by(credentials.c.expires_at)
    .limit(bindparam("limit"))
)
_WARNED = update(credentials).where(credentials.c.id == bindparam("of")).values(warned_at=bindparam("at"))
_COUNT_ENDING = (
    select(func.count())
    .select_from(credentials)
    .where(
        credentials.c.expires_at > bindparam("now"),
        credentials.c.expires_at <= bindparam("until"),
        IS_NOT_REVOKED,
        credentials.c.principal.startswith(bindparam("kind"), autoescape=False),
    )
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
    """Return the credentials of these principals that were not revoked, oldest first; some may have expired."""
    return [Credential(*row) for row in connection.execute(_CURRENT, {"principals": list(principals)})]


def live(connection: Connection, principal: str, now: Milliseconds) -> list[Credential]:
    """Return what a principal can log in with, oldest first."""
    return [Credential(*row) for row in connection.execute(_LIVE, {"of": principal, "now": now})]


def last_used(connection: Connection, principals: Collection[str]) -> dict[str, Milliseconds]:
    """Return by principal when each last used something to log in with that is still listed, where one did."""
    rows = connection.execute(_LAST_USED, {"principals": list(principals)})
    return {principal: Milliseconds(used_at) for principal, used_at in rows}


def imported(connection: Connection, alias: str) -> Credential | None:
    """Return the secret of another form of whoever goes by this alias, whatever its state."""
    row = connection.execute(_IMPORTED, {"alias": alias}).first()
    return None if row is None else Credential(*row)


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
        "allowed_addresses": credential.allowed_addresses,
        "imported_hash": credential.imported_hash,
    }
    return insert_if_absent(connection, credentials, row)


def revoke(connection: Connection, credential_id: Ulid, at: Milliseconds) -> None:
    """Let a credential end at `at`, unless it was revoked from an earlier moment on, with all that it began."""
    connection.execute(_REVOKE, {"of": credential_id, "at": at})


def replace(connection: Connection, credential_id: Ulid, at: Milliseconds, now: Milliseconds) -> None:
    """Let a credential end at `at`, unless it ends earlier, since another takes its place.

    Uploads that it began go on.
    """
    connection.execute(_REPLACE, {"of": credential_id, "at": at, "now": now})


def allow(connection: Connection, principal: str, addresses: str) -> None:
    """Let every credential of a principal be good from these addresses only."""
    connection.execute(_ALLOW, {"of": principal, "addresses": addresses})


def allow_one(connection: Connection, credential_id: Ulid, addresses: str) -> None:
    """Let one credential be good from these addresses only."""
    connection.execute(_ALLOW_ONE, {"of": credential_id, "addresses": addresses})


def convert(connection: Connection, credential_id: Ulid, before: str, after: str) -> None:
    """Keep another hash of a secret of another form, unless somebody else did so in between."""
    connection.execute(_CONVERT, {"of": credential_id, "before": before, "after": after})


def note_uses(connection: Connection, uses: Mapping[Ulid, tuple[Milliseconds, str]]) -> None:
    """Store when and from where credentials were used, unless a later use is stored."""
    _NOTE_USE.run_all(connection, [(credential_id, at, address) for credential_id, (at, address) in uses.items()])


def ending(connection: Connection, kind: str, now: Milliseconds, until: Milliseconds, limit: int) -> list[Credential]:
    """Return up to `limit` credentials of a kind of principal that expire until then and nobody was warned of."""
    values = {"kind": f"{kind}:", "now": now, "until": until, "limit": limit}
    return [Credential(*row) for row in connection.execute(_ENDING, values)]


def expiring(connection: Connection, kind: str, now: Milliseconds, until: Milliseconds, limit: int) -> list[Credential]:
    """Return up to `limit` credentials of a kind of principal that expire until then, the first of them first."""
    values = {"kind": f"{kind}:", "now": now, "until": until, "limit": limit}
    return [Credential(*row) for row in connection.execute(_EXPIRING, values)]


def count_ending(connection: Connection, kind: str, now: Milliseconds, until: Milliseconds) -> int:
    """Return how many credentials of a kind of principal expire until then."""
    found: int = connection.execute(_COUNT_ENDING, {"kind": f"{kind}:", "now": now, "until": until}).scalar_one()
    return found


def mark_warned(connection: Connection, credential_id: Ulid, now: Milliseconds) -> None:
    """Note that somebody was warned that a credential expires."""
    connection.execute(_WARNED, {"of": credential_id, "at": now})


def forget_ended(connection: Connection, principal: str, now: Milliseconds, keep: int) -> None:
    """Remove what a principal can no longer log in with, but for the newest `keep`."""
    connection.execute(_FORGET_ENDED_BEYOND, {"of": principal, "now": now, "keep": keep})


def remove_all(connection: Connection, principal: str) -> None:
    """Remove every credential of a principal."""
    connection.execute(_REMOVE_ALL, {"of": principal})


def prune(connection: Connection, before: Milliseconds, limit: int) -> int:
    """Remove up to `limit` credentials that ended before a moment; return how many."""
    return connection.execute(_PRUNE, {"now": before, "limit": limit}).rowcount
