# SPDX-License-Identifier: Apache-2.0
"""An instance on a real database: users, grants, keys and tokens, without HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pwdlib import PasswordHash
from sqlalchemy import Connection
from sqlalchemy import event
from sqlalchemy import insert
from sqlalchemy import update

from entrepot.features.access import GrantAuthorizer
from entrepot.features.identity import Accounts
from entrepot.features.identity import PasswordChecks
from entrepot.features.identity.tables import users
from entrepot.features.tokens import HeaderAuthenticator
from entrepot.features.tokens import InstanceKey
from entrepot.features.tokens import TokenService
from entrepot.features.tokens import load_key_ring
from entrepot.features.tokens.tables import signing_keys
from entrepot.infra.database.engine import Database
from entrepot.infra.database.metadata import metadata
from entrepot.registry.tables import grants
from tests.fakes.fast_hashers import CountingHasher
from tests.fakes.settable_clock import SettableClock

TABLES = [users, grants, signing_keys]


def a_database(path: Path) -> Database:
    """Make an empty database in a file, with the tables that authentication needs."""
    database = Database(path)
    metadata.create_all(database.engine, TABLES)
    return database


class Instance:
    """All collaborators, put together as the application does it.

    What changes the database blocks: from an asynchronous test, call it through `asyncio.to_thread`.
    """

    def __init__(self, data_dir: Path) -> None:
        self.clock = SettableClock()
        self.database = a_database(data_dir / "entrepot.db")
        self.hasher = CountingHasher()
        self.passwords = PasswordChecks(self.clock, PasswordHash((self.hasher,)))
        self.accounts = Accounts(self.database, self.passwords)
        self.authorizer = GrantAuthorizer(self.database, self.accounts, self.clock)
        self.keys = load_key_ring(self.database, InstanceKey(b"k" * 32), self.clock)
        self.tokens = TokenService(self.keys, self.authorizer, self.clock)
        self.authenticator = HeaderAuthenticator(self.accounts, self.tokens)

    def add_user(self, name: str, password: str, *, is_admin: bool = False) -> None:
        """Store a user."""
        row = {
            "name": name,
            "password_hash": self.hasher.hash(password),
            "is_admin": is_admin,
            "created_at": self.clock(),
            "password_changed_at": self.clock(),
        }
        self.database.write_now(_run, insert(users).values(row))

    def change_user(self, name: str, **columns: object) -> None:
        """Change columns of a user, such as `disabled_at`."""
        self.database.write_now(_run, update(users).where(users.c.name == name).values(columns))

    def grant(self, principal: str, path_pattern: str, role: str) -> None:
        """Store a grant to `kind:name`."""
        row = {"principal": principal, "path_pattern": path_pattern, "role": role}
        self.database.write_now(_run, insert(grants).values(**row, created_at=self.clock(), created_by="user:admin"))

    def end_signing_keys(self) -> None:
        """Let every signing key end now."""
        self.database.write_now(_run, update(signing_keys).values(not_after=self.clock()))

    @contextmanager
    def counted_statements(self) -> Iterator[list[str]]:
        """Yield the list that every SQL statement is appended to."""
        statements: list[str] = []

        def note(*arguments: object) -> None:
            statements.append(str(arguments[2]))

        event.listen(self.database.engine, "before_cursor_execute", note)
        yield statements
        event.remove(self.database.engine, "before_cursor_execute", note)

    def close(self) -> None:
        """Stop the threads and close the files."""
        self.passwords.close()
        self.database.close()


@contextmanager
def an_instance(data_dir: Path) -> Iterator[Instance]:
    """Hold an instance without users."""
    instance = Instance(data_dir)
    yield instance
    instance.close()


def _run(connection: Connection, statement: object) -> None:
    connection.execute(statement)  # type: ignore[call-overload]
