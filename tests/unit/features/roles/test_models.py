# SPDX-License-Identifier: Apache-2.0
"""What roles are called, and what follows from their actions."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.roles.errors import InvalidRoleName
from entrepot.features.roles.errors import RoleBuiltIn
from entrepot.features.roles.models import BUILT_IN_ROLES
from entrepot.features.roles.models import ROLE_ACTIONS
from entrepot.features.roles.models import KnownRole
from entrepot.features.roles.models import in_order
from entrepot.features.roles.models import parse_custom_name
from entrepot.features.roles.models import parse_role_name
from entrepot.features.roles.models import with_implied
from entrepot.kernel.access import Action
from entrepot.kernel.access import SystemAction


@pytest.mark.parametrize("name", ["a", "deployer", "release-2", "a-", "a" * 64])
def test_a_role_is_called_by_a_short_plain_name(name: str) -> None:
    """It can stand in addresses, in shells and in grants as it is."""
    assert parse_custom_name(name) == name


@pytest.mark.parametrize("name", ["", "2nd", "-a", "Deployer", "a_b", "a.b", "a b", "a\n", "ä", "a" * 65])
def test_other_names_are_refused(name: str) -> None:
    """The error says which names are accepted."""
    with pytest.raises(InvalidRoleName) as refused:
        parse_custom_name(name)

    assert "beginning with a letter" in refused.value.hint


@pytest.mark.parametrize("name", ROLE_ACTIONS)
def test_nobody_makes_a_role_that_is_called_as_a_built_in_one(name: str) -> None:
    """It can be named, but not made or changed; the same goes for system roles."""
    assert parse_role_name(name) == name
    with pytest.raises(RoleBuiltIn):
        parse_custom_name(name)


@given(st.text(max_size=70))
def test_any_text_is_a_name_that_fits_the_table_or_refused(text: str) -> None:
    """A name never has a comma, a colon or a capital: it cannot be taken for anything else."""
    with suppress(InvalidRoleName, RoleBuiltIn):
        name = parse_custom_name(text)

        assert len(name) <= 64
        assert not {",", ":", "SYSTEM"} & {*name, name}


@given(st.sets(st.sampled_from(Action), min_size=1))
def test_what_follows_from_actions_follows_from_a_role(actions: set[Action]) -> None:
    """Who may pull may read, who may administer may do all, and nothing else is added."""
    role = KnownRole("mine", "", in_order(actions))

    assert set(role.allowed) >= actions
    assert (Action.READ in role.allowed) == bool(actions & {Action.READ, Action.PULL, Action.ADMIN})
    assert with_implied(role.allowed) == set(role.allowed)
    if Action.ADMIN not in actions:
        assert set(role.allowed) <= actions | {Action.READ}


def test_who_may_administer_may_do_everything() -> None:
    """In repositories; to the registry as a whole a custom role allows nothing."""
    role = KnownRole("mine", "", (Action.ADMIN,))

    assert role.allowed == tuple(Action)
    assert role.system_actions == ()


def test_a_role_with_an_unknown_action_allows_nothing() -> None:
    """Not even what is known of it: nobody can say what was meant."""
    assert KnownRole("mine", "", ("pull", "fly")).allowed == ()


def test_every_built_in_role_is_described_with_what_it_allows() -> None:
    """Its actions are those that count, so that nothing follows that is not named."""
    for role in BUILT_IN_ROLES:
        assert role.description
        assert set(role.allowed) == ROLE_ACTIONS[role.name]
        assert role.is_built_in
        assert role.is_system is bool(role.system_actions)


def test_an_auditor_changes_nothing_and_an_operator_reads_no_content() -> None:
    """What the system roles are for holds for every action there is."""
    roles = {role.name: role for role in BUILT_IN_ROLES}

    assert set(roles["auditor"].allowed) == {Action.READ, Action.PULL}
    assert not {SystemAction.OPERATE, SystemAction.ADMINISTER} & set(roles["auditor"].system_actions)
    assert roles["operator"].allowed == ()
    assert roles["administrator"].system_actions == tuple(SystemAction)
