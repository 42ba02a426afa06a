# SPDX-License-Identifier: Apache-2.0
"""Webhooks over the management API: making, changing, and what is never shown."""

from collections.abc import AsyncIterator
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.changes import Change
from entrepot.registry.events import event_data
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest
from tests.builders.webhooks import WEBHOOKS
from tests.builders.webhooks import an_application_that_sends
from tests.builders.webhooks import create
from tests.builders.webhooks import deliver
from tests.builders.webhooks import deliverer_of
from tests.builders.webhooks import deliveries
from tests.builders.webhooks import path_of
from tests.fakes.receiver import Receiver
from tests.fakes.receiver import is_signed
from tests.fakes.scripted_server import Scripted

APP = "team/app"
URL = "https://hooks.example.org/services/T0/B0/secret-path"

pytestmark = pytest.mark.anyio


@pytest.fixture
def sending(tmp_path: Path) -> Iterator[Application]:
    """An application that may send to the loopback address."""
    with an_application_that_sends(tmp_path) as application:
        yield application


@pytest.fixture
async def alice(sending: Application) -> AsyncIterator[Client]:
    """Somebody who administers the project `team`, which has an image."""
    client = await sending.user("alice", ("team/**", "admin"))
    await client.push_image(APP, an_image_manifest(), "1.0")
    await sending.settle()
    yield client
    await deliverer_of(sending).leave()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes everything."""
    receiver = Receiver()
    with receiver.running():
        yield receiver


async def test_a_webhook_is_made_shown_changed_and_deleted(alice: Client) -> None:
    """What was said of it is shown; another revision is needed to change it again."""
    made = await create(alice, URL, events=["tag.*"], paths=["team/*"], headers={"X-Token": "hidden"})
    shown = (await alice.get(path_of(made))).json
    assert (shown["events"], shown["paths"], shown["header_names"]) == (["tag.*"], ["team/*"], ["X-Token"])
    assert (shown["owner"], shown["project"], shown["is_paused"]) == ("user:alice", "team", False)
    assert [each["name"] for each in (await alice.get(f"{WEBHOOKS}?project=team")).json["items"]] == ["hook"]

    wanted = {"name": "other", "url": URL, "revision": shown["revision"]}
    changed = await alice.send_json("PUT", path_of(made), wanted)
    assert (changed.status, changed.json["name"], changed.json["events"]) == (200, "other", [])
    assert changed.json["header_names"] == ["X-Token"]
    assert (await alice.send_json("PUT", path_of(made), wanted)).json["code"] == "webhook_changed"

    assert (await alice.send("DELETE", path_of(made))).status == 204
    assert (await alice.get(f"{WEBHOOKS}?project=team")).json["items"] == []


async def test_secrets_are_shown_once_and_told_to_nobody(sending: Application, alice: Client) -> None:
    """Neither the secret, nor the values of headers, nor the path of the address is in a record or a later answer."""
    made = await create(alice, URL, headers={"Authorization": "Bearer hidden-value"})
    secrets = (made["secret"], "hidden-value")
    assert made["secret"].startswith("whsec_")

    answers = [(await alice.get(at)).body.decode() for at in (path_of(made), f"{WEBHOOKS}?project=team")]
    told = [str(event_data(each)) for each in await sending.events() if each.type == Change.WEBHOOK_CREATED]

    assert len(told) == 1
    assert not any(secret in text for secret in secrets for text in (*answers, *told))
    assert "secret-path" not in told[0]
    assert "https://hooks.example.org" in told[0]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"url": "http://127.0.0.1:22/x"}, "outgoing_address_forbidden"),
        ({"url": "http://169.254.169.254/latest"}, "outgoing_address_forbidden"),
        ({"url": "http://[::1]/"}, "outgoing_address_forbidden"),
        ({"url": "ftp://hooks.example.org"}, "outgoing_address_invalid"),
        ({"url": "https://user:password@hooks.example.org/"}, "outgoing_address_invalid"),
        ({"name": "Not A Name"}, "webhook_invalid"),
        ({"events": ["nothing.happens"]}, "event_filter_invalid"),
        ({"paths": ["a//b"]}, "invalid_path_pattern"),
        ({"format": "template"}, "webhook_invalid"),
        ({"format": "template", "template": '"{{"'}, "webhook_template_invalid"),
        ({"headers": {"Host": "x"}}, "webhook_invalid"),
        ({"headers": {"X-A": "a\r\nX-B: b"}}, "webhook_invalid"),
        ({"headers": {"Webhook-Signature": "v1,x"}}, "webhook_invalid"),
    ],
)
async def test_what_cannot_be_is_refused(alice: Client, terms: dict[str, object], code: str) -> None:
    """With a reason, and nothing is stored."""
    answer = await alice.post(WEBHOOKS, {"name": "hook", "url": URL, "project": "team", **terms})
    assert (answer.status in (400, 403), answer.json["code"]) == (True, code)
    assert (await alice.get(f"{WEBHOOKS}?project=team")).json["items"] == []


async def test_only_those_who_administer_a_project_reach_its_webhooks(sending: Application, alice: Client) -> None:
    """Others are refused, and those of the registry take its administrator."""
    made = await create(alice, URL)
    writer = await sending.user("walter", ("team/**", "maintain"))
    for method, at, document in (
        ("GET", f"{WEBHOOKS}?project=team", None),
        ("GET", path_of(made), None),
        ("GET", path_of(made, "deliveries"), None),
        ("DELETE", path_of(made), None),
        ("POST", f"{path_of(made)}:rotate", {}),
        ("POST", f"{path_of(made)}:test", {}),
        ("POST", WEBHOOKS, {"name": "x", "url": URL, "project": "team"}),
    ):
        answer = await (writer.send(method, at) if document is None else writer.send_json(method, at, document))
        assert answer.status == 403, at
    assert (await alice.post(WEBHOOKS, {"name": "x", "url": URL})).status == 403
    assert (await alice.get(f"{WEBHOOKS}/01JD2F7ZK3Q8V5T6X9Y0B1C2D4")).status == 403


async def test_two_secrets_overlap(sending: Application, alice: Client, receiver: Receiver) -> None:
    """After a rotation requests are signed with both, until the old one is removed."""
    made = await create(alice, receiver.url)
    rotated = (await alice.post(f"{path_of(made)}:rotate", {"overlap_minutes": 60})).json
    new, old = rotated["secrets"]
    assert (new["ends_at"], old["ends_at"] is not None) == (None, True)

    await alice.push(APP, an_image_manifest(), "2.0")
    await deliver(sending)
    assert all(is_signed(receiver.asked[-1], secret) for secret in (made["secret"], rotated["secret"]))

    assert (await alice.send("DELETE", path_of(made, "secrets", old["id"]))).status == 200
    assert (await alice.send("DELETE", path_of(made, "secrets", new["id"]))).json["code"] == "webhook_last_secret"
    await alice.push(APP, an_image_manifest(), "3.0")
    await deliver(sending)
    assert not is_signed(receiver.asked[-1], made["secret"])
    assert is_signed(receiver.asked[-1], rotated["secret"])


async def test_a_test_is_sent_at_once_and_shown(alice: Client, receiver: Receiver) -> None:
    """The answer has the request and what the receiver said; it says that it is a test; nothing is tried again."""
    made = await create(alice, receiver.url, headers={"X-Token": "hidden"})
    receiver.answer = Scripted(503, b"not now", {"Set-Cookie": "session=hidden"})

    answer = await alice.post(f"{path_of(made)}:test", {})

    shown = answer.json
    assert (answer.status, shown["type"], shown["state"]) == (200, "webhook.tested", "failed")
    [attempt] = shown["log"]
    assert (attempt["status"], attempt["response_body"]) == (503, "not now")
    assert attempt["request_headers"]["X-Token"] == "***"
    assert receiver.asked[0].headers["x-token"] == "hidden"
    assert receiver.documents[0]["data"]["is_test"] is True
    assert "hidden" not in answer.body.decode()
    assert len(await deliveries(alice, made)) == 1


async def test_a_paused_webhook_keeps_what_happens(sending: Application, alice: Client, receiver: Receiver) -> None:
    """It goes out, in order, when the webhook is resumed; both are recorded."""
    made = await create(alice, receiver.url, events=["tag.*"])
    paused = await alice.post(f"{path_of(made)}:pause", {"reason": "maintenance"})
    assert (paused.json["paused_by"], paused.json["pause_reason"]) == ("person", "maintenance")
    for tag in ("2.0", "3.0"):
        await alice.push(APP, an_image_manifest(), tag)
    await deliver(sending)
    assert receiver.asked == []

    await alice.post(f"{path_of(made)}:resume", {})
    await deliver(sending)

    assert receiver.subjects == [f"{APP}:2.0", f"{APP}:3.0"]
    told = [each.type for each in await sending.events()]
    assert {Change.WEBHOOK_PAUSED.value, Change.WEBHOOK_RESUMED.value} <= set(told)


async def test_the_webhooks_of_a_project_go_with_it(sending: Application, alice: Client) -> None:
    """Another project of the name inherits none, and somebody is told."""
    root = await sending.user("root", is_admin=True)
    assert (await root.post("/api/v1/projects", {"name": "short"})).status == 201
    made = await create(root, URL, project="short")
    assert (await root.send("DELETE", "/api/v1/projects/short")).status == 204
    assert (await root.get(path_of(made))).status == 404
    assert [each.object for each in await sending.events() if each.type == Change.WEBHOOK_DELETED] == [
        f"webhook:{made['id']}"
    ]


async def test_what_can_be_told_is_listed(alice: Client) -> None:
    """For whoever writes a filter."""
    names = (await alice.get(f"{WEBHOOKS}/types")).json["items"]
    assert {"tag.created", "tag.moved", "content.pulled", "quota.reached", "login.failed"} <= set(names)
