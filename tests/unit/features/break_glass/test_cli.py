# SPDX-License-Identifier: Apache-2.0
"""`entrepot break-glass`."""

import asyncio
import json
from typing import Any

from entrepot.features.break_glass.cli import break_glass_commands
from entrepot.infra.remote.logins import TOKEN_VARIABLE
from tests.builders.application import PASSWORD
from tests.builders.shell import Shell

WHY = ("--reason", "the release pipeline is down", "--password-stdin")


def told(shell: Shell, *arguments: str, typed: str = "") -> Any:
    """Run a command, and return what it tells programs."""
    return json.loads(shell.done(break_glass_commands, *arguments, "--output", "json", typed=typed))


def eligible(shell: Shell) -> str:
    """Let bob be eligible, and be bob from now on; return the token of the administrator."""
    bob, root = asyncio.run(shell.application.user("bob")), shell.environment[TOKEN_VARIABLE]
    made = told(shell, "eligibility", "create", "bob", "team/**", "write", "--minutes", "30")
    assert (made["principal"], made["longest_minutes"]) == ("user:bob", 30)
    shell.environment[TOKEN_VARIABLE] = shell.token(bob)
    return root


def test_the_glass_is_broken_ended_and_acknowledged(shell: Shell) -> None:
    """It takes the password; what one is eligible for need not be named while that is one thing."""
    root = eligible(shell)
    opening = told(shell, "open", *WHY, "--minutes", "5", typed=f"{PASSWORD}\n")
    shown = told(shell, "show")
    ended = told(shell, "end")
    shell.environment[TOKEN_VARIABLE] = root
    waiting = told(shell, "list", "--unacknowledged")["items"]
    done = told(shell, "acknowledge", opening["id"], "--comment", "as agreed")

    assert shown["opening"]["id"] == opening["id"] == ended["id"] == waiting[0]["id"]
    assert (ended["state"], done["acknowledged_by"]) == ("ended", "user:admin")
    assert told(shell, "list", "--unacknowledged")["items"] == []


def test_a_person_is_told_what_to_do_next(shell: Shell) -> None:
    """Where there is nothing to open or to end, and where to read what was done."""
    nothing = shell(break_glass_commands, "open", *WHY, typed=f"{PASSWORD}\n")
    not_open = shell(break_glass_commands, "end")
    eligible(shell)
    opening = told(shell, "open", *WHY, typed=f"{PASSWORD}\n")

    assert "you are eligible for nothing" in nothing.stderr
    assert "you have nothing open" in not_open.stderr
    assert "You have this open" in shell.done(break_glass_commands, "show")
    assert "entrepot audit list --principal user:bob" in shell.done(break_glass_commands, "show", opening["id"])


def test_somebody_is_eligible_no_more(shell: Shell) -> None:
    """Whoever is listed, until then."""
    root = eligible(shell)
    shell.environment[TOKEN_VARIABLE] = root
    (listed,) = told(shell, "eligibility", "list")["items"]
    shell.done(break_glass_commands, "eligibility", "delete", listed["id"])

    assert listed["role"] == "write"
    assert told(shell, "eligibility", "list")["items"] == []
