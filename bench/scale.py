# SPDX-License-Identifier: Apache-2.0
"""A large data set and its small twin: 100,000 repositories and 1,000,000 artifacts, and a thousandth of that.

Ten repositories to a project, nine tagged artifacts to a repository, and one repository with a tenth of all
tags. For every ten repositories there is a user with a grant on each; `READER` may read ten, the large one
and nine spread over all names, and no project is public. All rows are there that a push leaves but for the
events; they go in through the driver in one transaction, in the order of their keys, and their indexes are
built afterwards. Every artifact is of one and the same blob, and different in an annotation.
"""

import base64
import hashlib
import os
import sqlite3
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter

import msgspec
from pwdlib import PasswordHash
from sqlalchemy import Connection
from sqlalchemy import Table

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from bench.workspace import Workspace
from entrepot.entry.opening import DEFAULT_STORE
from entrepot.features.artifacts.facts import RULES_VERSION
from entrepot.features.artifacts.facts import facts_of
from entrepot.features.artifacts.tables import artifact_facts
from entrepot.features.artifacts.tables import artifact_rules
from entrepot.features.identity.tables import users
from entrepot.features.projects.tables import projects
from entrepot.features.roles import SYSTEM
from entrepot.features.usage.tables import usage_measurements
from entrepot.features.usage.tables import usage_projects
from entrepot.features.usage.tables import usage_totals
from entrepot.infra.database import schema
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.layout import Layout
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import OCI_MANIFEST
from entrepot.oci.version_order import version_key
from entrepot.registry.store import repositories as repository_store
from entrepot.registry.tables import blobs
from entrepot.registry.tables import grants
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifests
from entrepot.registry.tables import objects
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tag_history
from entrepot.registry.tables import tags

QUICK = "BENCH_QUICK" in os.environ
"""Whether the rows about size are only tried: a tenth of the large data set, fewer requests, less content."""

PER_PROJECT = 10
PER_REPOSITORY = 9
READABLE = 10
ADMINISTRATOR, READER, PASSWORD = "admin", "reader", "correct horse"
LARGE_REPOSITORY = "large/tags"
BLOB = b"{}"
BLOB_DIGEST = f"sha256:{hashlib.sha256(BLOB).hexdigest()}"
EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
ARTIFACT_TYPE = "application/vnd.example.bench.v1"
_CACHE_KIB = 1024 * 1024
_COUNTED_MS = 1_000

Row = tuple[object, ...]
Rows = Iterable[Row]


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is: of repositories (besides the large one), and of tags in that one."""

    repositories: int
    tags: int

    @property
    def artifacts(self) -> int:
        """All of them."""
        return self.repositories * PER_REPOSITORY + self.tags

    @property
    def readable(self) -> list[str]:
        """The names of the repositories that `READER` may read, in order; the large one is among them."""
        step = self.repositories // READABLE
        return [LARGE_REPOSITORY, *(repository(number) for number in range(step, self.repositories, step))]


SMALL = Size(100, 100)
LARGE = Size(10_000, 10_000) if QUICK else Size(100_000, 100_000)


@dataclass(frozen=True, slots=True)
class Built:
    """A data directory that holds so much, what that takes on the disk, and how long it took to make."""

    data: Path
    size: Size
    mib: float
    seconds: float

    @property
    def description(self) -> str:
        """What is in it."""
        size = self.size
        return (
            f"{size.artifacts} artifacts, {size.repositories + 1} repositories, {size.repositories} grants of others, "
            f"{size.tags} tags in one; {self.mib:.0f} MiB, made in {self.seconds:.0f} s"
        )


def repository(number: int) -> str:
    """Return the name of a repository; names are in the order of their numbers."""
    project, place = divmod(number, PER_PROJECT)
    return f"project-{project:05}/app-{place}"


def tag(number: int) -> str:
    """Return the name of a tag."""
    return f"v{number:06}"


def login(user: str, password: str = PASSWORD) -> str:
    """Return what a user logs in with, as the `Authorization` header says it."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def digest(number: int) -> str:
    """Return the digest of the manifest of an artifact."""
    return _digest(payload(number))


def payload(number: int | str) -> bytes:
    """Return the manifest of an artifact."""
    return _PAYLOAD % str(number).encode()


