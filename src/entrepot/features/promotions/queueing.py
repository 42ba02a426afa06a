# SPDX-License-Identifier: Apache-2.0
"""The jobs of promotions, put into the queue in the transactions that ask for them."""

import msgspec
from sqlalchemy import Connection

from entrepot.infra.jobs import queue
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

RUN, FINISH = "promotions.run", "promotions.finish"


class PromotionWork(msgspec.Struct, frozen=True):
    """Which promotion a job is about."""

    promotion: str


def enqueue(connection: Connection, kind: str, promotion_id: Ulid, now: Milliseconds) -> None:
    """Have a job begin a promotion (`RUN`), or end it once its copy has ended (`FINISH`)."""
    queue.enqueue(connection, kind, PromotionWork(promotion_id), now, unique_key=f"{kind}:{promotion_id}")


def is_under_way(connection: Connection, kind: str, promotion_id: Ulid) -> bool:
    """Tell whether such a job waits or runs."""
    return queue.is_open(connection, kind, f"{kind}:{promotion_id}")
