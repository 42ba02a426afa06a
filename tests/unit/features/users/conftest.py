# SPDX-License-Identifier: Apache-2.0
"""A data folder with users, for commands."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner
from typer.testing import Result

from entrepot.features.identity import Users
from entrepot.features.users.cli import user_commands
from entrepot.features.users.service import Lifecycle
from entrepot.registry.platform import DataFolder
from entrepot.registry.platform import OpenDataFolder
from tests.builders.instance import Instance
from tests.builders.instance import an_instance

Run = Callable[..., Result]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """Hold an instance with an administrator and a user."""
    with an_instance(tmp_path) as instance:
        instance.add_user("admin", "the old password", is_admin=True)
        instance.add_user("alice", "the old password")
        yield instance


@pytest.fixture
def users(instance: Instance, tmp_path: Path) -> Users:
    """What administrators do to users beside renaming and merging them."""
    return Users(instance.database, instance.accounts, instance.passwords, tmp_path, instance.clock)


@pytest.fixture
def lifecycle(instance: Instance, users: Users) -> Lifecycle:
    """What they do besides."""
    return Lifecycle(instance.database, users, instance.clock)


@pytest.fixture
def open_data_folder(instance: Instance, tmp_path: Path) -> OpenDataFolder:
    """What hands the instance to a command."""

    @contextmanager
    def open_data_folder(_data: Path | None) -> Iterator[DataFolder]:
        yield DataFolder(tmp_path, instance.database)

    return open_data_folder


@pytest.fixture
def run(open_data_folder: OpenDataFolder) -> Run:
    """A shell without a terminal, in which `entrepot user` works on the instance."""

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(user_commands, arguments, input=typed, obj=open_data_folder)

    return run
