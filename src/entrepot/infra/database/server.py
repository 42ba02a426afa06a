# SPDX-License-Identifier: Apache-2.0
"""How to reach a PostgreSQL server: its address, who we are there, and how its certificate is checked."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl
from urllib.parse import unquote
from urllib.parse import urlsplit

import asyncpg

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import Unavailable

OLDEST_MAJOR = 15
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
"""How long a transaction of a request may take, all of it: connecting, waiting for locks, and waiting for answers."""

SURVEY_SECONDS = 600.0
"""The same for one that counts or reads much."""

COMMAND_SECONDS = 10.0
"""How long a command may take to print a password."""

MAX_PASSWORD_BYTES = 64 * 1024
"""Tokens of cloud providers are passwords too, and some are long."""


class PasswordUnavailable(Unavailable):
    """The password of the database could not be had."""

    code = "database_password_unavailable"


class DatabaseTooOld(AppError):
    """The database server is too old."""

    code = "database_too_old"
    default_hint = f"Upgrade it to PostgreSQL {OLDEST_MAJOR} or newer, or name another server in database.url."


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """One database of a server.

    `url` is a connection URI of libpq (PostgreSQL, 34.1.1.2), with `sslmode`, `sslrootcert` and more in its query.
    The password comes from the command if there is one, else from the file, else from the URI or `~/.pgpass`. It is
    asked for whenever a connection is made, so a changed one is taken without a restart.
    """

    url: str
    password_file: Path | None = None
    password_command: Sequence[str] = ()
    connections: int = 10
    command_seconds: float = COMMAND_SECONDS
    answer_seconds: float = ANSWER_SECONDS

    @property
    def address(self) -> str:
        """The URI without password and query."""
        parts = urlsplit(self.url)
        user, at, host = parts.netloc.rpartition("@")
        return f"{parts.scheme}://{user.partition(':')[0]}{at}{host}{parts.path}"

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection is refused without TLS."""
        mode = dict(parse_qsl(urlsplit(self.url).query)).get("sslmode", "prefer")
        return mode in ("require", "verify-ca", "verify-full")

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Open a connection. Raises `PasswordUnavailable`, `DatabaseUnavailable` and `DatabaseTooOld`."""
        password = await self._password()
        try:
            connection = await asyncpg.connect(
                self.url,
                password=password,
                timeout=CONNECT_SECONDS,
                statement_cache_size=0,
                server_settings={"application_name": "entrepot"},
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            reason = str(error) or "it took too long"
            raise DatabaseUnavailable(f"the database {self.address} cannot be connected to: {reason}") from error
        except ValueError:  # its text may show a part of the password
            raise DatabaseUnavailable("the database cannot be connected to: its URL is none") from None
        version = connection.get_server_version()
        if version.major < OLDEST_MAJOR:
            connection.terminate()
            raise DatabaseTooOld(f"the database {self.address} is PostgreSQL {version.major}")
        return connection

    async def _password(self) -> str | None:
        if self.password_command:
            return await _printed(self.password_command, self.command_seconds)
        if self.password_file is not None:
            return await asyncio.to_thread(_written, self.password_file)
        given = urlsplit(self.url).password
        return None if given is None else unquote(given)


def _written(file: Path) -> str:
    try:
        return _password_in(file.read_bytes(), f"the file {file}")
    except OSError as error:
        raise PasswordUnavailable(f"the file {file} cannot be read: {error.strerror}") from error


async def _printed(command: Sequence[str], patience_seconds: float) -> str:
    """Run a command, not through a shell, and return what it prints."""
    source = f"the command {command[0]}"
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
        )
    except OSError as error:
        raise PasswordUnavailable(f"{source} cannot be run: {error.strerror}") from error
    try:
        async with asyncio.timeout(patience_seconds):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise PasswordUnavailable(f"{source} took longer than {patience_seconds:g} seconds") from None
    if process.returncode:
        raise PasswordUnavailable(f"{source} ended with status {process.returncode}")
    return _password_in(output, source)


def _password_in(content: bytes, source: str) -> str:
    """Return the first line."""
    try:
        password = content[:MAX_PASSWORD_BYTES].decode().partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError:
        raise PasswordUnavailable(f"{source} gave something that is not UTF-8") from None
    if not password:
        raise PasswordUnavailable(f"{source} gave an empty password")
    return password
