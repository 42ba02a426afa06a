# SPDX-License-Identifier: Apache-2.0
"""Copies while something else happens: tags that others move, somebody who cancels, a target that is away."""

import json
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.features.copies import service
from entrepot.features.copies.running import TIDY
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.jobs.tables import jobs
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import Unavailable
from entrepot.oci.digest import Digest
from entrepot.oci.digest import referrers_tag
from entrepot.registry import closure
from entrepot.registry.copy_orders import Copied
from entrepot.registry.copying import Copying
from entrepot.registry.push import ManifestPush
from entrepot.registry.push import Push
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

IMAGE, OTHER = an_image_manifest(annotations={"number": "1"}), an_image_manifest(annotations={"number": "2"})
NEWER = an_image_manifest(annotations={"number": "3"})
SBOM = an_image_manifest(subject=IMAGE.descriptor(), artifactType="application/spdx+json")
COPIES = "/api/v1/repositories/dev/app/-/copies"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(application: Application) -> Client:
    """Who administers both projects, of which the first has two images, and the second a newer one."""
    owner = await application.user("owner", ("dev/**", "admin"), ("prod/**", "admin"))
    await owner.push_image("dev/app", IMAGE, "v1")
    await owner.push("dev/app", OTHER, "v2")
    await owner.push("dev/app", SBOM)
    await owner.push_image("prod/app", NEWER, "new")
    return owner


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], Awaitable[object]]], None]:
    """Have something happen before the artifact of that number is copied, once."""
    real, calls = Copying.copy, iter(range(1, 100))

    def have(number: int, happen: Callable[[], Awaitable[object]]) -> None:
        async def copy(self: Copying, *values: Any) -> Copied:
            if next(calls) == number:
                await happen()
            return await real(self, *values)

        monkeypatch.setattr(Copying, "copy", copy)

    return have


async def ended(application: Application, owner: Client, **wanted: object) -> Any:
    """Copy something, and return how that ended."""
    asked = (await owner.post(COPIES, {"target": "prod/app", **wanted})).json
    await application.settle_due()
    await application.database.write(lambda connection: connection.execute(update(jobs).values(run_after=0)))
    await application.settle()
    return (await owner.get(f"/api/v1/copies/{asked['id']}")).json


async def tagged(owner: Client, tag: str) -> Digest:
    """Return what a tag of the target is."""
    answer = await owner.get(f"/v2/prod/app/manifests/{tag}")
    return Digest(dict(answer.headers)["docker-content-digest"])


async def test_a_copy_that_looks_again_sets_no_tag_again(
    application: Application, owner: Client, between: Callable[..., None]
) -> None:
    """Somebody has moved it between its looks: that stays."""
    between(2, lambda: owner.push("prod/app", NEWER, "v1"))

    copy = await ended(application, owner, tag="v1")

    assert (copy["state"], copy["manifests"]) == ("done", 2)
    assert await tagged(owner, "v1") == NEWER.digest


async def test_a_copy_that_is_tried_again_sets_no_tag_again(
    application: Application, owner: Client, between: Callable[..., None]
) -> None:
    """What it has set stays where others have moved it since, and what it has brought is still told."""

    async def break_off() -> None:
        await owner.push("prod/app", NEWER, "v1")
        raise Unavailable

    between(2, break_off)

    copy = await ended(application, owner, tag_pattern="v*", follow_hours=0)

    assert (copy["state"], copy["manifests"]) == ("done", 3)
    assert await tagged(owner, "v1") == NEWER.digest
    assert await tagged(owner, "v2") == OTHER.digest


