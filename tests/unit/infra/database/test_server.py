# SPDX-License-Identifier: Apache-2.0
"""Where a PostgreSQL server is, and where the password for it comes from."""

import asyncio
import sys
from pathlib import Path

import pytest

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.database.server import MAX_PASSWORD_BYTES
from entrepot.infra.database.server import DatabaseServer
from entrepot.infra.database.server import PasswordUnavailable

SECRET = "correct-horse"
URL = "postgresql://entrepot@db.example/entrepot"

pytestmark = pytest.mark.anyio


def printing(content: bytes, *, then: str = "") -> DatabaseServer:
    """Have the password from a command that prints this, and does something afterwards."""
    script = f"import os, sys, time; os.write(1, {content!r}); {then}"
    return DatabaseServer(URL, password_command=(sys.executable, "-c", script), command_seconds=30)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with the password, and something for people below it."""
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\r\n# of the test\n")
    return file


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (f"postgresql://entrepot:{SECRET}@db.example:5433/entrepot", "postgresql://entrepot@db.example:5433/entrepot"),
        (f"postgres://:{SECRET}@[2001:db8::1]/entrepot", "postgres://@[2001:db8::1]/entrepot"),
        (f"postgresql://db.example/entrepot?user=a&password={SECRET}", "postgresql://db.example/entrepot"),
        (f"postgresql://a:{SECRET}%40@db.example/entrepot#{SECRET}", "postgresql://a@db.example/entrepot"),
        ("postgresql:///entrepot?host=/run/postgresql", "postgresql:///entrepot"),
    ],
)
def test_an_address_holds_no_secret(url: str, address: str) -> None:
    """It is shown to people, and logged."""
    assert DatabaseServer(url).address == address


@pytest.mark.parametrize(
    ("query", "is_encrypted"),
    [
        ("", False),
        ("?sslmode=disable", False),
        ("?sslmode=prefer", False),
        ("?sslmode=require", True),
        ("?sslrootcert=/ca.pem&sslmode=verify-ca", True),
        ("?sslmode=verify-full", True),
    ],
)
def test_only_some_modes_insist_on_encryption(query: str, is_encrypted: bool) -> None:
    """The others fall back to none."""
    assert DatabaseServer(f"{URL}{query}").is_encrypted is is_encrypted


async def test_a_password_in_the_url_is_decoded() -> None:
    """Characters that mean something in a URL are written as `%` and two digits there."""
    assert await DatabaseServer("postgresql://a:p%40ss%2F@db.example/b")._password() == "p@ss/"
    assert await DatabaseServer(URL)._password() is None


async def test_a_password_is_the_first_line_of_its_file(file: Path) -> None:
    """It goes before the one in the URL, and is read anew each time."""
    server = DatabaseServer("postgresql://a:other@db.example/b", password_file=file)
    first = await server._password()
    await asyncio.to_thread(file.write_text, "changed")

    assert (first, await server._password()) == (SECRET, "changed")


async def test_a_command_goes_before_the_file(file: Path) -> None:
    """What it prints is taken as the content of the file is."""
    server = DatabaseServer(URL, password_file=file, password_command=("echo", "from the command"))

    assert await server._password() == "from the command"


async def test_a_long_password_is_taken_whole() -> None:
    """Tokens of cloud providers have thousands of characters; there is an end to it all the same."""
    assert await printing(b"x" * 5_000)._password() == "x" * 5_000
    assert len(await printing(b"x" * (MAX_PASSWORD_BYTES + 1))._password() or "") == MAX_PASSWORD_BYTES


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "gave an empty password"), (b"\nsecond", "gave an empty password"), (b"\xff\xfe", "is not UTF-8")],
)
async def test_a_file_without_a_password_is_told(file: Path, content: bytes, reason: str) -> None:
    """By its name."""
    await asyncio.to_thread(file.write_bytes, content)

    with pytest.raises(PasswordUnavailable, match=rf"the file {file} gave .*{reason.removeprefix('gave ')}"):
        await DatabaseServer(URL, password_file=file).connect()


async def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """With what the system says; the server is not asked without a password instead."""
    with pytest.raises(PasswordUnavailable, match="password cannot be read: No such file or directory") as missing:
        await DatabaseServer(URL, password_file=tmp_path / "password").connect()
    with pytest.raises(PasswordUnavailable, match="cannot be read: Is a directory"):
        await DatabaseServer(URL, password_file=tmp_path).connect()

    assert (missing.value.status, missing.value.code) == (503, "database_password_unavailable")


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (DatabaseServer(URL, password_command=("/no/such/program",)), "program cannot be run: No such file"),
        (printing(b""), "gave an empty password"),
        (printing(b"\xff"), "gave something that is not UTF-8"),
        (printing(SECRET.encode(), then="sys.exit(3)"), "ended with status 3"),
    ],
    ids=["missing", "empty", "not UTF-8", "failing"],
)
async def test_a_command_without_a_password_is_told(server: DatabaseServer, reason: str) -> None:
    """By its name, and never with what it printed or its arguments."""
    with pytest.raises(PasswordUnavailable, match=reason) as caught:
        await server.connect()

    assert SECRET not in f"{caught.value!r} {caught.value}"
    assert "os.write" not in str(caught.value)


async def test_a_command_that_takes_too_long_is_ended() -> None:
    """A password that nobody gives holds nothing up for ever."""
    server = DatabaseServer(URL, password_command=("sleep", "600"), command_seconds=0.05)

    with pytest.raises(PasswordUnavailable, match=r"the command sleep took longer than 0\.05 seconds"):
        await server.connect()


@pytest.mark.parametrize("port", ["1", f"{SECRET}"])
async def test_what_cannot_be_connected_to_is_unavailable(port: str) -> None:
    """And the reason shows neither the password nor what a slip made of it."""
    with pytest.raises(DatabaseUnavailable, match="cannot be connected to") as caught:
        await DatabaseServer(f"postgresql://a:{SECRET}@127.0.0.1:{port}/b").connect()

    assert SECRET not in f"{caught.value!r} {caught.value}"