@cache
def built(workspace: Workspace, size: Size) -> Built:
    """Return the data directory of that size, making it at the first call."""
    data = workspace.fresh("scale")
    begin = perf_counter()
    data.mkdir(parents=True)
    _build(data, size)
    seconds = perf_counter() - begin
    found = Built(data, size, sum(file.stat().st_size for file in data.rglob("*") if file.is_file()) / 2**20, seconds)
    print(f"  {found.description}", flush=True)
    return found


def _build(data: Path, size: Size) -> None:
    layout = Layout(data / "blobs")
    layout.prepare()
    key = object_key()
    layout.object_path(key).parent.mkdir(exist_ok=True)
    layout.object_path(key).write_bytes(BLOB)
    with closing(SqliteDatabase(data / "entrepot.db")) as database:
        schema.upgrade(database)
        database.write_now(_ensure_store)
    with closing(sqlite3.connect(data / "entrepot.db", isolation_level=None)) as driver:
        for pragma in ("foreign_keys=OFF", "journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}"):
            driver.execute(f"PRAGMA {pragma}")
        driver.execute("BEGIN")
        dropped = _drop_indexes(driver)
        now = system_clock()
        _fill_shared(driver, key, now)
        _fill_people(driver, size, now)
        _fill_repositories(driver, size, now)
        _fill_artifacts(driver, size, now)
        _fill_usage(driver, size, now)
        for statement in dropped:
            driver.execute(statement)
        driver.execute("COMMIT")
        driver.execute("PRAGMA journal_mode=WAL")


def _ensure_store(connection: Connection) -> int:
    return repository_store.ensure_store(connection, DEFAULT_STORE)


def _drop_indexes(driver: sqlite3.Connection) -> list[str]:
    """Drop every index that is not a key, and return the statements that make them again."""
    found = driver.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for name, _ in found:
        driver.execute(f"DROP INDEX {name}")
    return [statement for _, statement in found]


def _insert(driver: sqlite3.Connection, table: Table, columns: str, rows: Rows) -> None:
    named = columns.split()
    marks = ", ".join("?" * len(named))
    driver.executemany(f"INSERT INTO {table.name} ({', '.join(named)}) VALUES ({marks})", rows)  # noqa: S608


def _fill_shared(driver: sqlite3.Connection, key: str, now: Milliseconds) -> None:
    _insert(driver, blobs, "digest size first_seen", [(BLOB_DIGEST, len(BLOB), now)])
    held = [(key, BLOB_DIGEST, 1, "live", len(BLOB), now)]
    _insert(driver, objects, "object_key digest store_id state stored_size created_at", held)


def _fill_people(driver: sqlite3.Connection, size: Size, now: Milliseconds) -> None:
    password = PasswordHash.recommended().hash(PASSWORD)
    members = [_member(number) for number in range(0, size.repositories, PER_PROJECT)]
    people: list[Row] = [(ADMINISTRATOR, password, now, now), (READER, password, now, now)]
    people += [(name, "!", now, now) for name in members]
    _insert(driver, users, "name password_hash created_at password_changed_at", people)
    given: list[Row] = [(f"user:{ADMINISTRATOR}", SYSTEM, "administrator", now, "user:admin")]
    given += [(f"user:{READER}", name, "read", now, "user:admin") for name in size.readable]
    every = range(size.repositories)
    given += [(f"user:{_member(number)}", repository(number), "read", now, "user:admin") for number in every]
    _insert(driver, grants, "principal path_pattern role created_at created_by", given)


def _member(number: int) -> str:
    return f"member-{number // PER_PROJECT:05}"


def _fill_repositories(driver: sqlite3.Connection, size: Size, now: Milliseconds) -> None:
    names = [*map(repository, range(size.repositories)), LARGE_REPOSITORY]
    spaces = [name.partition("/")[0] for name in names]
    made = sorted(set(spaces))
    columns = "name visibility created_at created_by cause"
    _insert(driver, projects, columns, [(name, "private", now, "user:admin", "push") for name in made])
    rows = ((number, name, space, 1, now, now) for number, (name, space) in enumerate(zip(names, spaces, strict=True)))
    _insert(driver, repositories, "id name namespace store_id created_at visible_at", _from_one(rows))
    leased = ((number, BLOB_DIGEST, now, now, "user:admin") for number in range(1, len(names) + 1))
    _insert(driver, repo_blobs, "repo_id digest linked_at lease_until leased_by", leased)


