# SPDX-License-Identifier: Apache-2.0
"""The language of queries for artifacts."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.search.errors import QueryInvalid
from entrepot.features.search.language import MAX_QUERY_CHARACTERS
from entrepot.features.search.language import MAX_TERMS
from entrepot.features.search.language import format_artifact_query
from entrepot.features.search.language import parse_artifact_query
from entrepot.features.search.terms import Age
from entrepot.features.search.terms import ArtifactQuery
from entrepot.features.search.terms import Bound
from entrepot.features.search.terms import Bytes
from entrepot.features.search.terms import Day
from entrepot.features.search.terms import Kind
from entrepot.features.search.terms import Said
from entrepot.features.search.terms import Term
from entrepot.kernel.clock import DAY_MS
from tests.unit.features.search.queries import QUERIES
from tests.unit.features.search.queries import SPELLED


@given(st.one_of(QUERIES, SPELLED))
def test_what_is_written_is_read_as_the_same(query: ArtifactQuery) -> None:
    """Whatever a query asks for, spaces and quotation marks too."""
    assert parse_artifact_query(format_artifact_query(query)) == query


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_refused(text: str) -> None:
    """And what is read says the same when it is written down."""
    with suppress(QueryInvalid):
        query = parse_artifact_query(text)
        assert parse_artifact_query(format_artifact_query(query)) == query


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Redis", Term(Kind.WORD, "redis")),
        ('"app:1.2 x"', Term(Kind.WORD, "app:1.2 x")),
        ("-type:helm", Term(Kind.TYPE, "chart", is_wanted=False)),
        ("platform:Linux/ARM64", Term(Kind.PLATFORM, "linux/arm64")),
        ("label:team", Term(Kind.LABEL, Said("team"))),
        ("label:team=", Term(Kind.LABEL, Said("team", ""))),
        ('annotation:vendor="Acme \\"Inc\\""', Term(Kind.ANNOTATION, Said("vendor", 'Acme "Inc"'))),
        ("size:>1.5GiB", Term(Kind.SIZE, Bytes(Bound.OVER, 1_610_612_736))),
        ("size:4096", Term(Kind.SIZE, Bytes(Bound.EXACTLY, 4096))),
        ("pushed:>=2026-01-31", Term(Kind.PUSHED, Day(Bound.AT_LEAST, date(2026, 1, 31)))),
        ("pulled:<=30d", Term(Kind.PULLED, Age(Bound.UNDER, 30 * DAY_MS))),
        ("REVISION:ABC123", Term(Kind.REVISION, "abc123")),
    ],
)
def test_a_term_is_read(text: str, term: Term) -> None:
    """In capitals or not, where those mean nothing."""
    assert parse_artifact_query(f"  {text} {text}") == ArtifactQuery((term,))


@pytest.mark.parametrize(
    "text",
    [
        "typ:x",
        "type:",
        "type:imge",
        "platform:a//b",
        "label:",
        "label:=x",
        "revision:abc",
        "digest:9f8",
        "digest:sha1:9f86",
        "tag:a/b",
        "size:>",
        "size:1i",
        "size:9999999TB",
        "pushed:30d",
        "pushed:never",
        "pushed:2026-02-30",
        "pushed:>1969-12-31",
        "pulled:=30d",
        "project:a/b",
        'repository:"Team App"',
        "is:",
        '"',
        'a"b',
        "---",
        "sha256:abcdef",
        "a\0b",
        "x" * (MAX_QUERY_CHARACTERS + 1),
        " ".join(f"w{number}" for number in range(MAX_TERMS + 1)),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can_be(text: str) -> None:
    """The hint is never empty."""
    with pytest.raises(QueryInvalid) as refused:
        parse_artifact_query(text)

    assert refused.value.hint
