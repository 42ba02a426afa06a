# SPDX-License-Identifier: Apache-2.0
"""`entrepot role`."""

import json
from typing import Any

import pytest

from entrepot.features.grants.cli import grant_commands
from entrepot.features.roles.cli import role_commands
from entrepot.infra.remote.errors import ServerRefused
from tests.builders.shell import Shell

DEPLOYER = ("deployer", "--action", "pull", "--action", "tag", "--description", "Sets tags on what was built")


def shown(shell: Shell, role: str) -> Any:
    """Show a role, for programs."""
    return json.loads(shell.done(role_commands, "show", role, "--output", "json"))


def test_a_role_is_made_listed_and_deleted(shell: Shell) -> None:
    """It stands behind the built-in ones."""
    shell.done(role_commands, "create", *DEPLOYER)
    listed = shell.done(role_commands, "list").splitlines()
    told = shell.done(role_commands, "delete", "deployer", "--yes")

    assert [line.split()[0] for line in listed][1:3] == ["view", "read"]
    assert listed[-1].split() == ["deployer", "no", "no", "pull,", "tag", *DEPLOYER[-1].split()]
    assert told == "The role deployer is deleted.\n"
    assert "deployer" not in shell.done(role_commands, "list")


def test_a_built_in_role_is_shown(shell: Shell) -> None:
    """With what it lets do to the registry, and how many grants give it."""
    auditor = shown(shell, "auditor")

    assert (auditor["is_built_in"], auditor["is_system"]) == (True, True)
    assert auditor["system_actions"] == ["read-system", "read-accounts", "read-audit"]
    assert auditor["use"] == {"grants": 0, "is_complete": True}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--action", "sign"), (["sign"], DEPLOYER[-1])),
        (("--description", "For pipelines"), (["pull", "tag"], "For pipelines")),
        (("--description", "", "--action", "push"), (["push"], "")),
    ],
)
def test_what_is_not_given_stays(shell: Shell, options: tuple[str, ...], expected: tuple[list[str], str]) -> None:
    """A role is changed in its actions, in its description, or in both."""
    shell.done(role_commands, "create", *DEPLOYER)
    shell.done(role_commands, "change", "deployer", *options)

    role = shown(shell, "deployer")
    assert (role["actions"], role["description"]) == expected


@pytest.mark.parametrize(
    "arguments", [("change", "deployer"), ("create", "deployer"), ("create", "deployer", "--action", "fly")]
)
def test_a_change_says_what_changes_and_a_role_what_it_lets_do(shell: Shell, arguments: tuple[str, ...]) -> None:
    """Anything else is wrong usage, and the server is not asked."""
    result = shell(role_commands, *arguments)

    assert result.exit_code == 2
    assert "--action" in result.stderr


def test_deleting_a_role_has_to_be_meant(shell: Shell) -> None:
    """Without a terminal to ask on, that is said with --yes; nothing happens before."""
    shell.done(role_commands, "create", *DEPLOYER)
    result = shell(role_commands, "delete", "deployer")

    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert "deployer" in shell.done(role_commands, "list")


def test_a_role_that_is_granted_stays(shell: Shell) -> None:
    """The refusal names who has it, and the command that takes it away."""
    shell.done(role_commands, "create", *DEPLOYER)
    shell.done(grant_commands, "create", "admin", "team/**", "deployer")
    refused = shell(role_commands, "delete", "deployer", "--yes").exception

    assert isinstance(refused, ServerRefused)
    assert refused.reason == "role_in_use"
    assert "user:admin on team/**" in refused.message
    assert "entrepot grant delete" in refused.hint
