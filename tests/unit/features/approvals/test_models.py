# SPDX-License-Identifier: Apache-2.0
"""What an approval is good for, without a database."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.approvals.models import FOLLOWS
from entrepot.features.approvals.models import OPEN
from entrepot.features.approvals.models import Approval
from entrepot.features.approvals.models import State
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt

TEAM = Approval(
    id=new_ulid(),
    act=Act.PROJECT_DELETE,
    target="team",
    hours=None,
    reason="it is time",
    requested_by="user:alice",
    requested_at=Milliseconds(1_000),
    expires_at=Milliseconds(2_000),
)
HOURS = st.none() | st.integers(0, 5)


@given(hours=HOURS, wanted=HOURS)
def test_what_was_approved_for_a_while_is_not_for_longer(hours: int | None, wanted: int | None) -> None:
    """And never for good; what was approved for good is for any while."""
    fits = replace(TEAM, hours=hours).fits(Attempt(Act.PROJECT_DELETE, "team", wanted))

    assert fits is (hours is None or (wanted is not None and wanted <= hours))


@given(act=st.sampled_from(Act), target=st.sampled_from(["team", "Team", "team ", "team/app"]), since=st.integers(0, 3))
def test_an_approval_is_for_one_act_on_one_target(act: Act, target: str, since: int) -> None:
    """Which was there when it was asked for."""
    fits = TEAM.fits(Attempt(act, target, since=Milliseconds(since * 500)))

    assert fits is ((act, target) == (Act.PROJECT_DELETE, "team") and since <= 2)


@given(stored=st.sampled_from(sorted(set(State) - {State.EXPIRED})), now=st.integers(0, 4_000))
def test_only_what_is_open_expires(stored: State, now: int) -> None:
    """What was used, rejected or withdrawn stays so."""
    state = replace(TEAM, stored=stored).state(Milliseconds(now))

    assert state is (State.EXPIRED if stored in OPEN and now >= 2_000 else stored)


def test_what_has_ended_is_followed_by_nothing() -> None:
    """And only what is approved is used."""
    ended = set(State) - OPEN

    assert not any(ended & before for before in FOLLOWS.values())
    assert FOLLOWS[State.USED] == {State.APPROVED}
