# SPDX-License-Identifier: Apache-2.0
"""The jobs of plans, put into the queue in the transactions that ask for them."""

import msgspec
from sqlalchemy import Connection

from entrepot.features.retention.policies import PlanRecord
from entrepot.features.retention.policies import PlanState
from entrepot.features.retention.store import plans
from entrepot.features.retention.telling import tell_failed
from entrepot.infra.jobs import queue
from entrepot.kernel.clock import Milliseconds

MAKE, RUN = "retention.plan", "retention.run"


class PlanWish(msgspec.Struct, frozen=True):
    """Which plan a job is about, and whether it is carried out at once."""

    plan: str
    at_once: bool = False


def note_failures(connection: Connection, now: Milliseconds) -> None:
    """Say of plans that they failed whose jobs were given up or cancelled: those change a plan before they end."""
    for plan in plans.under_way(connection):
        kind = MAKE if plan.state is PlanState.PLANNING else RUN
        if not queue.is_open(connection, kind, f"{kind}:{plan.id}"):
            reason = "its job was cancelled or given up; the list of jobs says why"
            plans.change(connection, plan.id, state=PlanState.FAILED.value, reason=reason, ended_at=now)
            tell_failed(connection, plan, reason, now)


def enqueue_making(connection: Connection, plan: PlanRecord, wish: PlanWish) -> None:
    """Keep a plan that has to be made, and have a job make it."""
    plans.add(connection, plan)
    queue.enqueue(connection, MAKE, wish, plan.made_at, unique_key=f"{MAKE}:{plan.id}")


def enqueue_running(connection: Connection, wish: PlanWish, now: Milliseconds) -> None:
    """Have a job carry a plan out."""
    queue.enqueue(connection, RUN, wish, now, unique_key=f"{RUN}:{wish.plan}")
