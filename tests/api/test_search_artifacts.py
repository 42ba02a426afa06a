# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/search/artifacts`: finding artifacts by what they are."""

import pytest

from entrepot.oci.digest import Digest
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_index
from tests.builders.searching import REVISION
from tests.builders.searching import find
from tests.builders.searching import find_page
from tests.builders.searching import push_image

COMMIT = "abc123def4567890abc123def4567890abc123de"
VENDOR = "org.opencontainers.image.vendor"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator."""
    return await application.user("root", is_admin=True)


@pytest.fixture
async def stock(application: Application, root: Client) -> dict[str, str]:
    """What two teams have, by a word for each."""
    labels, vendor = {"stage": "dev"}, {VENDOR: "Acme Inc", REVISION: COMMIT}
    found = {
        "amd": await push_image(root, "team/redis", "1.0", "1.1", labels=labels, annotations=vendor),
        "arm": await push_image(root, "team/redis", "2.0", platform="linux/arm64", labels={REVISION: "ffff1111"}),
        "bare": await push_image(root, "team/postgres", labels={"stage": "prod"}),
    }
    places = {word: f"team/{'postgres' if word == 'bare' else 'redis'}@{digest}" for word, digest in found.items()}
    other = await push_image(root, "other/redis", "1.5", annotations={"title": "other"})
    await application.settle()
    return {**places, "other": f"other/redis@{other}"}


CASES = {
    "redis": {"amd", "arm", "other"},
    "REDIS -other": {"amd", "arm"},
    "type:image": {"amd", "arm", "bare", "other"},
    "type:helm": set(),
    "platform:linux/arm64": {"arm"},
    "-platform:arm64 project:team": {"amd", "bare"},
    "label:stage": {"amd", "bare"},
    "label:stage=prod": {"bare"},
    f'annotation:{VENDOR}="Acme Inc"': {"amd"},
    f"annotation:{VENDOR}=acme": set(),
    "revision:abc123": {"amd"},
    "revision:FFFF": {"arm"},
    "-revision:abc123 redis": {"arm", "other"},
    "tag:1.*": {"amd", "other"},
    "tag:1.1": {"amd"},
    "tag:*.0": {"amd", "arm"},
    "is:untagged": {"bare"},
    "is:tagged project:other": {"other"},
    "size:>1GB": set(),
    "size:<1GB repository:team/postgres": {"bare"},
    "repository:team/*": {"amd", "arm", "bare"},
    "repository:*/redis project:team": {"amd", "arm"},
    "repository:team/nothing": set(),
    "pushed:<1h": {"amd", "arm", "bare", "other"},
    "pushed:>1h": set(),
    "pushed:>2000-01-01 label:stage": {"amd", "bare"},
    "pulled:never tag:1.*": {"amd", "other"},
    "pulled:<30d": set(),
    "": {"amd", "arm", "bare", "other"},
}


@pytest.mark.parametrize("query", CASES)
async def test_each_term_finds_what_it_is_true_of(root: Client, stock: dict[str, str], query: str) -> None:
    """All terms have to be true; nothing else is found."""
    found = await find(root, query)

    assert set(found) == {stock[word] for word in CASES[query]}
    assert len(found) == len(CASES[query])


async def test_a_digest_is_found_by_its_beginning(root: Client, stock: dict[str, str]) -> None:
    """With its algorithm or without."""
    _, _, digest = stock["arm"].partition("@")

    assert await find(root, f"digest:{digest[7:13]}") == [stock["arm"]]
    assert await find(root, f"digest:{digest[:14]}") == [stock["arm"]]
    assert await find(root, f"digest:{digest}") == [stock["arm"]]


async def test_the_newest_push_comes_first(root: Client, stock: dict[str, str]) -> None:
    """Or the oldest; pages follow each other without a gap, however small they are."""
    newest = await find(root, "")

    assert await find(root, "", sort="pushed") == newest[::-1]
    assert await find(root, "", limit=1) == newest
    assert await find(root, "", limit=3, sort="pushed") == newest[::-1]
    assert newest[0] == stock["other"]


async def test_what_was_found_is_counted_by_what_it_is(root: Client, stock: dict[str, str]) -> None:
    """With the first page; each count names the term that narrows the query to it."""
    page = await find_page(root, "project:team", limit=1)

    total = page["total"]
    assert (total["count"], total["is_exact"], len(page["items"])) == (3, True, 1)
    assert total["facets"]["platform"][0] == {"value": "linux/amd64", "count": 2, "term": "platform:linux/amd64"}
    assert total["facets"]["project"] == [{"value": "team", "count": 3, "term": "project:team"}]
    assert total["facets"]["label"][0] == {"value": "stage", "count": 2, "term": "label:stage"}


async def test_only_what_one_may_read_is_found_and_counted(
    application: Application, root: Client, stock: dict[str, str]
) -> None:
    """Counts and facets too; who may read nothing finds nothing."""
    reader = await application.user("reader", ("other/**", "read"))
    nobody = await application.user("nobody")

    page = await find_page(reader, "redis")

    assert [item["repository"] for item in page["items"]] == ["other/redis"]
    assert (page["total"]["count"], page["total"]["facets"]["project"][0]["count"]) == (1, 1)
    assert await find(reader, "repository:team/redis") == []
    assert (await find_page(nobody, ""))["total"] == {
        "count": 0,
        "is_exact": True,
        "facets": {"type": [], "platform": [], "project": [], "label": []},
    }
    assert (await application.anonymous().get("/api/v1/search/artifacts?q=redis")).status == 401


async def test_deleted_artifacts_are_not_found_until_they_are_restored(
    application: Application, root: Client, stock: dict[str, str]
) -> None:
    """At once, and also once the index has heard of it."""
    _, _, digest = stock["amd"].partition("@")
    await root.delete("team/redis", digest)

    assert await find(root, "revision:abc123") == []
    await application.settle()
    assert (await find_page(root, "revision:abc123"))["total"]["count"] == 0
    restored = await root.post(f"/api/v1/repositories/team/redis/-/artifacts/{digest}:restore", {})
    await application.settle()

    assert restored.status == 200
    assert await find(root, "revision:abc123 label:stage=dev") == [stock["amd"]]


async def test_labels_that_are_put_on_afterwards_are_found(
    application: Application, root: Client, stock: dict[str, str]
) -> None:
    """And not any more once they are removed."""
    repository, _, digest = stock["bare"].partition("@")
    target = f"/api/v1/repositories/{repository}/-/artifacts/{digest}/labels"
    assert (await root.send_json("PATCH", target, {"labels": {"team": "pay"}})).status == 200
    await application.settle()
    assert await find(root, "label:team=pay") == [stock["bare"]]

    await root.send_json("PATCH", target, {"labels": {"team": None}})
    await application.settle()

    assert await find(root, "label:team") == []
    assert await find(root, "label:stage=prod") == [stock["bare"]]


async def test_an_index_is_found_by_what_its_entries_are(application: Application, root: Client) -> None:
    """Their platforms, the sum of their sizes, and the commit where all were built from one."""
    one = await push_image(root, "team/app", labels={REVISION: COMMIT})
    two = await push_image(root, "team/app", platform="linux/arm64", labels={REVISION: COMMIT})
    index = an_index(*(_child(digest) for digest in (one, two)))
    await root.push("team/app", index, "1.0")
    await application.settle()

    [item] = (await find_page(root, f"type:index revision:{COMMIT[:7]}"))["items"]

    assert (item["digest"], item["revision"]) == (index.digest, COMMIT)
    sizes = [each["size"] for each in (await find_page(root, "type:image"))["items"]]
    assert item["size"] == sum(sizes) > 0


@pytest.mark.parametrize(
    ("query", "part", "hint"),
    [
        ("redis typ:image", "typ:image", "type:"),
        ("type:imge", "type:imge", "image"),
        ("size:>big", "size:>big", "100MB"),
        ("pushed:>yesterday", "pushed:>yesterday", "2026-01-01"),
        ("digest:xyz", "digest:xyz", "9f86"),
        ("is:nice", "is:nice", "untagged"),
        ('label:a="b', "quotation", "Close it"),
        ("sha256:abcdef", "sha256:abcdef", "digest:sha256:abcdef"),
    ],
)
async def test_a_query_that_is_wrong_says_where_and_what_is_allowed(
    root: Client, query: str, part: str, hint: str
) -> None:
    """The message names the part, the hint what can stand there."""
    answer = await root.get(f"/api/v1/search/artifacts?q={query.replace(' ', '%20').replace(chr(34), '%22')}")

    assert (answer.status, answer.json["code"]) == (400, "search_query_invalid")
    assert part in answer.json["detail"]
    assert hint in answer.json["hint"]


async def test_a_cursor_that_nobody_gave_out_is_refused(root: Client) -> None:
    """It is not taken for a place somewhere."""
    answers = [
        await root.get(f"/api/v1/search/artifacts?cursor={each}")
        for each in ("eA", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5")
    ]

    assert [answer.json["code"] for answer in answers] == ["invalid_cursor"] * 3


def _child(digest: Digest) -> dict[str, object]:
    media_type = "application/vnd.oci.image.manifest.v1+json"
    return {
        "mediaType": media_type,
        "digest": digest,
        "size": 100,
        "platform": {"os": "linux", "architecture": "amd64"},
    }
