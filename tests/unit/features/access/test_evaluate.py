# SPDX-License-Identifier: Apache-2.0
"""What grants allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.access.evaluate import Rights
from entrepot.features.access.match import parse_pattern
from entrepot.features.access.models import Grant
from entrepot.features.roles import ROLE_ACTIONS
from entrepot.features.roles import Role
from entrepot.kernel.access import Action

names = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=3).map("/".join)
patterns = st.one_of(names, names.map(lambda name: f"{name}/**"), st.sampled_from(["**", "a*", "*/b", "a*/**"]))
grants = st.lists(st.tuples(patterns, st.sampled_from(Role)).map(lambda held: Grant(*held)), max_size=5)


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        (Role.VIEW, {Action.READ}),
        (Role.READ, {Action.READ, Action.PULL}),
        (Role.WRITE, {Action.READ, Action.PULL, Action.PUSH, Action.CREATE, Action.TAG, Action.SIGN}),
        (
            Role.MAINTAIN,
            set(Action) - {Action.MANAGE_MEMBERS, Action.OVERRIDE, Action.HOLD, Action.REPORT_USE, Action.ADMIN},
        ),
        (Role.ADMIN, set(Action)),
    ],
)
def test_a_role_is_a_set_of_actions(role: Role, actions: set[Action]) -> None:
    """Who may write may not delete: that takes the role `maintain`."""
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
more_grants = st.lists(st.tuples(more_patterns, st.sampled_from(Role)).map(lambda held: Grant(*held)), max_size=5)


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

    covered = Rights(held).cover(action, parse_pattern("a/**"))

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


@pytest.mark.parametrize("tags", ["v 1", "**", "a/b", "ä"])
def test_a_grant_for_tags_that_cannot_be_gives_nothing(tags: str) -> None:
    """Nor does it give what has nothing to do with tags: it is not understood."""
    rights = Rights([Grant("team/**", Role.ADMIN, tags)])

    assert not any(rights.allow(action, "team/app") for action in Action)
    assert rights.readable == []


def test_a_grant_for_some_tags_limits_setting_and_deleting_them_alone() -> None:
    """Whatever else its role allows is allowed; another grant widens it."""
    limited, free = Grant("team/**", Role.ADMIN, "v*"), Grant("team/app", Role.WRITE)

    rights, both = Rights([limited]), Rights([limited, free])

    assert {action for action in Action if not rights.allow(action, "team/app")} == {Action.TAG, Action.DELETE}
    assert [tag for tag in ("v1", "dev") if rights.tags(Action.TAG, "team/app").covers(tag)] == ["v1"]
    assert both.allow(Action.TAG, "team/app")
    assert not both.allow(Action.DELETE, "team/app")


@pytest.mark.parametrize(
    "grant",
    [Grant("SYSTEM", Role.ADMIN), Grant("**", "administrator"), Grant("team/**", "auditor"), Grant("SYSTEM", "x")],
)
def test_a_role_in_the_wrong_place_gives_nothing(grant: Grant) -> None:
    """System roles count on the registry alone, all others in repositories alone."""
    rights = Rights([grant])

    assert not any(rights.allow(action, "team/app") for action in Action)
    assert rights.system == frozenset()


@pytest.mark.parametrize("actions", ["", "fly", "pull,fly"])
def test_a_custom_role_with_actions_of_another_version_gives_nothing(actions: str) -> None:
    """Half of what was meant could be more than was meant."""
    rights = Rights([Grant("**", "custom", actions=actions)])

    assert not any(rights.allow(action, "team/app") for action in Action)
