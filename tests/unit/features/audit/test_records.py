# SPDX-License-Identifier: Apache-2.0
"""A search finds what it names, newest first, each record once, whatever the pages."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.features.audit.models import Entry
from entrepot.features.audit.models import Filter
from entrepot.features.audit.models import Place
from entrepot.features.audit.sealing import seal
from entrepot.features.audit.store import records
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.events import Outcome
from tests.builders.databases import a_database
from tests.unit.features.audit.chains import NOVEMBER
from tests.unit.features.audit.chains import an_entry

MOMENTS = [NOVEMBER + days * DAY_MS for days in (0, 1, 24, 25, 40)]
NAMES = ("user:alice", "user:bob", "robot:team-ci", "internal:entrepot", "anonymous:anonymous")
FIELDS = {
    "type": ("group.created", "group.deleted", "grant.given", "manifest.pushed"),
    "principal": NAMES,
    "address": ("", "192.0.2.1", "2001:db8::1"),
    "project": ("", "team", "other"),
    "repository": ("", "team/app"),
    "object": ("", "user:bob", "role:deployer"),
    "outcome": tuple(Outcome),
}


def any_entries() -> st.SearchStrategy[list[list[Entry]]]:
    """Make what is recorded together, at moments that go back and forth, over three months."""
    fields = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in FIELDS.items()})
    entry = st.builds(lambda at, given: replace(an_entry(at=at), **given), st.sampled_from(MOMENTS), fields)
    return st.lists(st.lists(entry, min_size=1, max_size=5), max_size=6)


def any_filter() -> st.SearchStrategy[Filter]:
    """Make a search: most of the time for little."""
    wanted = {name: st.just("") | st.sampled_from(values) for name, values in FIELDS.items() if name != "outcome"}
    moment = st.none() | st.sampled_from(MOMENTS)
    return st.builds(
        Filter,
        **{**wanted, "type": st.sampled_from(("", "group", "grant.given", "manifest"))},
        outcome=st.none() | st.sampled_from(list(Outcome)),
        since=moment,
        until=moment,
    )


def matches(entry: Entry, wanted: Filter) -> bool:
    """Tell whether a search names it: the reference."""
    for name in ("principal", "address", "project", "repository", "object", "outcome"):
        if getattr(wanted, name) and getattr(entry, name) != getattr(wanted, name):
            return False
    if wanted.type and wanted.type not in (entry.type, entry.type.partition(".")[0]):
        return False
    return (wanted.since is None or entry.at >= wanted.since) and (wanted.until is None or entry.at < wanted.until)


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[Database]]:
    """Empty databases, a new one each time."""

    def make() -> Iterator[Database]:
        while True:
            folder: Path = tmp_path_factory.mktemp("audit")
            with closing(a_database(folder)) as database:
                yield database

    made = make()
    yield made
    made.close()  # type: ignore[attr-defined]


@settings(max_examples=25, deadline=None)
@given(batches=any_entries(), wanted=st.lists(any_filter(), min_size=1, max_size=5), limit=st.integers(1, 7))
def test_a_search_finds_what_it_names(
    databases: Iterator[Database], batches: list[list[Entry]], wanted: list[Filter], limit: int
) -> None:
    """It equals going through everything that was recorded."""
    database = next(databases)
    for number, batch in enumerate(batches):
        database.write_now(seal, batch, Milliseconds(MOMENTS[0] + number * 9 * DAY_MS))
    numbered = list(enumerate((entry for batch in batches for entry in batch), start=1))

    for each in wanted:
        expected = sorted(((entry.at, seq) for seq, entry in numbered if matches(entry, each)), reverse=True)
        found: list[tuple[int, int]] = []
        place = None
        while page := database.snapshot_now(records.search, each, place, limit):
            found += [(record.at, record.seq) for record in page]
            place = Place(page[-1].at, page[-1].seq)
            for record in page:
                entry = numbered[record.seq - 1][1]
                assert (record.principal, record.address, record.object) == (
                    entry.principal,
                    entry.address,
                    entry.object,
                )
        assert found == expected
