# SPDX-License-Identifier: Apache-2.0
"""The data set of the rows about logins, decisions and uploads: 1,000 users, 500 groups, 10,500 grants.

User n may push into a project of its own and into one that all share, and may
read in eight other places, one of them given by a pattern with a `*`. Each is in
ten groups, every other of which is in another one, and every group was granted
something; one more user is in all of them. Each has a
password and a personal token. Passwords are hashed with as little work as
argon2id can do: every row that uses them has each verified once before it
begins, and remembered, so that no hash is in what is measured.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Connection
from sqlalchemy import insert

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.features.groups.tables import group_members
from entrepot.features.groups.tables import groups
from entrepot.features.identity.tables import users
from entrepot.features.projects.tables import projects
from entrepot.features.tokens.issuing import Wanted
from entrepot.features.tokens.issuing import issue_secret
from entrepot.infra.database import schema
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.layout import Layout
from entrepot.kernel.clock import system_clock
from entrepot.registry.tables import grants

PEOPLE = 1_000
GRANTS_EACH = 10
GROUPS = 500
GROUPS_EACH = 10
SHARED = "shared"
JOINER = "joiner"
"""The user who is in every group, and has nothing else."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The data directory, and the secret of everybody's personal token."""

    data: Path
    secrets: list[str]


def name_of(person: int) -> str:
    """Return the name of a user."""
    return f"person-{person:04}"


def project_of(person: int) -> str:
    """Return the project that this user, and no other, may push into."""
    return f"own-{person:04}"


def password_of(person: int) -> str:
    """Return the password of a user."""
    return f"the password of {person}"


def grants_of(person: int) -> Iterator[tuple[str, str]]:
    """Yield the `GRANTS_EACH` grants of a user: path pattern and role."""
    yield f"{project_of(person)}/**", "write"
    yield f"{SHARED}/**", "write"
    yield "own-*/public", "read"
    for step in range(1, GRANTS_EACH - 2):
        yield f"{project_of((person + step) % PEOPLE)}/app", "read"


def groups_of(person: int) -> list[str]:
    """Return the groups that a user is in."""
    return [f"group-{(person + step * 53) % GROUPS:03}" for step in range(GROUPS_EACH)]


def team_of(group: str) -> str:
    """Return the project that a group may read in."""
    return f"team-{group}"


def build(data: Path) -> Crowd:
    """Make the data directory."""
    data.mkdir(parents=True)
    Layout(data / "blobs").prepare()
    with closing(SqliteDatabase(data / "entrepot.db")) as database:
        schema.upgrade(database)
        return Crowd(data, database.write_now(_fill))


def _fill_groups(connection: Connection, given: dict[str, object]) -> None:
    names = [f"group-{number:03}" for number in range(GROUPS)]
    inner = [(names[n + 1], f"group:{names[n]}") for n in range(0, GROUPS - 1, 2)]
    people = [(group, f"user:{name_of(n)}") for n in range(PEOPLE) for group in groups_of(n)]
    members = [*inner, *people, *((group, f"user:{JOINER}") for group in names)]
    connection.execute(insert(groups), [{"name": name, "description": "", **given} for name in names])
    connection.execute(insert(group_members), [{"group_name": group, "member": one, **given} for group, one in members])
    given_to = ({"principal": f"group:{name}", "path_pattern": f"{team_of(name)}/**"} for name in names)
    connection.execute(insert(grants), [{**each, "role": "read", **given} for each in given_to])


def _fill(connection: Connection) -> list[str]:
    now, hasher = system_clock(), Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    made = {"created_at": now, "password_changed_at": now}
    people = [{"name": name_of(n), "password_hash": hasher.hash(password_of(n)), **made} for n in range(PEOPLE)]
    connection.execute(insert(users), [*people, {"name": JOINER, "password_hash": "!", **made}])
    given = {"created_at": now, "created_by": "user:admin"}
    rows = [
        {"principal": f"user:{name_of(n)}", "path_pattern": pattern, "role": role, **given}
        for n in range(PEOPLE)
        for pattern, role in grants_of(n)
    ]
    connection.execute(insert(grants), rows)
    _fill_groups(connection, given)
    kept = {"visibility": "private", "cause": "request", **given}
    connection.execute(insert(projects), [{"name": name, **kept} for name in (SHARED, *map(project_of, range(PEOPLE)))])
    wanted = (Wanted(f"user:{name_of(n)}", "bench", None, created_by=f"user:{name_of(n)}") for n in range(PEOPLE))
    return [issue_secret(connection, one, now).secret for one in wanted]
