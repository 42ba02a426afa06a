# SPDX-License-Identifier: Apache-2.0
"""JSON documents from strangers."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.oci.document import MAX_DEPTH
from entrepot.oci.document import MAX_MARKS
from entrepot.oci.document import fields_by_fold
from entrepot.oci.document import parse_object
from entrepot.oci.document import refuse_lookalikes
from entrepot.oci.errors import ManifestInvalid

FIELDS = fields_by_fold("layers", "mediaType")
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(st.dictionaries(st.text(), values))
def test_what_json_writes_is_read_back(document: dict[str, object]) -> None:
    """Any ordinary object survives, escaped or not."""
    assert parse_object(json.dumps(document).encode()) == document
    assert parse_object(json.dumps(document, ensure_ascii=False).encode()) == document


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b'{"a": -Infinity}', "-Infinity is not a JSON number"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b'"text"', "must be a JSON object"),
        (b'{"a": ' + b"1" * 10_000 + b"}", "too many digits"),
        (b'{"a": 1, "a": 1}', "'a' occurs twice"),
        (b'{"a": [{"b": 1, "c": 2, "b": 3}]}', "'b' occurs twice"),
        (b'{"a": 1, "\\u0061": 2}', "'a' occurs twice"),
        (b'{"a": "\\ud83d"}', "unpaired surrogate"),
        (b'{"a": ["\\uDE00\\ud83d"]}', "unpaired surrogate"),
        (b'{"\\udfff": 1}', "unpaired surrogate"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(payload: bytes, reason: str) -> None:
    """Only one well-formed UTF-8 object without repeated names is accepted, and the message says what is wrong."""
    with pytest.raises(ManifestInvalid, match=reason):
        parse_object(payload)


def test_a_paired_surrogate_is_a_character() -> None:
    """Characters beyond the basic plane may be escaped as a pair."""
    assert parse_object(b'{"a": "\\ud83d\\ude00 \\\\ud83d"}') == {"a": "\N{GRINNING FACE} \\ud83d"}


@pytest.mark.parametrize(("before", "after"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_nesting_is_bounded(before: bytes, after: bytes) -> None:
    """As many levels as documented are accepted, one more is refused."""
    inner = before * (MAX_DEPTH - 2) + b"{}" + after * (MAX_DEPTH - 2)

    assert parse_object(b'{"a": ' + inner + b"}")
    with pytest.raises(ManifestInvalid, match="levels deep"):
        parse_object(b'{"a": ' + before + inner + after + b"}")


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_nesting_far_beyond_the_bound_is_refused(opening: bytes) -> None:
    """Hundreds of thousands of brackets neither crash the interpreter nor keep it busy."""
    with pytest.raises(ManifestInvalid, match="levels deep"):
        parse_object(b'{"a":' + opening * (MAX_MARKS // 2))


def test_the_number_of_values_is_bounded() -> None:
    """A document that would take long to decode is refused before it is decoded."""
    with pytest.raises(ManifestInvalid, match="values"):
        parse_object(b'{"a": [' + b"0," * MAX_MARKS + b"0]}")


@pytest.mark.parametrize("name", ["Layers", "LAYERS", "layer\N{LATIN SMALL LETTER LONG S}", "MEDIATYPE"])
def test_a_name_that_differs_only_in_case_is_refused(name: str) -> None:
    """Go clients would take it for the field itself, so it is refused."""
    with pytest.raises(ManifestInvalid, match=r"in layers\[0\] differs from"):
        refuse_lookalikes({name: 1}, FIELDS, "layers[0]")


def test_fields_and_unrelated_names_are_no_lookalikes() -> None:
    """The fields themselves and names that no field resembles are accepted."""
    refuse_lookalikes({"layers": 1, "mediaType": 2, "org.example.Layers": 3, "": 4}, FIELDS, "")

    with pytest.raises(ManifestInvalid, match=r"^'Layers' differs from 'layers' only in case"):
        refuse_lookalikes({"Layers": 1}, FIELDS, "")


@given(st.binary(max_size=200) | st.text('{}[]",:01ae\\ud8', max_size=60).map(str.encode))
def test_any_bytes_give_an_object_or_a_refusal(payload: bytes) -> None:
    """Nothing but `ManifestInvalid` is raised, and what is returned is an object."""
    with suppress(ManifestInvalid):
        assert isinstance(parse_object(payload), dict)
