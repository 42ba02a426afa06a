# SPDX-License-Identifier: Apache-2.0
"""The receiver is down for a day: a deployment is told of every release, once it is back, and nobody else waits.

Its webhook is signed and tells of tags. The chat of the team hears everything meanwhile. The system that deploys comes
back after 23 hours and gets all of it; what it missed after a longer absence is sent again because somebody asks.
"""

from collections.abc import AsyncIterator
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.kernel.clock import HOUR_MS
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest
from tests.builders.webhooks import an_application_that_sends
from tests.builders.webhooks import create
from tests.builders.webhooks import deliver
from tests.builders.webhooks import deliverer_of
from tests.builders.webhooks import deliveries
from tests.builders.webhooks import path_of
from tests.builders.webhooks import time_passes
from tests.fakes.receiver import Receiver
from tests.fakes.receiver import is_signed
from tests.fakes.scripted_server import Scripted

NAME = "team/app"
DOWN = Scripted(502, b"bad gateway")
UP = Scripted(204, b"")

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold the whole application, which may send to the loopback address."""
    with an_application_that_sends(tmp_path) as application:
        yield application


@pytest.fixture
async def team(application: Application) -> AsyncIterator[Client]:
    """Who releases."""
    client = await application.user("ada", ("team/**", "admin"))
    await client.push_image(NAME, an_image_manifest(), "0.9")
    await application.settle()
    yield client
    await deliverer_of(application).leave()


@pytest.fixture
def deployment() -> Iterator[Receiver]:
    """What deploys."""
    receiver = Receiver()
    with receiver.running():
        yield receiver


@pytest.fixture
def chat() -> Iterator[Receiver]:
    """Where people read."""
    receiver = Receiver()
    with receiver.running():
        yield receiver


async def an_hour(application: Application, team: Client, number: int) -> None:
    """Release something, and let an hour go by."""
    await team.push(NAME, an_image_manifest(annotations={"number": str(number)}), f"1.{number}")
    await deliver(application)
    await time_passes(application, HOUR_MS)
    await deliver(application)


async def hooks(team: Client, deployment: Receiver, chat: Receiver) -> dict[str, Any]:
    """Make a webhook for each receiver; return that of the deployment."""
    await create(team, chat.url, name="chat", events=["tag.*"], format="slack")
    return await create(team, deployment.url, name="deploy", events=["tag.*"])


async def test_the_receiver_is_down_for_a_day(
    application: Application, team: Client, deployment: Receiver, chat: Receiver
) -> None:
    """All of it arrives when it is back, signed, each under the id that it always had; the chat waited for nothing."""
    hook = await hooks(team, deployment, chat)
    deployment.answer = DOWN
    for hour in range(23):
        await an_hour(application, team, hour)
        assert len(chat.asked) == hour + 1
    first = list(dict.fromkeys(deployment.subjects))
    assert first == [f"{NAME}:1.{hour}" for hour in range(23)]

    deployment.answer, failed = UP, len(deployment.asked)
    await time_passes(application, HOUR_MS)
    await deliver(application)

    assert sorted(deployment.subjects[failed:]) == sorted(first)
    assert all(is_signed(each, hook["secret"]) for each in deployment.asked)
    assert len(set(deployment.ids)) == 23
    assert {each["state"] for each in await deliveries(team, hook)} == {"delivered"}


async def test_after_a_longer_absence_it_is_sent_again_by_hand(
    application: Application, team: Client, deployment: Receiver, chat: Receiver
) -> None:
    """What was given up after a day is in the log, and one request has all of it sent again."""
    hook = await hooks(team, deployment, chat)
    deployment.answer = DOWN
    await an_hour(application, team, 1)
    for _ in range(26):
        await time_passes(application, HOUR_MS)
        await deliver(application)
    [failed] = await deliveries(team, hook, "failed")
    assert failed["reason"] == "the receiver answered 502"

    deployment.answer = UP
    answer = await team.post(f"{path_of(hook, 'deliveries')}:redeliver", {"since": "2026-01-01T00:00:00Z"})
    assert answer.json == {"deliveries": 1}
    await deliver(application)

    assert deployment.ids[-1] == failed["id"]
    assert [each["state"] for each in await deliveries(team, hook)] == ["delivered"]
    assert len(chat.asked) == 1
