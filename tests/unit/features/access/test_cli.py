# SPDX-License-Identifier: Apache-2.0
"""`entrepot can-i`, which is `entrepot access can-i` as well."""

import asyncio
import json

from entrepot.features.access.cli import access_commands
from entrepot.infra.remote.logins import TOKEN_VARIABLE
from tests.builders.shell import Shell


def as_bob(shell: Shell) -> None:
    """Let somebody ask who may only read in one project."""
    bob = asyncio.run(shell.application.user("bob", ("team/**", "read")))
    shell.environment[TOKEN_VARIABLE] = shell.token(bob)


def test_an_administrator_may(shell: Shell) -> None:
    """The answer begins with yes, and says why."""
    told = shell.done(access_commands, "can-i", "delete", "team/app")

    assert told == "yes: admin is an administrator of the registry\n"


def test_whoever_may_not_is_told_what_is_missing(shell: Shell) -> None:
    """The answer begins with no, and the exit status is 1."""
    as_bob(shell)
    assert shell(access_commands, "can-i", "pull", "team/app").stdout == "yes: bob has the role read on team/**\n"

    refused = shell(access_commands, "can-i", "push", "team/app")
    assert refused.exit_code == 1
    assert refused.stdout.startswith("no: bob has no grant for it")


def test_programs_get_the_decision(shell: Shell) -> None:
    """Its exit status is the same."""
    as_bob(shell)
    result = shell(access_commands, "can-i", "push", "team/app", "--output", "json")

    assert (result.exit_code, json.loads(result.stdout)["allowed"]) == (1, False)


def test_a_name_that_is_none_is_told_before_the_server_is_asked(shell: Shell) -> None:
    """So is an action that there is not."""
    assert shell(access_commands, "can-i", "pull", "Team/App").exit_code == 1
    assert shell(access_commands, "can-i", "fly", "team/app").exit_code == 2
