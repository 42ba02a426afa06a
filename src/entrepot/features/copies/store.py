# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement of copies."""

from collections.abc import Collection
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.copies.models import Asker
from entrepot.features.copies.models import Brought
from entrepot.features.copies.models import Copy
from entrepot.features.copies.models import CopyState
from entrepot.features.copies.models import Item
from entrepot.features.copies.tables import copied_entries
from entrepot.features.copies.tables import copies
from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.copy_orders import Entry

NEWEST = "~"
"""Behind every copy."""
PER_STATEMENT = 500

_PAGE = select(copies).where(copies.c.id < bindparam("before")).order_by(copies.c.id.desc()).limit(bindparam("limit"))
_OF_REPOSITORY = _PAGE.where(or_(copies.c.source == bindparam("of_name"), copies.c.target == bindparam("of_name")))
_RUNNING = select(copies).where(copies.c.state == CopyState.RUNNING.value)
_OPEN_OF = select(func.count()).where(
    copies.c.state == CopyState.RUNNING.value, copies.c.requested_by == bindparam("identity")
)
_FOLLOWED_OF = select(func.count()).where(
    copies.c.state == CopyState.DONE.value,
    copies.c.requested_by == bindparam("identity"),
    copies.c.follow_until > bindparam("now"),
)
_FOLLOWING = (
    select(copies.c.id)
    .distinct()
    .join(copied_entries, copied_entries.c.copy_id == copies.c.id)
    .where(
        copies.c.source == bindparam("of_source"),
        copies.c.with_referrers.is_(True),
        copies.c.follow_hours > 0,
        copied_entries.c.tag == "",
        or_(
            copies.c.state == CopyState.RUNNING.value,
            and_(copies.c.state == CopyState.DONE.value, copies.c.follow_until > bindparam("now")),
        ),
    )
)
_BY_DIGEST = _FOLLOWING.where(copied_entries.c.digest.in_(bindparam("some", expanding=True)))
_BY_PREFIX = _FOLLOWING.where(
    copied_entries.c.digest >= bindparam("prefix"), copied_entries.c.digest < bindparam("behind")
)
_BEHIND = (
    select(copies)
    .where(
        copies.c.state == CopyState.DONE.value,
        copies.c.with_referrers.is_(True),
        copies.c.follow_until > bindparam("now"),
        copies.c.heard > copies.c.followed,
    )
    .order_by(copies.c.id)
    .limit(bindparam("limit"))
)
_ENTRIES = select(copied_entries.c.digest, copied_entries.c.tag).where(copied_entries.c.copy_id == bindparam("of_copy"))


def add(connection: Connection, copy: Copy) -> None:
    """Keep a copy."""
    connection.execute(
        insert(copies),
        {
            "id": copy.id,
            "source": copy.source,
            "target": copy.target,
            "items": _json(copy.items),
            "with_referrers": copy.with_referrers,
            "follow_hours": copy.follow_hours,
            "requested_by": copy.asker.identity,
            "asker": _json(copy.asker),
            "requested_at": copy.requested_at,
            "state": copy.state.value,
            "brought": _json(copy.brought),
            "reason": copy.reason,
            "ended_at": copy.ended_at,
            "follow_until": copy.follow_until,
            "heard": copy.heard,
            "followed": copy.followed,
        },
    )


def change(connection: Connection, copy: Copy) -> None:
    """Keep how a copy stands now."""
    values = {
        "state": copy.state.value,
        "brought": _json(copy.brought),
        "reason": copy.reason,
        "ended_at": copy.ended_at,
        "follow_until": copy.follow_until,
        "followed": copy.followed,
    }
    connection.execute(update(copies).where(copies.c.id == copy.id).values(values))


def find(connection: Connection, copy_id: str, *, to_change: bool = False) -> Copy | None:
    """Return a copy, locked until the transaction ends if it is `to_change`."""
    query = select(copies).where(copies.c.id == copy_id)
    row = connection.execute(query.with_for_update() if to_change else query).one_or_none()
    return None if row is None else _copy(row)


def page(connection: Connection, before: str, limit: int) -> list[Copy]:
    """Return copies that are older than the one with the id `before`, the newest first."""
    return _copies(connection, _PAGE, {"before": before, "limit": limit})


def page_of_repository(connection: Connection, name: RepositoryName, before: str, limit: int) -> list[Copy]:
    """Return those from or into a repository."""
    return _copies(connection, _OF_REPOSITORY, {"of_name": name, "before": before, "limit": limit})


def running(connection: Connection) -> list[Copy]:
    """Return the copies that wait or run."""
    return _copies(connection, _RUNNING, {})


def behind(connection: Connection, now: Milliseconds, limit: int) -> list[Copy]:
    """Return copies that are followed of which something was said that has not come along yet."""
    return _copies(connection, _BEHIND, {"now": now, "limit": limit})


