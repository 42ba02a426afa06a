# SPDX-License-Identifier: Apache-2.0
"""Keys come from where they should, are taken anew in time, and are told to nobody."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrepot.infra.http.outbound.sigv4 import Credentials
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.s3.credentials import Lender
from entrepot.infra.storage.s3.credentials import Lent
from entrepot.infra.storage.s3.credentials import Wallet
from entrepot.infra.storage.s3.opening import Surroundings
from entrepot.infra.storage.s3.storage import S3Storage
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from tests.builders.buckets import opened_bucket
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import store
from tests.fakes.s3.accounts import OWNER
from tests.fakes.s3.accounts import Account
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.server import S3Server
from tests.fakes.settable_clock import SettableClock
from tests.unit.infra.storage.s3.nodes import PART
from tests.unit.infra.storage.s3.nodes import client_of
from tests.unit.infra.storage.s3.nodes import hurried

pytestmark = pytest.mark.anyio

STS = "AssumeRoleWithWebIdentity"
ROLE = "arn:aws:iam::1:role/registry"


@pytest.fixture
def clock() -> SettableClock:
    """What the node goes by; obstore signs by the machine's, as the server checks."""
    return SettableClock(system_clock())


@pytest.fixture
async def server() -> AsyncIterator[S3Server]:
    """An S3 with a workload that may take a role."""
    async with S3Server().serving() as server:
        server.sts.accepted["a token of a workload"] = ROLE
        yield server


class Node:
    """Opens the bucket by what an environment and a folder hold."""

    def __init__(self, server: S3Server, folder: Path, clock: SettableClock) -> None:
        self.server, self.folder, self.clock = server, folder, clock
        self.environment: dict[str, str] = {}
        self.opened: list[S3Storage] = []

    def open(self, **settings: object) -> S3Storage:
        """Open it once more."""
        around = Surroundings(spool_dir=self.folder / "spool", clock=self.clock, environment=self.environment)
        self.opened.append(hurried(opened_bucket(self.server, around, PART, **settings)))
        return self.opened[-1]

    def profile(self, account: Account, name: str = "default") -> Path:
        """Write a file with the keys of an account."""
        token = f"aws_session_token = {account.token}\n" if account.token else ""
        path = self.folder / "keys"
        keys = f"aws_access_key_id = {account.key_id}\naws_secret_access_key = {account.secret}\n"
        path.write_text(f"[{name}]\n{keys}{token}")
        return path

    def web_identity(self) -> dict[str, object]:
        """Return the settings by which the role is taken."""
        path = self.folder / "token"
        path.write_text("a token of a workload\n")
        return {"role_arn": ROLE, "web_identity_token_file": path, "sts_endpoint": self.server.url}


@pytest.fixture
async def node(server: S3Server, tmp_path: Path, clock: SettableClock) -> AsyncIterator[Node]:
    """A node whose environment is empty."""
    node = Node(server, tmp_path, clock)
    yield node
    for storage in node.opened:
        await storage.close()


async def test_the_configuration_comes_first_then_the_environment_then_a_file(node: Node) -> None:
    """Each source is asked only when those before it say nothing."""
    with pytest.raises(StorageUnavailable, match="nobody says"):
        node.open()

    node.environment["AWS_SHARED_CREDENTIALS_FILE"] = str(node.profile(OWNER))
    await node.open().check()
    node.environment |= {"AWS_ACCESS_KEY_ID": "unknown", "AWS_SECRET_ACCESS_KEY": "unknown"}
    with pytest.raises(StorageUnavailable, match="InvalidAccessKeyId"):
        await node.open().check()
    await node.open(access_key_id=OWNER.key_id, secret_access_key=OWNER.secret).check()
    await node.open(credentials_file=node.profile(OWNER, "own"), profile="own").check()


async def test_a_file_is_read_again_when_its_keys_are_refused(node: Node, server: S3Server) -> None:
    """No request of a client fails because keys were replaced."""
    first, second = (server.accounts.add_temporary(HOUR_MS) for _ in range(2))
    storage = node.open(credentials_file=node.profile(first))
    await storage.check()

    node.profile(second)
    server.accounts.remove(first)

    await store(storage, b"content")
    assert server.calls.of("PutObject")[-1].status == 200


async def test_who_only_reads_follows_a_file_too(node: Node, server: S3Server, clock: SettableClock) -> None:
    """Two minutes after the file was replaced the old keys are needed no more."""
    first, second = (server.accounts.add_temporary(HOUR_MS) for _ in range(2))
    storage = node.open(credentials_file=node.profile(first))
    key = await store(storage, b"content")
    node.profile(second)
    clock.advance(2 * MINUTE_MS)
    server.accounts.remove(first)

    lent = await client_of(storage).sender.wallet.lent()

    assert lent.credentials.key_id == second.key_id
    reading = node.open(credentials_file=node.profile(second))
    assert await collect(reading.read(key)) == b"content"


