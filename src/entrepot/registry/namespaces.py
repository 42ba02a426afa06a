# SPDX-License-Identifier: Apache-2.0
"""Giving up a whole namespace."""

from sqlalchemy import Connection

from entrepot.kernel.clock import Milliseconds
from entrepot.registry.keeping import require_unheld_namespace
from entrepot.registry.store import namespaces
from entrepot.registry.store.namespaces import Occupancy

MAX_NAMED = 3


def vacate(connection: Connection, namespace: str, now: Milliseconds) -> Occupancy:
    """Take the emptied repositories of a namespace out of every listing, unless some still hold artifacts.

    Those are returned, the first few by name, and then nothing was done. What is in
    the bin can be restored no more: the name may go to somebody else. A push into such
    a repository makes it seen again, with its history. Raises `Denied` while a hold keeps anything there.
    """
    namespaces.lock_repositories(connection, namespace)
    require_unheld_namespace(connection, namespace, now)
    occupied = namespaces.occupancy(connection, namespace, MAX_NAMED)
    if occupied.count == 0:
        namespaces.seal_bin(connection, namespace)
        namespaces.conceal(connection, namespace)
    return occupied
