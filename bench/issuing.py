# SPDX-License-Identifier: Apache-2.0
"""Tokens without a server: issued from the data directory, as the token endpoint would."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.features.access import GrantAuthorizer
from entrepot.features.access import Standings
from entrepot.features.identity import Accounts
from entrepot.features.identity import LoginThrottle
from entrepot.features.identity import PasswordChecks
from entrepot.features.identity.models import password_credential
from entrepot.features.identity.tables import users
from entrepot.features.projects import ProjectVisibility
from entrepot.features.tokens import CredentialChecks
from entrepot.features.tokens import TokenService
from entrepot.features.tokens import load_instance_key
from entrepot.features.tokens import load_signing_keys
from entrepot.features.tokens.scopes import parse_scopes
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import system_clock


@dataclass(frozen=True, slots=True)
class Deciding:
    """What decides about users of one database, as the server puts it together."""

    accounts: Accounts
    throttle: LoginThrottle
    standings: Standings
    authorizer: GrantAuthorizer


def deciding(database: SqliteDatabase, passwords: PasswordChecks, clock: Clock) -> Deciding:
    """Put it together; nothing is remembered yet."""
    throttle = LoginThrottle(database, clock)
    accounts = Accounts(database, passwords, throttle)
    standings: Standings = {PrincipalKind.USER: accounts.standing}
    authorizer = GrantAuthorizer(database, standings, ProjectVisibility(database, clock), clock)
    return Deciding(accounts, throttle, standings, authorizer)


async def issue(data: Path, wanted: Iterable[tuple[str, list[str]]]) -> list[str]:
    """Issue a token to each user for these scopes, as if it had logged in with its password."""
    with closing(SqliteDatabase(data / "entrepot.db")) as database, closing(PasswordChecks(system_clock)) as passwords:
        parts = deciding(database, passwords, system_clock)
        credentials = CredentialChecks(database, parts.accounts, parts.throttle, parts.standings, system_clock)
        keys = load_signing_keys(database, load_instance_key(data), system_clock)
        service = TokenService(keys, parts.authorizer, credentials, system_clock)
        with database.reading() as connection:
            logins = _logins(connection)
        return [(await service.issue(_user(name, logins), parse_scopes(scopes))).token for name, scopes in wanted]


def _logins(connection: Connection) -> dict[str, str]:
    rows = connection.execute(select(users.c.name, users.c.id, users.c.password_changed_at)).all()
    return {name: password_credential(user_id, changed_at) for name, user_id, changed_at in rows}


def _user(name: str, logins: dict[str, str]) -> Principal:
    return Principal(PrincipalKind.USER, name, credential=logins[name])