async def test_keys_that_end_in_the_middle_of_an_upload_are_replaced(node: Node, server: S3Server) -> None:
    """The client sees nothing of it, and the STS is asked once for all parts that are on their way."""
    storage = node.open(**node.web_identity())
    whole = content(12 * PART)
    writer = await storage.create(await store(storage, b"other"))
    for start in range(0, len(whole), PART):
        await writer.write(whole[start : start + PART])
        if start == 5 * PART:
            await writer.flush()
            for account in server.sts.given:
                server.accounts.expire(account)
    await writer.commit()

    assert await collect(storage.read(writer.key)) == whole
    assert len(server.sts.given) == 2


class Slow(Lender[Credentials]):
    """Lends keys, or not, when it is told to."""

    def __init__(self, clock: SettableClock) -> None:
        self.clock = clock
        self.asked = 0
        self.is_away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def lend(self) -> Lent[Credentials]:
        """See `Lender`."""
        self.asked += 1
        await self.gate.wait()
        if self.is_away:
            raise StorageUnavailable("away")
        return Lent(Credentials(f"key {self.asked}", "s", "r"), Milliseconds(self.clock() + HOUR_MS))


async def test_only_one_asks_for_keys_at_a_time(clock: SettableClock) -> None:
    """Everybody else gets what that one got."""
    lender = Slow(clock)
    wallet = Wallet(lender, clock)

    found = await asyncio.gather(*(wallet.current() for _ in range(50)))

    assert lender.asked == 1
    assert {each.key_id for each in found} == {"key 1"}


async def test_keys_that_are_still_good_wait_for_nobody(clock: SettableClock) -> None:
    """While one asks a service that says nothing, the others go on with what they have; then it is left alone."""
    lender = Slow(clock)
    wallet = Wallet(lender, clock)
    await wallet.current()
    clock.advance(HOUR_MS - 2 * MINUTE_MS)
    lender.gate.clear()
    lender.is_away = True

    asking = asyncio.create_task(wallet.current())
    await asyncio.sleep(0)
    assert (await asyncio.wait_for(wallet.current(), 5)).key_id == "key 1"
    lender.gate.set()

    assert (await asking).key_id == "key 1"
    assert (await wallet.current()).key_id == "key 1"
    assert lender.asked == 2
    clock.advance(MINUTE_MS)
    await wallet.current()
    assert lender.asked == 3


async def test_keys_that_have_ended_are_not_used(clock: SettableClock) -> None:
    """Without anybody who gives others, it is said so."""
    lender = Slow(clock)
    wallet = Wallet(lender, clock)
    await wallet.current()
    clock.advance(HOUR_MS)
    lender.is_away = True

    with pytest.raises(StorageUnavailable, match="away"):
        await wallet.current()


@pytest.mark.parametrize("hours", [-5, 5])
async def test_a_clock_that_is_wrong_is_made_up_for(
    node: Node, server: S3Server, clock: SettableClock, hours: int
) -> None:
    """The service says what time it has; what is signed goes by that from then on."""
    clock.advance(hours * HOUR_MS)
    storage = node.open(access_key_id=OWNER.key_id, secret_access_key=OWNER.secret)
    server.calls.clear()

    await store(storage, b"content")

    refused = [call for call in server.calls if call.status != 200]
    assert [call.outcome for call in refused] in (
        ["RequestTimeTooSkewed"],
        ["RequestTimeTooSkewed", "PreconditionFailed"],
    )


async def test_no_secret_is_told(node: Node, server: S3Server, caplog: pytest.LogCaptureFixture) -> None:
    """Neither errors nor what is logged nor what is shown for debugging holds a secret or a token."""
    caplog.set_level(logging.DEBUG)
    account = server.accounts.add_temporary(HOUR_MS)
    told: list[str] = []
    for fault in (Fail("AccessDenied"), Fail("InternalError"), Fail("ExpiredToken")):
        server.faults.clear()
        server.faults.add(fault)
        for settings in ({"credentials_file": node.profile(account)}, node.web_identity()):
            storage = node.open(**settings)
            for doing in (store(storage, b"content"), collect(storage.read(object_key()))):
                with pytest.raises(StorageUnavailable) as raised:
                    await doing
                told += _all_of(raised.value)
            told += [repr(storage._bucket), repr(client_of(storage)), repr(client_of(storage).sender.wallet)]

    told.append(caplog.text)
    secrets = [account.secret, account.token, "a token of a workload"]
    assert not [secret for secret in secrets for text in told if secret in text]


def _all_of(error: BaseException | None) -> list[str]:
    found = []
    while error is not None:
        found += [repr(error), str(error)]
        error = error.__cause__ or error.__context__
    return found
