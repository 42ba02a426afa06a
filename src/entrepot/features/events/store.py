# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about sinks. How far each has come is a cursor of the outbox."""

from collections.abc import Collection

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.events.tables import event_sinks
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.infra.events import outbox
from entrepot.kernel.clock import Milliseconds

_CLAIM = (
    update(event_sinks)
    .where(
        event_sinks.c.name == bindparam("sink"),
        or_(event_sinks.c.holder == bindparam("by"), event_sinks.c.held_until <= bindparam("now", type_=BigInteger)),
    )
    .values(holder=bindparam("by"), held_until=bindparam("until", type_=BigInteger))
)
_STALE = select(event_sinks.c.name).where(event_sinks.c.held_until <= bindparam("before", type_=BigInteger))


def cursor_name(sink: str) -> str:
    """Return the name of the cursor that says how far a sink has come."""
    return f"sink:{sink}"


def register(connection: Connection, sink: str, now: Milliseconds) -> None:
    """Begin with what happens from now on, unless the sink is known."""
    outbox.register(connection, cursor_name(sink), now)
    insert_if_absent(connection, event_sinks, {"name": sink, "holder": "", "held_until": now})


def claim(connection: Connection, sink: str, holder: str, now: Milliseconds, until: Milliseconds) -> bool:
    """Be the one who sends, or go on to be; False where another process is."""
    return connection.execute(_CLAIM, {"sink": sink, "by": holder, "now": now, "until": until}).rowcount == 1


def forget_others(connection: Connection, sinks: Collection[str], before: Milliseconds) -> list[str]:
    """Forget the sinks that are not among these and that nobody has sent to since a moment; return their names."""
    stale = sorted(set(connection.execute(_STALE, {"before": before}).scalars()) - set(sinks))
    for name in stale:
        outbox.unregister(connection, cursor_name(name))
        connection.execute(delete(event_sinks).where(event_sinks.c.name == name))
    return stale
