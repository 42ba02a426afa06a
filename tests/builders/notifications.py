# SPDX-License-Identifier: Apache-2.0
"""Notifications over the management API, with a mail server that keeps what it takes, and time that goes by."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.entry.configuration import Settings
from entrepot.features.notifications.jobs import WATCH
from entrepot.features.notifications.noting import SEND
from entrepot.features.notifications.tables import notification_conditions
from entrepot.features.notifications.tables import notification_failures
from entrepot.features.notifications.tables import notification_mails
from entrepot.features.notifications.tables import notification_mutes
from entrepot.features.notifications.tables import notification_preferences
from entrepot.features.notifications.tables import notifications
from entrepot.infra.jobs.queue import enqueue
from entrepot.infra.jobs.regular import Nothing
from entrepot.infra.jobs.tables import jobs
from entrepot.infra.mail.settings import MailSettings
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import system_clock
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from tests.builders.application import NO_RATE_LIMITS
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import in_memory
from tests.builders.databases import section
from tests.fakes.mail_server import MailServer

NOTIFICATIONS = "/api/v1/notifications"
PUBLIC_URL = "https://registry.example"


@contextmanager
def an_application_that_tells(
    data_dir: Path, mail: MailServer | None = None, clock: Clock = system_clock, **more: object
) -> Iterator[Application]:
    """Hold an application, which sends mail if there is a server for it."""
    sections = {
        "data_dir": data_dir,
        "database": section(data_dir),
        "rate_limits": NO_RATE_LIMITS,
        "server": {"public_url": PUBLIC_URL},
        "mail": mail.settings() if mail else MailSettings(),
    }
    settings: Settings = in_memory(**(sections | more))
    application = Application(settings, clock)
    try:
        yield application
    finally:
        application.close()


async def heard(client: Client, query: str = "") -> list[dict[str, Any]]:
    """Return what somebody heard of, the newest first."""
    answer = await client.get(f"{NOTIFICATIONS}{query}")
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["items"]
    return found


async def kinds_heard(client: Client) -> list[str]:
    """Return the kinds of it."""
    return [each["kind"] for each in await heard(client)]


async def prefer(client: Client, **wanted: Any) -> dict[str, Any]:
    """Choose how somebody hears of things."""
    answer = await client.send_json("PUT", f"{NOTIFICATIONS}/preferences", wanted)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json
    return found


async def have_mail(client: Client, mail: MailServer, address: str) -> None:
    """Have mail to somebody sent to an address, by the code that comes there; that mail is forgotten."""
    asked = await client.send_json("PUT", f"{NOTIFICATIONS}/address", {"address": address})
    assert asked.status == 200, asked.body
    confirmed = await client.post(f"{NOTIFICATIONS}/address:confirm", {"code": code_in(mail)})
    assert confirmed.json["address"] == address, confirmed.body
    mail.taken.clear()


def code_in(mail: MailServer) -> str:
    """Return the code in the newest mail."""
    found = re.search(r"^\d{8}$", mail.taken[-1].text, re.MULTILINE)
    assert found is not None
    return found.group()


async def happens(application: Application, change: Change, told: Told) -> None:
    """Let something happen, and everybody hear of it."""
    await application.database.write(announce, change, application.core.clock(), told)
    await application.settle_due()


async def time_passes(application: Application, span_ms: int) -> None:
    """Let time go by: what was noted lies so much further back, and what is due is due so much earlier."""
    await application.database.write(_age, span_ms)
    await application.settle_due()


async def look(application: Application) -> None:
    """Evaluate every threshold rule now."""
    await application.database.write(enqueue, WATCH, Nothing(), application.core.clock(), unique_key=new_ulid())
    await application.settle_due()


def quota_reached(project: str = "team", percent: int = 80) -> Told:
    """Say that a project has used so much of its quota."""
    return Told(
        object=f"quota:project:{project}",
        project=project,
        after={"resource": "bytes", "threshold": percent, "used": percent, "limit": 100},
        reason=f"{percent} % used",
    )


def _age(connection: Connection, span_ms: int) -> None:
    for table, names in _MOMENTS:
        for name in names:
            moment = table.c[name]
            connection.execute(update(table).where(moment.is_not(None)).values({name: moment - span_ms}))
    minutes = span_ms // MINUTE_MS
    connection.execute(update(notification_failures).values(minute=notification_failures.c.minute - minutes))
    connection.execute(update(jobs).where(jobs.c.kind == SEND).values(run_after=jobs.c.run_after - span_ms))


_MOMENTS = (
    (notifications, ("first_at", "last_at", "mail_due_at")),
    (notification_mails, ("created_at",)),
    (notification_mutes, ("until",)),
    (notification_conditions, ("since", "told_at")),
    (notification_preferences, ("code_until", "codes_since")),
)
