# SPDX-License-Identifier: Apache-2.0
"""Who is asked for an approval hears of it, and who asked hears what became of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest
from tests.builders.notifications import an_application_that_tells
from tests.builders.notifications import heard
from tests.builders.promotions import API
from tests.builders.promotions import approve
from tests.builders.promotions import asked
from tests.builders.promotions import refuse
from tests.builders.promotions import set_path

RELEASE = an_image_manifest()

pytestmark = pytest.mark.anyio


@pytest.fixture
def telling(tmp_path: Path) -> Iterator[Application]:
    """An application that sends no mail."""
    with an_application_that_tells(tmp_path) as application:
        yield application


@pytest.fixture
async def people(telling: Application) -> dict[str, Client]:
    """Ada and Bob approve, Bob by a group; Eve is named nowhere."""
    root = await telling.user("root", is_admin=True)
    for name in ("dev", "prod"):
        assert (await root.post(f"{API}/projects", {"name": name})).status == 201
    granted = (("dev/**", "write"), ("prod/**", "write"))
    found = {name: await telling.user(name, *granted) for name in ("ada", "bob", "eve")}
    group = {"name": "release", "description": "Who releases."}
    assert (await root.post(f"{API}/groups", group)).status == 201
    assert (await root.send_json("PUT", f"{API}/groups/release/members/bob", {})).status < 300
    made = await set_path(root, "prod/release", "dev", approvals=1, approvers=["ada", "group:release"])
    assert made.status == 200, made.body
    await found["ada"].push_image("dev/app", RELEASE, "1.0")
    return found


async def test_whoever_is_named_hears_of_a_request(telling: Application, people: dict[str, Client]) -> None:
    """Not who asks, even where it is one of them, and nobody else."""
    await asked(people["ada"], "dev/app", "prod/release")
    await telling.settle()

    [found] = await heard(people["bob"])
    assert found["kind"] == "promotion.requested"
    assert found["text"] == "ada asks for your approval to promote dev/app to prod/app along prod/release."
    assert found["path"] == "/promotions"
    assert await heard(people["ada"]) == await heard(people["eve"]) == []


async def test_whoever_asked_hears_what_became_of_it(telling: Application, people: dict[str, Client]) -> None:
    """Why it was refused is said, too."""
    refused = await asked(people["eve"], "dev/app", "prod/release")
    assert (await refuse(people["bob"], refused, "not on a Friday")).status == 200
    await telling.settle()
    [found] = await heard(people["eve"])
    expected = "The promotion of dev/app to prod/app along prod/release is refused: not on a Friday."
    assert (found["kind"], found["text"]) == ("promotion.ended", expected)

    assert (await approve(people["bob"], await asked(people["eve"], "dev/app", "prod/release"))).status == 200
    await telling.settle()
    assert (await heard(people["eve"]))[0]["text"].startswith(
        "The promotion of dev/app to prod/app along prod/release is done."
    )