def count_open(connection: Connection, identity: str) -> int:
    """Return how many copies of somebody wait or run."""
    return int(connection.execute(_OPEN_OF, {"identity": identity}).scalar_one())


def count_followed(connection: Connection, identity: str, now: Milliseconds) -> int:
    """Return how many copies of somebody are done and followed."""
    return int(connection.execute(_FOLLOWED_OF, {"identity": identity, "now": now}).scalar_one())


def follow_no_more(connection: Connection, newer: Copy, now: Milliseconds, reason: str) -> None:
    """End the following of copies of the same artifacts, by the same, that were asked for before one that is done."""
    own = copies.c
    same = own.source == newer.source, own.target == newer.target, own.requested_by == newer.asker.identity
    is_followed = own.state == CopyState.DONE.value, own.follow_until > now
    older = update(copies).where(*same, *is_followed, own["items"] == _json(newer.items), own.id < newer.id)
    connection.execute(older.values(follow_until=now, reason=reason))


def following(
    connection: Connection, source: str, subjects: Collection[Digest], prefixes: Collection[str], now: Milliseconds
) -> set[Ulid]:
    """Return the copies that are followed and went along with one of these, or with one that begins like that."""
    values = {"of_source": source, "now": now}
    found: set[Ulid] = set()
    ordered = sorted(subjects)
    for start in range(0, len(ordered), PER_STATEMENT):
        some = {**values, "some": ordered[start : start + PER_STATEMENT]}
        found.update(connection.execute(_BY_DIGEST, some).scalars())
    for prefix in sorted(prefixes):
        found.update(connection.execute(_BY_PREFIX, {**values, "prefix": prefix, "behind": f"{prefix}g"}).scalars())
    return found


def hear(connection: Connection, copy_id: Ulid) -> int:
    """Note that something was said which is to come along; return how often that was."""
    values = {"heard": copies.c.heard + 1}
    heard = update(copies).where(copies.c.id == copy_id).values(values).returning(copies.c.heard)
    return int(connection.execute(heard).scalar_one())


def entries(connection: Connection, copy_id: Ulid) -> frozenset[Entry]:
    """Return what went along with a copy."""
    rows = connection.execute(_ENTRIES, {"of_copy": copy_id})
    return frozenset(Entry(Digest(digest), tag) for digest, tag in rows)


def add_entries(connection: Connection, copy_id: Ulid, went: Iterable[Entry]) -> None:
    """Remember what goes along with a copy; what is remembered already is left as it is."""
    rows = [{"copy_id": copy_id, "digest": each.digest, "tag": each.tag} for each in sorted(went, key=_order)]
    for start in range(0, len(rows), PER_STATEMENT):
        statement = dialect_insert(connection, copied_entries).on_conflict_do_nothing()
        connection.execute(statement, rows[start : start + PER_STATEMENT])


def forget_entries(connection: Connection, now: Milliseconds, limit: int) -> None:
    """Forget what went along with copies that nobody follows any more."""
    over = (
        select(copies.c.id)
        .where(
            copies.c.state != CopyState.RUNNING.value,
            or_(copies.c.follow_until.is_(None), copies.c.follow_until <= now),
            select(copied_entries.c.copy_id).where(copied_entries.c.copy_id == copies.c.id).exists(),
        )
        .limit(limit)
    )
    connection.execute(delete(copied_entries).where(copied_entries.c.copy_id.in_(over)))


def prune(connection: Connection, before: Milliseconds, now: Milliseconds, limit: int) -> None:
    """Forget copies that ended before a moment and are not followed."""
    over = (
        select(copies.c.id)
        .where(copies.c.ended_at < before, or_(copies.c.follow_until.is_(None), copies.c.follow_until <= now))
        .limit(limit)
    )
    connection.execute(delete(copies).where(copies.c.id.in_(over)))


def _order(entry: Entry) -> tuple[str, str]:
    return entry.digest, entry.tag


def _copies(connection: Connection, statement: Any, values: dict[str, object]) -> list[Copy]:
    return [_copy(row) for row in connection.execute(statement, values).all()]


def _copy(row: Row[Any]) -> Copy:
    return Copy(
        id=Ulid(row.id),
        source=RepositoryName(row.source),
        target=RepositoryName(row.target),
        items=msgspec.json.decode(row.items, type=tuple[Item, ...]),
        with_referrers=row.with_referrers,
        follow_hours=row.follow_hours,
        asker=msgspec.structs.replace(msgspec.json.decode(row.asker, type=Asker), identity=row.requested_by),
        requested_at=row.requested_at,
        state=CopyState(row.state),
        brought=msgspec.json.decode(row.brought, type=Brought),
        reason=row.reason,
        ended_at=row.ended_at,
        follow_until=row.follow_until,
        heard=row.heard,
        followed=row.followed,
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
