# SPDX-License-Identifier: Apache-2.0
"""`entrepot project`."""

import json

import pytest

from entrepot.features.projects.cli import project_commands
from entrepot.infra.remote.errors import ServerRefused
from tests.builders.shell import Shell


def test_a_project_is_private_unless_said_otherwise(shell: Shell) -> None:
    """Both are listed with who may see them."""
    shell.done(project_commands, "create", "closed")
    shell.done(project_commands, "create", "open", "--public")

    listed = json.loads(shell.done(project_commands, "list", "--output", "json"))
    assert [(each["name"], each["visibility"]) for each in listed["items"]] == [
        ("closed", "private"),
        ("open", "public"),
    ]


def test_a_project_is_shown(shell: Shell) -> None:
    """For people, a member a line."""
    shell.done(project_commands, "create", "team")

    assert "created by      user:admin\n" in shell.done(project_commands, "show", "team")


def test_a_project_is_opened_and_closed(shell: Shell) -> None:
    """The answer tells who may see it now."""
    shell.done(project_commands, "create", "team")

    assert "public" in shell.done(project_commands, "set-visibility", "team", "public")
    assert "private" in shell.done(project_commands, "set-visibility", "team", "private")


def test_members_are_given_and_lose_their_role(shell: Shell) -> None:
    """A role replaces the one before; who is removed is no longer listed."""
    shell.done(project_commands, "create", "team")
    shell.done(project_commands, "set-member", "team", "admin", "read")
    shell.done(project_commands, "set-member", "team", "admin", "write")
    listed = shell.done(project_commands, "members", "team")
    shell.done(project_commands, "remove-member", "team", "admin", "--yes")

    assert [line.split()[:2] for line in listed.splitlines()[1:]] == [["user:admin", "write"]]
    assert len(shell.done(project_commands, "members", "team").splitlines()) == 1


@pytest.mark.parametrize("arguments", [("delete", "team"), ("remove-member", "team", "admin")])
def test_what_removes_has_to_be_meant(shell: Shell, arguments: tuple[str, ...]) -> None:
    """Without a terminal to ask on, that is said with --yes; nothing happens before."""
    shell.done(project_commands, "create", "team")
    shell.done(project_commands, "set-member", "team", "admin", "write")
    result = shell(project_commands, *arguments)

    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert "user:admin" in shell.done(project_commands, "members", "team")


def test_a_deleted_project_is_gone(shell: Shell) -> None:
    """Asking for it is refused, with the command that lists those there are."""
    shell.done(project_commands, "create", "team")
    shell.done(project_commands, "delete", "team", "--yes")
    refused = shell(project_commands, "show", "team").exception

    assert isinstance(refused, ServerRefused)
    assert refused.hint == "entrepot project list shows those that you may see."


def test_a_project_says_how_long_its_bin_lasts(shell: Shell) -> None:
    """In days; 0 for as many as are configured."""
    shell.done(project_commands, "create", "team")

    assert "undelete days   30" in shell.done(project_commands, "set-undelete-days", "team", "30")
    assert "undelete days   -" in shell.done(project_commands, "set-undelete-days", "team", "0")
    assert shell(project_commands, "set-undelete-days", "team", "91").exit_code != 0
