# SPDX-License-Identifier: Apache-2.0
"""A registry of 1,000,000 artifacts that differ in what they are, and its index, filled by rows.

Ten repositories to a project and ten artifacts to a repository, pushed in turns over three years. What they are is
drawn so that each sort of term is there: had by most, by some, by few. Entries of the index are made by the code that
makes them behind a push. `READER` may read ten repositories, `MEMBER` two thousand, the administrator all.
"""

import asyncio
import hashlib
import random
import sqlite3
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg
from pwdlib import PasswordHash
from sqlalchemy import Table

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from bench.scale import ADMINISTRATOR
from bench.scale import PASSWORD
from bench.scale import QUICK
from bench.scale import READER
from entrepot.entry.opening import DEFAULT_STORE
from entrepot.features.artifacts import ArtifactType
from entrepot.features.artifacts import Described
from entrepot.features.artifacts.facts import RULES_VERSION
from entrepot.features.artifacts.tables import artifact_rules
from entrepot.features.identity.tables import users
from entrepot.features.projects.tables import projects
from entrepot.features.roles import SYSTEM
from entrepot.features.search.entries import Entry
from entrepot.features.search.entries import Held
from entrepot.features.search.entries import entry_of
from entrepot.features.search.entries import first_place
from entrepot.features.search.entries import packed
from entrepot.features.search.tables import search_artifacts
from entrepot.features.search.tables import search_terms
from entrepot.features.usage.tables import usage_artifact_uses
from entrepot.infra.database.engine import Database
from entrepot.infra.database.postgresql import PostgresqlDatabase
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from entrepot.oci.descriptor import Platform
from entrepot.oci.digest import Digest
from entrepot.oci.media_types import OCI_MANIFEST
from entrepot.oci.reference import RepositoryName
from entrepot.oci.version_order import version_key
from entrepot.registry.store import repositories as repository_store
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import grants
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags

PER_PROJECT = 10
PER_REPOSITORY = 10
REPOSITORIES = 2_000 if QUICK else 100_000
ARTIFACTS = REPOSITORIES * PER_REPOSITORY
MEMBER = "member"
MEMBER_PROJECTS = 200
NAMES = ("redis", "postgres", "nginx", "web", "api", "worker", "gateway", "billing", "search", "mail")
TYPES = (
    *[ArtifactType.IMAGE] * 70,
    *[ArtifactType.INDEX] * 10,
    *[ArtifactType.CHART] * 8,
    *[ArtifactType.SBOM] * 6,
    *[ArtifactType.SIGNATURE] * 6,
)
AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64", "v8")
SPAN_MS = 3 * 365 * DAY_MS
BATCH = 20_000

Row = tuple[Any, ...]
Rows = Iterable[Row]


def repository(number: int) -> str:
    """Return the name of a repository."""
    project, place = divmod(number, PER_PROJECT)
    return f"project-{project:05}/{NAMES[place]}-{number % 97}"


def digest(number: int) -> Digest:
    """Return the digest of an artifact."""
    return Digest(f"sha256:{hashlib.sha256(b'%d' % number).hexdigest()}")


