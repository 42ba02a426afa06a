# SPDX-License-Identifier: Apache-2.0
"""The commands of `entrepot user` that ask a server."""

import json

import pytest

from entrepot.features.users.cli import user_commands
from entrepot.infra.remote.errors import ServerRefused
from tests.builders.application import PASSWORD
from tests.builders.shell import Shell


def shown(shell: Shell, name: str) -> dict[str, object]:
    """Return a user as the command shows it to programs."""
    return dict(json.loads(shell.done(user_commands, "show", name, "--output", "json")))


def test_a_password_that_was_made_up_is_all_that_a_pipe_gets(shell: Shell) -> None:
    """Whatever reads it needs to cut nothing off."""
    password = shell.done(user_commands, "create", "alice")

    assert len(password.split()) == 1
    assert len(password) > 16
    assert shown(shell, "alice")["administrator"] is False


def test_a_password_that_was_given_is_not_repeated(shell: Shell) -> None:
    """It is taken from standard input, where no list of processes shows it."""
    told = shell.done(user_commands, "create", "alice", "--password-stdin", typed="a good password\n")

    assert told.splitlines()[0].split() == ["name", "alice"]
    assert "password   " not in told
    assert "a good password" not in told


def test_no_password_is_no_password(shell: Shell) -> None:
    """Empty input is a mistake in a script, and not taken as a wish for a password that is made up."""
    result = shell(user_commands, "create", "alice", "--password-stdin")

    assert result.exit_code == 2
    assert "alice" not in shell.done(user_commands, "list")


@pytest.mark.parametrize(
    ("command", "member", "value"),
    [("disable", "disabled", True), ("enable", "disabled", False), ("promote", "administrator", True)],
)
def test_a_user_is_changed(shell: Shell, command: str, member: str, value: object) -> None:
    """The server has it afterwards."""
    shell.done(user_commands, "create", "alice")
    shell.done(user_commands, command, "alice")

    assert shown(shell, "alice")[member] == value


def test_the_last_administrator_stays_one(shell: Shell) -> None:
    """The refusal of the server is passed on with its next step."""
    refused = shell(user_commands, "demote", "admin").exception

    assert isinstance(refused, ServerRefused)
    assert refused.hint == "Make another local user an administrator first, or enable one."


def test_a_deleted_user_is_gone(shell: Shell) -> None:
    """It has to be meant; asking for it then names the command that lists users."""
    shell.done(user_commands, "create", "alice")
    assert shell(user_commands, "delete", "alice").exit_code == 2
    shell.done(user_commands, "delete", "alice", "--yes")
    refused = shell(user_commands, "show", "alice").exception

    assert isinstance(refused, ServerRefused)
    assert refused.hint == "entrepot user list shows those there are."


def test_a_new_password_is_given_to_another(shell: Shell) -> None:
    """One that was made up is shown; one that was given is not."""
    shell.done(user_commands, "create", "alice")

    assert len(shell.done(user_commands, "set-password", "alice")) > 16
    told = shell.done(user_commands, "set-password", "alice", "--password-stdin", typed="a good password\n")
    assert told == "The password was changed.\n"


def test_ones_own_password_takes_the_old_one(shell: Shell) -> None:
    """Both come from standard input, the old one first."""
    wrong = shell(user_commands, "change-password", "--password-stdin", typed="wrong\na good password\n")

    assert isinstance(wrong.exception, ServerRefused)
    typed = f"{PASSWORD}\na good password\n"
    assert shell.done(user_commands, "change-password", "--password-stdin", typed=typed).startswith("Your password")


def test_a_user_is_renamed(shell: Shell) -> None:
    """The command shows it under its new name."""
    shell.done(user_commands, "create", "alice")

    told = shell.done(user_commands, "rename", "alice", "ada")

    assert told.splitlines()[0].split() == ["name", "ada"]
    assert shown(shell, "ada")["name"] == "ada"


def test_a_merger_is_looked_at_before_it_is_meant(shell: Shell) -> None:
    """A dry run tells what would go where; without one it has to be meant."""
    for name in ("alice", "ada"):
        shell.done(user_commands, "create", name)
    preview = json.loads(shell.done(user_commands, "merge", "alice", "ada", "--dry-run", "--output", "json"))
    assert shell(user_commands, "merge", "alice", "ada").exit_code == 2
    done = json.loads(shell.done(user_commands, "merge", "alice", "ada", "--yes", "--output", "json"))

    assert (preview, done) == ({**done, "is_done": False}, {**preview, "is_done": True})
    assert "alice" not in [
        item["name"] for item in json.loads(shell.done(user_commands, "list", "--output", "json"))["items"]
    ]
