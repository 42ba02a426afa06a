# SPDX-License-Identifier: Apache-2.0
"""A signed release for two platforms goes from dev to prod; its SBOM arrives while that happens, another one after.

What was said about the release in dev is said in prod too, in the name of whoever copied it, until nobody follows.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.oci.digest import Digest
from entrepot.oci.digest import referrers_tag
from tests.builders.aging import days_pass
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

DEV, PROD = "dev/app", "prod/app"
AMD64, ARM64 = (an_image_manifest(annotations={"for": platform}) for platform in ("amd64", "arm64"))
RELEASE = an_index(AMD64.descriptor(), ARM64.descriptor())
SIGNATURE = an_image_manifest(artifactType="application/vnd.dev.cosign.artifact.sig.v1+json", annotations={"is": "sig"})
SIGNED = f"{referrers_tag(RELEASE.digest)}.sig"
ATTESTATION = an_image_manifest(artifactType="application/vnd.in-toto+json", subject=RELEASE.descriptor())

pytestmark = pytest.mark.anyio


def sbom(of: BuiltManifest, number: int) -> BuiltManifest:
    """Build an SBOM of a manifest."""
    return an_image_manifest(
        artifactType="application/spdx+json", subject=of.descriptor(), annotations={"number": str(number)}
    )


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold the whole application, on memory and an empty database."""
    with an_application(tmp_path) as application:
        yield application


@pytest.fixture
async def ci(application: Application) -> Client:
    """Who builds and signs the release in dev."""
    ci = await application.user("ci", ("dev/**", "admin"))
    for image in (AMD64, ARM64):
        await ci.push_image(DEV, image)
    await ci.push(DEV, RELEASE, "1.0")
    await ci.push(DEV, SIGNATURE, SIGNED)
    await ci.push(DEV, ATTESTATION)
    return ci


@pytest.fixture
async def releaser(application: Application) -> Client:
    """Who may pull from dev and push to prod."""
    return await application.user("releaser", ("dev/**", "read"), ("prod/**", "admin"))


async def copied(client: Client, **wanted: object) -> str:
    """Ask for the copy, and return its id."""
    answer = await client.post(f"/api/v1/repositories/{DEV}/-/copies", {"target": PROD, "tag": "1.0", **wanted})
    assert answer.status == 202, answer.body
    identifier: str = answer.json["id"]
    return identifier


async def referrers(client: Client, subject: Digest) -> set[str]:
    """Return what prod says about a manifest."""
    answer = await client.get(f"/v2/{PROD}/referrers/{subject}")
    return {each["digest"] for each in answer.json["manifests"]}


async def test_the_release_arrives_with_all_that_was_said(
    application: Application, ci: Client, releaser: Client
) -> None:
    """Both platforms, the signature by its tag, the attestation, and the SBOM that came while it was copied."""
    early = sbom(AMD64, 1)
    copy = await copied(releaser)

    await asyncio.gather(application.settle(), ci.push(DEV, early))
    await application.settle()

    shown = (await releaser.get(f"/api/v1/copies/{copy}")).json
    assert (shown["state"], shown["manifests"], shown["is_followed"]) == ("done", 6, True)
    assert (await releaser.get(f"/v2/{PROD}/manifests/1.0")).body == RELEASE.payload
    assert (await releaser.get(f"/v2/{PROD}/manifests/{SIGNED}")).body == SIGNATURE.payload
    assert await referrers(releaser, RELEASE.digest) == {ATTESTATION.digest}
    assert await referrers(releaser, AMD64.digest) == {early.digest}


async def test_what_comes_later_follows_for_a_day(application: Application, ci: Client, releaser: Client) -> None:
    """An SBOM of a platform, what is said of that SBOM, and a signature that is set anew; then it is over."""
    copy = await copied(releaser)
    await application.settle()
    late, again = sbom(ARM64, 2), an_image_manifest(annotations={"is": "sig", "second": "yes"})
    signed = sbom(late, 3)

    for built, tags in ((late, ()), (signed, ()), (again, (SIGNED,))):
        await ci.push(DEV, built, *tags)
    await application.settle()

    assert await referrers(releaser, ARM64.digest) == {late.digest}
    assert await referrers(releaser, late.digest) == {signed.digest}
    assert (await releaser.get(f"/v2/{PROD}/manifests/{SIGNED}")).body == again.payload
    assert (await releaser.get(f"/api/v1/copies/{copy}")).json["late_manifests"] == 3
    await days_pass(application, 1)
    await ci.push(DEV, sbom(AMD64, 4))
    await application.settle()
    assert await referrers(releaser, AMD64.digest) == set()


async def test_what_prod_has_deleted_does_not_come_back(application: Application, ci: Client, releaser: Client) -> None:
    """Only what is new follows."""
    await copied(releaser)
    await application.settle()
    await releaser.delete(PROD, ATTESTATION.digest)

    await ci.push(DEV, sbom(RELEASE, 5))
    await application.settle()

    assert await referrers(releaser, RELEASE.digest) == {sbom(RELEASE, 5).digest}
