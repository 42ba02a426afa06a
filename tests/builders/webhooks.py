# SPDX-License-Identifier: Apache-2.0
"""Webhooks over the management API, and the loops that deliver, run by hand."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.entry.configuration import Settings
from entrepot.features.events import CloudEvent
from entrepot.features.events import encode_cloud_event
from entrepot.features.webhooks.deliverer import Deliverer
from entrepot.features.webhooks.models import PausedBy
from entrepot.features.webhooks.models import Terms
from entrepot.features.webhooks.models import Webhook
from entrepot.features.webhooks.queue import NewDelivery
from entrepot.features.webhooks.tables import webhook_deliveries
from entrepot.features.webhooks.tables import webhook_secrets
from entrepot.features.webhooks.tables import webhooks
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from entrepot.kernel.identifiers import new_ulid
from tests.builders.application import NO_RATE_LIMITS
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import in_memory
from tests.builders.databases import section

WEBHOOKS = "/api/v1/webhooks"
LOOPBACK = ("127.0.0.0/8",)
ENOUGH_SECONDS = 30
PUBLIC_URL = "https://registry.example"


@contextmanager
def an_application_that_sends(
    data_dir: Path, clock: Clock = system_clock, allow: tuple[str, ...] = LOOPBACK
) -> Iterator[Application]:
    """Hold an application that may send to the loopback address."""
    settings: Settings = in_memory(
        data_dir=data_dir,
        database=section(data_dir),
        outgoing=OutgoingSettings(allow=allow),
        rate_limits=NO_RATE_LIMITS,
        server={"public_url": PUBLIC_URL},
    )
    application = Application(settings, clock)
    try:
        yield application
    finally:
        application.close()


def deliverer_of(application: Application) -> Deliverer:
    """Return what delivers in the process of an application."""
    found = [getattr(task, "__self__", None) for task in application.instance.tasks]
    return next(each for each in found if isinstance(each, Deliverer))


async def deliver(application: Application) -> None:
    """Let listeners hear everything, and attempt whatever is due now."""
    await application.settle()
    await drain(deliverer_of(application))


async def drain(*deliverers: Deliverer) -> None:
    """Let those that deliver do whatever is due now."""
    async with asyncio.timeout(ENOUGH_SECONDS):
        while True:
            turns = [await each.turn() for each in deliverers]
            if not any(turns) and not any(each.is_busy for each in deliverers):
                return
            await asyncio.sleep(0.002)


async def create(client: Client, url: str, *, project: str | None = "team", **terms: Any) -> dict[str, Any]:
    """Make a webhook; return it with its secret."""
    answer = await client.post(WEBHOOKS, {"name": "hook", "url": url, "project": project, **terms})
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.json
    return found


def path_of(webhook: dict[str, Any], *further: str) -> str:
    """Return where a webhook is, or what belongs to it."""
    return "/".join((WEBHOOKS, webhook["id"], *further))


async def deliveries(client: Client, webhook: dict[str, Any], state: str = "") -> list[Any]:
    """Return its log, the newest first."""
    query = f"?state={state}" if state else ""
    return [each for page in await client.pages(f"{path_of(webhook, 'deliveries')}{query}") for each in page]


async def time_passes(application: Application, milliseconds: int) -> None:
    """Let time pass for webhooks and what is delivered: everything happened that much earlier."""
    await application.database.write(_shift, milliseconds)


def _shift(connection: Connection, milliseconds: int) -> None:
    for moment in _MOMENTS:
        connection.execute(update(moment.table).values({moment: moment - milliseconds}))


_MOMENTS = (
    webhooks.c.failing_since,
    webhooks.c.delivered_at,
    webhook_secrets.c.ends_at,
    webhook_deliveries.c.due_at,
    webhook_deliveries.c.began_at,
    webhook_deliveries.c.created_at,
    webhook_deliveries.c.occurred_at,
    webhook_deliveries.c.finished_at,
)


def a_webhook(name: str = "hook", project: str = "team", url: str = "https://hooks.example/x") -> Webhook:
    """Make a webhook that tells of everything, as its table has it."""
    return Webhook(
        id=new_ulid(),
        project=project,
        terms=Terms(name, url),
        header_names=(),
        owner="user:alice",
        paused_by=PausedBy.NOBODY,
        paused_at=None,
        pause_reason="",
        failing_since=None,
        delivered_at=None,
        last_error="",
        revision=1,
        created_at=Milliseconds(0),
        changed_at=Milliseconds(0),
    )


def a_delivery(webhook: Webhook, repository: str = "team/app", subject: str = "") -> NewDelivery:
    """Make something to deliver."""
    event = CloudEvent(new_ulid(), "urn:test", "tag.moved", subject, Milliseconds(0), "", {"repository": repository})
    text = encode_cloud_event(event)
    return NewDelivery(webhook.id, repository, event.name, subject, text, Milliseconds(0))
