# SPDX-License-Identifier: Apache-2.0
"""A signed release for two platforms goes from dev to staging to prod; for prod two people have to say yes.

What is said of it in dev later is said in prod too, and who says no changes nothing.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from entrepot.oci.digest import Digest
from entrepot.oci.digest import referrers_tag
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.builders.promotions import API
from tests.builders.promotions import approve
from tests.builders.promotions import asked
from tests.builders.promotions import promoted
from tests.builders.promotions import refuse
from tests.builders.promotions import set_path

AMD64, ARM64 = (an_image_manifest(annotations={"for": platform}) for platform in ("amd64", "arm64"))
RELEASE = an_index(AMD64.descriptor(), ARM64.descriptor())
SIGNATURE = an_image_manifest(artifactType="application/vnd.dev.cosign.artifact.sig.v1+json", annotations={"is": "sig"})
SIGNED = f"{referrers_tag(RELEASE.digest)}.sig"
SBOM = an_image_manifest(artifactType="application/spdx+json", subject=ARM64.descriptor())
RECORD = "application/vnd.entrepot.promotion.v1+json"

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold the whole application, on memory and an empty database."""
    with an_application(tmp_path) as application:
        yield application


@pytest.fixture
async def people(application: Application) -> list[Client]:
    """Ada and Bob, who approve."""
    granted = (("dev/**", "read"), ("staging/**", "write"), ("prod/**", "write"))
    return [await application.user(name, *granted) for name in ("ada", "bob")]


@pytest.fixture
async def ci(application: Application, people: list[Client]) -> Client:
    """Who builds and signs the release in dev, and sees where it goes."""
    root = await application.user("root", is_admin=True)
    for name in ("dev", "staging", "prod"):
        assert (await root.post(f"{API}/projects", {"name": name})).status == 201
    await set_path(root, "staging/test", "dev", approvals=1, approvers=["ada", "bob"])
    made = await set_path(root, "prod/release", "staging", approvals=2, approvers=["ada", "bob"], tags="1.*")
    assert made.status == 200, made.body
    ci = await application.user("ci", ("dev/**", "write"), ("staging/**", "read"), ("prod/**", "read"))
    for image in (AMD64, ARM64):
        await ci.push_image("dev/app", image)
    await ci.push("dev/app", RELEASE, "1.0")
    await root.push("dev/app", SIGNATURE, SIGNED)
    return ci


async def referrers(client: Client, repository: str, subject: Digest, kind: str = "") -> list[str]:
    """Return what is said about a manifest."""
    query = f"?artifactType={quote(kind)}" if kind else ""
    answer = await client.get(f"/v2/{repository}/referrers/{subject}{query}")
    return [each["digest"] for each in answer.json["manifests"]]


async def in_prod(application: Application, ci: Client, people: list[Client]) -> str:
    """Bring the release to prod, and return the promotion that did."""
    ada, bob = people
    first = await asked(ci, "dev/app", "staging/test")
    await approve(ada, first)
    assert (await promoted(application, ci, first))["state"] == "done"
    second = await asked(ci, "staging/app", "prod/release", note="Tested by the night run")
    await approve(ada, second)
    await application.settle()
    assert (await ci.get("/v2/prod/app/manifests/1.0")).status == 404
    await approve(bob, second, "Agreed")
    return second


async def test_the_release_arrives_once_two_have_approved(
    application: Application, ci: Client, people: list[Client]
) -> None:
    """Byte for byte, with both platforms and the signature."""
    promotion = await in_prod(application, ci, people)

    ended = await promoted(application, ci, promotion)

    assert (ended["state"], ended["carried_out_by"], ended["digest"]) == ("done", "user:bob", RELEASE.digest)
    assert (await ci.get("/v2/prod/app/manifests/1.0")).body == RELEASE.payload
    assert (await ci.get(f"/v2/prod/app/manifests/{SIGNED}")).body == SIGNATURE.payload
    for image in (AMD64, ARM64):
        assert (await ci.get(f"/v2/prod/app/manifests/{image.digest}")).body == image.payload


async def test_prod_says_where_the_release_came_from(
    application: Application, ci: Client, people: list[Client]
) -> None:
    """Each step has left a record that refers to it, and that of the first step came along with the second."""
    ended = await promoted(application, ci, await in_prod(application, ci, people))

    records = await referrers(ci, "prod/app", RELEASE.digest, RECORD)
    manifest = (await ci.get(f"/v2/prod/app/manifests/{ended['record']}")).json
    said = (await ci.get(f"/v2/prod/app/blobs/{manifest['layers'][0]['digest']}")).json

    assert len(records) == 2
    assert set(await referrers(ci, "staging/app", RELEASE.digest, RECORD)) | {ended["record"]} == set(records)
    assert [each["by"] for each in said["approvals"]] == ["user:ada", "user:bob"]
    assert (said["path"], said["requested_by"]) == ("prod/release", "user:ci")


async def test_an_sbom_that_comes_late_follows_to_prod(
    application: Application, ci: Client, people: list[Client]
) -> None:
    """Along both paths, in the names of those who approved."""
    await promoted(application, ci, await in_prod(application, ci, people))

    await ci.push("dev/app", SBOM)
    await application.settle()

    assert await referrers(ci, "prod/app", ARM64.digest) == [SBOM.digest]


async def test_a_no_changes_nothing(application: Application, ci: Client, people: list[Client]) -> None:
    """Whoever said yes before."""
    ada, bob = people
    promotion = await asked(ci, "dev/app", "staging/test")

    await refuse(ada, promotion, "The SBOM is missing")
    ended = await promoted(application, ci, promotion)

    assert (ended["state"], ended["reason"]) == ("refused", "The SBOM is missing")
    assert (await approve(bob, promotion)).json["code"] == "promotion_not_open"
    assert (await ci.get("/v2/staging/app/tags/list")).status == 404
    assert (await ci.get(f"/v2/staging/app/manifests/{RELEASE.digest}")).status == 404
