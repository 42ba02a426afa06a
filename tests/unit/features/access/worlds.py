# SPDX-License-Identifier: Apache-2.0
"""Small worlds of accounts, groups, roles and grants in which everything meets everything."""

from hypothesis import strategies as st

from tests.unit.features.access.naive import ROLES
from tests.unit.features.access.naive import SYSTEM_ROLES
from tests.unit.features.access.naive import Given
from tests.unit.features.access.naive import World

NOW = 1_000
USERS = ("user:u", "user:v")
ROBOTS = ("robot:a.r",)
PRINCIPALS = (*USERS, *ROBOTS, "workload:w", "anonymous:anonymous", "user:gone")
GROUPS = ("g", "h", "i")
NAMES = ("a", "a/b", "a/b/c", "ab", "ab/b", "b/a")
PATTERNS = (*NAMES, "a/**", "a/b/**", "ab/**", "b/**", "**", "a*", "a*/**", "*/b", "a/*", "*/**", "a/*/c")
TAGS = ("v1", "v2", "dev", "latest")
TAG_PATTERNS = ("v*", "v1", "*", "d*v")
CUSTOM_ROLES = ("custom", "other")

_groups = st.sampled_from([f"group:{name}" for name in GROUPS])
grantees = st.one_of(
    st.sampled_from([*PRINCIPALS, "everyone:everyone"]),
    _groups,
)
roles = st.sampled_from([*ROLES, *CUSTOM_ROLES])
ends = st.sampled_from([None, NOW - 1, NOW, NOW + 1])
given_in_repositories = st.builds(
    Given, grantees, st.sampled_from(PATTERNS), roles, st.sampled_from(["", "", *TAG_PATTERNS]), ends
)
given_on_system = st.builds(Given, grantees, st.just("SYSTEM"), st.sampled_from(list(SYSTEM_ROLES)), st.just(""), ends)
misplaced = st.one_of(
    st.builds(Given, grantees, st.sampled_from(PATTERNS), st.sampled_from(list(SYSTEM_ROLES)), st.just(""), st.none()),
    st.builds(Given, grantees, st.just("SYSTEM"), roles, st.just(""), st.none()),
)
some_actions = st.sets(st.sampled_from(ROLES["admin"].split()), min_size=1, max_size=4).map(
    lambda actions: " ".join(sorted(actions))
)
worlds = st.builds(
    World,
    given=st.lists(
        st.one_of(given_in_repositories, given_in_repositories, given_in_repositories, given_on_system, misplaced),
        min_size=2,
        max_size=8,
        unique_by=lambda given: given[:4],
    ),
    roles=st.fixed_dictionaries(dict.fromkeys(CUSTOM_ROLES, some_actions)),
    groups=st.fixed_dictionaries(
        {
            name: st.frozensets(st.one_of(st.sampled_from([*USERS, *ROBOTS, "workload:w"]), _groups), max_size=3)
            for name in GROUPS
        }
    ),
    visibility=st.dictionaries(
        st.sampled_from(["a", "ab", "b"]), st.sampled_from(["private", "internal", "public"]), max_size=3
    ),
    accounts=st.frozensets(st.sampled_from([*USERS, *ROBOTS]), min_size=1),
)
