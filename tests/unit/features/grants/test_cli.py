# SPDX-License-Identifier: Apache-2.0
"""`entrepot grant`."""

import json

from entrepot.features.grants.cli import grant_commands
from entrepot.infra.remote.errors import ServerRefused
from tests.builders.shell import Shell


def test_a_grant_is_given_listed_and_taken(shell: Shell) -> None:
    """It is named by principal, pattern and role each time."""
    terms = ("admin", "team/**", "write")
    shell.done(grant_commands, "create", *terms)
    listed = shell.done(grant_commands, "list")
    told = shell.done(grant_commands, "delete", *terms, "--yes")

    assert listed.splitlines()[1].split()[:3] == ["user:admin", "team/**", "write"]
    assert told == "admin no longer has write on team/** by this grant.\n"
    assert json.loads(shell.done(grant_commands, "list", "--output", "json")) == {"items": []}


def test_taking_a_grant_has_to_be_meant(shell: Shell) -> None:
    """Without a terminal to ask on, that is said with --yes; nothing happens before."""
    shell.done(grant_commands, "create", "admin", "team/**", "write")
    result = shell(grant_commands, "delete", "admin", "team/**", "write")

    assert result.exit_code == 2
    assert "team/**" in shell.done(grant_commands, "list")


def test_a_role_that_there_is_not_is_wrong_usage(shell: Shell) -> None:
    """It is found before the server is asked, and the roles there are are told."""
    result = shell(grant_commands, "create", "admin", "team/**", "superb")

    assert result.exit_code == 2
    assert "'read'" in result.stderr


def test_nobody_is_granted_anything(shell: Shell) -> None:
    """A name that no user has is refused in the words of the server."""
    refused = shell(grant_commands, "create", "nobody", "team/**", "read").exception

    assert isinstance(refused, ServerRefused)
    assert refused.reason == "principal_unknown"
