# SPDX-License-Identifier: Apache-2.0
"""`entrepot storage`, as operators use it: bytes move while a server runs, and the second place goes at the end."""

import asyncio
import json
import os
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner
from typer.testing import Result

from entrepot.entry.cli import application
from entrepot.entry.configuration import InvalidConfiguration
from entrepot.entry.configuration import load
from entrepot.entry.opening import open_database
from entrepot.entry.opening import open_storage
from entrepot.entry.opening import store_urls
from entrepot.entry.serve import prepare
from entrepot.entry.storage_commands import NoSecondPlace
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import object_key
from entrepot.kernel.clock import system_clock
from entrepot.oci.digest import digest_of
from entrepot.registry.second_place import GraceNotOver
from entrepot.registry.store import blobs
from entrepot.registry.store import repositories
from entrepot.registry.store.blobs import StoredBlob
from entrepot.registry.store.repositories import StoreElsewhere
from tests.builders.sqlite import upgraded_file
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import write_and_commit

DATA = Path("data")


def run(*arguments: str) -> Result:
    """Run the command line."""
    return CliRunner().invoke(application, [*arguments, "--data", str(DATA)])


def configure(first: str = "", second: str = "", **others: str) -> None:
    """Say where the bytes are."""
    named = {"STORAGE__URL": first, "STORAGE__SECOND__URL": second, **others}
    for name, value in named.items():
        os.environ[f"ENTREPOT_{name}"] = value


def url_of(name: str) -> str:
    """Return the address of a folder."""
    return Path(name).absolute().as_uri()


def stored(content: bytes) -> ObjectKey:
    """Store a blob where the configuration says, and record it."""
    settings = load()
    with closing(open_database(settings)) as database:
        storage = open_storage(settings, database)
        assert storage.continuity  # asked for the first time by code that may block

        async def store() -> StoredBlob:
            writer = await storage.create(object_key())
            await write_and_commit(writer, content)
            return StoredBlob(digest_of(content), len(content), store_id, writer.key, writer.stored_size, None)

        store_id = database.write_now(repositories.settle_store, store_urls(settings))
        blob = asyncio.run(store())
        database.write_now(blobs.keep, blob, system_clock())
        return blob.object_key


def read(key: ObjectKey) -> bytes:
    """Read an object from wherever the configuration says."""
    settings = load()
    with closing(open_database(settings)) as database:
        return asyncio.run(collect(open_storage(settings, database).read(key)))


@pytest.fixture(autouse=True)
def installed() -> None:
    """A data folder with a database."""
    DATA.mkdir()
    (DATA / "entrepot.db").write_bytes(upgraded_file())


def test_bytes_move_in_the_documented_steps() -> None:
    """At each of them everything is read; at the end the former place is named nowhere."""
    key = stored(b"content")
    configure("", url_of("new"))  # 1: the new place is known everywhere
    assert read(key) == b"content"
    configure(url_of("new"), "file:blobs")  # 2: the two are swapped
    assert run("storage", "status").exit_code == 1
    moved = run("storage", "move")  # 3
    assert "Copied 1 objects" in moved.stdout
    assert moved.exit_code == 0
    assert run("storage", "status").exit_code == 0
    configure(url_of("new"))  # 4: the second place goes

    prepare(load())

    assert read(key) == b"content"
    assert list((Path("new") / "objects").rglob(key[-26:]))


def test_the_former_place_is_emptied_after_the_grace() -> None:
    """Not before downloads that began there can have ended; then what is there is there no more."""
    key = stored(b"content")
    configure(url_of("new"), url_of("data/blobs"))

    early = run("storage", "move", "--remove")
    configure(url_of("new"), url_of("data/blobs"), GARBAGE__GRACE_MINUTES="0")
    late = run("storage", "move", "--remove", "--json")

    assert isinstance(early.exception, GraceNotOver)
    assert json.loads(late.stdout)["removed"]["objects"] == {"objects": 1, "bytes": 7}
    assert not list((DATA / "blobs" / "objects").rglob(key[-26:]))
    assert read(key) == b"content"


def test_damage_is_told_with_the_next_step() -> None:
    """The exit status says that not everything was moved, and a status why the second place has to stay."""
    key = stored(b"content")
    [file] = (DATA / "blobs" / "objects").rglob(key[-26:])
    file.write_bytes(b"CONTENT")
    configure(url_of("new"), "file:blobs")

    moved, status = run("storage", "move"), run("storage", "status", "--json")

    assert moved.exit_code == 1
    assert f"not moved: {key} ({digest_of(b'content')}): its content has the digest" in moved.stdout
    told = json.loads(status.stdout)
    assert (told["only_second"], told["second_may_go"]) == ({"objects": 1, "bytes": 7}, False)
    assert status.exit_code == 1


def test_a_server_does_not_start_where_its_bytes_are_not() -> None:
    """It made a second store of another address before, and found nothing; an empty registry goes anywhere."""
    configure(url_of("elsewhere"))
    prepare(load())
    configure(url_of("again"))
    stored(b"content")
    configure(url_of("elsewhere"))

    with pytest.raises(StoreElsewhere, match="again") as refusal:
        prepare(load())

    assert "storage.second" in refusal.value.hint


def test_there_has_to_be_a_second_place() -> None:
    """And it is another one than the first."""
    stored(b"content")
    assert isinstance(run("storage", "status").exception, NoSecondPlace)
    configure("", "file:blobs")

    with pytest.raises(InvalidConfiguration, match="same place"):
        load()
