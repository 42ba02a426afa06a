# SPDX-License-Identifier: Apache-2.0
"""What is told of promotions and their paths."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from entrepot.features.promotions.models import Promotion
from entrepot.features.promotions.models import PromotionState
from entrepot.features.promotions.paths import Path
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.events import Outcome

MAX_ASKED_OF = 100
"""How many of those who may approve are named where something is asked for."""

ENDS = {
    PromotionState.DONE: Change.PROMOTION_DONE,
    PromotionState.FAILED: Change.PROMOTION_FAILED,
    PromotionState.REFUSED: Change.PROMOTION_REFUSED,
    PromotionState.WITHDRAWN: Change.PROMOTION_WITHDRAWN,
    PromotionState.EXPIRED: Change.PROMOTION_EXPIRED,
}


def tell(
    connection: Connection,
    change: Change,
    promotion: Promotion,
    now: Milliseconds,
    by: Principal | None = None,
    reason: str = "",
) -> None:
    """Tell what became of a promotion, as something that happens in its target."""
    facts = _facts(promotion)
    if promotion.record_digest is not None:
        facts["record"] = promotion.record_digest
    outcome = Outcome.FAILED if change is Change.PROMOTION_FAILED else Outcome.DONE
    told = replace(_told(promotion, facts, by), reason=reason or promotion.reason, outcome=outcome)
    announce(connection, change, now, told)


def tell_request(
    connection: Connection, promotion: Promotion, now: Milliseconds, by: Principal, asked_of: Sequence[str]
) -> None:
    """Tell that a promotion is asked for, and of whom an approval."""
    facts = {**_facts(promotion), "asked_of": list(asked_of[:MAX_ASKED_OF])}
    told = replace(_told(promotion, facts, by), reason=promotion.note)
    announce(connection, Change.PROMOTION_REQUESTED, now, told)


def _facts(promotion: Promotion) -> dict[str, Any]:
    return {
        "path": promotion.path_address,
        "source": promotion.source,
        "target": promotion.target,
        "tags": list(promotion.tags),
        "state": promotion.stored.value,
        "requested_by": promotion.asker.identity,
        "approved_by": [each.by for each in promotion.approvals],
    }


def _told(promotion: Promotion, facts: dict[str, Any], by: Principal | None) -> Told:
    return Told(
        object=f"promotion:{promotion.id}",
        project=promotion.project,
        repository=promotion.target,
        digest=promotion.digest,
        after=facts,
        principal=by,
    )


def tell_path(
    connection: Connection, change: Change, before: Path | None, path: Path | None, now: Milliseconds
) -> None:
    """Tell that a path was made, changed or deleted."""
    named = path or before
    if named is None:
        raise ValueError("nothing is told of no path")
    told = Told(
        object=f"promotion-path:{named.address}",
        project=named.project,
        before=before and told_path(before),
        after=path and told_path(path),
    )
    announce(connection, change, now, told)


def told_path(path: Path) -> dict[str, Any]:
    """Return what is told of a path."""
    terms = path.terms
    return {
        "source": terms.source,
        "repositories": terms.repositories,
        "prefix": terms.prefix,
        "tags": terms.tags,
        "tag_suffix": terms.tag_suffix,
        "approvals": terms.approvals,
        "approvers": [str(each) for each in terms.approvers],
        "own_request_counts": terms.own_request_counts,
        "wait_hours": terms.wait_hours,
        "follow_hours": terms.follow_hours,
    }
