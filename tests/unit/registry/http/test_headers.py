# SPDX-License-Identifier: Apache-2.0
"""Headers and parameters that several endpoints share."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.http.request import Request
from entrepot.oci.errors import PaginationInvalid
from entrepot.oci.errors import RangeInvalid
from entrepot.registry.http.headers import MAX_WARNING_BYTES
from entrepot.registry.http.headers import chunk_range
from entrepot.registry.http.headers import next_link
from entrepot.registry.http.headers import page_limit
from entrepot.registry.http.headers import warning_headers
from tests.builders.requests import a_request

QUOTED = re.compile(rb'299 - "((?:[^"\\]|\\.)*)"')


def with_place(place: str, length: int | None = None) -> Request:
    """Make a request for a chunk."""
    headers = [("content-range", place)] + ([] if length is None else [("content-length", str(length))])
    return a_request("PATCH", "/", headers)


@given(texts=st.lists(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=300), max_size=20))
def test_warnings_are_quoted_and_bounded(texts: list[str]) -> None:
    """Each header can be read back to its text, and all together stay within the limit."""
    headers = warning_headers(texts)

    values = [value for _, value in headers]
    read = [
        re.sub(rb"\\(.)", rb"\1", match[1]).decode("latin-1") for value in values if (match := QUOTED.fullmatch(value))
    ]
    assert read == texts[: len(read)]
    assert len(read) == len(values)
    assert sum(map(len, values)) <= MAX_WARNING_BYTES


@given(text=st.text(min_size=1))
def test_a_warning_can_be_sent_whatever_it_says(text: str) -> None:
    """Characters that a header cannot hold are replaced."""
    ((name, value),) = warning_headers([text.replace("\n", " ")[:50]])

    assert (name, value.isascii() or value.decode("latin-1") != "") == (b"warning", True)


@given(first=st.integers(0, 10**17), length=st.integers(1, 10**17))
def test_a_place_is_read(first: int, length: int) -> None:
    """`<first>-<last>`, both included, whether the length is announced beside it or not."""
    place = f"{first}-{first + length - 1}"

    assert chunk_range(with_place(place)) == (first, first + length - 1)
    assert chunk_range(with_place(f" {place} ", length)) == (first, first + length - 1)


@given(place=st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=30))
def test_any_place_is_read_or_refused(place: str) -> None:
    """A `Content-Range` gives two offsets in order, or the request is refused."""
    try:
        found = chunk_range(with_place(place))
    except RangeInvalid:
        return
    assert found is not None
    assert 0 <= found[0] <= found[1]


@pytest.mark.parametrize(("place", "length"), [("0-9", 9), ("0-9", 11), ("9-0", None), ("0-9", 0)])
def test_a_place_must_fit_the_length(place: str, length: int | None) -> None:
    """An announced length that differs is refused."""
    with pytest.raises(RangeInvalid):
        chunk_range(with_place(place, length))


def test_no_place_is_no_place() -> None:
    """Without the header, a chunk goes where the upload stands."""
    assert chunk_range(a_request("PATCH", "/")) is None


@given(number=st.integers(0, 10**18 - 1), maximum=st.integers(1, 10_000))
def test_a_page_size_is_kept_within_the_maximum(number: int, maximum: int) -> None:
    """`n` is taken as it is, up to what is served at once."""
    assert page_limit(a_request("GET", f"/?n={number}"), 100, maximum) == min(number, maximum)


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20))
def test_any_page_size_is_read_or_refused(text: str) -> None:
    """`n` is a non-negative integer, or the request is refused."""
    request = a_request("GET", "/", parameters=[("n", text)])
    try:
        assert page_limit(request, 100, 1_000) in range(1_001)
    except PaginationInvalid:
        assert not (text.isascii() and text.isdigit() and len(text) <= 18)


def test_without_a_page_size_the_default_counts() -> None:
    """No `n` means the default."""
    assert page_limit(a_request("GET", "/"), 100, 1_000) == 100


@given(last=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20))
def test_a_link_leads_to_the_next_page(last: str) -> None:
    """The address in `Link` is relative and says what it was made of, whatever characters that has but NUL."""
    name, value = next_link("/v2/a/tags/list", [("n", "2"), ("last", last)])

    match = re.fullmatch(r'<(/v2/a/tags/list\?[!-;=?-~]+)>; rel="next"', value.decode("ascii"))
    assert match is not None
    assert name == b"link"
    assert a_request("GET", match[1]).parameter("last") == last
