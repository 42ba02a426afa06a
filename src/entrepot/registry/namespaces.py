# SPDX-License-Identifier: Apache-2.0
"""Giving up a whole namespace."""

from sqlalchemy import Connection

from entrepot.registry.store import namespaces
from entrepot.registry.store.namespaces import Occupancy

MAX_NAMED = 3


def vacate(connection: Connection, namespace: str) -> Occupancy:
    """Take the emptied repositories of a namespace out of every listing, unless some still hold artifacts.

    Those are returned, the first few by name, and then nothing was done. What is in
    the bin stays there; a push into such a repository makes it, and its history, seen again.
    """
    occupied = namespaces.occupancy(connection, namespace, MAX_NAMED)
    if occupied.count == 0:
        namespaces.conceal(connection, namespace)
    return occupied
