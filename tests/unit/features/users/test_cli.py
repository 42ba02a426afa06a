# SPDX-License-Identifier: Apache-2.0
"""`entrepot user`."""

import asyncio
import os
import stat
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from entrepot.features.identity.errors import ForeignPassword
from entrepot.features.identity.errors import UnacceptablePassword
from entrepot.features.identity.errors import UserUnknown
from entrepot.features.users.cli import user_commands
from entrepot.registry.platform import OpenDataFolder
from tests.builders.instance import Instance
from tests.unit.features.users.conftest import Run


def logs_in(instance: Instance, name: str, password: str) -> bool:
    """Tell whether the password is right."""
    return asyncio.run(instance.accounts.authenticate(name, password, "192.0.2.1")).name == name


def test_a_password_is_taken_from_standard_input(run: Run, instance: Instance) -> None:
    """The first line counts, without its end; nothing is written down."""
    result = run("reset-password", "alice", "--password-stdin", typed="a new password\r\nmore\n")

    assert (result.exit_code, result.stdout) == (0, "The password of alice was changed.\n")
    assert logs_in(instance, "alice", "a new password")


def test_without_a_terminal_the_password_goes_into_a_file(run: Run, instance: Instance, tmp_path: Path) -> None:
    """It is in no log: the output names a file that only its owner can read."""
    result = run("reset-password", "alice")

    path = tmp_path / "new-password-alice"
    password = path.read_text(encoding="utf-8").strip()
    assert result.stdout == f"The new password of alice is in {path}; remove it once read.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert logs_in(instance, "alice", password)


def test_a_terminal_shows_the_password(instance: Instance, open_data_folder: OpenDataFolder, tmp_path: Path) -> None:
    """Whoever sits there reads it, and no file holds it."""
    before = sorted(tmp_path.glob("*password*"))
    terminal, its_end = os.openpty()
    with os.fdopen(its_end, "w") as screen, redirect_stdout(screen):
        user_commands(["reset-password", "alice"], obj=open_data_folder, standalone_mode=False)
        screen.flush()
        shown = os.read(terminal, 4096).decode()
    os.close(terminal)

    told, password = shown.strip().rsplit(" ", 1)
    assert told == "The password of alice is now"
    assert logs_in(instance, "alice", password)
    assert sorted(tmp_path.glob("*password*")) == before


def test_the_initial_password_is_removed(run: Run, tmp_path: Path) -> None:
    """Changing the administrator's password by command is a change like any other."""
    initial = tmp_path / "initial-admin-password"
    initial.write_text("the old password\n", encoding="utf-8")
    run("reset-password", "admin", "--password-stdin", typed="a new password\n")

    assert not initial.exists()


@pytest.mark.parametrize("name", ["nobody", "../alice"])
def test_an_unknown_user_is_told(run: Run, tmp_path: Path, name: str) -> None:
    """Nothing is written for a user that there is not."""
    before = sorted(tmp_path.iterdir())
    result = run("reset-password", name)

    assert isinstance(result.exception, UserUnknown)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("typed", ["", "\n", "too short\n"])
def test_a_password_that_is_not_acceptable_is_refused(run: Run, instance: Instance, typed: str) -> None:
    """The old one stays."""
    result = run("reset-password", "alice", "--password-stdin", typed=typed)

    assert isinstance(result.exception, UnacceptablePassword)
    assert logs_in(instance, "alice", "the old password")


def test_an_account_of_a_provider_gets_no_password(run: Run, instance: Instance) -> None:
    """Not here."""
    instance.change_user("alice", provider="corporate")

    assert isinstance(run("reset-password", "alice").exception, ForeignPassword)


def test_a_file_that_cannot_be_written_is_told(run: Run, tmp_path: Path) -> None:
    """The message says that the password was changed, and how to get one that is known."""
    (tmp_path / "new-password-alice").mkdir()
    result = run("reset-password", "alice")

    assert "the password was changed, but cannot be written" in str(result.exception)
