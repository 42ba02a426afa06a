# SPDX-License-Identifier: Apache-2.0
"""Ending promotions, and the paths that they go along."""

from sqlalchemy import Connection

from entrepot.features.promotions.models import Promotion
from entrepot.features.promotions.models import PromotionState
from entrepot.features.promotions.paths import Path
from entrepot.features.promotions.store import paths
from entrepot.features.promotions.store import promotions
from entrepot.features.promotions.telling import ENDS
from entrepot.features.promotions.telling import tell
from entrepot.features.promotions.telling import tell_path
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds


def end(connection: Connection, ended: Promotion, now: Milliseconds, by: Principal | None = None) -> None:
    """Keep that a promotion has ended, and tell of it."""
    promotions.change(connection, ended)
    tell(connection, ENDS[ended.stored], ended, now, by)


def end_path(connection: Connection, path: Path, now: Milliseconds) -> None:
    """Delete a path; what waits on it has failed."""
    for promotion in promotions.waiting_on(connection, path.id):
        end(connection, promotion.ended(PromotionState.FAILED, now, f"the path {path.address} was deleted"), now)
    paths.remove(connection, path.id)
    tell_path(connection, Change.PROMOTION_PATH_DELETED, path, None, now)


def forget_promotions(connection: Connection, project: str, now: Milliseconds) -> None:
    """Delete the paths from and into a project that is deleted: another one of its name inherits none."""
    for path in paths.of_project(connection, project):
        end_path(connection, path, now)
