# SPDX-License-Identifier: Apache-2.0
"""What receivers hear, by the rights of the owner at that moment, and the log of it."""

from collections.abc import AsyncIterator
from collections.abc import Iterator
from pathlib import Path

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

APP = "team/app"
IMAGE = an_image_manifest()
GRANT = "principal=alice&path_pattern=team/**&role=admin"

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
    await client.push_image(APP, IMAGE, "1.0")
    await sending.settle()
    yield client
    await deliverer_of(sending).leave()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes everything."""
    receiver = Receiver()
    with receiver.running():
        yield receiver


async def test_a_push_is_told_as_signed_cloudevents(sending: Application, alice: Client, receiver: Receiver) -> None:
    """In order, each signed, with ids that are the deliveries' own and sequences that grow."""
    made = await create(alice, receiver.url, events=["manifest.*", "tag.*"])
    await alice.push(APP, IMAGE, "2.0")
    await alice.delete(APP, "2.0")
    await deliver(sending)

    types = [each["type"] for each in receiver.documents]
    assert types == ["entrepot.manifest.pushed", "entrepot.tag.created", "entrepot.tag.deleted"]
    sequences = [each["sequence"] for each in receiver.documents]
    assert sequences == sorted(set(sequences))
    assert all(is_signed(each, made["secret"]) for each in receiver.asked)
    assert all(each.headers["content-type"].startswith("application/cloudevents+json") for each in receiver.asked)
    assert receiver.ids == [each["id"] for each in await deliveries(alice, made)][::-1]
    assert receiver.documents[0]["source"] == "https://registry.example"


async def test_pulls_are_told_to_who_names_them(sending: Application, alice: Client, receiver: Receiver) -> None:
    """Added up, and without who it was."""
    await create(alice, receiver.url, events=["content.pulled"])
    for _ in range(3):
        assert (await alice.get(f"/v2/{APP}/manifests/1.0")).status == 200
    await sending.core.facts.flush()
    await deliver(sending)

    counts = [each["data"]["count"] for each in receiver.documents]
    assert sum(counts) == 3
    assert {each["subject"] for each in receiver.documents} == {f"{APP}:1.0"}
    assert "alice" not in str(receiver.documents)


async def test_only_what_is_wanted_is_told(sending: Application, alice: Client, receiver: Receiver) -> None:
    """By type and by path; another project's events are nobody's business."""
    bob = await sending.user("bob", ("other/**", "admin"))
    await create(alice, receiver.url, events=["tag.created"], paths=["team/lib-*"])
    for client, name in ((alice, APP), (alice, "team/lib-a"), (bob, "other/lib-a")):
        await client.push_image(name, IMAGE, "9")
    await deliver(sending)
    assert receiver.subjects == ["team/lib-a:9"]


async def test_the_registry_has_webhooks_too(sending: Application, alice: Client, receiver: Receiver) -> None:
    """They tell of every project, and of what happens to the registry, to its administrator; each in its own order."""
    root = await sending.user("root", is_admin=True)
    await create(root, receiver.url, project=None, events=["tag.created", "login.failed", "group.*"])
    await alice.push(APP, IMAGE, "2.0")
    assert (await root.post("/api/v1/groups", {"name": "people"})).status == 201
    await deliver(sending)
    assert {each["type"] for each in receiver.documents} == {"entrepot.tag.created", "entrepot.group.created"}
    assert len(receiver.documents) == 2


async def test_an_owner_who_may_not_read_any_more_is_told_nothing(
    sending: Application, alice: Client, receiver: Receiver
) -> None:
    """Rights count when it is sent; the log says why it was dropped."""
    made = await create(alice, receiver.url, events=["tag.*"])
    await alice.push(APP, IMAGE, "2.0")
    await sending.settle()
    root = await sending.user("root", is_admin=True)
    assert (await root.send("DELETE", f"/api/v1/grants?{GRANT}")).status == 204
    await deliver(sending)

    [dropped] = await deliveries(root, made)
    assert (dropped["state"], dropped["attempts"]) == ("dropped", 0)
    assert dropped["reason"] == "user:alice, who owns the webhook, may not read team/app"
    assert receiver.asked == []


async def test_a_disabled_owner_is_told_nothing(sending: Application, alice: Client, receiver: Receiver) -> None:
    """Not even of what everybody may read."""
    root = await sending.user("root", is_admin=True)
    made = await create(alice, receiver.url, events=["tag.*"])
    await alice.push(APP, IMAGE, "2.0")
    assert (await root.send_json("PATCH", "/api/v1/users/alice", {"disabled": True})).status == 200
    await deliver(sending)

    [dropped] = await deliveries(root, made)
    assert "is disabled or deleted" in dropped["reason"]
    assert receiver.asked == []


