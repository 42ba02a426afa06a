# SPDX-License-Identifier: Apache-2.0
"""`entrepot login` and `entrepot logout`."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.entry.cli import application
from entrepot.entry.login_commands import StillGood
from entrepot.infra.remote.address import PlainHttpRefused
from entrepot.infra.remote.errors import NotLoggedIn
from entrepot.infra.remote.errors import ServerRefused
from entrepot.infra.remote.logins import TOKEN_VARIABLE
from entrepot.infra.remote.logins import Logins
from tests.builders.application import PASSWORD
from tests.builders.shell import Shell
from tests.builders.shell import a_shell


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Hold a shell of somebody who has not logged in."""
    with a_shell(tmp_path) as shell:
        del shell.environment[TOKEN_VARIABLE]
        yield shell


def log_in(shell: Shell, secret: str = PASSWORD) -> str:
    """Log in as the administrator."""
    return shell.done(application, "login", shell.url, "--user", "admin", "--password-stdin", typed=f"{secret}\n")


def live_tokens(shell: Shell) -> list[str]:
    """Return the names of the administrator's tokens that are good, but for that of the shell."""
    listed = asyncio.run(shell.outside.get("/api/v1/tokens")).json["items"]
    return [each["name"] for each in listed if each["state"] == "live" and each["name"] != "shell"]


def test_a_login_makes_a_token_and_keeps_no_password(shell: Shell) -> None:
    """The other commands use it from then on."""
    told = log_in(shell)

    [name] = live_tokens(shell)
    kept = Logins(shell.environment).path.read_text()
    assert told.startswith(f"Logged in to {shell.url} as admin.")
    assert name.startswith("login-")
    assert PASSWORD not in kept
    assert shell.done(application, "repo", "list") == "NAME   LATEST TAG   UPDATED AT\n"


def test_a_second_login_leaves_one_token(shell: Shell) -> None:
    """That of the login before is revoked."""
    log_in(shell)
    [first] = live_tokens(shell)
    log_in(shell)
    [second] = live_tokens(shell)

    assert first != second


def test_a_token_is_kept_as_it_is(shell: Shell) -> None:
    """It makes no other, and logging out leaves it good: it was not made by logging in."""
    made = asyncio.run(shell.outside.post("/api/v1/tokens", {"name": "mine"})).json
    log_in(shell, made["secret"])
    assert live_tokens(shell) == ["mine"]
    told = shell.done(application, "logout")

    assert "stays good" in told
    assert live_tokens(shell) == ["mine"]


def test_a_robot_logs_in_with_its_secret(shell: Shell) -> None:
    """As a pipeline does that has no variables."""
    asyncio.run(shell.outside.post("/api/v1/projects", {"name": "team"}))
    robot = {"project": "team", "name": "ci", "role": "read"}
    secret = asyncio.run(shell.outside.post("/api/v1/robots", robot)).json["secret"]
    shell.done(application, "login", shell.url, "--user", "team.ci", "--password-stdin", typed=f"{secret}\n")

    shown = json.loads(shell.done(application, "robot", "show", "team.ci", "--output", "json"))
    assert shown["name"] == "team.ci"


def test_a_wrong_password_keeps_nothing(shell: Shell) -> None:
    """Neither the password nor the login; it is not in the message."""
    result = shell(application, "login", shell.url, "--user", "admin", "--password-stdin", typed="wrong horse\n")

    assert isinstance(result.exception, ServerRefused)
    assert "wrong horse" not in f"{result.output}{result.exception}"
    assert not Logins(shell.environment).path.exists()


def test_logging_out_revokes_the_token(shell: Shell) -> None:
    """And forgets it."""
    log_in(shell)
    told = shell.done(application, "logout", shell.url)

    assert told == f"Logged out of {shell.url}. Its token is revoked.\n"
    assert live_tokens(shell) == []
    assert isinstance(shell(application, "logout").exception, NotLoggedIn)


def test_a_token_that_was_revoked_before_can_be_logged_out(shell: Shell) -> None:
    """There is nothing left to end."""
    log_in(shell)
    [name] = live_tokens(shell)
    asyncio.run(shell.outside.send("DELETE", f"/api/v1/tokens/{name}"))

    assert shell(application, "repo", "list").exit_code == 1
    assert shell(application, "logout").exit_code == 0


def test_a_server_that_is_gone_can_be_logged_out_of(shell: Shell) -> None:
    """The login is forgotten; that its token could not be revoked is told with how to do it."""
    log_in(shell)
    logins = Logins(shell.environment)
    saved = logins.read().servers[shell.url]
    logins.forget(shell.url)
    logins.keep("http://127.0.0.1:1", saved)
    result = shell(application, "logout")

    assert isinstance(result.exception, StillGood)
    assert f"entrepot token revoke {saved.token_id}" in result.exception.hint
    assert logins.read().servers == {}


def test_a_password_goes_nowhere_in_the_clear(shell: Shell) -> None:
    """It is not even asked for."""
    result = shell(application, "login", "http://registry.example", "--user", "admin", "--password-stdin", typed="x\n")

    assert isinstance(result.exception, PlainHttpRefused)


def test_without_a_terminal_the_user_is_named(shell: Shell) -> None:
    """A script does not wait for somebody who is not there."""
    result = shell(application, "login", shell.url, "--password-stdin", typed="x\n")

    assert result.exit_code == 2
    assert "--user" in result.stderr
