# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about how much is stored."""

from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import select

from entrepot.registry.tables import objects


def stored_bytes(connection: Connection) -> int:
    """Return how many bytes all objects have that are there. Looks at each."""
    return int(connection.execute(select(func.coalesce(func.sum(objects.c.stored_size), 0))).scalar_one())
