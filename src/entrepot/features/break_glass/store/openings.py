# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about openings."""

from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import fields

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.break_glass.models import LINGERS_MS
from entrepot.features.break_glass.models import Glass
from entrepot.features.break_glass.models import Opening
from entrepot.features.break_glass.tables import break_glass_openings as openings
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import is_ulid

NEWEST = "8"
"""Behind every id there is: where the list begins, read backwards."""

_COLUMNS = tuple(openings.c[field.name] for field in fields(Opening))
_ALL = select(*_COLUMNS)
_FIND = _ALL.where(openings.c.id == bindparam("of"))
_PAGE = _ALL.where(openings.c.id < bindparam("before")).order_by(openings.c.id.desc()).limit(bindparam("limit"))
_NOT_ENDED = openings.c.ended_by.is_(None)
_HAS_RUN_OUT = (_NOT_ENDED, openings.c.ends_at <= bindparam("now"))
_IS_OPEN = (_NOT_ENDED, openings.c.ends_at > bindparam("now"))
_OPEN_OF = _ALL.where(openings.c.principal == bindparam("by"), *_IS_OPEN).order_by(openings.c.id)
_RUN_OUT = _ALL.where(*_HAS_RUN_OUT).order_by(openings.c.ends_at).limit(bindparam("limit"))
_COUNT_OF = (
    select(func.count())
    .select_from(openings)
    .where(openings.c.principal == bindparam("by"), openings.c.opened_at > bindparam("since"))
)
_BETWEEN = select(openings.c.id, openings.c.principal, openings.c.opened_at, openings.c.ends_at).where(
    openings.c.ends_at >= bindparam("first"), openings.c.opened_at <= bindparam("last")
)
_COUNT = select(func.count()).select_from(openings)
_CHANGE = (
    update(openings)
    .where(openings.c.id == bindparam("of"))
    .values(
        ends_at=bindparam("until"),
        ended_by=bindparam("ender"),
        acknowledged_at=bindparam("seen_at"),
        acknowledged_by=bindparam("seen_by"),
        comment=bindparam("said"),
    )
)


@dataclass(frozen=True, slots=True)
class OpeningCounts:
    """How many openings there were, how many are open, and how many nobody has acknowledged."""

    total: int
    open: int
    unacknowledged: int


def find(connection: Connection, opening_id: str) -> Opening | None:
    """Return the opening with an id, None where there is none or it is no id."""
    if not is_ulid(opening_id):
        return None
    row = connection.execute(_FIND, {"of": opening_id}).first()
    return None if row is None else Opening(*row)


def page(connection: Connection, before: str, limit: int, *, is_acknowledged: bool | None) -> list[Opening]:
    """Return up to `limit` openings before the one with an id, newest first; only those that were acknowledged or not,
    unless that is None."""
    wanted = _PAGE
    if is_acknowledged is not None:
        at = openings.c.acknowledged_at
        wanted = wanted.where(at.is_not(None) if is_acknowledged else at.is_(None))
    return [Opening(*row) for row in connection.execute(wanted, {"before": before or NEWEST, "limit": limit})]


def open_of(connection: Connection, principal: str, now: Milliseconds) -> list[Opening]:
    """Return what somebody such as `user:alice` has open: one, unless two accounts became one."""
    return [Opening(*row) for row in connection.execute(_OPEN_OF, {"by": principal, "now": now})]


def open_within(connection: Connection, project: str, now: Milliseconds) -> list[Opening]:
    """Return what is open and about nothing but a project; nobody else ends it until this transaction ends."""
    path_pattern = openings.c.path_pattern
    within = or_(path_pattern == project, path_pattern.startswith(f"{project}/", autoescape=True))
    wanted = _ALL.where(within, *_IS_OPEN).order_by(openings.c.id).with_for_update()
    return [Opening(*row) for row in connection.execute(wanted, {"now": now})]


def run_out(connection: Connection, now: Milliseconds, limit: int) -> list[Opening]:
    """Return up to `limit` openings whose time is over, and of which that has not been told."""
    return [Opening(*row) for row in connection.execute(_RUN_OUT, {"now": now, "limit": limit})]


def count_of(connection: Connection, principal: str, since: Milliseconds) -> int:
    """Return how often somebody opened something after a moment."""
    found: int = connection.execute(_COUNT_OF, {"by": principal, "since": since}).scalar_one()
    return found


def open_between(connection: Connection, first: Milliseconds, last: Milliseconds) -> list[Glass]:
    """Return whose glass was broken at some time between two moments. One indexed statement."""
    rows = connection.execute(_BETWEEN, {"first": first - LINGERS_MS, "last": last})
    return [Glass(f"break-glass:{id_}", principal, begins_at, ends_at) for id_, principal, begins_at, ends_at in rows]


def count_openings(connection: Connection, now: Milliseconds) -> OpeningCounts:
    """Count openings."""
    total = connection.execute(_COUNT).scalar_one()
    is_open = connection.execute(_COUNT.where(*_IS_OPEN), {"now": now}).scalar_one()
    unacknowledged = connection.execute(_COUNT.where(openings.c.acknowledged_at.is_(None))).scalar_one()
    return OpeningCounts(total, is_open, unacknowledged)


def add(connection: Connection, opening: Opening) -> None:
    """Store an opening."""
    connection.execute(insert(openings), asdict(opening))


def change(connection: Connection, opening: Opening) -> None:
    """Store what has become of an opening."""
    values = {
        "of": opening.id,
        "until": opening.ends_at,
        "ender": opening.ended_by,
        "seen_at": opening.acknowledged_at,
        "seen_by": opening.acknowledged_by,
        "said": opening.comment,
    }
    connection.execute(_CHANGE, values)
