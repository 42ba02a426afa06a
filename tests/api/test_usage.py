# SPDX-License-Identifier: Apache-2.0
"""Usage of a whole application: what is pushed and pulled through HTTP shows in the figures."""

import pytest

from entrepot.features.usage import BusyRepository
from entrepot.features.usage import Order
from entrepot.features.usage import ProjectUsage
from entrepot.features.usage import Usage
from entrepot.features.usage.jobs import FOLD
from entrepot.features.usage.jobs import FoldPayload
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.store import list_schedules
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.usage import follow

ABOUT = "/api/v1/repositories/team/app/-"
BLOBS = len(A_CONFIG) + len(A_LAYER)

pytestmark = pytest.mark.anyio


@pytest.fixture
def usage(application: Application) -> Usage:
    """The figures of that application."""
    return Usage(application.database, application.core.clock)


async def pull(application: Application, client: Client, times: int) -> None:
    """Pull from `team/app`."""
    for _ in range(times):
        await client.get("/v2/team/app/manifests/1.0")
    await application.core.facts.flush()


async def test_figures_follow_what_happens(application: Application, alice: Client, usage: Usage) -> None:
    """As soon as the listeners have heard of a push or a pull, without any job."""
    built = an_image_manifest()
    await alice.push_image("team/app", built, "1.0")
    await pull(application, alice, 3)
    await application.settle()

    size = BLOBS + len(built.payload)
    assert await usage.top_repositories(limit=5) == [BusyRepository("team/app", 3, size)]  # type: ignore[arg-type]
    assert await usage.of_project("team") == ProjectUsage(size, 1, 3)


async def test_tags_and_artifacts_tell_their_last_pull(application: Application, alice: Client) -> None:
    """In lists and by themselves; null, and since when that is known, while nobody used them."""
    digest = await alice.push_image("team/app", an_image_manifest(), "1.0")
    await application.settle()
    await follow(application)
    of_tag, of_artifact = f"{ABOUT}/tags/1.0", f"{ABOUT}/artifacts/{digest}"
    before = [(await alice.get(path)).json for path in (of_tag, of_artifact)]
    await pull(application, alice, 1)
    await application.settle()
    await follow(application)
    after = [(await alice.get(path)).json for path in (of_tag, of_artifact)]
    listed = [(await alice.get(path)).json["items"][0] for path in (f"{ABOUT}/tags", f"{ABOUT}/artifacts")]

    assert [each["last_pulled_at"] for each in before] == [None, None]
    [moment] = {each["last_pulled_at"] for each in (*after, *listed)}
    [since] = {each["pulls_known_since"] for each in (*before, *after, *listed)}
    assert since < before[1]["pushed_at"] < moment


async def test_looking_at_an_artifact_is_no_use(application: Application, alice: Client) -> None:
    """The console fetches manifests to show them, by people who could pull them."""
    digest = await alice.push_image("team/app", an_image_manifest(), "1.0")
    for path in ("", "/manifest", "/config"):
        assert (await alice.get(f"{ABOUT}/artifacts/{digest}{path}")).status == 200
    await application.core.facts.flush()
    await application.settle()
    await follow(application)

    assert (await alice.get(f"{ABOUT}/artifacts/{digest}")).json["last_pulled_at"] is None


async def test_the_store_holds_each_content_once(application: Application, alice: Client, usage: Usage) -> None:
    """However many repositories and projects hold it."""
    built = an_image_manifest()
    for name in ("team/app", "team/web"):
        await alice.push_image(name, built, "1.0")

    totals = await usage.totals()

    assert (totals.stored_bytes, totals.artifacts, totals.repositories) == (BLOBS, 2, 2)
    by_bytes = await usage.top_repositories(Order.BYTES, limit=5)
    assert by_bytes == []


async def test_deleting_and_restoring_leaves_no_trace(application: Application, alice: Client, usage: Usage) -> None:
    """What is in the bin is held until it is purged, and is no artifact meanwhile."""
    digest = await alice.push_image("team/app", an_image_manifest(), "1.0")
    await application.settle()
    before = await usage.of_project("team")
    await alice.delete("team/app", digest)
    await application.settle()

    assert await usage.of_project("team") == before
    assert (await usage.totals()).artifacts == 0


async def test_adding_up_is_scheduled(application: Application, alice: Client, usage: Usage) -> None:
    """Every five minutes a job adds up whatever waits, without any listener."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")
    await pull(application, alice, 2)
    schedules = {each.kind: each.cron for each in await application.database.read(list_schedules, "", 100)}
    job = await application.database.write(queue.enqueue, FOLD, FoldPayload(), application.core.clock())
    while not (await application.database.read(queue.find, job)).finished_at:  # type: ignore[union-attr]
        ring = application.instance.work.next_ring()
        if not await application.instance.jobs.turn():
            await ring.wait()

    assert schedules[FOLD] == "*/5 * * * *"
    assert (await usage.of_project("team")).pulls == 2
