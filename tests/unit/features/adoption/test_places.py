# SPDX-License-Identifier: Apache-2.0
"""What a file of a tree is, by its path alone."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from entrepot.features.adoption.places import REPOSITORIES
from entrepot.features.adoption.places import Kind
from entrepot.features.adoption.places import placed
from entrepot.features.adoption.places import repository_of

NAME = st.lists(st.sampled_from(["a", "0", "a-b", "a__b", "a.0"]), min_size=1, max_size=5).map("/".join)
WORD = st.text(st.characters(exclude_characters="/", codec="utf-8"), min_size=1, max_size=20)


@given(NAME, WORD, WORD)
def test_links_are_recognised(name: str, one: str, other: str) -> None:
    """Whatever they are about: that is looked at later."""
    for kind, path, what in (
        (Kind.LAYER, f"_layers/{one}/{other}/link", f"{one}:{other}"),
        (Kind.MANIFEST, f"_manifests/revisions/{one}/{other}/link", f"{one}:{other}"),
        (Kind.TAG, f"_manifests/tags/{one}/current/link", one),
    ):
        assert placed(f"{REPOSITORIES}{name}/{path}") == (name, kind, what)
        assert repository_of(f"{REPOSITORIES}{name}/{path}") == name


@given(st.text(max_size=200))
def test_anything_else_is_nothing(path: str) -> None:
    """No path makes it fail, and what it finds is in the path."""
    found = placed(REPOSITORIES + path)

    assert found is None or path.startswith(f"{found.repository}/_")


@pytest.mark.parametrize(
    "path",
    [
        "app/_uploads/x/data",
        "app/_manifests/tags/1/index/sha256/x/link",
        "app/_manifests/revisions/sha256/x/signatures/sha256/y/link",
        "app/_layers/sha256/link",
        "app/_other/_layers/sha256/x/link",
        "_layers/sha256/x/link",
        "link",
    ],
)
def test_what_is_of_no_use_is_passed_over(path: str) -> None:
    """Uploads, what tags were before, and what nobody knows."""
    assert placed(REPOSITORIES + path) is None
