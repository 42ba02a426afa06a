# SPDX-License-Identifier: Apache-2.0
"""The jobs of copies, put into the queue in the transactions that ask for them."""

import msgspec
from sqlalchemy import Connection

from entrepot.features.copies import store
from entrepot.features.copies.models import Copy
from entrepot.infra.jobs import queue
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

RUN, FOLLOW = "copies.run", "copies.follow"
ATTEMPTS = 35
"""Enough for a target that is read-only, or a storage that is away, for two hours."""


class CopyWork(msgspec.Struct, frozen=True):
    """Which copy a job is about, and up to what it follows."""

    copy: str
    heard: int = 0


def enqueue_running(connection: Connection, copy_id: Ulid, now: Milliseconds) -> Ulid:
    """Have a job do a copy."""
    return queue.enqueue(connection, RUN, CopyWork(copy_id), now, unique_key=f"{RUN}:{copy_id}")


def enqueue_following(connection: Connection, copy_id: Ulid, now: Milliseconds) -> None:
    """Have a job bring along what was said since.

    It is a job of its own even while another one follows the same copy: that one may have looked before this was said.
    """
    heard = store.hear(connection, copy_id)
    work = CopyWork(copy_id, heard)
    queue.enqueue(connection, FOLLOW, work, now, unique_key=f"{FOLLOW}:{copy_id}:{heard}")


def is_followed_soon(connection: Connection, copy: Copy) -> bool:
    """Tell whether a job is to bring along what was said last."""
    return queue.is_open(connection, FOLLOW, f"{FOLLOW}:{copy.id}:{copy.heard}")


def is_under_way(connection: Connection, copy_id: Ulid) -> bool:
    """Tell whether a job is to do a copy."""
    return queue.is_open(connection, RUN, f"{RUN}:{copy_id}")


def cancel_running(connection: Connection, copy_id: Ulid, now: Milliseconds) -> None:
    """Have the job of a copy stop."""
    job = queue.find_open(connection, RUN, f"{RUN}:{copy_id}")
    if job is not None:
        queue.cancel(connection, job, now)
