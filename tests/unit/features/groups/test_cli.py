# SPDX-License-Identifier: Apache-2.0
"""`entrepot group`."""

import json
from typing import Any

import pytest

from entrepot.features.groups.cli import group_commands
from entrepot.infra.remote.errors import ServerRefused
from tests.builders.shell import Shell


@pytest.fixture
def shell(shell: Shell) -> Shell:
    """A shell beside an application with a group."""
    shell.done(group_commands, "create", "dev", "--description", "Everybody who builds the shop")
    return shell


def listed(shell: Shell, *arguments: str) -> list[dict[str, Any]]:
    """Return the items that a command lists."""
    items: list[dict[str, Any]] = json.loads(shell.done(group_commands, *arguments, "--output", "json"))["items"]
    return items


def test_a_group_is_listed_shown_and_described(shell: Shell) -> None:
    """With what it is for."""
    shell.done(group_commands, "describe", "dev", "Nobody any more")

    assert shell.done(group_commands, "list").splitlines()[1].startswith("dev    Nobody any more   -   ")
    assert "description   Nobody any more\n" in shell.done(group_commands, "show", "dev")


def test_members_are_added_listed_and_removed(shell: Shell) -> None:
    """By name alone for users, and by kind and name for all."""
    shell.done(group_commands, "create", "all")
    shell.done(group_commands, "add", "dev", "admin")
    shell.done(group_commands, "add", "all", "group:dev")
    shell.done(group_commands, "add", "all", "workload:shop/build")

    assert [item["member"] for item in listed(shell, "members", "all")] == ["group:dev", "workload:shop/build"]
    assert [item["name"] for item in listed(shell, "list", "--member", "admin")] == ["dev"]
    assert (
        shell.done(group_commands, "remove", "dev", "admin", "--yes") == "admin is no longer in the group dev itself.\n"
    )
    assert listed(shell, "members", "dev") == []


@pytest.mark.parametrize("arguments", [("delete", "dev"), ("remove", "dev", "admin")])
def test_taking_rights_away_has_to_be_meant(shell: Shell, arguments: tuple[str, ...]) -> None:
    """Without a terminal to ask on, that is said with --yes; nothing happens before."""
    shell.done(group_commands, "add", "dev", "admin")
    result = shell(group_commands, *arguments)

    assert result.exit_code == 2
    assert [item["member"] for item in listed(shell, "members", "dev")] == ["user:admin"]


def test_a_deleted_group_is_gone(shell: Shell) -> None:
    """Asking for it then names the command that lists groups."""
    assert shell.done(group_commands, "delete", "dev", "--yes") == "The group dev is deleted.\n"
    refused = shell(group_commands, "show", "dev").exception

    assert isinstance(refused, ServerRefused)
    assert refused.hint == "entrepot group list shows which there are."
