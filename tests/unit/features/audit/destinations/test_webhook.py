# SPDX-License-Identifier: Apache-2.0
"""A webhook gets signed batches in their order, until it says that it has them."""

import asyncio
import base64
import hashlib
import hmac
import json

import pytest

from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.webhook import signature
from entrepot.features.audit.store import deliveries
from entrepot.infra.database.engine import Database
from tests.fakes.scripted_server import Asked
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.audit.chains import fill
from tests.unit.features.audit.destinations.conftest import SECRET
from tests.unit.features.audit.destinations.conftest import Deliver

pytestmark = pytest.mark.anyio


def is_signed(asked: Asked) -> bool:
    """Verify a request as a receiver does."""
    text = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
    code = hmac.new(SECRET.encode(), text, hashlib.sha256).digest()
    return asked.headers["webhook-signature"] == f"v1,{base64.b64encode(code).decode()}"


async def test_batches_are_signed_and_numbered(deliver: Deliver) -> None:
    """Records, then checkpoints, a line of JSON for each."""
    with ScriptedServer(Scripted(204, b""), Scripted(200)).running() as server:
        assert await deliver(url=f"{server.url}/audit?x=y", secret_variable="AUDIT_SECRET") == 13

    records, checkpoints = server.asked
    assert [json.loads(line)["seq"] for line in records.body.splitlines()] == list(range(1, 13))
    assert json.loads(checkpoints.body)["token"]
    assert (records.target, records.headers["content-type"]) == ("/audit?x=y", "application/jsonl")
    assert [each.headers["entrepot-audit-stream"] for each in server.asked] == ["records", "checkpoints"]
    assert [each.headers["entrepot-audit-seq"] for each in server.asked] == ["1-12", "12-12"]
    assert all(map(is_signed, server.asked))


async def test_what_was_not_taken_comes_again_as_the_same(deliver: Deliver, database: Database) -> None:
    """With the same id, whatever the answer was: a failure, a redirect, or none."""
    answers = (Scripted(500), Scripted(302, headers={"Location": "http://127.0.0.1:1/"}), Scripted(200))
    with ScriptedServer(*answers).running() as server:
        given = {"url": server.url, "secret_variable": "AUDIT_SECRET", "what": "records"}
        for status in (500, 302):
            with pytest.raises(NotDelivered, match=f"answers {status}"):
                await deliver(**given)
        assert await deliver(**given) == 12

    assert len({each.headers["webhook-id"] for each in server.asked}) == 1
    [standing] = await database.read(deliveries.all_of)
    assert (standing.seq, standing.failing_since, standing.retry_at) == (12, None, None)


async def test_one_that_fails_is_left_alone_for_a_while(deliver: Deliver, clock: SettableClock) -> None:
    """As long as it says, and the longer the longer it fails; then it gets everything, what is new too."""
    with ScriptedServer(Scripted(429, headers={"Retry-After": "120"})).running() as server:
        given = {"url": server.url, "secret_variable": "AUDIT_SECRET", "what": "records"}
        with pytest.raises(NotDelivered):
            await deliver(**given)
        clock.now = clock() + 119_000
        assert await deliver(**given) == 0
        clock.now = clock() + 2_000
        with pytest.raises(NotDelivered):
            await deliver(**given)
        clock.now = clock() + 59_000
        assert await deliver(**given) == 0
        clock.now = clock() + 2_000
        server.answers.append(Scripted(200))
        assert await deliver(**given) == 12

    assert len(server.asked) == 3


async def test_an_absence_of_any_length_loses_nothing(deliver: Deliver, database: Database) -> None:
    """Whatever happened meanwhile comes in its order, some hundred at a time."""
    await asyncio.to_thread(fill, database, 1_000)
    with ScriptedServer(*[Scripted(200)] * 3).running() as server:
        assert await deliver(url=server.url, secret_variable="AUDIT_SECRET", what="records") == 1_012

    found = [json.loads(line)["seq"] for each in server.asked for line in each.body.splitlines()]
    assert found == list(range(1, 1_013))


async def test_nothing_that_is_told_has_the_secret(deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it cannot be used."""
    monkeypatch.setenv("AUDIT_SECRET", "whsec_no!base64")
    with pytest.raises(NotDelivered) as told:
        await deliver(url="http://127.0.0.1:1/", secret_variable="AUDIT_SECRET")

    assert "no!base64" not in told.value.message


def test_the_published_example_is_signed_alike() -> None:
    """That of the specification of Standard Webhooks."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}')

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