@pytest.mark.parametrize(("roles", "is_told"), [([], False), ([("SYSTEM", "auditor")], True)])
async def test_where_clients_are_is_for_who_reads_the_audit_log(
    sending: Application, alice: Client, receiver: Receiver, roles: list[tuple[str, str]], is_told: bool
) -> None:
    """An address and a user agent are told of what one did oneself, and to auditors."""
    owner = await sending.user("olga", ("team/**", "admin"), *roles)
    await create(owner, receiver.url, events=["tag.created"])
    await alice.push(APP, IMAGE, "2.0")
    await owner.push(APP, IMAGE, "3.0")
    await deliver(sending)

    [of_alice, own] = receiver.documents
    assert ("address" in of_alice["data"]) == is_told
    assert own["data"]["address"] == "192.0.2.1"


async def test_a_delivery_is_in_the_log_with_what_was_said(
    sending: Application, alice: Client, receiver: Receiver
) -> None:
    """Request and answer, of the newest attempt with their bodies; what is long is cut."""
    made = await create(alice, receiver.url, events=["tag.created"])
    receiver.answer = Scripted(500, b"x" * 10_000)
    await alice.push(APP, IMAGE, "2.0")
    await deliver(sending)
    receiver.answer = Scripted(200, b"fine")
    await time_passes(sending, HOUR_MS)
    await deliver(sending)

    [delivery] = await deliveries(alice, made, "delivered")
    shown = (await alice.get(path_of(made, "deliveries", delivery["id"]))).json
    assert [(each["status"], each["response_body"]) for each in shown["log"]] == [(200, "fine"), (500, "")]
    assert shown["log"][0]["request_headers"]["webhook-id"] == delivery["id"]
    assert shown["log"][1]["error"] == "the receiver answered 500"
    assert len(set(receiver.ids)) == 1
    signatures = {each.headers["webhook-signature"] for each in receiver.asked}
    assert all(is_signed(each, made["secret"]) for each in receiver.asked)
    assert 1 <= len(signatures) <= 2


async def test_what_was_delivered_can_be_sent_again(sending: Application, alice: Client, receiver: Receiver) -> None:
    """The receiver knows it by its id."""
    made = await create(alice, receiver.url, events=["tag.created"])
    await alice.push(APP, IMAGE, "2.0")
    await deliver(sending)
    [delivery] = await deliveries(alice, made)

    answer = await alice.post(f"{path_of(made, 'deliveries', delivery['id'])}:redeliver", {})
    assert (answer.status, answer.json["state"]) == (200, "due")
    await deliver(sending)

    assert receiver.ids == [delivery["id"]] * 2
    assert receiver.documents[0] == receiver.documents[1]


async def test_redirects_are_not_followed(sending: Application, alice: Client, receiver: Receiver) -> None:
    """A redirect is no success, wherever it leads."""
    made = await create(alice, receiver.url, events=["tag.created"])
    receiver.answer = Scripted(307, b"", {"Location": f"{receiver.url}/elsewhere"})
    await alice.push(APP, IMAGE, "2.0")
    await deliver(sending)

    [delivery] = await deliveries(alice, made)
    assert (delivery["state"], delivery["status"]) == ("due", 307)
    assert [each.target for each in receiver.asked] == ["/"]


async def test_a_receiver_that_is_gone_ends_it(sending: Application, alice: Client, receiver: Receiver) -> None:
    """410 pauses the webhook, with the reason, and is not tried again."""
    made = await create(alice, receiver.url, events=["tag.created"])
    receiver.answer = Scripted(410)
    await alice.push(APP, IMAGE, "2.0")
    await deliver(sending)

    shown = (await alice.get(path_of(made))).json
    assert (shown["is_paused"], shown["paused_by"]) == (True, "gone")
    assert [each["state"] for each in await deliveries(alice, made)] == ["failed"]


@pytest.mark.parametrize("status", [200, 204])
async def test_compressed_and_endless_answers_are_answers(
    sending: Application, alice: Client, receiver: Receiver, status: int
) -> None:
    """What counts is the status, whatever a receiver says with it."""
    made = await create(alice, receiver.url, events=["tag.created"])
    receiver.answer = Scripted(status, b"" if status == 204 else b"x" * 3_000_000, {"Content-Encoding": "gzip"})
    await alice.push(APP, IMAGE, "2.0")
    await deliver(sending)
    assert [each["state"] for each in await deliveries(alice, made)] == ["delivered"]


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Application]:
    """An application that may send to the Internet only."""
    with an_application_that_sends(tmp_path, allow=()) as application:
        yield application


async def test_a_name_that_leads_inside_is_not_connected_to(guarded: Application) -> None:
    """The guard looks at each connection: an address that was good when it was given is not forever."""
    client = await guarded.user("alice", ("team/**", "admin"))
    await client.push_image(APP, IMAGE, "1.0")
    await guarded.settle()
    made = await create(client, "http://localhost:8080/", events=["tag.created"])
    await client.push(APP, IMAGE, "2.0")
    await deliver(guarded)

    [delivery] = await deliveries(client, made)
    assert delivery["reason"] == "localhost leads to an address that is not of the Internet"
    await deliverer_of(guarded).leave()
