# SPDX-License-Identifier: Apache-2.0
"""`entrepot keys`, and what a start does about wrong and missing keys."""

import asyncio
import json
import os
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import LargeBinary
from typer.testing import CliRunner
from typer.testing import Result

import entrepot.entry.tables  # noqa: F401 - the schema is complete
from entrepot.entry import opening
from entrepot.entry.cli import application
from entrepot.entry.configuration import DATABASE_FILE
from entrepot.entry.configuration import load
from entrepot.entry.key_commands import SEALED
from entrepot.entry.opening import StoreKeysMissing
from entrepot.entry.opening import open_database
from entrepot.entry.opening import open_instance_key
from entrepot.entry.opening import open_storage
from entrepot.entry.opening import require_keys
from entrepot.entry.serve import prepare
from entrepot.features.tokens import WrongInstanceKey
from entrepot.features.tokens import has_secrets
from entrepot.features.tokens import load_signing_keys
from entrepot.infra.database.metadata import metadata
from entrepot.infra.keys.key_file import InvalidKey
from entrepot.infra.keys.key_file import make_key_file
from entrepot.infra.keys.key_file import read_key
from entrepot.infra.storage.interface import object_key
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import Conflict
from entrepot.oci.digest import digest_of
from entrepot.registry.store import blobs
from entrepot.registry.store.blobs import StoredBlob
from entrepot.registry.store.repositories import ensure_store
from tests.builders.sqlite import upgraded_file
from tests.contracts.storage.content import write_and_commit

DATA = Path("data")


def run(*arguments: str) -> Result:
    """Run `entrepot`."""
    return CliRunner().invoke(application, arguments)


@pytest.fixture
def keys() -> tuple[Path, Path]:
    """Two keys of the store, the first of which is configured."""
    paths = Path("one.key"), Path("two.key")
    for path in paths:
        make_key_file(path)
    configure(paths[0])
    return paths


def configure(active: Path | None, *others: Path) -> None:
    """Name the keys of the store."""
    for name, value in (("KEY_FILE", active), ("OTHER_KEY_FILES", ",".join(map(str, others)))):
        os.environ.pop(f"ENTREPOT_STORAGE__ENCRYPTION__{name}", None)
        if value:
            os.environ[f"ENTREPOT_STORAGE__ENCRYPTION__{name}"] = str(value)


def configure_instance(current: Path, *others: Path) -> None:
    """Name the instance keys."""
    os.environ["ENTREPOT_KEYS__INSTANCE_KEY_FILE"] = str(current)
    os.environ["ENTREPOT_KEYS__OTHER_INSTANCE_KEY_FILES"] = json.dumps([str(each) for each in others])


@pytest.fixture
def installed(keys: tuple[Path, Path]) -> tuple[Path, Path]:
    """A data folder with secrets and one encrypted object."""
    DATA.mkdir()
    (DATA / DATABASE_FILE).write_bytes(upgraded_file())
    settings = load()
    with closing(open_database(settings)) as database:
        load_signing_keys(database, open_instance_key(settings, database), system_clock)
        storage = open_storage(settings, database)

        async def store() -> StoredBlob:
            writer = await storage.create(object_key())
            await write_and_commit(writer, b"content")
            sealed = writer.sealed_key
            return StoredBlob(digest_of(b"content"), 7, store_id, writer.key, writer.stored_size, sealed)

        store_id = database.write_now(ensure_store, "file:blobs")
        database.write_now(blobs.keep, asyncio.run(store()), system_clock())
    return keys


def state() -> dict[str, bytes]:
    """Return everything in the data folder."""
    ours = (path for path in sorted(DATA.rglob("*")) if path.is_file() and not path.name.endswith(("-shm", "-wal")))
    return {str(path): path.read_bytes() for path in ours}


def test_a_new_key_is_made_and_never_written_over() -> None:
    """The command names the key and its file; a file that is there stays."""
    made = run("keys", "new", "store.key")
    again = run("keys", "new", "store.key")

    assert made.stdout == f"The key {read_key(Path('store.key')).id} is in store.key. Keep a copy of it elsewhere.\n"
    assert isinstance(again.exception, Conflict)
    assert run("keys", "new", "no/such/store.key").exit_code == 1


def test_the_status_tells_what_needs_each_key(installed: tuple[Path, Path]) -> None:
    """Each key stands with its file and what needs it."""
    one, two = installed
    configure(two, one)

    told = run("keys", "status").stdout

    assert f"store key {read_key(two).id}, current (two.key): needed by nothing" in told
    assert f"store key {read_key(one).id}, other (one.key): needed by 1 objects; entrepot keys rotate" in told
    assert "instance key" in told
    assert "current (data/instance.key): needed by 2 secrets" in told


