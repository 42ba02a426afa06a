# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about approvals, and which acts take one."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.approvals.models import FOLLOWS
from entrepot.features.approvals.models import Approval
from entrepot.features.approvals.models import Rule
from entrepot.features.approvals.models import State
from entrepot.features.approvals.tables import approval_rules
from entrepot.features.approvals.tables import approvals
from entrepot.features.roles import SYSTEM
from entrepot.features.roles import SystemRole
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.tables import grants

NEWEST = "8"
"""Behind every id there is: where a list begins, read backwards."""

_ALL = select(
    approvals.c.id,
    approvals.c.act,
    approvals.c.target,
    approvals.c.hours,
    approvals.c.reason,
    approvals.c.requested_by,
    approvals.c.requested_at,
    approvals.c.expires_at,
    approvals.c.state,
    approvals.c.decided_by,
    approvals.c.decided_at,
    approvals.c.comment,
    approvals.c.ended_at,
)
_IS_PENDING = and_(approvals.c.state == State.PENDING.value, approvals.c.expires_at > bindparam("now"))
_IS_OPEN = and_(
    approvals.c.state.in_([State.PENDING.value, State.APPROVED.value]), approvals.c.expires_at > bindparam("now")
)
_IS_OF = approvals.c.requested_by == bindparam("of")
_FIND = _ALL.where(approvals.c.id == bindparam("id"))
_ASKED = _ALL.where(
    _IS_OF, approvals.c.act == bindparam("act"), approvals.c.target == bindparam("target"), _IS_OPEN
).order_by(approvals.c.id)
_PAGE = _ALL.where(approvals.c.id < bindparam("before")).order_by(approvals.c.id.desc()).limit(bindparam("limit"))
_PAGE_OF = _PAGE.where(_IS_OF)
_PENDING = _PAGE.where(_IS_PENDING)
_COUNT = select(func.count()).select_from(approvals).where(_IS_PENDING)
_COUNT_OF = _COUNT.where(_IS_OF)
_ADD = insert(approvals)
_MOVE = (
    update(approvals)
    .where(
        approvals.c.id == bindparam("the_id"),
        approvals.c.state.in_(bindparam("from_states", expanding=True)),
        approvals.c.expires_at > bindparam("now"),
    )
    .values(
        state=bindparam("to_state"),
        decided_by=bindparam("by"),
        decided_at=bindparam("at"),
        comment=bindparam("said"),
        expires_at=bindparam("until"),
        ended_at=bindparam("end"),
    )
)
_OLD = (
    select(approvals.c.id)
    .where(approvals.c.expires_at < bindparam("before"))
    .order_by(approvals.c.expires_at)
    .limit(bindparam("limit"))
)
_PRUNE = delete(approvals).where(approvals.c.id.in_(_OLD))
_RULES = select(approval_rules.c.act, approval_rules.c.since, approval_rules.c.set_by).order_by(approval_rules.c.act)
_RULE = select(approval_rules.c.act).where(approval_rules.c.act == bindparam("act"))
_ANY_RULE = select(approval_rules.c.act).limit(1)
_REMOVE_RULES = delete(approval_rules).where(approval_rules.c.act.in_(bindparam("acts", expanding=True)))
_ADMINISTRATORS = select(grants.c.principal).where(
    grants.c.path_pattern == SYSTEM,
    grants.c.role == SystemRole.ADMINISTRATOR.value,
    or_(grants.c.expires_at.is_(None), grants.c.expires_at > bindparam("now")),
)


def find(connection: Connection, approval_id: str) -> Approval | None:
    """Return an approval."""
    return next(iter(_read(connection.execute(_FIND, {"id": approval_id}))), None)


def asked(connection: Connection, of: str, attempt: Attempt, now: Milliseconds) -> list[Approval]:
    """Return what somebody asked for on a target that is open, the oldest first."""
    values = {"of": of, "act": attempt.act.value, "target": attempt.target, "now": now}
    return _read(connection.execute(_ASKED, values))


def page(connection: Connection, before: str, limit: int) -> list[Approval]:
    """Return up to `limit` approvals that are older than one, newest first."""
    return _read(connection.execute(_PAGE, {"before": before, "limit": limit}))


def page_of(connection: Connection, of: str, before: str, limit: int) -> list[Approval]:
    """Do the same for those that somebody asked for."""
    return _read(connection.execute(_PAGE_OF, {"of": of, "before": before, "limit": limit}))


def pending(connection: Connection, before: str, limit: int, now: Milliseconds) -> list[Approval]:
    """Do the same for those that nobody has decided about."""
    return _read(connection.execute(_PENDING, {"before": before, "limit": limit, "now": now}))


def count_pending(connection: Connection, now: Milliseconds) -> int:
    """Return how many wait for a decision."""
    return connection.execute(_COUNT, {"now": now}).scalar_one()


def count_pending_of(connection: Connection, of: str, now: Milliseconds) -> int:
    """Return how many of them somebody asked for."""
    return connection.execute(_COUNT_OF, {"of": of, "now": now}).scalar_one()


def add(connection: Connection, approval: Approval) -> None:
    """Store an approval that somebody asks for."""
    row = asdict(approval)
    row["state"] = row.pop("stored")
    connection.execute(_ADD, row)


def move(connection: Connection, changed: Approval, now: Milliseconds) -> bool:
    """Store an approval whose state has changed; False if meanwhile it is in no state that this one follows on."""
    values = {
        "the_id": changed.id,
        "from_states": [state.value for state in FOLLOWS[changed.stored]],
        "now": now,
        "to_state": changed.stored.value,
        "by": changed.decided_by,
        "at": changed.decided_at,
        "said": changed.comment,
        "until": changed.expires_at,
        "end": changed.ended_at,
    }
    return connection.execute(_MOVE, values).rowcount == 1


def prune(connection: Connection, ended_before: Milliseconds, limit: int) -> int:
    """Remove up to `limit` approvals whose time was over before a moment; return how many."""
    return connection.execute(_PRUNE, {"before": ended_before, "limit": limit}).rowcount


def rules(connection: Connection) -> list[Rule]:
    """Return the acts that take a second person, by name."""
    return [Rule(Act(act), Milliseconds(since), set_by) for act, since, set_by in connection.execute(_RULES)]


def has_rule(connection: Connection, act: Act) -> bool:
    """Tell whether an act takes a second person."""
    return connection.execute(_RULE, {"act": act.value}).first() is not None


def has_any_rule(connection: Connection) -> bool:
    """Tell whether any act does."""
    return connection.execute(_ANY_RULE).first() is not None


def add_rules(connection: Connection, added: Iterable[Rule]) -> None:
    """Let acts take a second person."""
    for rule in added:
        insert_if_absent(
            connection, approval_rules, {"act": rule.act.value, "since": rule.since, "set_by": rule.set_by}
        )


def remove_rules(connection: Connection, acts: Iterable[Act]) -> None:
    """Let acts take no second person any more."""
    connection.execute(_REMOVE_RULES, {"acts": [act.value for act in acts]})


def administrators(connection: Connection, now: Milliseconds) -> set[str]:
    """Return who was granted to administer the registry, such as `user:alice` or `group:ops`."""
    return set(connection.execute(_ADMINISTRATORS, {"now": now}).scalars())


def _read(rows: Iterable[Any]) -> list[Approval]:
    return [
        Approval(Ulid(approval_id), Act(act), target, hours, reason, by, at, until, State(state), *rest)
        for approval_id, act, target, hours, reason, by, at, until, state, *rest in rows
    ]
