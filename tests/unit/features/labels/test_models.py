# SPDX-License-Identifier: Apache-2.0
"""What a label and a note may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.labels.errors import LabelInvalid
from entrepot.features.labels.errors import NoteInvalid
from entrepot.features.labels.models import MAX_LABELS
from entrepot.features.labels.models import MAX_NOTE_BYTES
from entrepot.features.labels.models import Term
from entrepot.features.labels.models import check_key
from entrepot.features.labels.models import check_note
from entrepot.features.labels.models import check_value
from entrepot.features.labels.models import parse_label_filter
from entrepot.features.labels.models import parse_labels

NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?", fullmatch=True)
TERMS = st.builds(Term, NAMES, st.none() | st.just("") | NAMES)


@pytest.mark.parametrize("key", ["stage", "a", "Stage_1.x", "example.com/stage", "a.b-c.d/x", "a" * 63])
def test_keys_are_names_perhaps_behind_a_domain(key: str) -> None:
    """As in Kubernetes."""
    assert check_key(key) == key


@pytest.mark.parametrize(
    "key", ["", "-a", "a-", "a b", "a/", "/a", "a//b", "A.com/x", "a..b/x", "é", "a" * 64, f"{'a' * 254}/x", "a\n"]
)
def test_anything_else_is_no_key(key: str) -> None:
    """The hint says what is one."""
    with pytest.raises(LabelInvalid) as refused:
        check_key(key)

    assert "63 characters" in refused.value.hint


@pytest.mark.parametrize("value", ["", "prod", "1.2.3", "a_b-C", "9" * 63])
def test_values_are_names_or_empty(value: str) -> None:
    """A label may be there without a value."""
    assert check_value(value) == value


@pytest.mark.parametrize("value", [" ", "a b", "https://x", "a,b", "a=b", "-", "9" * 64, "prod\n"])
def test_anything_else_is_no_value(value: str) -> None:
    """Longer texts belong into a note."""
    with pytest.raises(LabelInvalid):
        check_value(value)


def test_there_are_not_too_many_at_once() -> None:
    """As many as an artifact can have."""
    assert len(parse_labels({f"k{number}": None for number in range(MAX_LABELS)})) == MAX_LABELS
    with pytest.raises(LabelInvalid, match="more than 64"):
        parse_labels({f"k{number}": "" for number in range(MAX_LABELS + 1)})


def test_a_filter_asks_for_values_or_for_any() -> None:
    """An empty value is one; asking twice is asking once."""
    asked = parse_label_filter("stage=prod, example.com/team,kept=,stage=prod")

    assert asked == (Term("stage", "prod"), Term("example.com/team", None), Term("kept", ""))
    assert parse_label_filter(" ") == ()


@pytest.mark.parametrize("text", [",", "a,,b", "=b", "a=b=c", "a,b,c,d,e,f", "a" * 3_000, "stage!=prod"])
def test_a_filter_that_nobody_means(text: str) -> None:
    """It is refused, and not read as another one."""
    with pytest.raises(LabelInvalid):
        parse_label_filter(text)


@given(st.lists(TERMS, max_size=5, unique=True))
def test_filters_are_read_as_they_are_written(terms: list[Term]) -> None:
    """In order."""
    text = ",".join(term.key if term.value is None else f"{term.key}={term.value}" for term in terms)

    assert parse_label_filter(text) == tuple(terms)


def test_a_note_is_text_of_some_length() -> None:
    """Its bytes count; space around it does not."""
    assert check_note("  built from the wrong branch\n") == "built from the wrong branch"
    assert check_note("é" * (MAX_NOTE_BYTES // 2))
    for text in ("", " \n", "é" * (MAX_NOTE_BYTES // 2 + 1), "\ud800"):
        with pytest.raises(NoteInvalid):
            check_note(text)
