# SPDX-License-Identifier: Apache-2.0
"""An instance on a real database: users, grants, keys and tokens, without HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pwdlib import PasswordHash
from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import update

from entrepot.features.access import GrantAuthorizer
from entrepot.features.access import Standings
from entrepot.features.identity import Accounts
from entrepot.features.identity import LoginThrottle
from entrepot.features.identity import PasswordChecks
from entrepot.features.identity.store import find_user
from entrepot.features.identity.tables import users
from entrepot.features.projects import ProjectVisibility
from entrepot.features.projects.tables import projects
from entrepot.features.robots import RobotAccounts
from entrepot.features.robots.tables import robots
from entrepot.features.tokens import CredentialChecks
from entrepot.features.tokens import HeaderAuthenticator
from entrepot.features.tokens import InstanceKey
from entrepot.features.tokens import IssuedSecret
from entrepot.features.tokens import RefreshTokens
from entrepot.features.tokens import TokenService
from entrepot.features.tokens import Wanted
from entrepot.features.tokens import issue_secret
from entrepot.features.tokens import load_signing_keys
from entrepot.features.tokens.store.credentials import revoke
from entrepot.features.tokens.tables import signing_keys
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from tests.builders.access_rows import add_grant
from tests.builders.access_rows import add_group
from tests.builders.access_rows import add_role
from tests.builders.databases import a_database
from tests.builders.databases import refuse_writes
from tests.builders.databases import traced_reads
from tests.fakes.fast_hashers import CountingHasher
from tests.fakes.settable_clock import SettableClock


class Instance:
    """All collaborators, put together as the application does it.

    What changes the database blocks: from an asynchronous test, call it through `asyncio.to_thread`.
    """

    def __init__(self, data_dir: Path) -> None:
        self.clock = SettableClock()
        self.database = a_database(data_dir)
        self.hasher = CountingHasher()
        self.passwords = PasswordChecks(self.clock, PasswordHash((self.hasher,)))
        self.throttle = LoginThrottle(self.database, self.clock)
        self.accounts = Accounts(self.database, self.passwords, self.throttle)
        self.visibility = ProjectVisibility(self.database, self.clock)
        self.standings: Standings = {
            PrincipalKind.USER: self.accounts.standing,
            PrincipalKind.ROBOT: RobotAccounts(self.database).standing,
        }
        self.authorizer = GrantAuthorizer(self.database, self.standings, self.visibility, self.clock)
        self.credentials = CredentialChecks(self.database, self.accounts, self.throttle, self.standings, self.clock)
        self.keys = load_signing_keys(self.database, InstanceKey(b"k" * 32), self.clock)
        self.tokens = TokenService(self.keys, self.authorizer, self.credentials, self.clock)
        self.authenticator = HeaderAuthenticator(self.credentials, self.tokens)
        self.refresh_tokens = RefreshTokens(self.database, self.credentials, self.clock)

    def add_user(self, name: str, password: str, *, is_admin: bool = False) -> None:
        """Store a user."""
        row = {
            "name": name,
            "password_hash": self.hasher.hash(password),
            "created_at": self.clock(),
            "password_changed_at": self.clock(),
        }
        self.database.write_now(_run, insert(users).values(row))
        if is_admin:
            self.grant(f"user:{name}", "SYSTEM", "administrator")

    def change_user(self, name: str, **columns: object) -> None:
        """Change columns of a user, such as `disabled_at`."""
        self.database.write_now(_run, update(users).where(users.c.name == name).values(columns))

    async def logged_in(self, name: str) -> Principal:
        """Return a user as the login with the present password does."""
        user = await self.database.read(find_user, name)
        assert user is not None
        return Principal(PrincipalKind.USER, name, credential=user.password_credential)

    def add_robot(self, name: str) -> None:
        """Store a robot, without any right."""
        row = {"name": name, "project": name.partition(".")[0], "created_at": 0, "created_by": "user:admin"}
        self.database.write_now(_run, insert(robots).values(row))

    def change_robot(self, name: str, **columns: object) -> None:
        """Change columns of a robot, such as `disabled_at`."""
        self.database.write_now(_run, update(robots).where(robots.c.name == name).values(columns))

    def add_secret(self, principal: str, name: str = "laptop", *, expires_in_ms: int | None = DAY_MS) -> IssuedSecret:
        """Make a secret for `kind:name` to log in with."""
        now = self.clock()
        expires_at = None if expires_in_ms is None else after(now, expires_in_ms)
        return self.database.write_now(issue_secret, Wanted(principal, name, expires_at, principal), now)

    def revoke(self, issued: IssuedSecret) -> None:
        """Revoke a secret now."""
        self.database.write_now(revoke, issued.credential.id, self.clock())

    def grant(
        self, principal: str, path_pattern: str, role: str, tag_pattern: str = "", expires_at: int | None = None
    ) -> None:
        """Store a grant to `kind:name`."""
        self.database.write_now(add_grant, principal, path_pattern, role, tag_pattern, expires_at)

    def add_group(self, name: str, *members: str) -> None:
        """Store a group of members such as `user:alice`."""
        self.database.write_now(add_group, name, *members)

    def add_role(self, name: str, *actions: Action) -> None:
        """Store a custom role."""
        self.database.write_now(add_role, name, *actions)

    def add_project(self, name: str, visibility: str) -> None:
        """Store a project."""
        row = {"name": name, "visibility": visibility, "created_at": 0, "created_by": "user:admin", "cause": "request"}
        self.database.write_now(_run, insert(projects).values(row))

    def change_project(self, name: str, **values: str) -> None:
        """Change what is stored of a project."""
        self.database.write_now(_run, update(projects).where(projects.c.name == name).values(**values))

    def end_signing_keys(self) -> None:
        """Let every signing key end now."""
        self.database.write_now(_run, update(signing_keys).values(not_after=self.clock()))

    def refuse_writes(self) -> None:
        """Let the database take no writes, as on a disk that became read-only."""
        self.database.write_now(refuse_writes)

    @contextmanager
    def traced_reads(self) -> Iterator[list[str]]:
        """Yield the list that every SQL statement that reads is appended to, prepared ones too.

        Values are in it on SQLite only.
        """
        with traced_reads(self.database) as statements:
            yield statements

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
