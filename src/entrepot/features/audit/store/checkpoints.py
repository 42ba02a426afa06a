# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement on checkpoints and the keys that sign them."""

from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from entrepot.features.audit.keys import SEALED_FOR
from entrepot.features.audit.models import Checkpoint
from entrepot.features.audit.tables import audit_checkpoints
from entrepot.features.audit.tables import audit_keys
from entrepot.features.tokens import SealedColumn
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds


class StoredKey(NamedTuple):
    """A key as it is stored; the newest generation signs."""

    kid: str
    generation: int
    public_jwk: str
    private_key_encrypted: bytes
    created_at: Milliseconds


AUDIT_KEYS = SealedColumn("audit keys", audit_keys.c.kid, audit_keys.c.private_key_encrypted, lambda _: SEALED_FOR)

_CHECKPOINT = [audit_checkpoints.c[each] for each in Checkpoint.__dataclass_fields__]
_PAGE = (
    select(*_CHECKPOINT)
    .where(audit_checkpoints.c.seq > bindparam("after"))
    .order_by(audit_checkpoints.c.seq)
    .limit(bindparam("limit"))
)
_NEWEST = select(*_CHECKPOINT).order_by(audit_checkpoints.c.seq.desc()).limit(1)
_NEWEST_BEFORE = select(func.max(audit_checkpoints.c.seq)).where(audit_checkpoints.c.seq < bindparam("before"))
_REMOVE = delete(audit_checkpoints).where(audit_checkpoints.c.seq < bindparam("before"))
_KEY = [audit_keys.c[name] for name in StoredKey._fields]
_KEYS = select(*_KEY).order_by(audit_keys.c.generation.desc())


def page(connection: Connection, after: int, limit: int) -> list[Checkpoint]:
    """Return up to `limit` checkpoints behind the one at record `after`, oldest first."""
    return [Checkpoint(*row) for row in connection.execute(_PAGE, {"after": after, "limit": limit})]


def newest(connection: Connection) -> Checkpoint | None:
    """Return the last checkpoint, None before the first."""
    row = connection.execute(_NEWEST).first()
    return None if row is None else Checkpoint(*row)


def newest_before(connection: Connection, seq: int) -> int:
    """Return the record of the last checkpoint before `seq`, 0 if there is none."""
    return int(connection.execute(_NEWEST_BEFORE, {"before": seq}).scalar_one() or 0)


def add(connection: Connection, checkpoint: Checkpoint) -> bool:
    """Store a checkpoint unless another process stored one of the same record; tell whether this call did."""
    row = {each: getattr(checkpoint, each) for each in Checkpoint.__dataclass_fields__}
    return insert_if_absent(connection, audit_checkpoints, row)


def remove_before(connection: Connection, seq: int) -> int:
    """Remove checkpoints of records that were dropped; return how many."""
    return connection.execute(_REMOVE, {"before": seq}).rowcount


def keys(connection: Connection) -> list[StoredKey]:
    """Return every key there ever was, the newest first."""
    return [StoredKey(*row) for row in connection.execute(_KEYS)]


def add_key(connection: Connection, key: StoredKey) -> list[StoredKey]:
    """Store a key unless another process stored one of this generation; return all."""
    insert_if_absent(connection, audit_keys, key._asdict())
    return keys(connection)
