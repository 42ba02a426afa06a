# SPDX-License-Identifier: Apache-2.0
"""The first administrator."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pwdlib import PasswordHash

from entrepot.features.identity import FirstAdministrator
from entrepot.features.identity import bootstrap
from entrepot.features.identity import store
from entrepot.features.identity.models import User
from entrepot.infra.database.engine import Database
from tests.builders.databases import a_database
from tests.builders.instance import Instance
from tests.fakes.fast_hashers import CountingHasher
from tests.fakes.settable_clock import SettableClock

HASHER = PasswordHash((CountingHasher(),))


def start(database: Database, data_dir: Path, chosen_password: str = "") -> FirstAdministrator | None:
    """Do what each worker does when it starts."""
    return bootstrap(database, HASHER, chosen_password, data_dir, SettableClock())


def find(database: Database, name: str) -> User | None:
    """Look a user up."""
    return database.snapshot_now(store.find_user, name)


def test_the_chosen_password_becomes_the_administrators(instance: Instance, tmp_path: Path) -> None:
    """An operator's password is taken and written nowhere."""
    created = start(instance.database, tmp_path, "chosen by the operator")

    admin = find(instance.database, "admin")
    assert created == FirstAdministrator("admin", "chosen by the operator", None)
    assert admin is not None
    assert instance.database.snapshot_now(store.has_administrator)
    assert HASHER.verify("chosen by the operator", admin.password_hash)
    assert not (tmp_path / "initial-admin-password").exists()


def test_a_password_made_up_is_in_a_file_of_the_owner(instance: Instance, tmp_path: Path) -> None:
    """Without a chosen password a long random one is written with mode 600."""
    created = start(instance.database, tmp_path)

    assert created is not None
    assert created.password_file == tmp_path / "initial-admin-password"
    assert created.password_file.read_text() == f"{created.password}\n"
    assert stat.S_IMODE(created.password_file.stat().st_mode) == 0o600
    assert len(created.password) >= 24


def test_a_file_that_everybody_may_read_is_closed_first(instance: Instance, tmp_path: Path) -> None:
    """A leftover file does not lend its permissions to the new password."""
    leftover = tmp_path / "initial-admin-password"
    leftover.write_text("an old and longer text that must not stay behind the new password")
    leftover.chmod(0o644)

    created = start(instance.database, tmp_path)

    assert created is not None
    assert leftover.read_text() == f"{created.password}\n"
    assert stat.S_IMODE(leftover.stat().st_mode) == 0o600


def test_the_password_is_read_only_while_there_is_no_administrator(instance: Instance, tmp_path: Path) -> None:
    """A later start with another password changes nothing, even when the administrator is disabled."""
    start(instance.database, tmp_path, "first")
    instance.change_user("admin", disabled_at=1)

    again = start(instance.database, tmp_path, "second")

    admin = find(instance.database, "admin")
    assert again is None
    assert admin is not None
    assert HASHER.verify("first", admin.password_hash)


def test_of_many_workers_one_creates_the_administrator(tmp_path: Path) -> None:
    """Workers that start together agree on one password: the one in the file."""
    databases = [a_database(tmp_path) for _ in range(8)]

    with ThreadPoolExecutor(len(databases)) as pool:
        outcomes = list(pool.map(lambda database: start(database, tmp_path), databases))

    winners = [outcome for outcome in outcomes if outcome is not None]
    admin = find(databases[0], "admin")
    for database in databases:
        database.close()
    assert len(winners) == 1
    assert admin is not None
    assert HASHER.verify((tmp_path / "initial-admin-password").read_text().strip(), admin.password_hash)


def test_any_administrator_is_enough(instance: Instance) -> None:
    """One who appeared under another name since the start looked is found in the creating transaction."""
    instance.add_user("root", "secret", is_admin=True)

    assert not instance.database.write_now(store.create_first_administrator, "admin", "a hash", instance.clock())
    assert find(instance.database, "admin") is None


def test_an_administrator_whose_password_cannot_be_written_is_not_created(instance: Instance, tmp_path: Path) -> None:
    """Nobody is locked out by a password that only the process knew: the next start tries again."""
    with pytest.raises(FileNotFoundError):
        start(instance.database, tmp_path / "absent")

    assert find(instance.database, "admin") is None


def test_the_result_does_not_show_the_password(instance: Instance, tmp_path: Path) -> None:
    """What a log line would print of the first administrator holds no secret."""
    created = start(instance.database, tmp_path)

    assert created is not None
    assert created.password not in repr(created)
