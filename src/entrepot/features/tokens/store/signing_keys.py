# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about signing keys."""

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.tokens.models import KeyRecord
from entrepot.features.tokens.models import StoredKey
from entrepot.features.tokens.tables import signing_keys
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds

_USABLE = (
    select(
        signing_keys.c.kid,
        signing_keys.c.algorithm,
        signing_keys.c.public_jwk,
        signing_keys.c.private_key_encrypted,
        signing_keys.c.created_at,
    )
    .where(or_(signing_keys.c.not_after.is_(None), signing_keys.c.not_after > bindparam("now")))
    .order_by(signing_keys.c.generation.desc())
)
_RECORDS = (
    select(signing_keys.c.kid, signing_keys.c.algorithm, signing_keys.c.created_at, signing_keys.c.not_after)
    .where(or_(signing_keys.c.not_after.is_(None), signing_keys.c.not_after > bindparam("now")))
    .order_by(signing_keys.c.generation.desc())
)
_LAST_GENERATION = select(func.coalesce(func.max(signing_keys.c.generation), 0))
_RETIRE_OTHERS = (
    update(signing_keys)
    .where(signing_keys.c.kid != bindparam("newest"), signing_keys.c.not_after.is_(None))
    .values(not_after=bindparam("end"))
)
_PRUNE = delete(signing_keys).where(signing_keys.c.not_after <= bindparam("now"))


def usable_keys(connection: Connection, now: Milliseconds) -> list[StoredKey]:
    """Return the keys whose tokens are accepted, the one that signs first."""
    return [StoredKey(*row) for row in connection.execute(_USABLE, {"now": now})]


def records(connection: Connection, now: Milliseconds) -> list[KeyRecord]:
    """Return what is known of the keys whose tokens are accepted, the one that signs first."""
    return [KeyRecord(*row) for row in connection.execute(_RECORDS, {"now": now})]


def ensure_key(connection: Connection, key: StoredKey) -> list[StoredKey]:
    """Store `key` unless there is a usable one, and return the usable ones.

    Of two processes that do this at once, the unique generation lets one store its key.
    """
    if not usable_keys(connection, key.created_at):
        _add(connection, key)
    return usable_keys(connection, key.created_at)


def replace_key(connection: Connection, signer: str, key: StoredKey, end: Milliseconds) -> list[StoredKey]:
    """Let `key` sign instead of `signer`, whose tokens are accepted until `end`; return the usable keys.

    An empty `signer` means that there was no usable key. Nothing changes when another
    key signs by now: somebody else has replaced it.
    """
    usable = usable_keys(connection, key.created_at)
    if (usable[0].kid if usable else "") == signer and _add(connection, key):
        connection.execute(_RETIRE_OTHERS, {"newest": key.kid, "end": end})
        usable = usable_keys(connection, key.created_at)
    return usable


def prune(connection: Connection, now: Milliseconds) -> None:
    """Remove the keys whose time is over."""
    connection.execute(_PRUNE, {"now": now})


def _add(connection: Connection, key: StoredKey) -> bool:
    row = {
        "kid": key.kid,
        "generation": connection.execute(_LAST_GENERATION).scalar_one() + 1,
        "algorithm": key.algorithm,
        "public_jwk": key.public_jwk,
        "private_key_encrypted": key.sealed,
        "created_at": key.created_at,
    }
    return insert_if_absent(connection, signing_keys, row)
