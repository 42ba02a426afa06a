# SPDX-License-Identifier: Apache-2.0
"""Clients of chosen networks get large blobs from the bucket itself."""

from pathlib import Path

import aiohttp
import pytest
from pydantic import ValidationError

from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Redirect
from entrepot.infra.storage.interface import Stream
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.settings import Way
from tests.builders.buckets import bucket_of
from tests.contracts.storage.content import content
from tests.contracts.storage.content import delivered
from tests.contracts.storage.content import store
from tests.fakes.s3.server import S3Server

pytestmark = pytest.mark.anyio

LARGE = 100_000
EVERYBODY = RedirectSettings.model_validate({"internal": ["0.0.0.0/0", "::/0"]})
SPLIT = RedirectSettings.model_validate(
    {
        "internal": ["10.0.0.0/8", "fd00::/8"],
        "public": ["0.0.0.0/0"],
        "off": ["10.1.0.0/16"],
        "public_endpoint": "https://objects.example.org",
    }
)


@pytest.mark.parametrize(
    ("address", "way"),
    [
        ("10.2.3.4", Way.INTERNAL),
        ("10.1.2.3", Way.OFF),
        ("203.0.113.9", Way.PUBLIC),
        ("::ffff:10.2.3.4", Way.INTERNAL),
        ("fd00::1%eth0", Way.INTERNAL),
        ("2001:db8::1", Way.OFF),
        ("", Way.OFF),
        ("somewhere", Way.OFF),
    ],
)
def test_the_smallest_network_decides(address: str, way: Way) -> None:
    """Of the networks that a client is in the smallest counts; who is in none gets every byte from here."""
    assert SPLIT.way_to(address) is way


def test_a_public_network_needs_an_address(tmp_path: Path) -> None:
    """Without the address that others reach the bucket by nobody is sent there."""
    with pytest.raises(ValidationError, match="public_endpoint"):
        RedirectSettings.model_validate({"public": ["0.0.0.0/0"]})


async def test_a_client_reads_what_it_was_sent_to(tmp_path: Path) -> None:
    """The address is good for the object and ranges of it, without keys, and for nothing else."""
    async with S3Server().serving() as server:
        storage = bucket_of(server, tmp_path, redirects=EVERYBODY)
        key = await store(storage, content(LARGE))

        sent = await storage.deliver(key, ByteRange(0, LARGE), LARGE, "192.0.2.1")

        assert isinstance(sent, Redirect)
        async with aiohttp.ClientSession() as session:
            async with session.get(sent.url) as answer:
                assert await answer.read() == content(LARGE)
            async with session.get(sent.url, headers={"Range": "bytes=5-9"}) as answer:
                assert (answer.status, await answer.read()) == (206, content(10)[5:])
            another = key[:-1] + ("1" if key.endswith("0") else "0")
            async with session.get(sent.url.replace(key, another)) as answer:
                assert answer.status == 403
        await storage.close()


@pytest.mark.parametrize(("size", "client"), [(64 * 1024, "192.0.2.1"), (LARGE, "")])
async def test_little_and_nobody_known_is_streamed(tmp_path: Path, size: int, client: str) -> None:
    """What is small is not worth the way, and a client without an address cannot be judged."""
    async with S3Server().serving() as server:
        storage = bucket_of(server, tmp_path, redirects=EVERYBODY)
        key = await store(storage, content(size))

        sent = await storage.deliver(key, ByteRange(0, size), size, client)

        assert isinstance(sent, Stream)
        assert await delivered(sent) == content(size)
        await storage.close()


async def test_everybody_else_is_sent_to_the_public_address(tmp_path: Path) -> None:
    """The signature is made for the host that the client will ask."""
    async with S3Server().serving() as server:
        storage = bucket_of(server, tmp_path, redirects=SPLIT)
        key = await store(storage, content(LARGE))

        sent = await storage.deliver(key, ByteRange(0, LARGE), LARGE, "203.0.113.9")

        assert isinstance(sent, Redirect)
        assert sent.url.startswith("https://objects.example.org/registry/some/prefix/objects/")
        await storage.close()
