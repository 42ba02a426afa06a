# SPDX-License-Identifier: Apache-2.0
"""Somebody deletes a release instead of its candidate, and the image with it; on Monday it is found and comes back.

An index of two platforms, a bill of materials, and a signature as older clients keep it. Afterwards counsel holds it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.oci.digest import referrers_tag
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

APP = "/api/v1/repositories/shop/checkout/-"
NAME = "shop/checkout"
AMD, ARM = (an_image_manifest(annotations={"architecture": name}) for name in ("amd64", "arm64"))
RELEASE = an_index(AMD.descriptor(), ARM.descriptor())
SBOM = an_image_manifest(subject=RELEASE.descriptor(), artifactType="application/spdx+json")
SIGNATURE = an_image_manifest(annotations={"is": "a signature"})
SIGNED = f"{referrers_tag(RELEASE.digest)}.sig"

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold the whole application, on memory and an empty database."""
    with an_application(tmp_path) as application:
        yield application


@pytest.fixture
async def dana(application: Application) -> Client:
    """Who looks after the project, and has released 1.4.2, signed and with a bill of materials."""
    pipeline = await application.user("pipeline", ("shop/**", "write"))
    for image in (AMD, ARM):
        await pipeline.push_image(NAME, image)
    await pipeline.push(NAME, RELEASE, "1.4.2", "latest")
    await pipeline.push_image(NAME, SBOM)
    await pipeline.push_image(NAME, SIGNATURE, SIGNED)
    return await application.user("dana", ("shop/**", "maintain"))


async def delete_on_friday(dana: Client) -> None:
    """Take 1.4.2 for the candidate: first the tag, and as the image is still listed, the image."""
    assert (await dana.send("DELETE", f"{APP}/tags/1.4.2")).status == 200
    deleted = await dana.send("DELETE", f"{APP}/artifacts/{RELEASE.digest}")
    assert sorted(deleted.json["also"]) == sorted([SBOM.digest, SIGNATURE.digest])


async def there(client: Client) -> list[int]:
    """Pull the release, by its tags and that of its signature, and ask what refers to it."""
    names = ("1.4.2", "latest", SIGNED, RELEASE.digest, AMD.digest, ARM.digest)
    answers = [await client.send("GET", f"/v2/{NAME}/manifests/{name}") for name in names]
    referrers = await client.get(f"/v2/{NAME}/referrers/{RELEASE.digest}")
    return [*(answer.status for answer in answers), len(referrers.json["manifests"])]


async def test_on_monday_the_timeline_and_the_bin_tell_what_happened(dana: Client) -> None:
    """Who deleted which tag and when, of a tag that is no more; and the image, until when it can come back."""
    await delete_on_friday(dana)

    assert await there(dana) == [404, 404, 404, 404, 200, 200, 0]
    newest, first = (await dana.get(f"{APP}/tags/1.4.2/history")).json["items"]
    binned = {each["digest"]: each for each in (await dana.get(f"{APP}/bin")).json["items"]}

    assert (newest["digest"], newest["changed_by"], newest["cause"]) == (None, "user:dana", "user")
    assert (first["digest"], first["restorable"]) == (RELEASE.digest, True)
    assert set(binned) == {RELEASE.digest, SBOM.digest, SIGNATURE.digest}
    assert (binned[RELEASE.digest]["tags"], binned[RELEASE.digest]["deleted_by"]) == (["latest"], "user:dana")
    assert first["restorable_until"] == binned[RELEASE.digest]["restorable_until"]


async def test_it_comes_back_with_all_that_belongs_to_it(dana: Client) -> None:
    """The image with its referrers and the tag it had; the tag that was deleted before, from its timeline."""
    await delete_on_friday(dana)

    restored = (await dana.post(f"{APP}/artifacts/{RELEASE.digest}:restore", {})).json
    tagged = await dana.post(f"{APP}/tags/1.4.2:restore", {"digest": RELEASE.digest})

    assert sorted(restored["also"]) == sorted([SBOM.digest, SIGNATURE.digest])
    assert (restored["tags"], tagged.status) == (["latest"], 200)
    assert await there(dana) == [200] * 6 + [1]
    assert (await dana.get(f"{APP}/bin")).json["items"] == []


async def test_the_timeline_alone_brings_it_back(dana: Client) -> None:
    """To point the tag at what it had takes the image out of the bin, with its referrers."""
    await delete_on_friday(dana)

    assert (await dana.post(f"{APP}/tags/1.4.2:restore", {"digest": RELEASE.digest})).status == 200

    assert await there(dana) == [200, 404, 200, 200, 200, 200, 1]


async def test_a_legal_hold_keeps_the_evidence(application: Application, dana: Client) -> None:
    """Found in the bin, it is held there; restored, nobody deletes it again, and the message says who to ask."""
    await delete_on_friday(dana)
    boss = await application.user("boss", is_admin=True)
    await boss.post("/api/v1/roles", {"name": "counsel", "description": "Legal", "actions": ["read", "hold"]})
    counsel = await application.user("counsel", ("shop/**", "counsel"))

    wanted = {"kind": "legal", "reason": "Claim 17", "digest": RELEASE.digest}
    hold = (await counsel.post(f"{APP}/holds", wanted)).json
    await dana.post(f"{APP}/artifacts/{RELEASE.digest}:restore", {})

    for client, built in ((dana, RELEASE), (boss, SBOM), (boss, AMD), (dana, SIGNATURE)):
        refused = await client.send("DELETE", f"/v2/{NAME}/manifests/{built.digest}")
        assert refused.status == 403
        assert "a legal hold by user:counsel without an end: Claim 17" in refused.json["errors"][0]["message"]
    assert (await boss.post(f"{APP}/artifacts/{RELEASE.digest}:free-now", {})).status == 403
    assert (await dana.post(f"{APP}/holds/{hold['id']}:release", {"reason": "in the way"})).status == 403
    assert (await counsel.post(f"{APP}/holds/{hold['id']}:release", {"reason": "settled"})).status == 200
    assert (await dana.send("DELETE", f"/v2/{NAME}/manifests/{RELEASE.digest}")).status == 202


async def test_the_project_gives_itself_more_time(application: Application, dana: Client) -> None:
    """A window of 30 days counts for what is deleted from then on."""
    owner = await application.user("owner", ("shop/**", "admin"))
    before = (await dana.send("DELETE", f"{APP}/tags/latest")).json["restorable_until"]

    changed = await owner.send_json("PATCH", "/api/v1/projects/shop", {"undelete_days": 30})
    after = (await dana.send("DELETE", f"{APP}/tags/1.4.2")).json["restorable_until"]

    assert changed.json["undelete_days"] == 30
    assert after > before
    reset = await owner.send_json("PATCH", "/api/v1/projects/shop", {"undelete_days": None})
    assert reset.json["undelete_days"] is None
    for days in (0, 91):
        assert (await owner.send_json("PATCH", "/api/v1/projects/shop", {"undelete_days": days})).status == 400
