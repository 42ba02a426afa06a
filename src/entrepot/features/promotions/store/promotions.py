# SPDX-License-Identifier: Apache-2.0
"""Promotions and what people said about them, as they are stored."""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.copies import Asker
from entrepot.features.groups import holders
from entrepot.features.promotions.models import OPEN
from entrepot.features.promotions.models import Decision
from entrepot.features.promotions.models import Promotion
from entrepot.features.promotions.models import PromotionState
from entrepot.features.promotions.models import Verdict
from entrepot.features.promotions.tables import promotion_approvers
from entrepot.features.promotions.tables import promotion_decisions
from entrepot.features.promotions.tables import promotions
from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName

NEWEST = "~"
"""Behind every promotion."""

_ASKER, _TAGS = msgspec.json.Decoder(Asker), msgspec.json.Decoder(tuple[str, ...])
_WAITING = promotions.c.state == PromotionState.WAITING.value
_HOLDERS = holders(bindparam("somebody", type_=bytewise(320)))
_NAMED_ON = select(promotion_approvers.c.path_id).join(_HOLDERS, promotion_approvers.c.approver == _HOLDERS.c.principal)
_DECIDED = select(promotion_decisions.c.promotion_id).where(
    promotion_decisions.c.promotion_id == promotions.c.id,
    promotion_decisions.c.decided_by == bindparam("decider"),
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which promotions a list is of; what is empty is not asked about."""

    repository: str = ""
    """From it or into it."""
    state: PromotionState | None = None
    for_whom: str = ""
    """Those that wait and that somebody, such as `user:alice`, is named for and has not decided about."""


def find(connection: Connection, promotion_id: str, *, to_change: bool = False) -> Promotion | None:
    """Return a promotion, locked until the transaction ends if it is `to_change`."""
    query = select(promotions).where(promotions.c.id == promotion_id)
    return next(iter(_read(connection, query.with_for_update() if to_change else query)), None)


def page(connection: Connection, wanted: Filter, before: str, limit: int, now: Milliseconds) -> list[Promotion]:
    """Return promotions that are older than the one with the id `before`, the newest first."""
    query = select(promotions).where(promotions.c.id < before)
    values: dict[str, object] = {}
    if wanted.repository:
        query = query.where(or_(promotions.c.source == wanted.repository, promotions.c.target == wanted.repository))
    if wanted.state is PromotionState.WAITING or wanted.for_whom:
        query = query.where(_WAITING, promotions.c.expires_at > now)
    elif wanted.state is PromotionState.EXPIRED:
        is_over = _WAITING & (promotions.c.expires_at <= now)
        query = query.where(or_(promotions.c.state == wanted.state.value, is_over))
    elif wanted.state is not None:
        query = query.where(promotions.c.state == wanted.state.value)
    if wanted.for_whom:
        query = query.where(promotions.c.path_id.in_(_NAMED_ON), ~_DECIDED.exists())
        values = {"somebody": wanted.for_whom, "decider": wanted.for_whom}
    return _read(connection, query.order_by(promotions.c.id.desc()).limit(limit), values)


def waiting_on(connection: Connection, path_id: Ulid) -> list[Promotion]:
    """Return those that wait for approvals on a path, locked until the transaction ends."""
    query = select(promotions).where(promotions.c.path_id == path_id, _WAITING).order_by(promotions.c.id)
    return _read(connection, query.with_for_update())


def over(connection: Connection, now: Milliseconds, limit: int) -> list[Ulid]:
    """Return those that wait, and whose time is over."""
    query = select(promotions.c.id).where(_WAITING, promotions.c.expires_at <= now).limit(limit)
    return list(map(Ulid, connection.execute(query).scalars()))


def running(connection: Connection) -> list[Promotion]:
    """Return those that are carried out."""
    return _read(connection, select(promotions).where(promotions.c.state == PromotionState.RUNNING.value))


def running_by_copy(connection: Connection, copies: Collection[str]) -> list[Ulid]:
    """Return those that are carried out by one of these copies."""
    query = select(promotions.c.id).where(
        promotions.c.copy_id.in_(copies), promotions.c.state == PromotionState.RUNNING.value
    )
    return list(map(Ulid, connection.execute(query.order_by(promotions.c.id)).scalars()))


def count_waiting_of(connection: Connection, identity: str, now: Milliseconds) -> int:
    """Return how many promotions that somebody asked for wait."""
    query = select(func.count()).where(promotions.c.requested_by == identity, _WAITING, promotions.c.expires_at > now)
    return int(connection.execute(query).scalar_one())


def count_waiting_on(connection: Connection, path_id: Ulid, now: Milliseconds) -> int:
    """Return how many wait on a path."""
    query = select(func.count()).where(promotions.c.path_id == path_id, _WAITING, promotions.c.expires_at > now)
    return int(connection.execute(query).scalar_one())


def is_open(connection: Connection, like: Promotion, now: Milliseconds) -> bool:
    """Tell whether just this is asked for already, and has not ended."""
    query = select(promotions.c.id).where(
        promotions.c.path_id == like.path_id,
        promotions.c.state.in_([state.value for state in OPEN]),
        promotions.c.source == like.source,
        promotions.c.digest == like.digest,
        promotions.c.tags == _json(like.tags),
        or_(~_WAITING, promotions.c.expires_at > now),
    )
    return connection.execute(query.limit(1)).first() is not None


def add(connection: Connection, promotion: Promotion) -> None:
    """Keep a promotion that somebody asks for."""
    row = {
        "id": promotion.id,
        "path_id": promotion.path_id,
        "path": promotion.path,
        "project": promotion.project,
        "source": promotion.source,
        "target": promotion.target,
        "digest": promotion.digest,
        "media_type": promotion.media_type,
        "size": promotion.size,
        "tag": promotion.tag,
        "tags": _json(promotion.tags),
        "note": promotion.note,
        "requested_by": promotion.asker.identity,
        "asker": _json(promotion.asker),
        "requested_at": promotion.requested_at,
        "expires_at": promotion.expires_at,
        **_standing(promotion),
    }
    connection.execute(insert(promotions), row)


def change(connection: Connection, promotion: Promotion) -> None:
    """Keep how a promotion stands now."""
    connection.execute(update(promotions).where(promotions.c.id == promotion.id).values(_standing(promotion)))


def add_decision(connection: Connection, promotion_id: Ulid, decision: Decision) -> bool:
    """Keep what somebody said, once; tell whether this call did."""
    row = {
        "promotion_id": promotion_id,
        "decided_by": decision.by,
        "verdict": decision.verdict.value,
        "decided_at": decision.at,
        "note": decision.note,
    }
    return insert_if_absent(connection, promotion_decisions, row)


def prune(connection: Connection, before: Milliseconds, limit: int) -> None:
    """Forget promotions that ended before a moment."""
    old = select(promotions.c.id).where(promotions.c.ended_at < before).limit(limit)
    connection.execute(delete(promotions).where(promotions.c.id.in_(old)))


def _standing(promotion: Promotion) -> dict[str, Any]:
    executor = promotion.executor
    return {
        "state": promotion.stored.value,
        "needed": promotion.needed,
        "carried_out_by": None if executor is None else executor.identity,
        "executor": None if executor is None else _json(executor),
        "copy_id": promotion.copy_id,
        "record": promotion.record,
        "record_digest": promotion.record_digest,
        "reason": promotion.reason,
        "ended_at": promotion.ended_at,
    }


def _read(connection: Connection, query: Any, values: dict[str, object] | None = None) -> list[Promotion]:
    rows = connection.execute(query, values or {}).all()
    decisions = _decisions(connection, [row.id for row in rows])
    return [_promotion(row, decisions.get(row.id, ())) for row in rows]


def _decisions(connection: Connection, ids: Sequence[str]) -> dict[str, list[Decision]]:
    found: dict[str, list[Decision]] = {}
    if ids:
        columns = promotion_decisions.c
        query = select(promotion_decisions).where(columns.promotion_id.in_(ids))
        for row in connection.execute(query.order_by(columns.decided_at, columns.decided_by)):
            decision = Decision(row.decided_by, Verdict(row.verdict), Milliseconds(row.decided_at), row.note)
            found.setdefault(row.promotion_id, []).append(decision)
    return found


def _promotion(row: Row[Any], decisions: Sequence[Decision]) -> Promotion:
    return Promotion(
        id=Ulid(row.id),
        path_id=Ulid(row.path_id),
        path=row.path,
        project=row.project,
        source=RepositoryName(row.source),
        target=RepositoryName(row.target),
        digest=Digest(row.digest),
        media_type=row.media_type,
        size=row.size,
        tag=None if row.tag is None else TagName(row.tag),
        tags=tuple(map(TagName, _TAGS.decode(row.tags))),
        note=row.note,
        asker=_named(row.asker, row.requested_by),
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        stored=PromotionState(row.state),
        needed=row.needed,
        executor=None if row.executor is None else _named(row.executor, row.carried_out_by),
        copy_id=None if row.copy_id is None else Ulid(row.copy_id),
        record=row.record,
        record_digest=None if row.record_digest is None else Digest(row.record_digest),
        reason=row.reason,
        ended_at=row.ended_at,
        decisions=tuple(decisions),
    )


def _named(stored: str, identity: str) -> Asker:
    """Return who it is, by the name that they have now."""
    return msgspec.structs.replace(_ASKER.decode(stored), identity=identity)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
