# SPDX-License-Identifier: Apache-2.0
"""Threshold rules over the management API: what they say, who changes them, and what is at a level of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.features.notifications.rules import MAX_CROSSED
from entrepot.features.notifications.rules import SPECS
from entrepot.kernel.changes import Change
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.notifications import NOTIFICATIONS
from tests.builders.notifications import an_application_that_tells
from tests.builders.notifications import look

RULES = f"{NOTIFICATIONS}/rules"
STORAGE = f"{RULES}/storage"

pytestmark = pytest.mark.anyio


@pytest.fixture
def telling(tmp_path: Path) -> Iterator[Application]:
    """An application that sends no mail."""
    with an_application_that_tells(tmp_path) as application:
        yield application


@pytest.fixture
async def root(telling: Application) -> Client:
    """Who administers the registry."""
    return await telling.user("root", is_admin=True)


async def rules_of(client: Client) -> dict[str, dict[str, Any]]:
    """Return every rule as somebody sees it, by name."""
    answer = await client.get(RULES)
    assert answer.status == 200, answer.body
    return {each["name"]: each for each in answer.json["items"]}


async def test_every_rule_is_listed(root: Client) -> None:
    """Each says what the program says where nobody changed it, and that nothing is at a level."""
    found = await rules_of(root)

    assert list(found) == list(SPECS)
    assert (found["storage"]["levels"], found["storage"]["revision"]) == ([80, 90, 95], 0)
    assert [each["crossed"] for name, each in found.items() if name != "storage"] == [[]] * (len(SPECS) - 1)


async def test_a_rule_is_changed_and_reset(telling: Application, root: Client) -> None:
    """Its levels are put in order; who changed it is told, and what it said before is in the record."""
    changed = await root.send_json("PUT", STORAGE, {"levels": [95, 85, 95], "revision": 0})
    assert (changed.status, changed.json["levels"], changed.json["revision"]) == (200, [85, 95], 1)
    assert changed.json["changed_by"] == "user:root"

    reset = await root.send("DELETE", STORAGE)

    assert (reset.json["levels"], reset.json["revision"]) == ([80, 90, 95], 2)
    told = [each for each in await telling.events() if each.type == Change.NOTIFICATION_RULE_CHANGED]
    assert len(told) == 2


async def test_two_who_change_a_rule_do_not_undo_each_other(root: Client) -> None:
    """The second is told that it has changed since they read it."""
    assert (await root.send_json("PUT", STORAGE, {"levels": [85], "revision": 0})).status == 200

    second = await root.send_json("PUT", STORAGE, {"levels": [70], "revision": 0})

    assert (second.status, second.json["code"]) == (409, "notification_rule_changed")
    assert (await rules_of(root))["storage"]["levels"] == [85]


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("storage", {"levels": [101]}),
        ("storage", {"levels": [80], "window_minutes": 5}),
        ("tokens", {"levels": [3], "capacity_bytes": 1}),
        ("logins-account", {"levels": [3], "window_minutes": 61}),
    ],
)
async def test_a_rule_says_only_what_it_can(root: Client, rule: str, wanted: dict[str, Any]) -> None:
    """Levels, windows and sizes that make no sense are refused."""
    refused = await root.send_json("PUT", f"{RULES}/{rule}", wanted)

    assert (refused.status, refused.json["code"]) == (400, "notification_rule_invalid")


async def test_what_is_at_a_level_is_shown_with_its_rule(telling: Application, root: Client) -> None:
    """With its value, until it is well again; of many only some are named."""
    for number in range(MAX_CROSSED + 1):
        made = await root.post("/api/v1/tokens", {"name": f"ci-{number}", "expires_in_days": 10})
        assert made.status == 201, made.body
    await look(telling)

    found = (await rules_of(root))["tokens"]

    assert len(found["crossed"]) == MAX_CROSSED
    assert found["has_more_crossed"] is True
    assert {each["value"] for each in found["crossed"]} <= {9, 10}
    assert (await root.send_json("PUT", f"{RULES}/tokens", {"is_enabled": False, "levels": [14]})).status == 200
    await look(telling)
    after = (await rules_of(root))["tokens"]
    assert (after["crossed"], after["has_more_crossed"]) == ([], False)


async def test_an_operator_sees_rules_but_no_accounts(telling: Application, root: Client) -> None:
    """What names an account is for who may see accounts."""
    operator = await telling.user("oskar", ("SYSTEM", "operator"))
    auditor = await telling.user("ann", ("SYSTEM", "auditor"))
    assert (await root.post("/api/v1/tokens", {"name": "ci", "expires_in_days": 10})).status == 201
    await look(telling)

    hidden = [name for name, each in (await rules_of(operator)).items() if each["crossed"] is None]

    assert hidden == ["logins-account", "logins-address", "tokens"]
    assert len((await rules_of(auditor))["tokens"]["crossed"]) == 1
    assert (await operator.send_json("PUT", STORAGE, {"levels": [85]})).status == 403


async def test_a_rule_that_is_not_there(root: Client) -> None:
    """It can be neither changed nor reset."""
    assert (await root.send_json("PUT", f"{RULES}/moon", {"levels": [1]})).json["code"] == "notification_rule_unknown"
    assert (await root.send("DELETE", f"{RULES}/moon")).status == 404
