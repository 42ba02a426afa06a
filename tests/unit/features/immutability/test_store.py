# SPDX-License-Identifier: Apache-2.0
"""Overrides as they are kept, and rules as they are stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.immutability import store
from entrepot.features.immutability.models import Effect
from entrepot.features.immutability.models import Override
from entrepot.features.immutability.models import Rule
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from tests.builders.databases import a_database

APP, TAG = RepositoryName("team/app"), TagName("1.0")
RULES = st.builds(
    Rule,
    repositories=st.sampled_from(["**", "team/**", "team/a-*"]),
    tags=st.sampled_from(["*", "v*", "1.0"]),
    effect=st.sampled_from(Effect),
    until=st.none() | st.integers(0, 2**53).map(Milliseconds),
    description=st.text("ab ç", max_size=5),
    is_binding=st.booleans(),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database without overrides."""
    database = a_database(tmp_path)
    yield database
    database.close()


def an_override(expires_at: int, created_at: int = 0, tag: TagName = TAG) -> Override:
    """Make an override."""
    return Override(APP, tag, "because", Milliseconds(expires_at), Milliseconds(created_at), "user:root")


def test_an_override_ends_by_itself(database: Database) -> None:
    """It is in force until its end, and not at it."""
    database.write_now(store.put, an_override(1_000), "team")

    found = [database.snapshot_now(store.find, APP, TAG, Milliseconds(now)) for now in (999, 1_000)]
    assert found == [an_override(1_000), None]


def test_there_is_one_for_a_tag(database: Database) -> None:
    """Another one takes its place; those that ended a month ago are forgotten."""
    database.write_now(store.put, an_override(1_000, tag=TagName("old")), "team")
    for end in (2_000, store.KEPT_MS + 3_000):
        database.write_now(store.put, an_override(end, end), "team")

    assert database.snapshot_now(store.count, APP, Milliseconds(0)) == 1


def test_those_of_a_project_go_with_it(database: Database) -> None:
    """And no others."""
    database.write_now(store.put, an_override(1_000), "team")
    database.write_now(store.remove_within, "other")
    assert database.snapshot_now(store.count, APP, Milliseconds(0)) == 1

    database.write_now(store.remove_within, "team")
    assert database.snapshot_now(store.count, APP, Milliseconds(0)) == 0


@given(st.lists(RULES))
def test_rules_are_read_as_they_were_stored(rules: list[Rule]) -> None:
    """In order."""
    assert store.decode(store.encode(rules)) == tuple(rules)


def test_an_effect_of_a_newer_version_keeps() -> None:
    """What is not understood must not free what somebody wanted kept."""
    (rule,) = store.decode('[{"repositories":"**","tags":"*","effect":"frozen"}]')

    assert rule.effect is Effect.IMMUTABLE
