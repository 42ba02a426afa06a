# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/repositories/<name>/-/tags/<tag>/history`."""

from datetime import datetime
from datetime import timedelta

import pytest

from tests.builders.application import Client
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest

TAG = "/api/v1/repositories/team/app/-/tags/1.0"

pytestmark = pytest.mark.anyio


def an_image(number: int) -> BuiltManifest:
    """Build one of several images."""
    return an_image_manifest(annotations={"number": str(number)})


async def test_every_change_is_listed_newest_first(alice: Client) -> None:
    """A tag that was set, moved and deleted has three changes; each says what was before, who did it and why."""
    first = await alice.push_image("team/app", an_image(1), "1.0")
    second = await alice.push_image("team/app", an_image(2), "1.0")
    await alice.delete("team/app", "1.0")

    items = (await alice.get(f"{TAG}/history")).json["items"]

    assert [(item["digest"], item["previous"]) for item in items] == [(None, second), (second, first), (first, None)]
    assert {(item["changed_by"], item["cause"]) for item in items} == {("user:alice", "user")}
    versions = [(item["version"]["epoch"], int(item["version"]["hlc"])) for item in items]
    assert versions == sorted(versions, reverse=True)
    assert len(set(versions)) == 3
    assert all(datetime.fromisoformat(item["changed_at"]).tzinfo for item in items)


async def test_what_the_tag_points_at_now_needs_no_restoring(alice: Client) -> None:
    """A former value can be restored without end while nobody deletes it; the present one and a deletion cannot."""
    await alice.push_image("team/app", an_image(1), "1.0")
    await alice.push_image("team/app", an_image(2), "1.0")

    items = (await alice.get(f"{TAG}/history")).json["items"]

    assert [(item["restorable"], item["restorable_until"]) for item in items] == [(False, None), (True, None)]


async def test_what_was_deleted_can_be_restored_for_a_while(alice: Client) -> None:
    """A deleted manifest can be restored until the window of the instance ends, seven days by default."""
    digest = await alice.push_image("team/app", an_image(1), "1.0")
    await alice.delete("team/app", digest)

    deleted, pushed = (await alice.get(f"{TAG}/history")).json["items"]

    window = datetime.fromisoformat(pushed["restorable_until"]) - datetime.fromisoformat(deleted["changed_at"])
    assert (pushed["digest"], pushed["restorable"], window) == (digest, True, timedelta(days=7))
    assert (deleted["restorable"], deleted["restorable_until"]) == (False, None)


async def test_history_comes_in_pages(alice: Client) -> None:
    """Following `Link` visits every change once, newest first."""
    digests = [await alice.push_image("team/app", an_image(number), "1.0") for number in range(5)]

    pages = await alice.pages(f"{TAG}/history?limit=2")

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [item["digest"] for page in pages for item in page] == digests[::-1]


async def test_a_tag_that_never_was_has_no_history(alice: Client) -> None:
    """That is said, instead of an empty list."""
    await alice.push_image("team/app", an_image(1), "2.0")

    answer = await alice.get(f"{TAG}/history")

    assert (answer.status, answer.json["code"]) == (404, "manifest_unknown")


@pytest.mark.parametrize("path", ["tags/1.0/history?cursor=eA", "tags/-x/history", "tags/a:b/history"])
async def test_what_names_no_change_is_refused(alice: Client, path: str) -> None:
    """A cursor that is no number and a tag outside the grammar are bad requests."""
    answer = await alice.get(f"/api/v1/repositories/team/app/-/{path}")

    assert answer.status == 400
