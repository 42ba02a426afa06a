# SPDX-License-Identifier: Apache-2.0
"""Places in the stream, and what is wanted."""

import pytest
from hypothesis import given
from hypothesis import strategies

from entrepot.features.events.models import WHOLE_REGISTRY
from entrepot.features.events.models import Filter
from entrepot.features.events.models import parse_place
from entrepot.features.events.models import place_text
from entrepot.infra.events.outbox import Cursor

NUMBERS = strategies.integers(min_value=0, max_value=10**18 - 1)


@given(txid=NUMBERS, seq=NUMBERS)
def test_a_place_is_read_back(txid: int, seq: int) -> None:
    """From the text that is given out for it."""
    assert parse_place(place_text(Cursor(txid, seq))) == Cursor(txid, seq)


@given(text=strategies.text())
def test_any_text_is_a_place_or_none(text: str) -> None:
    """Whatever a client sends, there is no error; what is a place is spelled in one way but for leading zeros."""
    place = parse_place(text)

    assert place is None or [int(part) for part in text.split("-")] == [place.txid, place.seq]


@pytest.mark.parametrize(
    ("wanted", "repository", "is_wanted"),
    [
        (Filter(), "team/app", True),
        (Filter(project="team"), "team/app", True),
        (Filter(project="team"), "team", True),
        (Filter(project="team"), "team-a/app", False),
        (Filter(repository="team/app"), "team/app", True),
        (Filter(repository="team/app"), "team/app/web", False),
        (Filter(repository="team/app", project="other"), "team/app", False),
        (Filter(), WHOLE_REGISTRY, True),
        (Filter(project="team"), WHOLE_REGISTRY, False),
        (Filter(repository="team/app"), WHOLE_REGISTRY, False),
    ],
)
def test_a_filter_is_about_whole_names(wanted: Filter, repository: str, is_wanted: bool) -> None:
    """Of a project, or of a repository; both together leave what both have."""
    assert wanted.wants(repository) is is_wanted
