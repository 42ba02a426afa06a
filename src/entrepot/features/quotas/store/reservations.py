# SPDX-License-Identifier: Apache-2.0
"""What processes have let pass that is not counted yet: what of it they told the others, and what counts by now."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import BindParameter
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.features.quotas.models import Amounts
from entrepot.features.quotas.models import Item
from entrepot.features.quotas.models import Kind
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.models import amounts_of
from entrepot.features.quotas.store import counted
from entrepot.features.quotas.store import limits
from entrepot.features.quotas.store.truth import portions
from entrepot.features.quotas.tables import quota_counted
from entrepot.features.quotas.tables import quota_reservations
from entrepot.features.quotas.tables import quota_totals
from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.infra.events import outbox
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags

ItemPlace = tuple[Kind, str, str]
"""What tells one item from another: `Item.place`."""

CONSUMER = "quotas"
"""The name of the listener that counts."""

_ROW = ("subject", "node", "kind", "repository", "key", "bytes", "expires_at")
_PUT = InsertOrUpdate(
    quota_reservations, _ROW, _ROW[:5], lambda new: {"bytes": new["bytes"], "expires_at": new["expires_at"]}
)
_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_OTHERS = select(
    quota_reservations.c.kind, quota_reservations.c.repository, quota_reservations.c.key, quota_reservations.c.bytes
).where(
    quota_reservations.c.subject == bindparam("of_subject"),
    quota_reservations.c.node != bindparam("of_node"),
    quota_reservations.c.expires_at > bindparam("now", type_=BigInteger),
)
_COUNTED_AMONG = (
    select(quota_counted.c.kind, func.coalesce(repositories.c.name, ""), quota_counted.c.key)
    .select_from(quota_counted)
    .outerjoin(repositories, repositories.c.id == quota_counted.c.repo_id)
    .where(
        quota_counted.c.subject == bindparam("of_subject"),
        quota_counted.c.kind == bindparam("of_kind"),
        quota_counted.c.key.in_(_KEYS),
    )
)
_IN_THE_BIN = (
    select(repositories.c.name, manifests.c.digest)
    .join(repositories, repositories.c.id == manifests.c.repo_id)
    .where(manifests.c.digest.in_(_KEYS), manifests.c.deleted_at.is_not(None))
)
_DELETED_TAGS = (
    select(repositories.c.name, tags.c.name, tags.c.updated_at)
    .join(repositories, repositories.c.id == tags.c.repo_id)
    .where(tags.c.name.in_(_KEYS), tags.c.digest.is_(None))
)
_LOCK = select(quota_totals.c.subject).where(quota_totals.c.subject == bindparam("of_subject")).with_for_update()
_FORGET = delete(quota_reservations).where(
    quota_reservations.c.subject == bindparam("of_subject"),
    or_(
        quota_reservations.c.expires_at <= bindparam("now", type_=BigInteger),
        quota_reservations.c.node == bindparam("of_node"),
    ),
)
_DROP_EXPIRED = delete(quota_reservations).where(quota_reservations.c.expires_at <= bindparam("now", type_=BigInteger))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a process sees of a subject: what is counted, and of its own and of others' what is not counted yet."""

    used: Amounts
    others: frozenset[Item]
    counted: frozenset[ItemPlace]
    """Those of its own that count by now."""


def see(connection: Connection, subject: Subject, node: str, own: Collection[Item], now: Milliseconds) -> Seen:
    """Look at a subject: at most three statements for each kind of what is its own, on one state of the database."""
    used = counted.standing(connection, subject).used
    rows = connection.execute(_OTHERS, {"of_subject": subject, "of_node": node, "now": now})
    others = frozenset(Item(Kind(row.kind), row.repository, row.key, row.bytes) for row in rows)
    known = counted_among(connection, subject, {*own, *others}) if own or others else set[ItemPlace]()
    mine = frozenset(item.place for item in own if item.place in known)
    return Seen(used, frozenset(item for item in others if item.place not in known), mine)


def counted_among(connection: Connection, subject: Subject, items: Iterable[Item]) -> set[ItemPlace]:
    """Return the places of those items that count for a subject."""
    wanted = {item.place for item in items}
    found: set[ItemPlace] = set()
    for kind in Kind:
        keys = sorted({key for of_kind, _, key in wanted if of_kind is kind})
        for some in portions(keys):
            values = {"of_subject": subject, "of_kind": kind.value, "keys": some}
            found |= {(Kind(row[0]), row[1], row[2]) for row in connection.execute(_COUNTED_AMONG, values)}
    return found & wanted


def gone(connection: Connection, causes: Mapping[ItemPlace, Milliseconds]) -> set[ItemPlace]:
    """Return those artifacts that are in the bin, and those tags that were deleted since a moment."""
    digests = [key for kind, _, key in causes if kind is Kind.ARTIFACT]
    names = [key for kind, _, key in causes if kind is Kind.TAG]
    found: set[ItemPlace] = set()
    for some in portions(digests):
        found |= {(Kind.ARTIFACT, row[0], row[1]) for row in connection.execute(_IN_THE_BIN, {"keys": some})}
    for some in portions(names):
        for repository, name, at in connection.execute(_DELETED_TAGS, {"keys": some}):
            place = (Kind.TAG, repository, name)
            if at >= causes.get(place, at + 1):
                found.add(place)
    return found & causes.keys()


def publish(
    connection: Connection, subject: Subject, node: str, own: Collection[Item], times: tuple[Milliseconds, Milliseconds]
) -> None:
    """Tell the others what this process has let pass, in the place of what it told before; until the second moment."""
    now, until = times
    connection.execute(_FORGET, {"of_subject": subject, "of_node": node, "now": now})
    rows = [(subject, node, item.kind.value, item.repository, item.key, item.bytes, until) for item in own]
    _PUT.run_all(connection, sorted(rows))


def lock(connection: Connection, subject: Subject) -> None:
    """Let nobody else tell the others of more for a subject until this transaction ends."""
    if connection.execute(_LOCK, {"of_subject": subject}).first() is None:
        limits.ensure_listed(connection, subject)
        connection.execute(_LOCK, {"of_subject": subject}).one()


def waiting_since(connection: Connection) -> Milliseconds | None:
    """Return since when something waits to be counted, None where nothing does."""
    return next((each.waiting_since for each in outbox.lag(connection) if each.name == CONSUMER), None)


def drop_expired(connection: Connection, now: Milliseconds) -> int:
    """Forget what dead processes told; return how much that was."""
    return connection.execute(_DROP_EXPIRED, {"now": now}).rowcount


def reserved(connection: Connection, subject: Subject, now: Milliseconds) -> Amounts:
    """Return what processes told of a subject that is not counted yet."""
    seen = see(connection, subject, "", (), now)
    return amounts_of({item.place: item for item in seen.others}.values())