def test_rotation_lets_the_former_key_go(installed: tuple[Path, Path]) -> None:
    """Then the start, verification and reading need the new key only."""
    one, two = installed
    configure(two, one)

    rotated = run("keys", "rotate")
    configure(two)

    assert rotated.exit_code == 0, rotated.output
    assert "Encrypted anew: the keys of 1 objects, 0 secrets." in rotated.stdout
    assert f"store key {read_key(one).id}, other (one.key): needed by nothing; it may go" in rotated.stdout
    assert run("keys", "status").exit_code == 0
    assert run("verify", "--deep").exit_code == 0


def test_the_instance_key_is_replaced(installed: tuple[Path, Path]) -> None:
    """Secrets are encrypted anew under the new key, what derives from the root stays, and the old key may go."""
    new, old = installed[1], DATA / "instance.key"
    settings = load()
    with closing(open_database(settings)) as database:
        derived = open_instance_key(settings, database).derive("a purpose")
    configure_instance(new, old)

    rotated = run("keys", "rotate")
    old.unlink()
    configure_instance(new)

    assert "Encrypted anew: the keys of 0 objects, 2 secrets." in rotated.stdout
    settings = load()
    with closing(open_database(settings)) as database:
        key = open_instance_key(settings, database)
        assert key.derive("a purpose") == derived
        assert load_signing_keys(database, key, system_clock).ring.signer is not None


def test_the_start_refuses_a_store_without_its_key(installed: tuple[Path, Path]) -> None:
    """Another key, or none, stops the start before anything is written; the message names the one that is needed."""
    one, two = installed
    before = state()

    for given in ((two,), (None,)):
        configure(*given)
        with pytest.raises(StoreKeysMissing, match=read_key(one).id) as refusal:
            prepare(load())
        assert "storage.encryption.key_file" in refusal.value.hint
    assert state() == before


@pytest.mark.parametrize("command", ["config check", "db upgrade", "token rotate-key", "keys rotate", "verify"])
def test_commands_refuse_a_store_without_its_key(installed: tuple[Path, Path], command: str) -> None:
    """Whatever writes, and whoever asks beforehand, is told the same."""
    configure(installed[1])
    before = state()

    refused = run(*command.split())

    assert isinstance(refused.exception, StoreKeysMissing)
    assert state() == before


def test_a_missing_key_is_told_by_the_status(installed: tuple[Path, Path]) -> None:
    """Where nothing starts the status still says what is missing."""
    configure(installed[1])

    told = run("keys", "status", "--json")

    assert told.exit_code == 1
    found = {each["id"]: each["role"] for each in json.loads(told.stdout)}
    assert found[read_key(installed[0]).id] == "missing"


@pytest.mark.parametrize("is_replaced", [False, True])
def test_the_start_refuses_a_wrong_instance_key(installed: tuple[Path, Path], is_replaced: bool) -> None:
    """A lost or exchanged instance.key is not made anew while the database holds secrets."""
    del installed
    (DATA / "instance.key").unlink()
    if is_replaced:
        make_key_file(DATA / "instance.key")
    before = state()

    with pytest.raises(WrongInstanceKey) as refusal:
        prepare(load())

    assert "Restore" in refusal.value.hint
    assert state() == before


def test_a_key_that_another_process_makes_meanwhile_is_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two start at once for the first time: one sees the secrets of the other."""
    settings = load()
    prepare(settings)
    assert not (DATA / "instance.key").exists()

    def seen(connection: Connection) -> bool:
        """Look when the other one has made them."""
        with closing(open_database(settings)) as other:
            open_instance_key(settings, other)
        return has_secrets(connection)

    monkeypatch.setattr(opening, "has_secrets", seen)
    with closing(open_database(settings)) as database:
        require_keys(settings, database)
        assert database.snapshot_now(has_secrets)


@pytest.mark.parametrize(("text", "mode"), [("short", 0o600), ("", 0o600), (None, 0o600), ("A" * 43, 0o644)])
def test_a_bad_key_file_stops_the_start(keys: tuple[Path, Path], text: str | None, mode: int) -> None:
    """A file that holds no key, is not there or is open to everybody is refused before the data folder is made."""
    keys[0].unlink()
    if text is not None:
        keys[0].write_text(text)
        keys[0].chmod(mode)

    with pytest.raises(AppError, match=r"one\.key") as refusal:
        prepare(load())

    assert isinstance(refusal.value, InvalidKey) == (text is not None and mode == 0o600)
    assert not DATA.exists()


def test_an_installation_from_before_goes_on(installed: tuple[Path, Path]) -> None:
    """Where there was no root yet the instance key becomes it: what was derived from the key stays."""
    del installed
    settings = load()
    with closing(open_database(settings)) as database:
        database.write_now(forget_root)

        assert open_instance_key(settings, database).derive("x") == read_key(DATA / "instance.key").derive("x")


def forget_root(connection: Connection) -> None:
    """Be as before there were roots."""
    connection.execute(metadata.tables["instance_secrets"].delete())


def test_everything_encrypted_is_encrypted_anew() -> None:
    """Each column whose name says that it is encrypted is declared."""
    columns = {
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and (column.name.endswith("_encrypted") or column.name == "sealed")
    }

    assert {each.sealed for each in SEALED} == columns
