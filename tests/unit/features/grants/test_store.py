# SPDX-License-Identifier: Apache-2.0
"""Grants in the table."""

import asyncio

import pytest

from entrepot.features.grants import store
from entrepot.features.grants.store import About
from tests.builders.databases import sqlite_of
from tests.builders.instance import Instance


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("project", "left"),
    [
        ("a_b", ["**", "a*/x", "axb/c", "a_bc/**", "x/a_b/**"]),
        ("a", ["**", "a*/x", "a_b", "a_b/**", "a_b/*/c", "axb/c", "a_bc/**", "x/a_b/**"]),
    ],
)
async def test_what_is_about_one_project_goes_with_it(instance: Instance, project: str, left: list[str]) -> None:
    """A pattern that could match names elsewhere stays, and an underscore is no wildcard."""
    patterns = ["**", "a*/x", "a_b", "a_b/**", "a_b/*/c", "axb/c", "a_bc/**", "x/a_b/**"]
    for pattern in patterns:
        await asyncio.to_thread(instance.grant, "user:alice", pattern, "read")

    await instance.database.write(store.remove_within, project)

    assert [grant.path_pattern for grant in await instance.database.read(store.page, About(), 0, 99)] == left


@pytest.mark.sqlite
def test_the_members_of_a_project_are_found_by_an_index(instance: Instance) -> None:
    """Listing them looks at no other grant."""
    with sqlite_of(instance.database).reading() as connection, instance.traced_reads() as statements:
        store.on_pattern(connection, "team/**", 0, 10)
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[-1]}").all()

    assert "USING INDEX ix_grants_path_pattern" in str(plan)
