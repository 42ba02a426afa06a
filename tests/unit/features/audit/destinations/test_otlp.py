# SPDX-License-Identifier: Apache-2.0
"""A collector gets logs in the JSON encoding of OTLP."""

import json

import pytest

from entrepot.features.audit.destinations.interface import NotDelivered
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer
from tests.unit.features.audit.chains import NOVEMBER
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


async def test_what_is_rejected_is_not_lost(deliver: Deliver) -> None:
    """A collector that takes a part only did not take it; whoever looks sees that."""
    partial = Scripted(body=b'{"partialSuccess": {"rejectedLogRecords": "3"}}')
    with ScriptedServer(partial).running() as server, pytest.raises(NotDelivered, match="rejects 3 of 12"):
        await deliver(url=f"otlp+{server.url}/some/path")

    assert server.asked[0].target == "/some/path"


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[]", b"\x00", b'{"partialSuccess": {}}'])
async def test_any_other_success_is_one(deliver: Deliver, body: bytes) -> None:
    """Whatever stands in it."""
    with ScriptedServer(Scripted(body=body)).running() as server:
        assert await deliver(url=f"otlp+{server.url}", what="records") == 12
