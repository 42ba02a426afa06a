# SPDX-License-Identifier: Apache-2.0
"""Artifacts of imports."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.imports.models import DateSource
from entrepot.features.imports.models import Item
from entrepot.features.imports.models import ItemState
from entrepot.features.imports.models import Kind
from entrepot.features.imports.tables import import_items
from entrepot.features.imports.tables import import_repositories
from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.digest import referrers_tag

PER_STATEMENT = 500
_OWN = import_items.c
_WITH_BYTES = frozenset({ItemState.LOOKED, ItemState.BROUGHT, ItemState.SAME})
TOO_OLD = "it is older than was asked for"
NO_SUBJECT = "nothing that comes is what it is about"
TOO_MANY = "as many newer ones come as were asked for"


def add(connection: Connection, items: Sequence[Item]) -> None:
    """Keep artifacts of one repository, of which those that are known stay as they are; count them."""
    if not items:
        return
    known = _known(connection, items)
    fresh = [item for item in items if item.name not in known]
    rows = [_row(item) for item in sorted(fresh, key=lambda item: item.name)]
    if rows:
        connection.execute(dialect_insert(connection, import_items).on_conflict_do_nothing(), rows)
    changes: dict[str, int] = {}
    for item in fresh:
        if item.kind is not Kind.EXTRA:
            _count(changes, item, 1)
    _add_up(connection, items[0].import_id, items[0].repository, changes)


def settle(connection: Connection, items: Iterable[Item]) -> None:
    """Keep how artifacts stand now, those that were not known too, and count them."""
    for item in items:
        before = find(connection, item.import_id, item.repository, item.name)
        if before is None:
            connection.execute(import_items.insert(), _row(item))
        else:
            values = {name: value for name, value in _row(item).items() if name != "kind"}
            connection.execute(update(import_items).where(*_one(item)).values(values))
        changes: dict[str, int] = {}
        if before is not None:
            _count(changes, before, -1)
        _count(changes, item, 1)
        _add_up(connection, item.import_id, item.repository, changes)


def find(connection: Connection, import_id: str, repository: str, name: str) -> Item | None:
    """Return an artifact."""
    where = _OWN.import_id == import_id, _OWN.repository == repository, _OWN.name == name
    row = connection.execute(select(import_items).where(*where)).one_or_none()
    return None if row is None else _item(row)


def waiting(connection: Connection, import_id: str, repository: str, after: str, limit: int) -> list[Item]:
    """Return tags behind a name that wait, in the order of their names."""
    query = _of(import_id, repository).where(
        _OWN.kind == Kind.TAG.value, _OWN.state == ItemState.WAITING.value, _OWN.name > after
    )
    return _items(connection, query.order_by(_OWN.name).limit(limit))


def undated(connection: Connection, import_id: str, repository: str, after: str, limit: int) -> list[Item]:
    """Return tags behind a name of which nobody has looked up when they were made."""
    query = _of(import_id, repository).where(
        _OWN.kind == Kind.TAG.value,
        _OWN.state == ItemState.WAITING.value,
        _OWN.is_dated.is_(False),
        _OWN.name > after,
    )
    return _items(connection, query.order_by(_OWN.name).limit(limit))


def compared(connection: Connection, import_id: str, repository: str, after: str, limit: int) -> list[Item]:
    """Return artifacts behind a name that have a place at the source, in the order of their names."""
    query = _of(import_id, repository).where(
        _OWN.kind != Kind.EXTRA.value, _OWN.state != ItemState.EXCLUDED.value, _OWN.name > after
    )
    return _items(connection, query.order_by(_OWN.name).limit(limit))


def page(
    connection: Connection, import_id: str, after: tuple[str, str], limit: int, *, of_state: str = "", of: str = ""
) -> list[Item]:
    """Return artifacts behind a repository and a name; of one state, of one repository, or all."""
    repository, name = after
    conditions = [
        _OWN.import_id == import_id,
        (_OWN.repository > repository) | ((_OWN.repository == repository) & (_OWN.name > name)),
    ]
    conditions += [_OWN.state == of_state] if of_state else []
    conditions += [_OWN.repository == of] if of else []
    query = select(import_items).where(*conditions).order_by(_OWN.repository, _OWN.name).limit(limit)
    return _items(connection, query)


def derived_of(connection: Connection, import_id: str, repository: str, subject: Digest) -> list[Item]:
    """Return the tags that are named after a digest."""
    stem = f"{referrers_tag(subject)}."
    query = _of(import_id, repository).where(
        _OWN.kind == Kind.DERIVED.value, _OWN.name >= stem, _OWN.name < f"{stem[:-1]}/"
    )
    return _items(connection, query.order_by(_OWN.name))


def names_among(connection: Connection, import_id: str, repository: str, names: Sequence[str]) -> set[str]:
    """Return those names that are known of a repository, but for those that the source does not have."""
    query = select(_OWN.name).where(
        _OWN.import_id == import_id,
        _OWN.repository == repository,
        _OWN.kind != Kind.EXTRA.value,
        _OWN.name.in_(list(names)),
    )
    return set(connection.execute(query).scalars())


def exclude_by_date(
    connection: Connection, import_id: str, repository: str, newer_than: Milliseconds | None, newest: int | None
) -> None:
    """Leave out tags that are too old, and those that are not among the newest.

    One whose date is not known is not too old, and comes behind all others.
    """
    is_waiting = (
        _OWN.import_id == import_id,
        _OWN.repository == repository,
        _OWN.kind == Kind.TAG.value,
        _OWN.state == ItemState.WAITING.value,
    )
    if newer_than is not None:
        values = {"state": ItemState.EXCLUDED.value, "reason": TOO_OLD}
        connection.execute(update(import_items).where(*is_waiting, _OWN.created_at < newer_than).values(values))
    if newest is not None:
        rank = func.coalesce(_OWN.created_at, -1).desc()
        wanted = select(_OWN.name).where(*is_waiting).order_by(rank, _OWN.name.desc()).limit(newest)
        values = {"state": ItemState.EXCLUDED.value, "reason": TOO_MANY}
        kept = wanted.subquery()
        connection.execute(
            update(import_items).where(*is_waiting, _OWN.name.not_in(select(kept.c.name))).values(values)
        )


def exclude_left(connection: Connection, import_id: str, repository: str, reason: str) -> None:
    """Leave out derived tags that nothing that came has taken along."""
    where = (
        _OWN.import_id == import_id,
        _OWN.repository == repository,
        _OWN.kind == Kind.DERIVED.value,
        _OWN.state == ItemState.WAITING.value,
    )
    values = {"state": ItemState.EXCLUDED.value, "reason": reason}
    connection.execute(update(import_items).where(*where).values(values))


def reopen(connection: Connection, import_id: str, states: Sequence[ItemState]) -> None:
    """Have artifacts of some states wait again, and derived tags that were left out for want of a subject."""
    fresh = {"state": ItemState.WAITING.value, "reason": "", "attempts": 0, "digest": "", "is_dated": False}
    some = [state.value for state in states]
    connection.execute(
        update(import_items)
        .where(_OWN.import_id == import_id, _OWN.kind != Kind.REFERRER.value, _OWN.state.in_(some))
        .values(fresh)
    )
    connection.execute(
        update(import_items)
        .where(
            _OWN.import_id == import_id,
            _OWN.kind == Kind.DERIVED.value,
            _OWN.state == ItemState.EXCLUDED.value,
            _OWN.reason == NO_SUBJECT,
        )
        .values(fresh)
    )


def note_checked(connection: Connection, item: Item, digest: str, *, is_gone: bool) -> None:
    """Keep what a name is at the source now."""
    values: dict[str, Any] = {"is_gone": is_gone}
    if digest:
        values["digest"] = digest
    connection.execute(update(import_items).where(*_one(item)).values(values))


def forget_extra(connection: Connection, import_id: str) -> None:
    """Forget what was found to be here alone."""
    connection.execute(delete(import_items).where(_OWN.import_id == import_id, _OWN.kind == Kind.EXTRA.value))


def excluded_by_reason(connection: Connection, import_id: str) -> dict[str, int]:
    """Tell how many artifacts do not come, by why."""
    query = select(_OWN.reason, func.count()).where(
        _OWN.import_id == import_id, _OWN.state == ItemState.EXCLUDED.value, _OWN.kind != Kind.EXTRA.value
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(_OWN.reason)).all()}


def _of(import_id: str, repository: str) -> Any:
    return select(import_items).where(_OWN.import_id == import_id, _OWN.repository == repository)


def _known(connection: Connection, items: Sequence[Item]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(items), PER_STATEMENT):
        some = [item.name for item in items[start : start + PER_STATEMENT]]
        query = select(_OWN.name).where(
            _OWN.import_id == items[0].import_id, _OWN.repository == items[0].repository, _OWN.name.in_(some)
        )
        found.update(connection.execute(query).scalars())
    return found


def _count(changes: dict[str, int], item: Item, by: int) -> None:
    changes[item.state.value] = changes.get(item.state.value, 0) + by
    if item.state in _WITH_BYTES:
        changes["bytes_in_all"] = changes.get("bytes_in_all", 0) + by * item.size
    changes["new_bytes"] = changes.get("new_bytes", 0) + by * item.new_bytes


def _add_up(connection: Connection, import_id: str, repository: str, changes: dict[str, int]) -> None:
    own = import_repositories.c
    values = {name: own[name] + by for name, by in changes.items() if by}
    if values:
        where = own.import_id == import_id, own.name == repository
        connection.execute(update(import_repositories).where(*where).values(values))


def _one(item: Item) -> tuple[Any, ...]:
    return _OWN.import_id == item.import_id, _OWN.repository == item.repository, _OWN.name == item.name


def _row(item: Item) -> dict[str, Any]:
    return {
        "import_id": item.import_id,
        "repository": item.repository,
        "name": item.name,
        "kind": item.kind.value,
        "state": item.state.value,
        "digest": item.digest,
        "size": item.size,
        "new_bytes": item.new_bytes,
        "created_at": item.created_at,
        "date_source": item.date_source.value,
        "is_dated": item.is_dated,
        "reason": item.reason,
        "attempts": item.attempts,
        "is_gone": item.is_gone,
    }


def _items(connection: Connection, statement: Any) -> list[Item]:
    return [_item(row) for row in connection.execute(statement).all()]


def _item(row: Row[Any]) -> Item:
    return Item(
        import_id=row.import_id,
        repository=row.repository,
        name=row.name,
        kind=Kind(row.kind),
        state=ItemState(row.state),
        digest=row.digest,
        size=row.size,
        new_bytes=row.new_bytes,
        created_at=row.created_at,
        date_source=DateSource(row.date_source),
        is_dated=row.is_dated,
        reason=row.reason,
        attempts=row.attempts,
        is_gone=row.is_gone,
    )
