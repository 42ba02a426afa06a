# SPDX-License-Identifier: Apache-2.0
"""The commands of `entrepot user` that are about invitations."""

import json
import re

from entrepot.features.invitations.cli import invitation_commands
from entrepot.infra.remote.errors import ServerRefused
from tests.builders.shell import Shell

LINK = re.compile(r"https?://[^/]+/welcome#invitation=[A-Za-z0-9_-]{43}\n")


def listed(shell: Shell) -> list[dict[str, object]]:
    """Return the invitations as the command shows them to programs."""
    return list(json.loads(shell.done(invitation_commands, "invitations", "--output", "json"))["items"])


def test_a_link_is_all_that_a_pipe_gets(shell: Shell) -> None:
    """Whatever mails it needs to cut nothing off."""
    link = shell.done(invitation_commands, "invite", "ada@example.com")

    assert LINK.fullmatch(link)


def test_what_is_offered_is_listed(shell: Shell) -> None:
    """With the name, and until when; not with the link."""
    options = ("--name", "ada", "--grant", "write:team/**", "--grant", "read:docs/**", "--hours", "1")
    shell.done(invitation_commands, "invite", "ada@example.com", *options)

    [item] = listed(shell)
    assert (item["label"], item["user_name"], item["state"]) == ("ada@example.com", "ada", "pending")
    assert item["grants"] == [
        {"path_pattern": "team/**", "role": "write"},
        {"path_pattern": "docs/**", "role": "read"},
    ]
    assert "link" not in item


def test_what_is_no_grant_is_told_before_anything_is_sent(shell: Shell) -> None:
    """The mistake names the form."""
    result = shell(invitation_commands, "invite", "ada@example.com", "--grant", "team/**")

    assert result.exit_code == 2
    assert "not a role, a colon and a path" in result.output
    assert listed(shell) == []


def test_an_invitation_is_revoked(shell: Shell) -> None:
    """It has to be meant, and is listed as revoked for a while."""
    shell.done(invitation_commands, "invite", "ada@example.com")
    [item] = listed(shell)

    assert shell(invitation_commands, "uninvite", str(item["id"])).exit_code == 2
    shell.done(invitation_commands, "uninvite", str(item["id"]), "--yes")

    assert listed(shell)[0]["state"] == "revoked"


def test_a_refusal_is_passed_on(shell: Shell) -> None:
    """With what the server says to do."""
    refused = shell(invitation_commands, "uninvite", "01JD2F7ZK3Q8V5T6X9Y0B1C2D4", "--yes").exception

    assert isinstance(refused, ServerRefused)
    assert refused.hint == "entrepot user invitations shows those there are."
