# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about signing keys."""

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

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
    )
    .where(or_(signing_keys.c.not_after.is_(None), signing_keys.c.not_after > bindparam("now")))
    .order_by(signing_keys.c.generation.desc())
)
_LAST_GENERATION = select(func.coalesce(func.max(signing_keys.c.generation), 0))


def usable_keys(connection: Connection, now: Milliseconds) -> list[StoredKey]:
    """Return the keys whose tokens are accepted, the one that signs first."""
    return [StoredKey(*row) for row in connection.execute(_USABLE, {"now": now})]


def ensure_key(connection: Connection, key: StoredKey, now: Milliseconds) -> list[StoredKey]:
    """Store `key` unless there is a usable one, and return the usable ones.

    Of two processes that do this at once, the unique generation lets one store its key.
    """
    if not usable_keys(connection, now):
        row = {
            "kid": key.kid,
            "generation": connection.execute(_LAST_GENERATION).scalar_one() + 1,
            "algorithm": key.algorithm,
            "public_jwk": key.public_jwk,
            "private_key_encrypted": key.sealed,
            "created_at": now,
        }
        insert_if_absent(connection, signing_keys, row)
    return usable_keys(connection, now)
