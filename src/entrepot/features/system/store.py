# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about the database itself and about server processes."""

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import text

from entrepot.features.system.models import DatabaseFacts
from entrepot.features.system.models import Node
from entrepot.features.system.tables import nodes
from entrepot.infra.database import schema
from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

_SIZE = {
    "sqlite": text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
    "postgresql": text("SELECT pg_database_size(current_database())"),
}
_PAGE = (
    select(nodes.c.id, nodes.c.host, nodes.c.pid, nodes.c.version, nodes.c.started_at, nodes.c.seen_at)
    .where(nodes.c.id < bindparam("before"))
    .order_by(nodes.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_REMOVE = delete(nodes).where(nodes.c.id == bindparam("node"))
_ALIVE = select(func.count()).select_from(nodes).where(nodes.c.seen_at >= bindparam("since", type_=BigInteger))
_FORGET = delete(nodes).where(nodes.c.seen_at < bindparam("before", type_=BigInteger))


def about_database(connection: Connection) -> DatabaseFacts:
    """Return which database this is, at which revision, and how many bytes it takes up, without its log."""
    dialect = connection.dialect
    version = ".".join(map(str, dialect.server_version_info or ()))
    size = connection.execute(_SIZE[dialect.name]).scalar_one()
    return DatabaseFacts(dialect.name, version, schema.revision_in(connection) or "", int(size))


def note(connection: Connection, node: Node, before: Milliseconds) -> None:
    """Store that a process is there, and forget those that were last seen before `before`."""
    insert = dialect_insert(connection, nodes).values(
        id=node.id,
        host=node.host,
        pid=node.pid,
        version=node.version,
        started_at=node.started_at,
        seen_at=node.seen_at,
    )
    connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"seen_at": insert.excluded.seen_at}))
    connection.execute(_FORGET, {"before": before})


def remove(connection: Connection, node: Ulid) -> None:
    """Forget a process that stops."""
    connection.execute(_REMOVE, {"node": node})


def forget_all(connection: Connection) -> None:
    """Forget all processes: they are those of another instance."""
    connection.execute(delete(nodes))


def count_alive(connection: Connection, since: Milliseconds) -> int:
    """Return how many processes were seen since then."""
    return int(connection.execute(_ALIVE, {"since": since}).scalar_one())


def page(connection: Connection, before: str, limit: int) -> list[Node]:
    """Return up to `limit` processes whose id comes before `before`, the one started last first."""
    return [Node(*row) for row in connection.execute(_PAGE, {"before": before, "limit": limit})]
