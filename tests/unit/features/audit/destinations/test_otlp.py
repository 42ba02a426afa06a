# SPDX-License-Identifier: Apache-2.0
"""A collector gets logs in the JSON encoding of OTLP."""

import asyncio
import json

import pytest

from entrepot.features.audit.sealing import seal
from entrepot.features.audit.store import deliveries
from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import BEGINNING
from entrepot.kernel.changes import Change
from tests.builders.databases import until_final
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer
from tests.unit.features.audit.chains import NOVEMBER
from tests.unit.features.audit.chains import an_entry
from tests.unit.features.audit.destinations.conftest import SECRET
from tests.unit.features.audit.destinations.conftest import Deliver

pytestmark = pytest.mark.anyio


async def test_records_become_logs(deliver: Deliver) -> None:
    """With their moment, type and number; the record itself is the body. 64-bit numbers are texts."""
    with ScriptedServer(Scripted(), Scripted()).running() as server:
        assert await deliver(url=f"otlp+{server.url}", secret_variable="AUDIT_SECRET") == 13

    records, _ = server.asked
    [resource] = json.loads(records.body)["resourceLogs"]
    [scope] = resource["scopeLogs"]
    first = scope["logRecords"][0]
    attributes = {each["key"]: each["value"] for each in first["attributes"]}
    assert (records.target, records.authorization) == ("/v1/logs", f"Bearer {SECRET}")
    assert {"key": "service.name", "value": {"stringValue": "entrepot"}} in resource["resource"]["attributes"]
    assert (first["timeUnixNano"], first["severityText"]) == (f"{NOVEMBER}000000", "INFO")
    assert attributes["entrepot.audit.seq"] == {"intValue": "1"}
    assert json.loads(first["body"]["stringValue"])["type"] == first["eventName"] == "group.created"


async def test_what_is_rejected_is_not_sent_again(deliver: Deliver, database: Database) -> None:
    """As OTLP has it. What it was stands beside the destination until the next, and in the log for good."""
    partial = Scripted(body=b'{"partialSuccess": {"rejectedLogRecords": "3", "errorMessage": "too old"}}')
    with ScriptedServer(partial, Scripted()).running() as server:
        assert await deliver(url=f"otlp+{server.url}/some/path", what="records") == 12
        [rejecting] = await database.read(deliveries.all_of)
        assert await deliver(url=f"otlp+{server.url}/some/path", what="records") == 0

    assert [each.target for each in server.asked] == ["/some/path"]
    assert (rejecting.seq, rejecting.failing_since) == (12, None)
    assert rejecting.last_error == "the collector rejects 3 of 12: too old"
    await until_final(database)
    [told] = [json.loads(row.payload) for row in await database.read(outbox.read_after, BEGINNING, 10)]
    assert (told["object"], told["outcome"], told["reason"]) == ("destination:there", "failed", rejecting.last_error)
    assert told["after"] == {"first_seq": 1, "last_seq": 12}


async def test_that_it_was_rejected_is_rejected_in_silence(deliver: Deliver, database: Database) -> None:
    """Else each record of it would make another one, for ever."""
    said = [an_entry(type=Change.AUDIT_REJECTED.value)]
    await asyncio.to_thread(database.write_now, seal, said, NOVEMBER)
    await asyncio.to_thread(database.write_now, deliveries.standing, "there")
    await asyncio.to_thread(database.write_now, deliveries.advance, "there", 12, NOVEMBER)
    with ScriptedServer(Scripted(body=b'{"partialSuccess": {"rejectedLogRecords": "1"}}')).running() as server:
        assert await deliver(url=f"otlp+{server.url}", what="records") == 1

    await until_final(database)
    assert await database.read(outbox.read_after, BEGINNING, 10) == []


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[]", b"\x00", b'{"partialSuccess": {}}', b"[" * 100_000])
async def test_any_other_success_is_one(deliver: Deliver, body: bytes) -> None:
    """Whatever stands in it."""
    with ScriptedServer(Scripted(body=body)).running() as server:
        assert await deliver(url=f"otlp+{server.url}", what="records") == 12
