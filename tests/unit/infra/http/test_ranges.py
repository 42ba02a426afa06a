# SPDX-License-Identifier: Apache-2.0
"""Byte ranges, held to the definition in RFC 9110 section 14."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.http.ranges import MAX_RANGES
from entrepot.infra.http.ranges import Span
from entrepot.infra.http.ranges import Unsatisfiable
from entrepot.infra.http.ranges import parse_range

SIZES = st.integers(0, 60)
POSITIONS = st.integers(0, 70)
Spec = tuple[int | None, int | None]
SPECS = st.one_of(st.tuples(POSITIONS, POSITIONS), st.tuples(POSITIONS, st.none()), st.tuples(st.none(), POSITIONS))
SPACES = st.sampled_from(["", " ", "  ", "\t"])


def written(spec: Spec) -> str:
    """Write a range the way a header does."""
    first, last = spec
    return f"{'' if first is None else first}-{'' if last is None else last}"


def selected(spec: Spec, size: int) -> list[int]:
    """List the positions a range selects, by its definition: one position after another."""
    first, last = spec
    if first is None:
        assert last is not None
        return [position for position in range(size) if position >= size - last]
    return [position for position in range(size) if position >= first and (last is None or position <= last)]


@given(specs=st.lists(SPECS, min_size=1, max_size=MAX_RANGES), size=SIZES, spaces=SPACES)
def test_spans_are_what_the_ranges_select(specs: list[Spec], size: int, spaces: str) -> None:
    """Each range that selects something becomes the span of just that, in order; none at all cannot be satisfied."""
    header = f"bytes={f'{spaces},{spaces}'.join(map(written, specs))}"

    spans = parse_range(header, size)

    expected = [positions for spec in specs if (positions := selected(spec, size))]
    if expected:
        assert isinstance(spans, list)
        assert [list(range(span.start, span.stop)) for span in spans] == expected
    else:
        assert isinstance(spans, Unsatisfiable)


@given(header=st.text(st.characters(max_codepoint=255), max_size=40), size=st.integers(0, 2**63))
def test_no_text_leads_outside_the_content(header: str, size: int) -> None:
    """Whatever a header says, a span lies within the content and is not empty."""
    for text in (header, f"bytes={header}", f"bytes={header.translate({1: '-', 2: ','})}"):
        spans = parse_range(text, size)
        if isinstance(spans, list):
            assert spans
            assert all(0 <= span.start < span.stop <= size for span in spans)


@given(first=st.integers(0, 10**30), last=st.integers(0, 10**30), size=st.integers(0, 2**63))
def test_huge_positions_are_harmless(first: int, last: int, size: int) -> None:
    """Positions of any length answer a span within the content, nothing, or the whole."""
    spans = parse_range(f"bytes={first}-{last},-{last}", size)

    assert spans is None or isinstance(spans, Unsatisfiable) or all(span.stop <= size for span in spans)


MALFORMED = ["", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=1", "bytes=a-b", "bytes=1-2-3", "bytes=1-2;3-4"]
FOREIGN = ["bytes=1-2,x", "lines=1-2", "bytes 1-2", "bytes=+1-2", "bytes=1.0-2", "bytes=0x1-2", "bytes=\u00b2-3"]


@pytest.mark.parametrize("header", [None, *MALFORMED, *FOREIGN])
def test_what_is_not_understood_asks_for_the_whole(header: str | None) -> None:
    """No header, another unit, and anything malformed are ignored."""
    assert parse_range(header, 100) is None


@pytest.mark.parametrize("header", ["BYTES=1-2", "Bytes = 1-2", "bytes=, 1-2 ,", " bytes=1-2"])
def test_units_and_lists_are_read_leniently(header: str) -> None:
    """Case, space and empty elements mean nothing."""
    assert parse_range(header, 100) == [Span(1, 3)]


def test_more_ranges_than_are_served_ask_for_the_whole() -> None:
    """Up to sixteen ranges are served; more are ignored."""
    ranges = [f"{number}-{number}" for number in range(MAX_RANGES + 1)]

    assert len(parse_range(f"bytes={','.join(ranges[:-1])}", 100) or []) == MAX_RANGES  # type: ignore[arg-type]
    assert parse_range(f"bytes={','.join(ranges)}", 100) is None


@given(start=st.integers(0, 10**18), length=st.integers(1, 10**18), more=st.integers(0, 10**18))
def test_a_place_names_the_last_byte(start: int, length: int, more: int) -> None:
    """`Content-Range` counts its last byte in, and states the size of the whole."""
    place = Span(start, start + length).content_range(start + length + more)

    assert place == f"bytes {start}-{start + length - 1}/{start + length + more}"