def revision(number: int) -> str:
    """Return the commit of an artifact: about five share one."""
    return hashlib.sha256(b"commit %d" % (number // 5)).hexdigest()[:40]


def fill(database: Database) -> None:
    """Fill a database that has the schema and nothing in it."""
    database.write_now(repository_store.ensure_store, DEFAULT_STORE)
    if isinstance(database, PostgresqlDatabase):
        asyncio.run(_fill_postgresql(database.server.url))
    else:
        _fill_sqlite(Path(database.address))


def _fill_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as driver:
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-524288"):
            driver.execute(f"PRAGMA {pragma}")
        driver.execute("BEGIN")
        found = driver.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        dropped = found.fetchall()
        for name, _ in dropped:
            driver.execute(f"DROP INDEX {name}")
        driver.execute("CREATE TEMP TABLE loose (term INTEGER, place INTEGER)")
        for table, columns, rows in _everything():
            name, named = "loose" if table is search_terms else table.name, columns.split()
            marks = ", ".join("?" * len(named))
            driver.executemany(f"INSERT INTO {name} ({', '.join(named)}) VALUES ({marks})", rows)  # noqa: S608
        driver.execute("INSERT INTO search_terms (term, place) SELECT term, place FROM loose ORDER BY term, place")
        driver.execute("DROP TABLE loose")
        for _, statement in dropped:
            driver.execute(statement)
        driver.execute("COMMIT")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def _fill_postgresql(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
        dropped = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE 'pk_%' "
            "AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)"
        )
        for name, _ in dropped:
            await connection.execute(f'DROP INDEX "{name}"')
        await connection.execute("ALTER TABLE search_terms DROP CONSTRAINT pk_search_terms")
        for table, columns, rows in _everything():
            some = iter(rows)
            while batch := list(islice(some, BATCH)):
                await connection.copy_records_to_table(table.name, records=batch, columns=columns.split())
        await connection.execute("ALTER TABLE search_terms ADD CONSTRAINT pk_search_terms PRIMARY KEY (term, place)")
        for _, statement in dropped:
            await connection.execute(statement)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _everything() -> Iterator[tuple[Table, str, Rows]]:
    """Yield rows by table, with the names of their columns."""
    now = system_clock()
    yield from _people(now)
    names = list(map(repository, range(REPOSITORIES)))
    made = sorted({name.partition("/")[0] for name in names})
    shown = ((name, "private", now, "user:admin", "push") for name in made)
    yield projects, "name visibility created_at created_by cause", shown
    rows = ((number, name, name.partition("/")[0], 1, now, now) for number, name in enumerate(names, start=1))
    yield repositories, "id name namespace store_id created_at visible_at", rows
    yield artifact_rules, "version caught_up_at", [(RULES_VERSION, now)]
    source = random.Random(20)
    for start in range(0, ARTIFACTS, BATCH):
        entries = [_entry(number, source, now) for number in range(start, min(start + BATCH, ARTIFACTS))]
        yield from _artifacts(entries, start)


def _people(now: Milliseconds) -> Iterator[tuple[Table, str, Rows]]:
    password = PasswordHash.recommended().hash(PASSWORD)
    people = [(name, password, now, now) for name in (ADMINISTRATOR, READER, MEMBER)]
    yield users, "name password_hash created_at password_changed_at", people
    given: list[Row] = [(f"user:{ADMINISTRATOR}", SYSTEM, "administrator", now, "user:admin")]
    step = REPOSITORIES // 10
    given += [
        (f"user:{READER}", repository(number), "read", now, "user:admin") for number in range(7, REPOSITORIES, step)
    ]
    every = REPOSITORIES // PER_PROJECT
    few = range(0, every, max(1, every // MEMBER_PROJECTS))
    given += [(f"user:{MEMBER}", f"project-{project:05}/**", "read", now, "user:admin") for project in few]
    yield grants, "principal path_pattern role created_at created_by", given


def _entry(number: int, source: random.Random, now: Milliseconds) -> Entry:
    """Make an artifact: repositories are pushed to in turns, so that the newest are of all of them."""
    place = number % REPOSITORIES
    name = repository(place)
    kind = TYPES[source.randrange(len(TYPES))]
    platforms = {ArtifactType.IMAGE: (source.choice((AMD, AMD, ARM)),), ArtifactType.INDEX: (AMD, ARM)}.get(kind, ())
    labels = {"stage": source.choice(("dev", "dev", "test", "production"))} if source.random() < 0.5 else {}
    if source.random() < 0.3:
        labels["team"] = f"team-{source.randrange(200)}"
    facts = Described(
        type=kind,
        platforms=platforms,
        total_size=int(10 ** (3 + 6.5 * source.random())),
        labels=labels,
        annotations={
            "org.opencontainers.image.vendor": f"Vendor {source.randrange(20)}",
            "org.opencontainers.image.source": f"https://git.example/{name}",
            "org.opencontainers.image.revision": revision(number),
            "org.opencontainers.image.version": f"1.{number // REPOSITORIES}.{place % 50}",
        },
        title=f"{name.rpartition('/')[2]} of team {source.randrange(200)}",
    )
    pushed_at = Milliseconds(now - SPAN_MS + number * (SPAN_MS // ARTIFACTS))
    held = Held(RepositoryId(place + 1), RepositoryName(name), digest(number), pushed_at)
    return entry_of(held, facts, (), {})


def _artifacts(entries: Sequence[Entry], start: int) -> Iterator[tuple[Table, str, Rows]]:
    held = [entry.held for entry in entries]
    pushed = (OCI_MANIFEST, b"{}", 2, "user:admin")
    stored = ((each.repo_id, each.digest, each.pushed_at, *pushed) for each in held)
    yield manifests, "repo_id digest pushed_at media_type payload size pushed_by", stored
    named = ((each, _tag(number)) for number, each in enumerate(held, start) if number % 10 < 7)
    by = (0, "local", "user:admin")
    rows = (
        (each.repo_id, name, each.digest, each.pushed_at << 16, each.pushed_at, version_key(name), *by)
        for each, name in named
    )
    yield tags, "repo_id name digest hlc updated_at version_key epoch region updated_by", rows
    used = ((each.repo_id, each.digest, each.pushed_at + DAY_MS) for each in held[::10])
    yield usage_artifact_uses, "repo_id digest last_used_at", used
    places = [first_place(each) for each in held]
    indexed = (
        (
            place,
            entry.held.repo_id,
            entry.held.digest,
            entry.type,
            entry.size,
            "\n".join(entry.platforms),
            "\n".join(entry.label_keys),
            entry.revision,
            packed(entry.terms),
        )
        for place, entry in zip(places, entries, strict=True)
    )
    yield search_artifacts, " ".join(column.name for column in search_artifacts.c), indexed
    said = ((term, place) for place, entry in zip(places, entries, strict=True) for term in entry.terms)
    yield search_terms, "term place", said


def _tag(number: int) -> str:
    """Return a tag: the newest in a repository is `latest`."""
    version, place = divmod(number, REPOSITORIES)
    return "latest" if version == PER_REPOSITORY - 1 else f"1.{version}.{place % 50}"
