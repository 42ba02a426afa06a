# SPDX-License-Identifier: Apache-2.0
"""The commands of `entrepot token` that ask a server."""

import asyncio
import json

from entrepot.features.tokens.cli import token_commands
from entrepot.infra.remote.errors import ServerRefused
from tests.builders.application import PASSWORD
from tests.builders.shell import Shell


def states(shell: Shell, *arguments: str) -> dict[str, str]:
    """Return the state of each token that is listed, by its name."""
    listed = json.loads(shell.done(token_commands, "list", "--output", "json", *arguments))
    return {each["name"]: each["state"] for each in listed["items"]}


def test_a_token_is_all_that_a_pipe_gets(shell: Shell) -> None:
    """It is made with the password, and is good."""
    token = shell.done(token_commands, "create", "laptop", "--password-stdin", typed=f"{PASSWORD}\n")

    assert token.startswith("ent_")
    assert len(token.split()) == 1
    assert states(shell)["laptop"] == "live"


def test_a_token_takes_the_password(shell: Shell) -> None:
    """A wrong one is refused; the hint is that of the server, as the token of the login is in order."""
    refused = shell(token_commands, "create", "laptop", "--password-stdin", typed="wrong\n").exception

    assert isinstance(refused, ServerRefused)
    assert refused.answered_status == 401
    assert refused.hint.startswith("Check both")


def test_without_a_terminal_the_password_comes_from_standard_input(shell: Shell) -> None:
    """That has to be said: a script does not wait for somebody who is not there."""
    result = shell(token_commands, "create", "laptop", typed=f"{PASSWORD}\n")

    assert result.exit_code == 2
    assert "--password-stdin" in result.stderr


def test_a_token_of_ones_own_is_revoked(shell: Shell) -> None:
    """By its name, with the password."""
    shell.done(token_commands, "create", "laptop", "--password-stdin", typed=f"{PASSWORD}\n")
    shell.done(token_commands, "revoke", "laptop", "--password-stdin", typed=f"{PASSWORD}\n")

    assert states(shell)["laptop"] == "revoked"


def test_an_administrator_revokes_the_token_of_another(shell: Shell) -> None:
    """That has to be meant, and takes no password."""
    shell.token(asyncio.run(shell.application.user("alice")))

    assert shell(token_commands, "revoke", "shell", "--user", "alice").exit_code == 2
    shell.done(token_commands, "revoke", "shell", "--user", "alice", "--yes")
    assert states(shell, "--user", "alice") == {"shell": "revoked"}


def test_a_token_is_good_from_some_addresses(shell: Shell) -> None:
    """What was allowed is listed, with when and from where it was used."""
    allowed = ("--allow", "10.0.0.0/8", "--allow", "192.0.2.7")
    shell.done(token_commands, "create", "laptop", *allowed, "--password-stdin", typed=f"{PASSWORD}\n")
    listed = json.loads(shell.done(token_commands, "list", "--output", "json"))["items"]
    laptop = next(each for each in listed if each["name"] == "laptop")

    assert laptop["allowed_addresses"] == ["10.0.0.0/8", "192.0.2.7/32"]
    assert (laptop["last_used_at"], laptop["last_used_from"]) == (None, None)


def test_the_addresses_of_a_token_are_changed(shell: Shell) -> None:
    """With the password, and it has to be said whether for some addresses or for all."""
    asked = shell(token_commands, "change", "shell", "--password-stdin", typed=PASSWORD)
    narrowed = shell.done(
        token_commands, "change", "shell", "--allow", "127.0.0.0/8", "--password-stdin", typed=PASSWORD
    )
    opened = shell.done(token_commands, "change", "shell", "--allow-everywhere", "--password-stdin", typed=PASSWORD)

    assert asked.exit_code == 2
    assert "127.0.0.0/8" in narrowed
    assert "127.0.0.0/8" not in opened
