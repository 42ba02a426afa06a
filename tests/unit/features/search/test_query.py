# SPDX-License-Identifier: Apache-2.0
"""What a query may mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.search.query import Place
from entrepot.features.search.query import Query
from entrepot.features.search.query import parse_query
from entrepot.oci.digest import digest_of

DIGEST = digest_of(b"content")
HEX = DIGEST.removeprefix("sha256:")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("app", Query("app", Place("app"))),
        (" Team/App ", Query("team/app")),
        ("RC1", Query("rc1", Place("RC1"))),
        ("-x", Query("-x")),
        ("app:1.2", Query(tag=Place("1.2", "app"))),
        ("Team/App:RC", Query(tag=Place("RC", "team/app"))),
        ("app:", Query(tag=Place("", "app"))),
        (":1.2", Query(tag=Place("1.2"))),
        (":", Query()),
        ("a:b:c", Query()),
        ("abcde", Query("abcde", Place("abcde"))),
        ("ABCDEF", Query("abcdef", Place("ABCDEF"), (Place("sha256:abcdef"), Place("sha512:abcdef")))),
        (DIGEST, Query(digests=(Place(DIGEST),))),
        ("sha256:a", Query(digests=(Place("sha256:a"),))),
        ("sha256:", Query(tag=Place("", "sha256"))),
        (f"team/app@{DIGEST}", Query(digests=(Place(DIGEST, "team/app"),))),
        (f"App@{HEX[:6]}", Query(digests=(Place(f"sha256:{HEX[:6]}", "app"), Place(f"sha512:{HEX[:6]}", "app")))),
        ("app@", Query()),
        ("a b", Query()),
        ("100%", Query()),
        ("'; DROP TABLE tags", Query()),
        ("größe", Query()),
        ("", Query()),
    ],
)
def test_a_query_has_every_sense_that_fits(text: str, meant: Query) -> None:
    """A word may be a name, a tag and a digest at once; what nothing can be called means nothing."""
    assert parse_query(text) == meant


@given(st.text(min_size=1, max_size=256))
def test_no_text_is_wrong(text: str) -> None:
    """What is looked for are parts of names, of tags and of digests, however it was typed."""
    query = parse_query(text)

    places = (query.tag, *query.digests)
    assert set(query.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789._/-")
    assert all(place.repository == place.repository.lower() for place in places if place)
    assert all(place.beginning.isascii() for place in places if place)
    assert all(place.beginning or place.repository for place in places if place)
