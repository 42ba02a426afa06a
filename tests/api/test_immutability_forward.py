# SPDX-License-Identifier: Apache-2.0
"""Moving tags that go forward only."""

import asyncio

import pytest

from tests.builders.application import Client
from tests.builders.immutability import IMAGES
from tests.builders.immutability import a_rule
from tests.builders.immutability import put
from tests.builders.immutability import refusal
from tests.builders.immutability import remove
from tests.builders.immutability import set_rules

APP = "team/app"
FIRST, SECOND, THIRD, *_ = IMAGES

pytestmark = pytest.mark.anyio


@pytest.fixture
async def pusher(alice: Client) -> Client:
    """The administrator of a project where 1.4 stands at 1.4.5, and latest too."""
    for image in IMAGES:
        await alice.push_image(APP, image)
    await alice.push(APP, FIRST, "1.4.5", "1.4", "latest")
    rules = [a_rule("append-only", "*.*.*"), a_rule("forward")]
    await set_rules(alice, *rules)
    return alice


async def test_it_moves_to_a_newer_version(pusher: Client) -> None:
    """Which was pushed before it; to the same digest it moves always."""
    assert (await put(pusher, "1.4.6", SECOND)).status == 201
    assert [(await put(pusher, tag, SECOND)).status for tag in ("1.4", "latest", "1.4")] == [201, 201, 201]


async def test_a_refusal_says_what_to_push_first(pusher: Client) -> None:
    """In one line."""
    assert refusal(await put(pusher, "1.4", SECOND)) == (
        "team/app:1.4 goes forward only: rule 2 of team (* in team/**: forward); it points at 1.4.5, and the new image "
        "has no version that 1.4 follows: push the image as a version above 1.4.5 first, such as team/app:1.4.6, "
        "or ask an administrator for an override"
    )


async def test_it_does_not_go_back(pusher: Client) -> None:
    """Neither to a lower version, nor by being deleted and set anew, nor with its image."""
    await put(pusher, "1.4.4", SECOND)
    said = refusal(await put(pusher, "1.4", SECOND))

    assert "it points at 1.4.5, and the new image has the version 1.4.4" in said
    assert [(await remove(pusher, each)).status for each in ("1.4", "latest", FIRST.digest)] == [403, 403, 403]


async def test_a_backport_moves_its_own_tag_only(pusher: Client) -> None:
    """Not latest, which follows all versions."""
    await put(pusher, "1.3.9", SECOND)

    assert [(await put(pusher, tag, SECOND)).status for tag in ("1.3", "1.4", "latest")] == [201, 403, 403]


async def test_versions_of_the_same_push_count(pusher: Client) -> None:
    """All tags of a request are set at once."""
    assert await pusher.push(APP, SECOND, "1.4.6", "1.4", "latest") == SECOND.digest


async def test_of_concurrent_moves_none_goes_back(pusher: Client) -> None:
    """Whoever comes late is compared with what the tag points at by then."""
    images = IMAGES[1:]
    for number, image in enumerate(images, 6):
        assert (await put(pusher, f"1.4.{number}", image)).status == 201

    await asyncio.gather(*(put(pusher, "1.4", image) for image in reversed(images)))

    history = (await pusher.get(f"/api/v1/repositories/{APP}/-/tags/1.4/history")).json["items"]
    order = [image.digest for image in (FIRST, *images)]
    stood = [order.index(each["digest"]) for each in reversed(history)]
    assert stood == sorted(stood)
    assert stood[-1] == len(images)
