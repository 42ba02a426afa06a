# SPDX-License-Identifier: Apache-2.0
"""`entrepot robot`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.projects.cli import project_commands
from entrepot.features.robots.cli import robot_commands
from entrepot.infra.remote.errors import ServerRefused
from tests.builders.shell import Shell
from tests.builders.shell import a_shell


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Hold a shell beside an application with a project."""
    with a_shell(tmp_path) as shell:
        shell.done(project_commands, "create", "team")
        yield shell


def test_a_secret_is_all_that_a_pipe_gets(shell: Shell) -> None:
    """Whatever reads it needs to cut nothing off."""
    secret = shell.done(robot_commands, "create", "team", "ci", "--role", "write")

    assert secret.startswith("ent_")
    assert len(secret.split()) == 1


def test_a_robot_is_listed_and_shown(shell: Shell) -> None:
    """With the state of its secret, and with what it may do."""
    shell.done(robot_commands, "create", "team", "ci", "--role", "write", "--days", "7")

    assert shell.done(robot_commands, "list", "team").splitlines()[1].split()[:3] == ["team.ci", "yes", "live"]
    assert "path_pattern=team/** role=write" in shell.done(robot_commands, "show", "team.ci")


def test_a_secret_may_be_good_for_ever(shell: Shell) -> None:
    """Programs read when it ends, and here that it does not."""
    made = shell.done(robot_commands, "create", "team", "ci", "--never-expires", "--output", "json")

    assert json.loads(made)["expires_at"] is None


def test_days_and_for_ever_exclude_each_other(shell: Shell) -> None:
    """To say both is wrong usage, and nothing is made."""
    result = shell(robot_commands, "create", "team", "ci", "--days", "7", "--never-expires")

    assert result.exit_code == 2
    assert len(shell.done(robot_commands, "list", "team").splitlines()) == 1


def test_rotating_gives_another_secret(shell: Shell) -> None:
    """The one it had ends, at once or after a while."""
    first = shell.done(robot_commands, "create", "team", "ci")
    second = shell.done(robot_commands, "rotate", "team.ci", "--overlap-minutes", "60")

    assert second.startswith("ent_")
    assert second != first


def test_a_robot_is_disabled_and_enabled(shell: Shell) -> None:
    """The answer tells which it is now."""
    shell.done(robot_commands, "create", "team", "ci")

    assert "enabled             no\n" in shell.done(robot_commands, "disable", "team.ci")
    assert "enabled             yes\n" in shell.done(robot_commands, "enable", "team.ci")


def test_a_deleted_robot_is_gone(shell: Shell) -> None:
    """It has to be meant; asking for it then names the command that lists robots."""
    shell.done(robot_commands, "create", "team", "ci")
    assert shell(robot_commands, "delete", "team.ci").exit_code == 2
    shell.done(robot_commands, "delete", "team.ci", "--yes")
    refused = shell(robot_commands, "show", "team.ci").exception

    assert isinstance(refused, ServerRefused)
    assert refused.hint == "entrepot robot list PROJECT shows those there are."
