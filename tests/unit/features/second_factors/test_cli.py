# SPDX-License-Identifier: Apache-2.0
"""`entrepot second-factor`."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from entrepot.features.identity import UserUnknown
from entrepot.features.second_factors.cli import second_factor_commands
from entrepot.infra.remote.errors import ServerRefused
from entrepot.kernel.clock import system_clock
from entrepot.registry.platform import DataFolder
from entrepot.registry.platform import OpenDataFolder
from tests.builders.instance import Instance
from tests.builders.second_factors import HOST
from tests.builders.second_factors import at
from tests.builders.second_factors import set_up_phone
from tests.builders.shell import Shell
from tests.fakes.settable_clock import SettableClock


@pytest.fixture
def open_data_folder(instance: Instance, tmp_path: Path) -> OpenDataFolder:
    """What hands the instance to a command."""

    @contextmanager
    def open_data_folder(_data: Path | None) -> Iterator[DataFolder]:
        yield DataFolder(tmp_path, instance.database)

    return open_data_folder


def test_an_administrator_resets_the_factors_of_a_user(shell: Shell) -> None:
    """Afterwards the password is enough again."""
    alice = at(HOST, asyncio.run(shell.application.user("alice")))
    asyncio.run(set_up_phone(alice, SettableClock(system_clock())))
    before = asyncio.run(alice.get("/api/v1/users/me"))

    told = shell.done(second_factor_commands, "reset", "alice", "--yes")

    assert (before.status, asyncio.run(alice.get("/api/v1/users/me")).status) == (401, 200)
    assert told == "alice has no second factor any more.\n"


def test_somebody_has_to_be_sure(shell: Shell) -> None:
    """Without a terminal to ask at, nothing is reset unless a flag says so."""
    asyncio.run(shell.application.user("alice"))

    assert shell(second_factor_commands, "reset", "alice").exit_code != 0


def test_an_administrator_does_not_reset_their_own(shell: Shell) -> None:
    """The refusal of the server is passed on."""
    refused = shell(second_factor_commands, "reset", "admin", "--yes").exception

    assert isinstance(refused, ServerRefused)
    assert "not their own" in str(refused)


def test_the_data_folder_is_a_way_back_in(instance: Instance, open_data_folder: OpenDataFolder) -> None:
    """Whoever may write it lets a user in with the password, without a server."""
    instance.change_user("alice", second_factor_at=1)

    result = CliRunner().invoke(second_factor_commands, ["recover", "alice"], obj=open_data_folder)

    assert (result.exit_code, result.stdout) == (0, "alice has no second factor any more.\n")
    principal = asyncio.run(instance.accounts.authenticate("alice", "secret of alice", "192.0.2.1"))
    assert principal.name == "alice"


def test_nobody_is_unknown(open_data_folder: OpenDataFolder) -> None:
    """A name that no user has is told."""
    result = CliRunner().invoke(second_factor_commands, ["recover", "nobody"], obj=open_data_folder)

    assert isinstance(result.exception, UserUnknown)
