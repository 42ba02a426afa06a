# SPDX-License-Identifier: Apache-2.0
"""The background work of grants."""

import pytest
from sqlalchemy import Connection
from sqlalchemy import insert

from entrepot.features.grants import store
from entrepot.features.grants.jobs import BATCH
from entrepot.features.grants.jobs import KEPT_ENDED_MS
from entrepot.features.grants.jobs import forget_ended
from entrepot.features.grants.store import About
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.registry.tables import grants
from tests.builders.databases import sqlite_of
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio


def add(connection: Connection, ends: list[Milliseconds | None]) -> None:
    """Store grants that end then."""
    given = {"principal": "user:alice", "role": "read", "created_at": 0, "created_by": "user:admin"}
    rows = [{**given, "path_pattern": f"team/{number}", "expires_at": end} for number, end in enumerate(ends)]
    connection.execute(insert(grants), rows)


async def test_grants_that_ended_long_ago_are_forgotten(instance: Instance) -> None:
    """More than a batch of them too; what ended of late is still listed, and what does not end stays."""
    now = instance.clock()
    long_ago = after(now, -KEPT_ENDED_MS - 1)
    kept = [None, after(now, 1), after(now, -1), after(now, -KEPT_ENDED_MS)]
    await instance.database.write(add, [*[long_ago] * (BATCH + 1), *kept])

    await forget_ended(instance.database, now)

    left = await instance.database.read(store.page, About(), 0, 100)
    assert [grant.expires_at for grant in left] == kept


@pytest.mark.sqlite
def test_what_has_ended_is_found_by_an_index(instance: Instance) -> None:
    """However many grants there are."""
    with sqlite_of(instance.database).reading() as connection:
        ended = "SELECT id FROM grants WHERE expires_at IS NOT NULL AND expires_at < 5 ORDER BY expires_at LIMIT 9"
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {ended}").all()

    assert "ix_grants_ending" in str(plan)
