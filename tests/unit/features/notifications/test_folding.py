# SPDX-License-Identifier: Apache-2.0
"""What is told as one, and what somebody does not want to hear of."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.notifications.folding import fold_key
from entrepot.features.notifications.folding import is_folded
from entrepot.features.notifications.models import FOLDED_MS
from entrepot.features.notifications.models import Mute
from entrepot.features.notifications.models import Need
from entrepot.features.notifications.models import Notice
from entrepot.features.notifications.muting import is_muted
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid

NOTICE = Notice("quota.reached", Need.PROJECT, "1", project="team", repository="team/app", about="quota:project:team")
NOW = Milliseconds(1_800_000_000_000)
PLACES = st.sampled_from(["", "team", "other"])


@given(pauses=st.lists(st.integers(0, FOLDED_MS), max_size=200))
def test_a_flood_is_at_most_one_an_hour(pauses: list[int]) -> None:
    """However often something happens: it is told anew only an hour after it was first told."""
    now, told = NOW, [NOW]
    for pause in pauses:
        now = Milliseconds(now + pause)
        if not is_folded(told[-1], None, now):
            told.append(now)

    assert all(later - sooner >= FOLDED_MS for sooner, later in pairwise(told))
    assert now - told[-1] < FOLDED_MS


def test_what_was_read_is_told_anew() -> None:
    """Somebody looked at it; now it happens again."""
    assert is_folded(NOW, None, NOW)
    assert not is_folded(NOW, NOW, NOW)


def test_what_differs_is_not_told_as_one() -> None:
    """Another kind, place, subject or right; the source and what is said do not count."""
    others = [
        replace(NOTICE, kind="webhook.paused"),
        replace(NOTICE, project="dev"),
        replace(NOTICE, repository="team/lib"),
        replace(NOTICE, about="other"),
        replace(NOTICE, need=Need.OWN),
    ]

    assert len({fold_key(each) for each in (NOTICE, *others)}) == 6
    assert fold_key(replace(NOTICE, source="2", facts={"value": 1})) == fold_key(NOTICE)


@given(kind=st.sampled_from(["", "quota.reached", "token.ends"]), project=PLACES, left=st.none() | st.integers(-5, 5))
def test_a_mute_counts_for_what_fits_all_it_names_and_while_it_lasts(kind: str, project: str, left: int | None) -> None:
    """What it leaves out is anything; at its end it is over."""
    until = None if left is None else Milliseconds(NOW + left)
    mute = Mute(new_ulid(), kind, project, "", until, NOW)

    fits = kind in ("", "quota.reached") and project in ("", "team") and (left is None or left > 0)

    assert is_muted(NOTICE, [mute], NOW) is fits
