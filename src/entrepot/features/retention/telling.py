# SPDX-License-Identifier: Apache-2.0
"""What is told of retention, in the transactions in which it happens."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from entrepot.features.retention.policies import PlanRecord
from entrepot.features.retention.policies import Policy
from entrepot.features.retention.policies import Scope
from entrepot.kernel.access import principal_of
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce


def tell_policy(connection: Connection, before: Policy | None, after: Policy | None, now: Milliseconds) -> None:
    """Say that a policy was set, or removed; nothing if it says the same."""
    if before is not None and after is not None and before.terms == after.terms:
        return
    scope = (after or before).scope  # type: ignore[union-attr]
    told = Told(object=f"retention:{scope}", project=scope.project, before=_plain(before), after=_plain(after))
    announce(connection, Change.RETENTION_CHANGED, now, told)


def tell_started(connection: Connection, plan: PlanRecord, by: str, now: Milliseconds) -> None:
    """Say that a plan is carried out, and how much that is."""
    what = {"plan": plan.id, "deletions": plan.deletions, "bytes": plan.bytes}
    told = Told(object=_name(plan.scope), project=plan.scope.project, after=what, principal=principal_of(by))
    announce(connection, Change.RETENTION_RUN, now, told)


def _name(scope: Scope) -> str:
    return f"retention:{scope}"


def _plain(policy: Policy | None) -> Any:
    return None if policy is None else msgspec.to_builtins(policy.terms)
