# SPDX-License-Identifier: Apache-2.0
"""What the metrics tell of webhooks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from tests.builders.application import Application
from tests.builders.asgi import ask
from tests.builders.manifests import an_image_manifest
from tests.builders.webhooks import an_application_that_sends
from tests.builders.webhooks import create
from tests.builders.webhooks import deliver
from tests.builders.webhooks import deliverer_of
from tests.builders.webhooks import path_of
from tests.builders.webhooks import time_passes
from tests.fakes.receiver import Receiver
from tests.fakes.scripted_server import Scripted

AN_HOUR_MS = 3_600_000

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold the whole application, which may send to the loopback address."""
    with an_application_that_sends(tmp_path) as application:
        yield application


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Who is told."""
    receiver = Receiver()
    with receiver.running():
        yield receiver


async def scrape(application: Application) -> dict[str, float]:
    """Return every sample about webhooks, those with labels by their last one too."""

    async def on_loopback(scope: Scope, receive: Receive, send: Send) -> None:
        await application.server({**scope, "client": ("127.0.0.1", 50_000)}, receive, send)

    families = text_string_to_metric_families((await ask(on_loopback, "GET", "/metrics")).body.decode())
    return {
        " ".join((sample.name.removeprefix("entrepot_"), *sample.labels.values())): sample.value
        for family in families
        if family.name.startswith("entrepot_webhook")
        for sample in family.samples
    }


async def test_webhooks_show_in_the_metrics(application: Application, receiver: Receiver) -> None:
    """What waits and for how long, what is paused, and what attempts came to; of paused ones only that they are."""
    team = await application.user("ada", ("team/**", "admin"))
    await team.push_image("team/app", an_image_manifest(), "0.9")
    await application.settle()
    await create(team, receiver.url, events=["tag.*"])
    paused = await create(team, receiver.url, name="paused", events=["tag.*"])
    await team.post(path_of(paused) + ":pause", {"reason": "maintenance"})
    receiver.answer = Scripted(500, b"")
    await team.push_image("team/app", an_image_manifest(annotations={"a": "b"}), "1.0")
    await deliver(application)
    await time_passes(application, AN_HOUR_MS)
    before = await scrape(application)
    receiver.answer = Scripted(204, b"")
    await deliver(application)
    after = await scrape(application)
    await deliverer_of(application).leave()

    assert (before["webhooks_paused"], before["webhook_deliveries_waiting"]) == (1, 2)
    assert before["webhook_oldest_seconds"] >= AN_HOUR_MS / 1000
    assert (before["webhook_attempts_total failed"], after["webhook_attempts_total delivered"]) == (1, 1)
    assert (after["webhook_deliveries_waiting"], after["webhook_oldest_seconds"]) == (1, 0)
