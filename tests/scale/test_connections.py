# SPDX-License-Identifier: Apache-2.0
"""Connections to a server that insists on a password and shows a certificate."""

import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.database.postgresql import PostgresqlDatabase
from entrepot.infra.database.server import DatabaseServer
from tests.builders.databases import AUTHORITY
from tests.builders.databases import SERVER
from tests.scale.servers import PASSWORD
from tests.scale.servers import USER
from tests.scale.servers import certify_stranger


def is_encrypted(connection: Connection) -> bool:
    """Ask the server whether it is."""
    asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    return bool(connection.exec_driver_sql(asked).scalar_one())


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """What closes the databases of a test."""
    with ExitStack() as stack:
        yield stack


def answer(closing: ExitStack, query: dict[str, str], **password: object) -> bool:
    """Connect as the user of the tests, and tell whether the connection is encrypted."""
    where = f"{urlsplit(SERVER).hostname}:{urlsplit(SERVER).port}/postgres?{urlencode(query)}"
    given = "" if password else f":{PASSWORD}"
    server = DatabaseServer(f"postgresql://{USER}{given}@{where}", **password)  # type: ignore[arg-type]
    database = PostgresqlDatabase(server)
    closing.callback(database.close)
    return database.snapshot_now(is_encrypted)


def test_a_certificate_of_a_known_authority_is_taken(closing: ExitStack) -> None:
    """Name and authority are checked."""
    assert answer(closing, {"sslmode": "verify-full", "sslrootcert": AUTHORITY})


def test_a_certificate_of_another_authority_is_refused(closing: ExitStack, tmp_path: Path) -> None:
    """Nothing is sent to such a server."""
    wrong = {"sslmode": "verify-full", "sslrootcert": str(certify_stranger(tmp_path))}

    with pytest.raises(DatabaseUnavailable, match="certificate verify failed"):
        answer(closing, wrong)


def test_without_encryption_where_that_is_said(closing: ExitStack) -> None:
    """On a machine of one's own."""
    assert not answer(closing, {"sslmode": "disable"})


def test_a_password_comes_from_a_file(closing: ExitStack, tmp_path: Path) -> None:
    """And from a changed one, for connections that are made later."""
    file = tmp_path / "password"
    file.write_text("the old one")
    with pytest.raises(DatabaseUnavailable, match="password authentication failed"):
        answer(closing, {}, password_file=file)
    file.write_text(f"{PASSWORD}\n")

    assert answer(closing, {}, password_file=file)


def test_a_password_comes_from_a_command(closing: ExitStack) -> None:
    """It runs while the database's own event loop does."""
    command = tuple(shlex.split(f"printf {PASSWORD}"))

    assert answer(closing, {"sslmode": "require"}, password_command=command)