def _fill_usage(driver: sqlite3.Connection, size: Size, now: Milliseconds) -> None:
    """Insert what usage would have been added up to, different from repository to repository."""
    counts = [PER_REPOSITORY] * size.repositories + [size.tags]
    rows = ((place, 2 * count, count, place % 997, place % 97) for place, count in enumerate(counts, start=1))
    _insert(driver, usage_totals, "repo_id bytes manifests pulls recent_pulls", rows)
    names = sorted({repository(number).partition("/")[0] for number in range(size.repositories)})
    held = ((name, len(BLOB), PER_PROJECT * PER_REPOSITORY, number % 997) for number, name in enumerate(names))
    _insert(driver, usage_projects, "namespace bytes manifests pulls", held)
    measured = (1, len(BLOB), size.artifacts, size.repositories + 1, len(names) + 1, now, 1)
    columns = "id stored_bytes artifacts repositories projects measured_at took_ms"
    _insert(driver, usage_measurements, columns, [measured])


def _from_one(rows: Iterable[tuple[int, str, str, int, int, int]]) -> Iterator[Row]:
    """Count ids from one."""
    return ((number + 1, *others) for number, *others in rows)


def _fill_artifacts(driver: sqlite3.Connection, size: Size, now: Milliseconds) -> None:
    """Insert artifacts by repository; those of the large one come last. Facts are sorted for themselves."""
    counts = [PER_REPOSITORY] * size.repositories + [size.tags]
    digests: list[str] = []
    number = 0
    stored: list[Row] = []
    listed: list[Row] = []
    named: list[Row] = []
    for place, count in enumerate(counts, start=1):
        made = [(_digest(content), content) for content in map(payload, range(number, number + count))]
        digests += [digest for digest, _ in made]
        named += [
            (place, tag(each), version_key(tag(each)), digest, now << 16, now + each)
            for each, (digest, _) in enumerate(made)
        ]
        made.sort()
        stored += [(place, digest, content, len(content), now + each) for each, (digest, content) in enumerate(made)]
        listed += [(place, digest) for digest, _ in made]
        number += count
        if len(stored) >= 10_000 or place == len(counts):
            _store(driver, stored, listed, named)
            stored, listed, named = [], [], []
    facts = msgspec.json.encode(facts_of(parse_manifest(payload(0), OCI_MANIFEST), BLOB)).decode()
    kind = facts_of(parse_manifest(payload(0), OCI_MANIFEST), BLOB).type.value
    digests.sort()
    rows = ((digest, kind, facts, RULES_VERSION, now) for digest in digests)
    _insert(driver, artifact_facts, "digest type facts rules_version derived_at", rows)
    _insert(driver, artifact_rules, "version caught_up_at", [(RULES_VERSION, now)])


def _store(driver: sqlite3.Connection, stored: Sequence[Row], listed: Sequence[Row], named: Sequence[Row]) -> None:
    pushed = (OCI_MANIFEST, ARTIFACT_TYPE, "user:admin")
    columns = "repo_id digest payload size pushed_at media_type artifact_type pushed_by"
    _insert(driver, manifests, columns, (row + pushed for row in stored))
    held = (BLOB_DIGEST, BLOB_DIGEST)
    _insert(driver, manifest_blobs, "repo_id manifest digest link", (row + held for row in listed))
    by = (0, "local", "user:admin")
    columns = "repo_id name version_key digest hlc updated_at epoch region updated_by"
    _insert(driver, tags, columns, (row + by for row in named))
    columns = "repo_id name digest hlc changed_at epoch region changed_by cause"
    moved = ((repo, name, digest, hlc, at, *by, "user") for repo, name, _, digest, hlc, at in named)
    _insert(driver, tag_history, columns, moved)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


_DESCRIPTOR = b'{"mediaType":"%s","digest":"%s","size":%d}' % (EMPTY_TYPE.encode(), BLOB_DIGEST.encode(), len(BLOB))
_PAYLOAD = (
    b'{"schemaVersion":2,"mediaType":"%s","artifactType":"%s","config":%s,"layers":[%s],"annotations":{"number":"%%s"}}'
    % (OCI_MANIFEST.encode(), ARTIFACT_TYPE.encode(), _DESCRIPTOR, _DESCRIPTOR)
)
