# SPDX-License-Identifier: Apache-2.0
"""What is told of promotions and their paths."""

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
    facts: dict[str, Any] = {
        "path": promotion.path_address,
        "source": promotion.source,
        "target": promotion.target,
        "tags": list(promotion.tags),
        "state": promotion.stored.value,
        "requested_by": promotion.asker.identity,
        "approved_by": [each.by for each in promotion.approvals],
    }
    if promotion.record_digest is not None:
        facts["record"] = promotion.record_digest
    told = Told(
        object=f"promotion:{promotion.id}",
        project=promotion.project,
        repository=promotion.target,
        digest=promotion.digest,
        after=facts,
        reason=reason or promotion.reason,
        outcome=Outcome.FAILED if change is Change.PROMOTION_FAILED else Outcome.DONE,
        principal=by,
    )
    announce(connection, change, now, told)


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
