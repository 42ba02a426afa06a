# SPDX-License-Identifier: Apache-2.0
"""How the statements that find artifacts reach their rows on SQLite: by an index, whatever the query asks."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from entrepot.features.search.language import parse_artifact_query
from entrepot.features.search.store import finding
from entrepot.features.search.store.finding import EVERYTHING
from entrepot.features.search.store.finding import Source
from entrepot.features.search.terms import Range
from entrepot.registry.store.repositories import RepositoryId
from tests.builders.databases import sqlite_of
from tests.unit.features.search.conftest import Stock
from tests.unit.features.search.naive import NOW
from tests.unit.features.search.naive import some_artifacts
from tests.unit.features.search.naive import store_all

pytestmark = pytest.mark.sqlite

EVERY_TERM = (
    "redis type:image platform:linux label:a=b annotation:c revision:abc123 digest:9f86 tag:1.* size:>1MB "
    "pushed:<30d pulled:never project:team repository:team/app is:tagged -label:x"
)
IN_PLACE = "search_artifacts USING INTEGER PRIMARY KEY (rowid=?)"
SOURCES = {
    "redis": "search_terms USING PRIMARY KEY (term=? AND place",
    "label:a=b": "search_terms USING PRIMARY KEY (term=? AND place",
    "revision:abc123": "ix_search_artifacts_revision (revision>? AND revision<?)",
    "digest:sha256:9f86": "uq_search_artifacts (digest>? AND digest<?)",
    "size:>1MB": "ix_search_artifacts_size (size>?)",
    "tag:1.*": "ix_tags_name (name>? AND name<?)",
    "tag:latest": "ix_tags_name (name=?)",
}


def plan_of(stock: Stock, work: Callable[[Connection], object]) -> list[str]:
    """Return the steps of all statements that `work` executes."""
    statements: list[str] = []
    database = sqlite_of(stock.running.database)

    def look(connection: Connection) -> list[str]:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(statements.append)
        work(connection)
        driver.set_trace_callback(None)
        return [row[3] for each in statements for row in driver.execute(f"EXPLAIN QUERY PLAN {each}")]

    return database.snapshot_now(look)


def scans(steps: list[str]) -> list[str]:
    """Return the steps that look at all of a table or an index."""
    tables = ("search_", "tags", "manifests", "repositories", "usage_")
    return [step for step in steps if step.startswith("SCAN ") and step.split()[1].startswith(tables)]


@pytest.mark.parametrize("query", SOURCES)
def test_a_term_is_looked_up_by_its_index(stock: Stock, query: str) -> None:
    """From the beginning, and from a place on."""
    [term] = parse_artifact_query(query).terms
    sources = list(finding.sources_of(term))

    steps = plan_of(stock, lambda connection: [each.few(connection, Range(5, 9), 9) for each in sources])

    assert any(SOURCES[query] in step for step in steps), steps
    assert scans(steps) == []


@pytest.mark.parametrize("query", ["tag:*-nosuch", "-tag:latest", "-size:>1MB"])
def test_what_no_index_leads_to_is_no_beginning(query: str) -> None:
    """It would be looked for in all of a table."""
    [term] = parse_artifact_query(query).terms

    assert list(finding.sources_of(term)) == []


@pytest.mark.parametrize("query", ["size:>1", "tag:1*-nosuch"])
def test_a_beginning_reads_no_more_than_it_may(stock: Stock, query: str) -> None:
    """Whatever of it lies in the range that is asked for, or ends as the term does."""
    stock.running.database.write_now(store_all, some_artifacts(60))
    [term] = parse_artifact_query(query).terms
    [source] = finding.sources_of(term)
    everything = stock.running.database.snapshot_now(source.few, Range(), 1_000)

    assert everything
    assert stock.running.database.snapshot_now(source.few, Range(0, 1), len(everything)) == []
    assert stock.running.database.snapshot_now(source.few, Range(0, 1), len(everything) - 1) is None


@pytest.mark.parametrize(
    ("source", "index"),
    [
        (EVERYTHING, "search_artifacts USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        (finding.in_repositories({RepositoryId(1)}), "ix_search_artifacts_repo_id (repo_id=? AND place>? AND place<?)"),
    ],
)
def test_what_is_walked_in_order_needs_no_sorting(stock: Stock, source: Source, index: str) -> None:
    """However much there is, a step reads what it returns."""
    steps = plan_of(stock, lambda connection: source.next(connection, Range(5, 9), 9, is_newest_first=True))

    assert any(index in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps)
    assert scans(steps) == []


def test_what_is_asked_of_an_artifact_is_looked_up_at_its_place(stock: Stock) -> None:
    """No condition leads elsewhere, even all of them together."""
    matching = finding.Matching(parse_artifact_query(EVERY_TERM).terms, NOW, "sqlite")

    steps = plan_of(stock, lambda connection: matching.among(connection, [1, 2, 3]))

    assert any(IN_PLACE in step for step in steps), steps
    assert scans(steps) == []
    assert not any("ix_search_artifacts" in step for step in steps)
