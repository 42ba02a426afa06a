# SPDX-License-Identifier: Apache-2.0
"""Spans of repository names."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel.spans import EVERY_NAME
from entrepot.kernel.spans import Span
from entrepot.kernel.spans import beginning_with
from entrepot.kernel.spans import behind
from entrepot.kernel.spans import exactly
from entrepot.kernel.spans import joined
from entrepot.kernel.spans import overlap
from entrepot.kernel.spans import subtree
from entrepot.kernel.spans import up_to

names = st.from_regex(r"[a0z](?:[-._/]?[a0z]){0,3}", fullmatch=True)
texts = st.one_of(names, st.just(""), st.text("az0-./{~ é", max_size=4))
spans = st.lists(
    st.one_of(names.map(exactly), names.map(lambda name: subtree(name)[1]), texts.map(beginning_with)), max_size=6
)


def holds(some: list[Span], name: str) -> bool:
    """Tell whether a name lies in one of the spans."""
    return any(span.first <= name < span.end for span in some)


@given(names, names)
def test_a_span_of_one_name_holds_no_other(name: str, other: str) -> None:
    """Not even those that begin with it."""
    assert holds([exactly(name)], other) == (name == other)


@given(names, names)
def test_a_subtree_is_a_name_and_all_below_it(name: str, other: str) -> None:
    """And nothing beside it that only begins with the same letters."""
    assert holds(subtree(name), other) == (other == name or other.startswith(f"{name}/"))


@given(names, names)
def test_a_prefix_spans_what_begins_with_it(prefix: str, name: str) -> None:
    """Every name lies behind the empty prefix."""
    assert holds([beginning_with(prefix)], name) == name.startswith(prefix)
    assert beginning_with("") == EVERY_NAME


@given(spans, names)
def test_joined_spans_hold_the_same_names(some: list[Span], name: str) -> None:
    """They are in order, and each ends before the next begins."""
    found = joined(some)

    assert holds(found, name) == holds(some, name)
    assert all(one.end < other.first for one, other in pairwise(found))


@given(spans, texts, names)
def test_what_is_behind_a_text(some: list[Span], after: str, name: str) -> None:
    """The names after it in bytewise order, without it, whatever text it is."""
    assert holds(behind(joined(some), after), name) == (holds(some, name) and name > after)


@given(spans, names, names)
def test_what_goes_up_to_a_name(some: list[Span], last: str, name: str) -> None:
    """The names before it, and it."""
    assert holds(up_to(joined(some), last), name) == (holds(some, name) and name <= last)


@given(spans, spans, names)
def test_an_overlap_is_what_both_hold(some: list[Span], others: list[Span], name: str) -> None:
    """A name lies in it when it lies in both, and nothing in it is empty or out of order."""
    shared = overlap(joined(some), joined(others))

    assert holds(shared, name) == (holds(some, name) and holds(others, name))
    assert all(span.first < span.end for span in shared)
    assert all(before.end <= after.first for before, after in pairwise(shared))
