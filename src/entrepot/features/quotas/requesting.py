# SPDX-License-Identifier: Apache-2.0
"""Asking for background work in the transaction that makes it necessary."""

import msgspec
from sqlalchemy import Connection

from entrepot.features.quotas.models import Subject
from entrepot.infra.jobs import queue
from entrepot.kernel.clock import Clock
from entrepot.kernel.identifiers import Ulid

CHECK = "quotas.check"
LOOK_THROUGH = "quotas.look-through"


class CheckPayload(msgspec.Struct, frozen=True):
    """What a job of the kind `CHECK` is given: nothing."""


class LookThroughPayload(msgspec.Struct, frozen=True):
    """What a job of the kind `LOOK_THROUGH` is given."""

    subject: str
    """Whose blobs are looked through, as `project:team`."""


class Requests:
    """Asks for background work. Ring the doorbell of jobs after the transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def check(self, connection: Connection) -> Ulid:
        """Have everything counted anew; return the job, that which is on its way if there is one."""
        return queue.enqueue(connection, CHECK, CheckPayload(), self._clock(), unique_key=f"schedule:{CHECK}")

    def look_through(self, connection: Connection, subject: Subject) -> None:
        """Have all blobs of somebody looked at."""
        queue.enqueue(connection, LOOK_THROUGH, LookThroughPayload(subject), self._clock())
