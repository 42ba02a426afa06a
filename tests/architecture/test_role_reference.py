# SPDX-License-Identifier: Apache-2.0
"""The reference of roles says of every action what it means, and which roles let do it."""

from enum import StrEnum

import pytest

from dev.role_reference import meanings
from dev.role_reference import role_reference
from entrepot.features.roles import ROLE_ACTIONS
from entrepot.features.roles import SYSTEM_ROLE_ACTIONS
from entrepot.kernel.access import Action
from entrepot.kernel.access import SystemAction


class _Described(StrEnum):
    """Actions that say what they mean."""

    FLY = "fly-away"
    """Leave the ground."""
    LAND = "land"
    """Come back."""


class _Undescribed(StrEnum):
    """Actions one of which does not."""

    FLY = "fly-away"
    LAND = "land"
    """Come back."""


def test_an_action_means_what_its_docstring_says() -> None:
    """In the order of the code, by the names that people use."""
    assert list(meanings(_Described).items()) == [("fly-away", "Leave the ground."), ("land", "Come back.")]


def test_an_action_without_a_meaning_is_reported() -> None:
    """The reference is not written with a gap; the error says where to fill it."""
    with pytest.raises(LookupError, match="FLY of _Undescribed has no docstring"):
        meanings(_Undescribed)


@pytest.mark.parametrize("action", [*Action, *SystemAction])
def test_every_action_has_a_line(action: Action | SystemAction) -> None:
    """It says `yes` once for each role that lets do it."""
    allowed = ROLE_ACTIONS if isinstance(action, Action) else SYSTEM_ROLE_ACTIONS
    [line] = [line for line in role_reference().splitlines() if line.startswith(f"| `{action}` ")]

    assert line.count(" yes |") == sum(action in actions for actions in allowed.values())
    assert line.split(" | ")[1].endswith(".")