async def test_a_cancelled_copy_sets_no_tag(
    application: Application, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though its job goes on for a moment: whoever was told that it is cancelled finds the tag as it was."""
    real = Push.manifest

    async def cancelled_first(self: Push, caller: Any, push: ManifestPush) -> list[str]:
        if push.digest == IMAGE.digest:
            [copy] = (await owner.get("/api/v1/copies")).json["items"]
            answer = await owner.post(f"/api/v1/copies/{copy['id']}:cancel", {})
            assert answer.json["state"] == "cancelled"
        return await real(self, caller, push)

    monkeypatch.setattr(Push, "manifest", cancelled_first)

    copy = await ended(application, owner, tag="v1")

    assert copy["state"] == "cancelled"
    assert json.loads((await owner.get("/v2/prod/app/tags/list")).body)["tags"] == ["new"]


async def test_a_copy_of_the_same_follows_in_place_of_an_older_one(application: Application, owner: Client) -> None:
    """Once it is done; what comes later comes once."""
    older = await ended(application, owner, tag="v1")
    other = await ended(application, owner, tag="v2")
    newer = await ended(application, owner, tag="v1")
    shown = {each["id"]: each for each in (await owner.get("/api/v1/copies")).json["items"]}

    assert [shown[each["id"]]["is_followed"] for each in (older, other, newer)] == [False, True, True]
    assert newer["id"] in shown[older["id"]]["reason"]


async def test_so_many_copies_of_one_are_followed(
    application: Application, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them is looked at whenever something is said."""
    monkeypatch.setattr(service, "MAX_FOLLOWED_OF_ONE", 1)
    await ended(application, owner, tag="v1")

    refused = await owner.post(COPIES, {"target": "prod/app", "tag": "v2"})

    assert (refused.status, refused.json["code"]) == (409, "too_many_copies")
    assert "followed" in refused.json["hint"]


@pytest.mark.parametrize("way", ["copies", "copies:preview"])
async def test_what_a_pattern_matches_has_a_limit_in_all(
    owner: Client, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """An answer waits for all of it to be looked at."""
    monkeypatch.setattr(service, "MAX_MANIFESTS", 2)

    refused = await owner.post(COPIES.replace("copies", way), {"target": "prod/app", "tag_pattern": "v*"})

    assert (refused.status, refused.json["code"]) == (400, "copy_invalid")


@pytest.mark.parametrize(("limit", "value"), [("MAX_MANIFESTS", 1), ("MAX_LISTED", 1)])
async def test_what_belongs_to_an_artifact_has_a_limit(
    owner: Client, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    """Manifests that refer to it, tags that are named after it, and what an index lists, here or not."""
    monkeypatch.setattr(closure, limit, value)
    await owner.push("dev/app", an_index(OTHER.descriptor(), NEWER.descriptor()), "both")
    await owner.push("dev/app", OTHER, f"{referrers_tag(OTHER.digest)}.sig", f"{referrers_tag(OTHER.digest)}.att")
    wanted = {"MAX_MANIFESTS": ("v1", "v2"), "MAX_LISTED": ("both",)}[limit]

    for tag in wanted:
        refused = await owner.post(COPIES, {"target": "prod/app", "tag": tag})
        assert (tag, refused.status, refused.json["code"]) == (tag, 409, "closure_too_large")


async def test_what_a_job_gave_up_is_followed_all_the_same(
    application: Application, owner: Client, between: Callable[..., None]
) -> None:
    """Nothing else would ask for a signature that came while the target was away."""
    copy = await ended(application, owner, tag="v1")

    async def be_away() -> None:
        raise Unavailable

    between(1, be_away)
    await owner.push("dev/app", an_image_manifest(subject=IMAGE.descriptor(), artifactType="application/vnd.in-toto"))
    await application.settle_due()
    await application.database.write(_give_up)
    assert (await owner.get(f"/api/v1/copies/{copy['id']}")).json["late_manifests"] == 0

    await application.database.write(queue.enqueue, TIDY, msgspec.Raw(b"{}"), system_clock())
    await application.settle()

    assert (await owner.get(f"/api/v1/copies/{copy['id']}")).json["late_manifests"] == 1


def _give_up(connection: Connection) -> None:
    """Give up the job that waits to be tried again."""
    gone = {"state": JobState.DEAD.value, "finished_at": system_clock(), "unique_key": None}
    assert connection.execute(update(jobs).where(jobs.c.state == JobState.QUEUED.value).values(gone)).rowcount == 1
