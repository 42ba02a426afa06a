# SPDX-License-Identifier: Apache-2.0
"""What of a source is wanted, and what it is called here."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.imports.errors import ImportInvalid
from entrepot.features.imports.filters import Filters
from entrepot.features.imports.filters import check_terms
from entrepot.features.imports.models import Kind
from entrepot.features.imports.models import Terms
from entrepot.oci.reference import namespace_of

SEGMENTS = st.text("abc-1", min_size=1, max_size=6).filter(lambda text: text.strip("-") == text and "---" not in text)
NAMES = st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join)
TAGS = st.text("abv.1-", min_size=1, max_size=8).filter(lambda text: text[0] not in ".-")
TAG_PATTERNS = st.text("abv.1*-", min_size=1, max_size=6).filter(lambda text: "**" not in text)


@given(TAGS, st.lists(TAG_PATTERNS, max_size=3), st.lists(TAG_PATTERNS, max_size=3))
def test_a_tag_comes_if_it_is_named_and_not_left_out(tag: str, wanted: list[str], unwanted: list[str]) -> None:
    """As a glob of one segment reads the patterns."""
    filters = Filters(Terms(names=("a",), tags=tuple(wanted), without_tags=tuple(unwanted)), "team")

    is_named = not wanted or any(fnmatchcase(tag, each) for each in wanted)
    is_left_out = any(fnmatchcase(tag, each) for each in unwanted)
    assert (filters.against(tag) == "") == (is_named and not is_left_out)


@given(NAMES, st.integers(0, 8), st.sampled_from(["", "old", "old/registry"]))
def test_everything_comes_into_the_project(name: str, strip: int, prefix: str) -> None:
    """Whatever is left out of the names, the last segment stays."""
    target = Filters(Terms(names=(name,), strip=strip, prefix=prefix), "team").target(name)

    assert namespace_of(target) == "team"
    assert target.startswith("/".join(filter(None, ("team", prefix))) + "/")
    assert target.split("/")[-1] == name.rsplit("/", maxsplit=1)[-1]


@given(NAMES)
def test_what_is_left_out_never_comes(name: str) -> None:
    """Not even what is named, or what every pattern matches."""
    filters = Filters(Terms(names=(name,), patterns=("**",), without=(name,)), "team")

    assert not filters.takes(name)
    assert filters.takes(f"{name}/other")


@pytest.mark.parametrize(
    ("tag", "kind", "comes"),
    [
        ("1.0", Kind.TAG, False),
        ("v1", Kind.TAG, True),
        (f"sha256-{'a' * 64}.sig", Kind.DERIVED, True),
        (f"sha256-{'a' * 64}", Kind.DERIVED, False),
    ],
)
def test_tags_named_after_digests_go_with_these(tag: str, kind: Kind, comes: bool) -> None:
    """No pattern has to name them; the one that stands for the list of referrers stays away."""
    judged, reason = Filters(Terms(names=("a",), tags=("v*",)), "team").judged(tag)

    assert (judged, reason == "") == (kind, comes)


@pytest.mark.parametrize(
    "terms",
    [
        Terms(),
        Terms(names=("a",), newest=0),
        Terms(names=("a",), parallel=17),
        Terms(names=("a",), strip=9),
        Terms(names=("a" * 200,)),
        Terms(patterns=("a",) * 51),
        Terms(names=tuple(f"a{number}" for number in range(1_001))),
    ],
)
def test_what_is_too_much_is_refused(terms: Terms) -> None:
    """Before anybody is asked."""
    with pytest.raises(ImportInvalid):
        check_terms(terms, "team")
