# SPDX-License-Identifier: Apache-2.0
"""Events that were written on another server, whose transactions have numbers that mean nothing here.

An event's place is `(txid, seq)`. Those of another server become events of transaction 0, which come before all that
are written here, in the order they had: a consumer that has seen one does not see it again, and the others do.
"""

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy import tuple_
from sqlalchemy import update

from entrepot.infra.events.tables import outbox
from entrepot.infra.events.tables import outbox_consumers

_START = bindparam("start", type_=BigInteger)
_IS_NUMBERED = outbox.c.txid > 0
_GREATEST = (select(func.max(outbox.c.seq)), select(func.max(outbox_consumers.c.seq)))
_SEEN = (
    select(func.count())
    .where(
        _IS_NUMBERED,
        tuple_(outbox.c.txid, outbox.c.seq) <= tuple_(outbox_consumers.c.txid, outbox_consumers.c.seq),
    )
    .correlate(outbox_consumers)
    .scalar_subquery()
)
_MOVE_CONSUMERS = update(outbox_consumers).where(outbox_consumers.c.txid > 0).values(txid=0, seq=_START + _SEEN)
_order = func.row_number().over(order_by=(outbox.c.txid, outbox.c.seq)).label("place")
_placed = select(outbox.c.seq, _order).where(_IS_NUMBERED).subquery()
_MOVE_EVENTS = update(outbox).where(outbox.c.seq == _placed.c.seq).values(txid=0, seq=_START + _placed.c.place)
_NEXT_TRANSACTION = text("CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)")
_IS_FROM_ELSEWHERE = select(
    or_(*(exists().where(each.c.txid >= _NEXT_TRANSACTION) for each in (outbox, outbox_consumers)))
)


def renumber(connection: Connection) -> None:
    """Make every event one of transaction 0, with places greater than any that was given out."""
    start = max(connection.scalar(greatest) or 0 for greatest in _GREATEST)
    connection.execute(_MOVE_CONSUMERS, {"start": start})
    connection.execute(_MOVE_EVENTS, {"start": start})


def renumber_restored(connection: Connection) -> None:
    """Do so where there is a transaction that this PostgreSQL has not reached yet, as after `pg_restore` elsewhere."""
    if connection.dialect.name == "postgresql" and connection.scalar(_IS_FROM_ELSEWHERE):
        renumber(connection)
