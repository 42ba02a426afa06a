# SPDX-License-Identifier: Apache-2.0
"""How far the archive has come: its newest segment, its newest base, and what was last said of whole tables."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.archive.models import AuditPoint
from entrepot.features.archive.tables import archive_chain
from entrepot.features.archive.tables import archive_tables
from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

THE_ONE = 1


@dataclass(frozen=True, slots=True)
class Chain:
    """The newest segment, how many bytes of segments there are since the newest base, and which that is."""

    line: Ulid
    sequence: int
    digest: str
    segment_bytes: int = 0
    base: Ulid | None = None
    base_at: Milliseconds | None = None


_FIND = select(*(archive_chain.c[name] for name in Chain.__slots__))
_MOVE = (
    update(archive_chain)
    .where(archive_chain.c.sequence == bindparam("old"))
    .values(
        sequence=bindparam("new"),
        digest=bindparam("its_digest"),
        segment_bytes=archive_chain.c.segment_bytes + bindparam("bytes"),
    )
)
_SET_BASE = update(archive_chain).values(base=bindparam("id_of"), base_at=bindparam("at"), segment_bytes=0)
_DIGESTS = select(archive_tables.c.name, archive_tables.c.digest)
_NOTE = InsertOrUpdate(archive_tables, ("name", "digest"), ("name",), lambda new: {"digest": new["digest"]})


def find(connection: Connection) -> Chain | None:
    """Return how far the archive has come, None if there is none yet."""
    row = connection.execute(_FIND).first()
    return None if row is None else Chain(*row)


def begin(connection: Connection, chain: Chain) -> None:
    """Begin an archive, or go on with one, unless somebody did."""
    values = {name: getattr(chain, name) for name in Chain.__slots__}
    insert_if_absent(connection, archive_chain, {"id": THE_ONE, **values})


def move(connection: Connection, old: int, new: Chain, added_bytes: int) -> bool:
    """Note that `new` is the newest segment now; False if the newest was no longer `old`."""
    given = {"old": old, "new": new.sequence, "its_digest": new.digest, "bytes": added_bytes}
    return connection.execute(_MOVE, given).rowcount == 1


def set_base(connection: Connection, base: Ulid | None, at: Milliseconds | None) -> None:
    """Note which base is the newest, or that there is none any more."""
    connection.execute(_SET_BASE, {"id_of": base, "at": at})


def digests(connection: Connection) -> dict[str, str]:
    """Return what was last archived of each whole table."""
    return {row.name: row.digest for row in connection.execute(_DIGESTS)}


def note(connection: Connection, archived: Mapping[str, str]) -> None:
    """Note what was archived of whole tables."""
    _NOTE.run_all(connection, sorted(archived.items()))


def forget_digests(connection: Connection) -> None:
    """Have every whole table archived anew."""
    connection.execute(delete(archive_tables))


def newest_checkpoint(connection: Connection) -> AuditPoint | None:
    """Return the newest checkpoint of the audit log."""
    checkpoints = metadata.tables["audit_checkpoints"]
    row = connection.execute(
        select(checkpoints.c.seq, checkpoints.c.token).order_by(checkpoints.c.seq.desc()).limit(1)
    ).first()
    return None if row is None else AuditPoint(*row)
