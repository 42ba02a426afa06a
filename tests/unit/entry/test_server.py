# SPDX-License-Identifier: Apache-2.0
"""Which part of the application answers what, and how it starts and stops."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.entry.configuration import Settings
from entrepot.entry.instance import Instance
from entrepot.entry.serve import prepare
from entrepot.entry.server import Server
from entrepot.entry.wiring import build_instance
from entrepot.infra.database.schema import needed_revision
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.events import outbox
from entrepot.infra.http.request import LEAVING
from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Scope
from entrepot.oci.digest import digest_of
from entrepot.registry.events import decode
from entrepot.registry.pull_facts import Fact
from tests.builders.application import Application
from tests.builders.application import an_application
from tests.builders.asgi import ask
from tests.builders.core import REPOSITORY
from tests.builders.databases import lose

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Everything, in one process."""
    with an_application(tmp_path) as application:
        yield application


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/", 200, "text/plain; charset=utf-8"),
        ("/healthz", 200, "application/json"),
        ("/readyz", 200, "application/json"),
        ("/v2/", 401, "application/json"),
        ("/v2", 401, "application/json"),
        ("/auth/token", 200, "application/json"),
        ("/api/v1/openapi.json", 200, "application/json"),
        ("/api/v1/nothing", 404, "application/problem+json"),
        ("/api", 404, "application/problem+json"),
        ("/v1/_ping", 404, "application/problem+json"),
        ("/nothing", 404, "application/problem+json"),
    ],
)
async def test_each_part_answers_its_paths(application: Application, path: str, status: int, kind: str) -> None:
    """The first segment decides; what belongs to nobody is a problem with a name."""
    answer = await ask(application.server, "GET", path)

    assert (answer.status, answer.header("content-type")) == (status, kind)
    assert answer.looks_complete


async def test_a_server_without_its_database_is_not_ready(application: Application) -> None:
    """`/readyz` says what is wrong and when to come back; `/healthz` only says that the process lives."""
    await asyncio.to_thread(lose, application.database)
    answer = await ask(application.server, "GET", "/readyz")
    alive = await ask(application.server, "GET", "/healthz")

    assert (answer.status, alive.status) == (503, 200)
    assert answer.header("retry-after") == "5"
    (reason,) = answer.json["reasons"]
    assert re.fullmatch("database: the database .+: (unable to open database file|.* does not exist)", reason)


async def test_a_server_with_the_schema_of_another_version_is_not_ready(application: Application) -> None:
    """Somebody upgraded the database while this process ran."""
    await application.database.write(be_newer)
    answer = await ask(application.server, "GET", "/readyz")

    assert answer.status == 503
    assert answer.json["reasons"] == [f"database: the database is at 9999, this program needs {needed_revision()}"]


def be_newer(connection: Connection) -> None:
    """Give the database a revision that no program knows yet."""
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")


class Lifespan:
    """The server's side of the lifespan protocol: says `startup`, and `shutdown` when a test says so."""

    def __init__(self, server: Server) -> None:
        self._told = asyncio.Queue[Message]()
        self._answered = asyncio.Queue[Message]()
        self._life = asyncio.create_task(server({"type": "lifespan"}, self._told.get, self._answered.put))

    async def say(self, message: str) -> str:
        """Say it and return the answer."""
        await self._told.put({"type": message})
        answered = asyncio.create_task(self._answered.get())
        await asyncio.wait((answered, self._life), return_when=asyncio.FIRST_COMPLETED)
        if not answered.done():
            self._life.result()
        return str((await answered)["type"])


SCOPE: Scope = {
    "type": "http",
    "method": "GET",
    "path": "/readyz",
    "raw_path": b"/readyz",
    "query_string": b"exclude=database&exclude=storage&exclude=server",
    "headers": [],
    "client": ("127.0.0.1", 1),
}


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """An instance on prepared data, not yet running."""
    settings = Settings(data_dir=tmp_path / "data")
    prepare(settings)
    return build_instance(settings)


async def test_a_process_that_leaves_is_not_ready(instance: Instance) -> None:
    """From the moment at which the server wants nothing new, whatever a balancer excludes."""
    leaving, server = asyncio.Event(), Server(instance)
    leaving.set()
    scope = {**SCOPE, "extensions": {LEAVING: leaving}}
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await server(scope, asyncio.Queue[Message]().get, send)

    assert sent[0]["status"] == 503
    assert b"it is stopping" in sent[1]["body"]
    await asyncio.to_thread(instance.core.database.close)


async def test_a_process_finishes_what_it_has_begun(instance: Instance, tmp_path: Path) -> None:
    """On a graceful stop the facts in memory are stored and the database is given up whole."""
    server = Server(instance)
    lifespan = Lifespan(server)
    assert await lifespan.say("lifespan.startup") == "lifespan.startup.complete"
    fact = Fact(None, REPOSITORY, digest_of(b"a manifest"), None, True, "user:alice", "", "")
    instance.core.facts.record(fact)
    assert await lifespan.say("lifespan.shutdown") == "lifespan.shutdown.complete"
    assert (await ask(server, "GET", "/readyz")).json["reasons"][-1] == "server: it is stopping"
    database = SqliteDatabase(tmp_path / "data" / "entrepot.db")
    (row,) = await database.read(outbox.read_after, outbox.BEGINNING, 10)
    await asyncio.to_thread(database.close)

    assert [use.digest for use in decode(row).uses] == [fact.digest]
    assert [path.name for path in (tmp_path / "data").glob("entrepot.db*")] == ["entrepot.db"]
