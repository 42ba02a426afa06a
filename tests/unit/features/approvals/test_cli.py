# SPDX-License-Identifier: Apache-2.0
"""`entrepot approval`."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from typer.testing import CliRunner

from entrepot.features.approvals.cli import approval_commands
from entrepot.features.projects.cli import project_commands
from entrepot.infra.remote.logins import TOKEN_VARIABLE
from entrepot.registry.platform import DataFolder
from tests.builders.approvals import let_take_two
from tests.builders.shell import Shell
from tests.unit.features.approvals.desk import a_desk


def test_what_takes_two_is_asked_for_and_done(shell: Shell) -> None:
    """The refusal says the command; another person approves, and it is done."""
    second = asyncio.run(shell.application.user("second", is_admin=True))
    shell.done(project_commands, "create", "team")
    rules = json.loads(shell.done(approval_commands, "rules", "set", "project.delete", "--output", "json"))
    refused = shell(project_commands, "delete", "team", "--yes")
    wanted = ("project.delete", "team", "--reason", "it has moved", "--output", "json")
    asked = json.loads(shell.done(approval_commands, "request", *wanted))
    shell.environment[TOKEN_VARIABLE], own = shell.token(second), shell.environment[TOKEN_VARIABLE]
    assert asked["id"] in shell.done(approval_commands, "list", "--waiting")
    shell.done(approval_commands, "approve", asked["id"], "--comment", "agreed")
    shell.environment[TOKEN_VARIABLE] = own
    shell.done(project_commands, "delete", "team", "--yes")

    assert [each["act"] for each in rules["items"]] == ["project.delete"]
    assert "approval request project.delete team" in str(getattr(refused.exception, "hint", ""))
    assert "used" in shell.done(approval_commands, "show", asked["id"])


def test_what_is_not_needed_any_more_is_withdrawn(shell: Shell) -> None:
    """It is on the list of those that one asked for, as `withdrawn`; one may be rejected as well."""
    second = asyncio.run(shell.application.user("second", is_admin=True))
    asyncio.run(let_take_two(shell.outside, "project.delete"))
    wanted = ("project.delete", "team", "--reason", "a test", "--output", "json")
    first = json.loads(shell.done(approval_commands, "request", *wanted))["id"]
    assert "withdrawn" in shell.done(approval_commands, "withdraw", first)
    other = json.loads(shell.done(approval_commands, "request", *wanted))["id"]
    shell.environment[TOKEN_VARIABLE], own = shell.token(second), shell.environment[TOKEN_VARIABLE]
    shell.done(approval_commands, "reject", other)
    shell.environment[TOKEN_VARIABLE] = own
    listed = json.loads(shell.done(approval_commands, "list", "--output", "json"))["items"]

    assert [each["state"] for each in listed] == ["rejected", "withdrawn"]


def test_where_nobody_is_left_the_server_ends_it(tmp_path: Path) -> None:
    """On the machine that holds the data; nobody is asked, and it is recorded."""
    with a_desk(tmp_path) as desk:
        desk.begin("alice")

        @contextmanager
        def opened(_data: Path | None) -> Iterator[DataFolder]:
            yield DataFolder(tmp_path, desk.database)

        runs = [CliRunner().invoke(approval_commands, ["rules", "end", "--yes"], obj=opened) for _ in range(2)]

    assert [run.exit_code for run in runs] == [0, 0], runs[0].output
    assert "project.delete" in runs[0].output
    assert "Nothing took a second person." in runs[1].output
