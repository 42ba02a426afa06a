# SPDX-License-Identifier: Apache-2.0
"""`entrepot grant`."""

import json

import pytest

from entrepot.features.grants.cli import grant_commands
from entrepot.infra.remote.errors import ServerRefused
from tests.builders.shell import Shell


def test_a_grant_is_given_listed_and_taken(shell: Shell) -> None:
    """It is named by principal, pattern and role each time."""
    terms = ("admin", "team/**", "write")
    shell.done(grant_commands, "create", *terms)
    listed = shell.done(grant_commands, "list", "--within", "team")
    told = shell.done(grant_commands, "delete", *terms, "--yes")

    assert listed.splitlines()[1].split()[:3] == ["user:admin", "team/**", "write"]
    assert told == "admin no longer has write on team/** by this grant.\n"
    assert json.loads(shell.done(grant_commands, "list", "--within", "team", "--output", "json")) == {"items": []}


def test_taking_a_grant_has_to_be_meant(shell: Shell) -> None:
    """Without a terminal to ask on, that is said with --yes; nothing happens before."""
    shell.done(grant_commands, "create", "admin", "team/**", "write")
    result = shell(grant_commands, "delete", "admin", "team/**", "write")

    assert result.exit_code == 2
    assert "team/**" in shell.done(grant_commands, "list")


def test_a_role_that_there_is_not_is_refused(shell: Shell) -> None:
    """The server knows the roles, and says where they are listed."""
    refused = shell(grant_commands, "create", "admin", "team/**", "superb").exception

    assert isinstance(refused, ServerRefused)
    assert refused.reason == "role_unknown"


def test_a_grant_for_some_tags_and_a_time(shell: Shell) -> None:
    """Tags stand behind a colon, and a time is a span or a moment; it is taken away by its terms alone."""
    terms = ("admin", "team/**:v*", "write")
    shell.done(grant_commands, "create", *terms, "--until", "30d")
    [given] = json.loads(shell.done(grant_commands, "list", "--within", "team", "--output", "json"))["items"]
    shell.done(grant_commands, "delete", *terms, "--yes")

    assert (given["path_pattern"], given["tag_pattern"]) == ("team/**", "v*")
    assert given["expires_at"] > given["created_at"]
    assert json.loads(shell.done(grant_commands, "list", "--within", "team", "--output", "json")) == {"items": []}


@pytest.mark.parametrize("until", ["30", "0d", "tomorrow", "2027-01-31", "2027-01-31T12:00:00"])
def test_a_moment_that_cannot_be_read_is_wrong_usage(shell: Shell, until: str) -> None:
    """It says how to write one; a moment needs an offset from UTC."""
    result = shell(grant_commands, "create", "admin", "team/**", "read", "--until", until)

    assert result.exit_code == 2
    assert "30d" in result.stderr


def test_nobody_is_granted_anything(shell: Shell) -> None:
    """A name that no user has is refused in the words of the server."""
    refused = shell(grant_commands, "create", "nobody", "team/**", "read").exception

    assert isinstance(refused, ServerRefused)
    assert refused.reason == "principal_unknown"
