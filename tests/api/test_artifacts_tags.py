# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/repositories/<name>/-/tags`: sorted, filtered, page by page, and one by one."""

import json

import pytest

from entrepot.infra.http.paging import cursor_to
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

TAGS = "/api/v1/repositories/team/app/-/tags"

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sort=name", ["1.10", "1.9", "latest", "v2"]),
        ("sort=-name", ["v2", "latest", "1.9", "1.10"]),
        ("sort=version", ["1.9", "1.10", "v2", "latest"]),
        ("sort=-version", ["v2", "1.10", "1.9", "latest"]),
        ("sort=-version&filter=1", ["1.10", "1.9"]),
        ("filter=LAT", ["latest"]),
        ("filter=%25", []),
    ],
)
@pytest.mark.parametrize("limit", [1, 100])
async def test_tags_are_sorted_and_filtered_by_the_server(
    alice: Client, query: str, names: list[str], limit: int
) -> None:
    """By name or version, forwards or backwards, those whose name contains a text; in pages of any size."""
    await alice.push_image("team/app", an_image_manifest(), "1.10", "latest", "v2", "1.9")

    pages = await alice.pages(f"{TAGS}?{query}&limit={limit}")

    assert [tag["name"] for page in pages for tag in page] == names


@pytest.mark.parametrize("is_newest_first", [True, False])
async def test_tags_are_sorted_by_their_last_change(alice: Client, is_newest_first: bool) -> None:
    """A tag that is moved is the newest, whatever its name."""
    for number, tag in enumerate(["b", "a", "c", "a"]):
        await alice.push_image("team/app", an_image_manifest(annotations={"number": str(number)}), tag)

    pages = await alice.pages(f"{TAGS}?sort={'-' if is_newest_first else ''}updated&limit=1")

    names = [tag["name"] for page in pages for tag in page]
    assert names == (["a", "c", "b"] if is_newest_first else ["b", "c", "a"])


async def test_a_tag_says_its_size_and_platforms(application: Application, alice: Client) -> None:
    """Of an image those of its configuration and layers, of an index those of its entries; null until derived."""
    image = an_image_manifest()
    await alice.push_image("team/app", image, "image")
    arm = an_image_manifest(annotations={"arm": "yes"})
    await alice.push_image("team/app", arm)
    platforms = [{"os": "linux", "architecture": "amd64"}, {"os": "linux", "architecture": "arm64", "variant": "v8"}]
    entries = [built.descriptor(platform=on) for built, on in zip((image, arm), platforms, strict=True)]
    await alice.push("team/app", an_index(*entries), "index")
    before = (await alice.get(TAGS)).json["items"]
    await application.settle()

    after = (await alice.get(TAGS)).json["items"]

    size = len(A_CONFIG) + len(A_LAYER)
    assert [(tag["size"], tag["platforms"]) for tag in before] == [(None, []), (None, [])]
    assert [(tag["name"], tag["size"]) for tag in after] == [("image", size), ("index", 2 * size)]
    assert [tag["platforms"] for tag in after] == [["linux/amd64"], ["linux/amd64", "linux/arm64/v8"]]
    assert {tag["updated_by"] for tag in after} == {"user:alice"}


async def test_one_tag_is_shown_as_in_the_list(application: Application, alice: Client) -> None:
    """With its digest, so that a page about a tag need not look through a list."""
    config = json.dumps({"os": "linux", "architecture": "s390x"}).encode()
    await alice.push_image("team/app", an_image_manifest(), "1.0", config=A_CONFIG)
    await alice.push_blob("team/app", config)
    await application.settle()

    shown = (await alice.get(f"{TAGS}/1.0")).json

    assert [shown] == (await alice.get(TAGS)).json["items"]


async def test_a_deleted_tag_leads_to_its_history(alice: Client) -> None:
    """It is not there, and the hint says how it comes back; of one that never was there is none."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")
    await alice.delete("team/app", "1.0")

    gone, never = await alice.get(f"{TAGS}/1.0"), await alice.get(f"{TAGS}/2.0")

    assert [(each.status, each.json["code"]) for each in (gone, never)] == [(404, "manifest_unknown")] * 2
    assert gone.json["hint"].startswith("entrepot tag history team/app:1.0 ")
    assert "hint" not in never.json


@pytest.mark.parametrize(
    "query",
    ["sort=size", f"filter={'a' * 201}", "sort=updated&cursor=eA", f"sort=-updated&cursor={cursor_to('x:y')}"],
)
async def test_a_list_that_cannot_be_is_refused(alice: Client, query: str) -> None:
    """An unknown order, too long a text, and a cursor of another order are bad requests."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")

    answer = await alice.get(f"{TAGS}?{query}")

    assert (answer.status, answer.json["code"]) in [(400, "invalid_request"), (400, "invalid_cursor")]
