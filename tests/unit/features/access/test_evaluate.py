# SPDX-License-Identifier: Apache-2.0
"""What grants allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.access.evaluate import Rights
from entrepot.features.access.match import parse_pattern
from entrepot.features.access.models import ROLE_ACTIONS
from entrepot.features.access.models import Grant
from entrepot.features.access.models import Role
from entrepot.kernel.access import Action

names = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=3).map("/".join)
patterns = st.one_of(names, names.map(lambda name: f"{name}/**"), st.sampled_from(["**", "a*", "*/b", "a*/**"]))
grants = st.lists(st.builds(Grant, patterns, st.sampled_from(Role)), max_size=5)


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        (Role.READ, {Action.PULL}),
        (Role.WRITE, {Action.PULL, Action.PUSH}),
        (Role.ADMIN, {Action.PULL, Action.PUSH, Action.DELETE, Action.ADMIN}),
    ],
)
def test_a_role_is_a_set_of_actions(role: Role, actions: set[Action]) -> None:
    """Who may write may not delete: that takes the role `admin`."""
    rights = Rights([Grant("team/**", role)])

    assert {action for action in Action if rights.allow(action, "team/app")} == actions
    assert not any(rights.allow(action, "other/app") for action in Action)


@given(grants, names, st.sampled_from(Action))
def test_an_action_is_allowed_when_a_matching_grant_names_it(held: list[Grant], name: str, action: Action) -> None:
    """The order and number of grants make no difference: one that allows is enough."""
    allowed = any(
        action in ROLE_ACTIONS[Role(grant.role)] and parse_pattern(grant.path_pattern).matches(name) for grant in held
    )

    assert Rights(held).allow(action, name) == allowed


names_of_a = st.lists(st.sampled_from(["a", "b", "ab"]), max_size=3).map(lambda below: "/".join(["a", *below]))
more_patterns = st.one_of(
    patterns, st.sampled_from(["*", "*/**", "a*/b", "b*", "*b/**", "a/*", "a/*/**", "a/**", "b/**"])
)
more_grants = st.lists(st.builds(Grant, more_patterns, st.sampled_from(Role)), max_size=5)


@given(more_grants, st.sampled_from(Action))
def test_a_project_is_reached_when_some_name_in_it_is_allowed(held: list[Grant], action: Action) -> None:
    """Whatever repositories there are: a grant that could allow one is enough, and nothing less is."""
    segments = ["", "/a", "/b", "/ab"]
    some = [f"a{first}{second}" for first in segments for second in segments]

    reached = Rights(held).reach(action, "a")

    assert reached == any(Rights(held).allow(action, name) for name in some)


@given(more_grants, names_of_a, st.sampled_from(Action))
def test_a_project_is_covered_when_every_name_in_it_is_allowed(held: list[Grant], name: str, action: Action) -> None:
    """One grant must be about all of the project; no part of it is then refused."""
    covering = [grant for grant in held if grant.path_pattern in ("**", "a/**", "a*/**", "*/**")]

    covered = Rights(held).cover(action, "a")

    assert covered == any(action in ROLE_ACTIONS[Role(grant.role)] for grant in covering)
    assert Rights(held).allow(action, name) or not covered


@pytest.mark.parametrize("pattern", ["team", "team/**", "te*"])
@pytest.mark.parametrize("roles", [(Role.ADMIN, Role.READ), (Role.READ, Role.ADMIN)])
def test_grants_on_one_pattern_add_up(pattern: str, roles: tuple[Role, Role]) -> None:
    """A smaller role takes nothing from a larger one."""
    rights = Rights(Grant(pattern, role) for role in roles)

    assert all(rights.allow(action, "team") for action in Action)


@pytest.mark.parametrize("grant", [Grant("team/**", "emperor"), Grant("team/**/app", "admin"), Grant("", "admin")])
def test_a_grant_that_is_not_understood_gives_nothing(grant: Grant) -> None:
    """A role or pattern of another version is passed over; the other grants count."""
    rights = Rights([grant, Grant("other", Role.READ)])

    assert not any(rights.allow(action, "team/app") for action in Action)
    assert rights.allow(Action.PULL, "other")
