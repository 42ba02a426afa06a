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

    assert "enabled                 no\n" in shell.done(robot_commands, "disable", "team.ci")
    assert "enabled                 yes\n" in shell.done(robot_commands, "enable", "team.ci")


def test_a_deleted_robot_is_gone(shell: Shell) -> None:
    """It has to be meant; asking for it then names the command that lists robots."""
    shell.done(robot_commands, "create", "team", "ci")
    assert shell(robot_commands, "delete", "team.ci").exit_code == 2
    shell.done(robot_commands, "delete", "team.ci", "--yes")
    refused = shell(robot_commands, "show", "team.ci").exception

    assert isinstance(refused, ServerRefused)
    assert refused.hint == "entrepot robot list PROJECT shows those there are."


def test_a_robot_of_the_registry_is_made_with_grants(shell: Shell) -> None:
    """For several projects, and for some tags; it stands in the list of all robots."""
    shell.done(robot_commands, "create", "_", "mirror", "--grant", "team/**=read", "--grant", "base/**:v*=write")
    shown = shell.done(robot_commands, "show", "_.mirror")

    assert "path_pattern=base/** role=write tag_pattern=v*" in shown
    assert shell.done(robot_commands, "list").splitlines()[1].split()[0] == "_.mirror"
    assert shell.done(robot_commands, "list", "_").splitlines()[1].split()[0] == "_.mirror"


@pytest.mark.parametrize(
    "wrong",
    [
        ("create", "_", "x"),
        ("create", "_", "x", "--role", "read"),
        ("create", "team", "x", "--grant", "team/**"),
        ("create", "team", "x", "--grant", "team/**=read", "--role", "read"),
        ("change", "team.ci"),
        ("change", "team.ci", "--allow", "10.0.0.0/8", "--allow-everywhere"),
    ],
)
def test_what_contradicts_itself_is_wrong_usage(shell: Shell, wrong: tuple[str, ...]) -> None:
    """Before any server is asked."""
    assert shell(robot_commands, *wrong).exit_code == 2


def test_a_secret_is_made_without_a_server(shell: Shell) -> None:
    """A robot logs in with it once its hash is given; giving it again changes nothing."""
    made = json.loads(shell.done(robot_commands, "make-secret", "--output", "json"))
    hashed = ("--secret-hash", made["secret_hash"])
    shown = [shell.done(robot_commands, "create", "team", "ci", *hashed) for _ in range(2)]

    assert shown[0] == shown[1]
    assert made["secret"] not in shown[0]
    assert f"id           {made['secret_hash'].split(':')[1]}" in shown[0]


def test_secrets_are_added_listed_and_revoked(shell: Shell) -> None:
    """A second one beside the first, and then one of them again."""
    shell.done(robot_commands, "create", "team", "ci")
    second = json.loads(shell.done(robot_commands, "add-secret", "team.ci", "--days", "7", "--output", "json"))
    shell.done(robot_commands, "revoke-secret", "team.ci", second["id"], "--yes")
    listed = [line.split()[:2] for line in shell.done(robot_commands, "secrets", "team.ci").splitlines()[1:]]

    assert listed[0] == [second["id"], "revoked"]
    assert listed[1][1] == "live"


def test_a_secret_that_expires_soon_is_warned_of(shell: Shell) -> None:
    """Beside the list, with what to do, so that programs that read the list see nothing of it."""
    shell.done(robot_commands, "create", "team", "ci", "--days", "7")
    result = shell(robot_commands, "list", "team", "--output", "json")

    assert json.loads(result.stdout)["items"][0]["secret"]["expires_soon"]
    assert "Warning: the secret of team.ci expires at" in result.stderr
    assert "entrepot robot rotate team.ci" in result.stderr


def test_addresses_and_names_are_changed(shell: Shell) -> None:
    """And taken away again."""
    shell.done(robot_commands, "create", "team", "ci", "--allow", "10.0.0.0/8")
    first = shell.done(robot_commands, "change", "team.ci", "--allow", "192.0.2.7", "--alias", "robot$team+ci")
    second = shell.done(robot_commands, "change", "team.ci", "--allow-everywhere", "--alias", "")

    assert ("192.0.2.7/32" in first, "robot$team+ci" in first) == (True, True)
    assert ("192.0.2.7/32" in second, "robot$team+ci" in second) == (False, False)


def test_a_robot_is_taken_over(shell: Shell) -> None:
    """With its name there, its salt and its hash; there is no secret to be shown."""
    told = shell.done(
        robot_commands,
        *("import", "team", "ci", "--alias", "robot$team+ci", "--salt", "s" * 32, "--hash", "0" * 32),
    )

    assert "secret" not in told
    assert "robot$team+ci" in shell.done(robot_commands, "show", "team.ci")
