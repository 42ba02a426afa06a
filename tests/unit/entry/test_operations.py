# SPDX-License-Identifier: Apache-2.0
"""`/metrics` and `/api/docs`."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from entrepot.entry.configuration import Settings
from entrepot.entry.serve import prepare
from entrepot.entry.server import Server
from entrepot.entry.wiring import build_instance
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.jobs.queue import enqueue
from entrepot.infra.storage.interface import object_key
from entrepot.infra.telemetry.settings import MetricsSettings
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import after
from entrepot.registry.store.collection_figures import count_deleted
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.store.tombstones import DeadObject
from entrepot.registry.store.tombstones import Reason
from tests.builders.application import Application
from tests.builders.application import an_application
from tests.builders.asgi import Answer
from tests.builders.asgi import ask
from tests.builders.databases import lose

pytestmark = pytest.mark.anyio

MONITORING = Path(__file__).parents[3] / "docs/how-to/monitoring.md"


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Everything, in one process."""
    with an_application(tmp_path) as application:
        yield application


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Server]:
    """A server whose metrics have the port 9090."""
    settings = Settings(data_dir=tmp_path / "data", metrics=MetricsSettings(port=9090, access="open"))
    prepare(settings)
    instance = build_instance(settings)
    yield Server(instance)
    instance.core.database.close()


async def locally(application: Application, method: str, path: str) -> Answer:
    """Ask from the same machine."""

    async def on_loopback(scope: Scope, receive: Receive, send: Send) -> None:
        await application.server({**scope, "client": ("127.0.0.1", 50_000)}, receive, send)

    return await ask(on_loopback, method, path)


async def scrape(application: Application) -> dict[str, float]:
    """Return the sum over all labels of every sample, by name."""
    answer = await locally(application, "GET", "/metrics")
    assert (answer.status, answer.header("cache-control")) == (200, "no-store")
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(answer.body.decode()):
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0) + sample.value
    return sums


async def test_a_request_shows_in_the_metrics(application: Application) -> None:
    """What was answered before a scrape is counted in it."""
    await ask(application.server, "GET", "/v2/")
    await ask(application.server, "GET", "/auth/token")
    text = (await locally(application, "GET", "/metrics")).body.decode()

    assert 'entrepot_http_requests_total{endpoint="ping",method="GET",status="4xx"} 1.0' in text
    assert 'entrepot_http_requests_total{endpoint="token",method="GET",status="2xx"} 1.0' in text


async def test_the_state_of_an_instance_shows_in_the_metrics(application: Application) -> None:
    """Uploads, jobs, the outbox and the disk are told as they are at that moment."""
    alice = await application.user("alice", ("team/**", "write"))
    await alice.send("POST", "/v2/team/app/blobs/uploads/")
    found = await scrape(application)

    assert found["entrepot_uploads_open"] == 1
    assert (found["entrepot_ready"], found["entrepot_processes"], found["entrepot_build_info"]) == (1, 1, 1)
    assert found["entrepot_disk_free_bytes"] > 0
    assert found["entrepot_database_write_seconds_count"] > 0
    assert "entrepot_outbox_lag_seconds" in found


async def test_jobs_show_in_the_metrics(application: Application) -> None:
    """By kind and state, with how long the oldest has been due."""
    now = application.core.clock()
    await application.database.write(enqueue, "registry.tidy", msgspec.Raw(b"{}"), after(now, -5 * SECOND_MS))
    text = (await locally(application, "GET", "/metrics")).body.decode()

    assert 'entrepot_jobs{kind="registry.tidy",state="queued"} 1.0' in text
    assert re.search(r'entrepot_jobs_oldest_seconds\{kind="registry.tidy",state="queued"\} ([5-9]|\d\d)', text)


async def test_collection_shows_in_the_metrics(application: Application) -> None:
    """What waits, what is damaged, and what was deleted since the registry exists, by why."""
    await application.database.write(count_deleted, [DeadObject(object_key(), StoreId(1), 30, Reason.UNUSED)])
    text = (await locally(application, "GET", "/metrics")).body.decode()

    for line in (
        "entrepot_collection_queue 0.0",
        "entrepot_collection_waiting_bytes 0.0",
        "entrepot_damaged_objects 0.0",
        'entrepot_collected_objects_total{reason="unused"} 1.0',
        'entrepot_collected_bytes_total{reason="unused"} 30.0',
    ):
        assert line in text.splitlines()


async def test_deliveries_of_the_audit_log_show_in_the_metrics(application: Application) -> None:
    """And whether another registry contradicted itself here."""
    text = (await locally(application, "GET", "/metrics")).body.decode()

    assert "entrepot_audit_contradictions 0.0" in text.splitlines()


async def test_metrics_outlive_the_database(application: Application) -> None:
    """While it is away, what processes know themselves is still told."""
    await asyncio.to_thread(lose, application.database)
    found = await scrape(application)

    assert found["entrepot_ready"] == 0
    assert "entrepot_uploads_open" not in found
    assert found["process_cpu_seconds_total"] > 0


async def test_every_metric_is_documented(application: Application) -> None:
    """The page about monitoring names what can be scraped."""
    names = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in await scrape(application)}
    page = MONITORING.read_text(encoding="utf-8")

    assert {name for name in names if f"`{name}" not in page} == set()


@pytest.mark.parametrize("path", ["/metrics", "/api/docs"])
async def test_strangers_are_told_where_to_ask(application: Application, path: str) -> None:
    """By default both are for this machine only; the refusal says which setting changes that."""
    answer = await ask(application.server, "GET", path)

    assert (answer.status, answer.json["code"]) == (403, "loopback_only")
    assert "metrics.access" in answer.json["hint"]


@pytest.mark.parametrize("path", ["/metrics", "/api/docs"])
async def test_only_reading_is_possible(application: Application, path: str) -> None:
    """GET and HEAD; a HEAD has no body."""
    refused, asked = await locally(application, "POST", path), await locally(application, "HEAD", path)

    assert (refused.status, refused.header("allow")) == (405, "GET, HEAD")
    assert (asked.status, asked.body) == (200, b"")


async def test_the_page_of_the_api_brings_everything_along(application: Application) -> None:
    """No script, nothing from elsewhere, and a policy that would stop both."""
    answer = await locally(application, "GET", "/api/docs")
    text = answer.body.decode()

    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert str(answer.header("content-security-policy")).startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in text
    assert not re.search(r"(src|href)=['\"]?(https?:)?//", text)
    assert "/api/v1/repositories" in text


@pytest.mark.parametrize(
    ("port", "path", "status"),
    [(9090, "/metrics", 200), (9090, "/v2/", 404), (9090, "/", 404), (5000, "/metrics", 404), (5000, "/v2/", 401)],
)
async def test_operations_may_have_a_port_of_their_own(apart: Server, port: int, path: str, status: int) -> None:
    """That port answers nothing else, and no other port answers them."""

    async def at_port(scope: Scope, receive: Receive, send: Send) -> None:
        await apart({**scope, "server": ("127.0.0.1", port)}, receive, send)

    assert (await ask(at_port, "GET", path)).status == status
