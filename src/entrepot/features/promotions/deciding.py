# SPDX-License-Identifier: Apache-2.0
"""Deciding about a promotion, in the transaction that sees who may."""

from sqlalchemy import Connection

from entrepot.features.copies import Asker
from entrepot.features.promotions.approving import may_approve
from entrepot.features.promotions.approving import who_may
from entrepot.features.promotions.ending import end
from entrepot.features.promotions.errors import AlreadyDecided
from entrepot.features.promotions.errors import NotAnApprover
from entrepot.features.promotions.errors import OwnPromotion
from entrepot.features.promotions.errors import PathChanged
from entrepot.features.promotions.errors import PromotionNotOpen
from entrepot.features.promotions.errors import PromotionUnknown
from entrepot.features.promotions.models import Decision
from entrepot.features.promotions.models import Promotion
from entrepot.features.promotions.models import PromotionState
from entrepot.features.promotions.models import Verdict
from entrepot.features.promotions.models import decided
from entrepot.features.promotions.models import fits
from entrepot.features.promotions.paths import Path
from entrepot.features.promotions.queueing import RUN
from entrepot.features.promotions.queueing import enqueue
from entrepot.features.promotions.store import paths
from entrepot.features.promotions.store import promotions
from entrepot.features.promotions.telling import tell
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds


def locked(connection: Connection, seen: Promotion, now: Milliseconds) -> tuple[Path | None, Promotion]:
    """Return the path and the promotion, that nobody else changes until this transaction ends, while it waits.

    Whoever locks both locks the path first. Raises `PromotionUnknown` and `PromotionNotOpen`.
    """
    path = paths.lock(connection, seen.path_id)
    promotion = promotions.find(connection, seen.id, to_change=True)
    if promotion is None:
        raise PromotionUnknown(f"there is no promotion {seen.id}")
    if promotion.state(now) is not PromotionState.WAITING:
        raise PromotionNotOpen(f"the promotion is {promotion.state(now)} already")
    return path, promotion


def decide(connection: Connection, seen: Promotion, decision: Decision, asker: Asker, by: Principal) -> Promotion:
    """Keep what an approver says, and have it carried out if nothing is missing.

    Raises as `locked`, `NotAnApprover`, `OwnPromotion`, `AlreadyDecided` and `PathChanged`.
    """
    now = decision.at
    path, promotion = locked(connection, seen, now)
    if path is None or not paths.lists(connection, path.id, decision.by):
        raise NotAnApprover(f"{by.name} is not among the approvers of {seen.path_address}")
    if promotion.has_decided(decision.by):
        raise AlreadyDecided
    is_yes = decision.verdict is Verdict.APPROVE
    if is_yes and decision.by == promotion.asker.identity and not path.terms.own_request_counts:
        raise OwnPromotion
    if is_yes and not may_approve(connection, path, promotion, decision.by, now):
        raise NotAnApprover(f"{by.name} may not push that to {promotion.target}, and so not approve it")
    if is_yes and not fits(path, promotion):
        raise PathChanged(
            f"the path {path.address} leads elsewhere now, or is about other tags",
            hint="Refuse it, and let it be asked for again.",
        )
    may = who_may(connection, path, promotion, now) | {decision.by: True}
    said = decided(promotion, decision, path, may, asker)
    promotions.add_decision(connection, promotion.id, decision)
    if said.stored is PromotionState.REFUSED:
        end(connection, said, now, by)
        return said
    promotions.change(connection, said)
    tell(connection, Change.PROMOTION_APPROVED, said, now, by, decision.note)
    if said.stored is PromotionState.RUNNING:
        enqueue(connection, RUN, said.id, now)
    return said
