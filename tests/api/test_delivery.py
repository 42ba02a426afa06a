# SPDX-License-Identifier: Apache-2.0
"""What comes from the bucket itself where everybody is sent there, and what from here all the same."""

from collections.abc import AsyncIterator
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import StorageSettings
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.media_types import OCI_CONFIG
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.contracts.storage.content import content
from tests.fakes.s3.accounts import OWNER
from tests.fakes.s3.server import BUCKET
from tests.fakes.s3.server import REGION
from tests.fakes.s3.server import S3Server

pytestmark = pytest.mark.anyio

SMALL, LARGE = content(64 * 1024), content(64 * 1024 + 1)
CONFIG = b'{"architecture":"amd64","os":"linux","padding":"%s"}' % (b"x" * 70_000)
APP = "team/app"
RANGE, RANGES = ("range", "bytes=5-9"), ("range", "bytes=0-1,5-9")


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold an application whose blobs are in a bucket that every client is sent to."""
    with S3Server().running() as server:
        owner = {"access_key_id": OWNER.key_id, "secret_access_key": OWNER.secret}
        storage = StorageSettings.model_validate(
            {
                "url": f"s3://{BUCKET}/some",
                "s3": {"endpoint": server.url, "region": REGION, **owner},
                "redirects": {"internal": ["0.0.0.0/0"]},
            }
        )
        with an_application(tmp_path, base=Settings(storage=storage)) as application:
            yield application


@pytest.fixture(autouse=True)
async def _let_go(application: Application) -> AsyncIterator[None]:
    """Let go of connections in the event loop that they belong to."""
    yield
    for store in application.core.stores.values():
        await store.close()


@pytest.fixture
async def image(alice: Client) -> Digest:
    """An image in the repository `APP`, with a layer of each size and a large configuration; return its digest."""
    return await an_image(alice, APP)


async def an_image(client: Client, repository: str) -> Digest:
    """Push an image with a layer of each size and a large configuration."""
    for blob in (SMALL, LARGE, CONFIG):
        await client.push_blob(repository, blob)
    layers = [a_descriptor(SMALL), a_descriptor(LARGE)]
    return await client.push(repository, an_image_manifest(config=a_descriptor(CONFIG, OCI_CONFIG), layers=layers), "1")


def of(blob: bytes, repository: str = APP) -> str:
    """Return where a blob is asked for."""
    return f"/v2/{repository}/blobs/{digest_of(blob)}"


async def statuses(client: Client, target: str) -> list[int]:
    """Return what HEAD, GET, and GET of one and of two ranges answer."""
    answers = [
        await client.send("HEAD", target),
        await client.get(target),
        await client.send("GET", target, b"", RANGE),
        await client.send("GET", target, b"", RANGES),
    ]
    return [answer.status for answer in answers]


@pytest.mark.usefixtures("image")
async def test_a_large_layer_comes_from_the_bucket(alice: Client) -> None:
    """GET of all of it or a range answers 307, kept by nobody, with an address that is good for ranges."""
    assert await statuses(alice, of(LARGE)) == [200, 307, 307, 206]

    sent = await alice.get(of(LARGE))
    assert (sent.body, sent.header("cache-control")) == (b"", "no-store")
    async with aiohttp.ClientSession() as session, session.get(sent.header("location")) as answer:
        assert await answer.read() == LARGE


@pytest.mark.usefixtures("image")
@pytest.mark.parametrize("blob", [SMALL, CONFIG], ids=["small", "configuration"])
async def test_little_and_configurations_come_from_here(alice: Client, blob: bytes) -> None:
    """A client that asks for either gets it at once, whatever its size and however it asks."""
    assert await statuses(alice, of(blob)) == [200, 200, 206, 206]
    assert (await alice.get(of(blob))).body == blob
    assert (await alice.send("GET", of(blob), b"", RANGE)).body == blob[5:10]


@pytest.mark.usefixtures("image")
async def test_what_is_a_configuration_elsewhere_is_a_layer_here(alice: Client) -> None:
    """It is about the manifests of the repository that is asked, and about those alone."""
    await alice.push_blob("team/other", CONFIG)

    assert await statuses(alice, of(CONFIG, "team/other")) == [200, 307, 307, 206]
    await an_image(alice, "team/other")
    assert await statuses(alice, of(CONFIG, "team/other")) == [200, 200, 206, 206]


async def test_the_console_shows_what_comes_from_here(alice: Client, image: Digest) -> None:
    """Pages are never sent to the bucket."""
    shown = await alice.get(f"/api/v1/repositories/{APP}/-/artifacts/{image}/config")

    assert (shown.status, shown.body) == (200, CONFIG)


@pytest.mark.usefixtures("image")
async def test_a_project_keeps_its_clients_here(application: Application, alice: Client) -> None:
    """Where a project says never, every byte comes from here; where it says so no more, no longer."""
    await application.settle()
    told = []
    for redirect in ("never", "allowed"):
        changed = await alice.send_json("PATCH", "/api/v1/projects/team", {"redirect": redirect})
        assert (changed.status, changed.json["redirect"], changed.json["visibility"]) == (200, redirect, "private")
        told.append(await statuses(alice, of(LARGE)))

    assert told == [[200, 200, 206, 206], [200, 307, 307, 206]]
    events = [event for event in await application.events() if event.type == "project.changed"]
    assert len(events) == 2
