# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/repositories/<name>/-/artifacts`, and the referrers of one."""

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

ARTIFACTS = "/api/v1/repositories/team/app/-/artifacts"
SPDX = "application/spdx+json"

IMAGE = an_image_manifest()

pytestmark = pytest.mark.anyio


def an_sbom(subject: BuiltManifest, number: int = 0) -> BuiltManifest:
    """Build a bill of materials of something."""
    return an_image_manifest(subject=subject.descriptor(), artifactType=SPDX, annotations={"number": str(number)})


async def test_untagged_artifacts_are_listed_too(application: Application, alice: Client) -> None:
    """The last pushed first, each with its type, size and tags once they are known."""
    await alice.push_image("team/app", IMAGE, "b", "a")
    sbom = an_sbom(IMAGE)
    await alice.push_image("team/app", sbom)
    await application.settle()

    items = (await alice.get(ARTIFACTS)).json["items"]

    assert [(item["digest"], item["type"], item["tags"]) for item in items] == [
        (sbom.digest, "sbom", []),
        (IMAGE.digest, "image", ["a", "b"]),
    ]
    assert items[1]["size"] == len(A_CONFIG) + len(A_LAYER)
    assert {(item["pushed_by"], item["media_type"]) for item in items} == {("user:alice", IMAGE.media_type)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["sbom", "other", "image"]),
        ("sort=pushed", ["image", "other", "sbom"]),
        ("type=sbom", ["sbom"]),
        ("type=chart", []),
        ("tagged=true", ["other", "image"]),
        ("tagged=false", ["sbom"]),
        ("tagged=true&type=image", ["image"]),
    ],
)
async def test_artifacts_are_sorted_and_filtered(
    application: Application, alice: Client, query: str, expected: list[str]
) -> None:
    """By type, and by whether a tag points there; page after page."""
    other = an_image_manifest(config=a_descriptor(A_CONFIG, "application/x"), layers=[])
    for built, tags in ((IMAGE, ["1"]), (other, ["2"]), (an_sbom(IMAGE), [])):
        await alice.push_image("team/app", built, *tags)
    await application.settle()

    pages = await alice.pages(f"{ARTIFACTS}?limit=1&{query}")

    assert [item["type"] for page in pages for item in page] == expected


async def test_referrers_are_listed_with_what_they_say(application: Application, alice: Client) -> None:
    """Direct ones only; each tells whether it has some itself, so that a tree can grow as it is opened."""
    first, second = an_sbom(IMAGE, 1), an_sbom(IMAGE, 2)
    below = an_sbom(first)
    for built in (IMAGE, first, second, below):
        await alice.push_image("team/app", built)
    await application.settle()

    pages = await alice.pages(f"{ARTIFACTS}/{IMAGE.digest}/referrers?limit=1")

    found = {item["digest"]: item for page in pages for item in page}
    assert [len(page) for page in pages] == [1, 1]
    assert {digest: item["has_referrers"] for digest, item in found.items()} == {
        first.digest: True,
        second.digest: False,
    }
    assert found[first.digest]["annotations"] == {"number": "1"}
    assert (found[first.digest]["type"], found[first.digest]["artifact_type"]) == ("sbom", SPDX)
    assert (found[first.digest]["size"], found[first.digest]["pushed_by"]) == (len(first.payload), "user:alice")


async def test_referrers_of_one_artifact_type(alice: Client) -> None:
    """As the manifest states it."""
    for built in (IMAGE, an_sbom(IMAGE)):
        await alice.push_image("team/app", built)

    answers = [
        await alice.get(f"{ARTIFACTS}/{IMAGE.digest}/referrers?artifact_type={stated}")
        for stated in ("application/spdx%2Bjson", "application/other")
    ]

    assert [len(answer.json["items"]) for answer in answers] == [1, 0]


async def test_an_artifact_says_what_its_manifest_does(application: Application, alice: Client) -> None:
    """Its annotations, which indexes list it, and of its own entries what they are."""
    image = an_image_manifest(annotations={"vendor": "Acme"})
    await alice.push_image("team/app", image)
    index = an_index(image.descriptor(annotations={"kind": "plain"}))
    await alice.push("team/app", index)
    gone = an_index(image.descriptor(), annotations={"gone": "yes"})
    await alice.push("team/app", gone)
    await alice.delete("team/app", gone.digest)
    await application.settle()

    shown = (await alice.get(f"{ARTIFACTS}/{image.digest}")).json
    (child,) = (await alice.get(f"{ARTIFACTS}/{index.digest}")).json["children"]

    assert (shown["annotations"], shown["parents"]) == ({"vendor": "Acme"}, [index.digest])
    assert (child["type"], child["total_size"]) == ("image", len(A_CONFIG) + len(A_LAYER))
    assert child["annotations"] == {"kind": "plain"}


@pytest.mark.parametrize("query", ["sort=size", "type=pending", "tagged=maybe", "cursor=eA"])
async def test_a_list_that_cannot_be_is_refused(alice: Client, query: str) -> None:
    """An unknown order or type, what is neither true nor false, and a cursor of another list are bad requests."""
    await alice.push_image("team/app", IMAGE)

    assert (await alice.get(f"{ARTIFACTS}?{query}")).status == 400
