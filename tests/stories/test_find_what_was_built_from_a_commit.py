# SPDX-License-Identifier: Apache-2.0
"""Something is wrong since a commit; which images were built from it, where are they, and what do I pull?"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.oci.digest import Digest
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.manifests import an_index
from tests.builders.searching import REVISION
from tests.builders.searching import find_page
from tests.builders.searching import push_image

COMMIT = "abc123f0c1d2e3a4b5968778695a4b3c2d1e0f00"
BEFORE = "9d8c7b6a5f4e3d2c1b0a99887766554433221100"
PLATFORMS = ("linux/amd64", "linux/arm64")
HOST = "registry.example"
MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold the whole application, on memory and an empty database."""
    with an_application(tmp_path, public_url=f"https://{HOST}") as application:
        yield application


@pytest.fixture
async def robot(application: Application) -> Client:
    """What pushes for two teams."""
    return await application.user("ci", ("shop/**", "write"), ("secret/**", "write"))


@pytest.fixture
async def release(application: Application, robot: Client) -> Digest:
    """A release for two platforms, built from the commit; older builds, and another team's, are beside it."""
    await push_image(robot, "shop/web", "1.0", labels={REVISION: BEFORE})
    await push_image(robot, "secret/plan", "1.0", labels={REVISION: COMMIT})
    parts = [await push_image(robot, "shop/web", platform=each, labels={REVISION: COMMIT}) for each in PLATFORMS]
    index = an_index(*({"mediaType": MEDIA_TYPE, "digest": each, "size": 10} for each in parts))
    await robot.push("shop/web", index, "1.1", "latest")
    await application.settle()
    return index.digest


async def test_the_release_is_found_by_its_commit_and_can_be_pulled(application: Application, release: Digest) -> None:
    """The short commit is enough; the line to pull names the digest, and what it names is there."""
    developer = await application.user("developer", ("shop/**", "read"))

    page = await find_page(developer, "revision:abc123 is:tagged")

    [found] = page["items"]
    assert found["reference"] == f"{HOST}/shop/web@{release}"
    assert (found["tags"], found["revision"]) == (["1.1", "latest"], COMMIT)
    host, _, name = found["reference"].partition("/")
    repository, _, digest = name.partition("@")
    pulled = await developer.get(f"/v2/{repository}/manifests/{digest}")
    assert (host, pulled.status) == (HOST, 200)
    assert len(json.loads(pulled.body)["manifests"]) == 2


async def test_everything_of_the_commit_is_shown_that_one_may_read(application: Application, release: Digest) -> None:
    """The parts for each platform too; what another team built from it is neither shown nor counted."""
    developer = await application.user("developer", ("shop/**", "read"))
    whole = await find_page(developer, "revision:abc123")
    arm = await find_page(developer, "revision:abc123 platform:linux/arm64 type:image")

    assert (whole["total"]["count"], whole["total"]["is_exact"]) == (3, True)
    assert [item["repository"] for item in arm["items"]] == ["shop/web"]
    assert [each["value"] for each in whole["total"]["facets"]["project"]] == ["shop"]


async def test_the_question_is_kept_for_the_next_time(application: Application, robot: Client, release: Digest) -> None:
    """And is there for everybody in the project."""
    developer = await application.user("developer", ("shop/**", "read"))
    query = {"query": f"revision:{COMMIT[:8]}", "project": "shop"}

    assert (await robot.send_json("PUT", "/api/v1/search/saved/the%20bad%20commit", query)).status == 200
    [kept] = (await developer.get("/api/v1/search/saved")).json["items"]

    assert (await find_page(developer, kept["query"]))["total"]["count"] == 3
