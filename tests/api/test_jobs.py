# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/jobs`."""

from asyncio import to_thread
from dataclasses import replace

import pytest

from entrepot.infra.jobs.tables import JobState
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.job_table import JobTable
from tests.fakes.settable_clock import SettableClock

JOBS = "/api/v1/jobs"
KIND = "scan"
"""No worker of the application does these."""

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator."""
    return await application.user("root", is_admin=True)


@pytest.fixture
def table(application: Application) -> JobTable:
    """The jobs of the application."""
    return JobTable(application.database, SettableClock())


async def test_jobs_are_listed_newest_first(table: JobTable, root: Client) -> None:
    """Page after page, without what they were given."""
    made = [await to_thread(table.enqueue) for _ in range(5)]

    pages = await root.pages(f"{JOBS}?kind={KIND}&limit=2")

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [item["id"] for page in pages for item in page] == sorted(made, reverse=True)
    assert not any("payload" in item for page in pages for item in page)


async def test_jobs_of_a_state_are_listed(table: JobTable, root: Client) -> None:
    """State and kind can be asked for together, and apart."""
    running = await to_thread(table.enqueue)
    await to_thread(table.claim)
    waiting = await to_thread(table.enqueue)

    async def listed(query: str) -> list[str]:
        """Return the ids of a list."""
        return [item["id"] for item in (await root.get(f"{JOBS}?{query}")).json["items"]]

    assert await listed("state=running") == [running]
    assert await listed(f"state=queued&kind={KIND}") == [waiting]
    assert await listed("state=dead") == []
    assert await listed("kind=other") == []


async def test_a_job_tells_how_it_is(table: JobTable, root: Client) -> None:
    """A running one tells how far it is, how often it was begun, and why it failed before."""
    job_id = await to_thread(table.enqueue)
    [failed] = await to_thread(table.claim)
    await to_thread(table.fail, failed)
    [job] = await to_thread(table.claim)
    await to_thread(table.renew, replace(job, progress='{"done":3,"total":null,"note":"halfway"}'))

    shown = (await root.get(f"{JOBS}/{job_id}")).json

    assert (shown["state"], shown["attempts"], shown["failures"]) == ("running", 2, 1)
    assert shown["progress"] == {"done": 3, "total": None, "note": "halfway"}
    assert shown["last_error"] == "ArithmeticError: no"
    assert (shown["is_cancelling"], shown["finished_at"]) == (False, None)


async def test_a_waiting_job_is_cancelled_at_once(table: JobTable, root: Client) -> None:
    """The answer shows it."""
    job_id = await to_thread(table.enqueue)

    answer = await root.post(f"{JOBS}/{job_id}:cancel", {})

    assert (answer.status, answer.json["state"], answer.json["is_cancelling"]) == (200, "cancelled", False)
    assert answer.json["finished_at"]


async def test_a_running_job_is_asked_to_stop(table: JobTable, root: Client) -> None:
    """It goes on until its worker hears of it; asking again changes nothing."""
    job_id = await to_thread(table.enqueue)
    await to_thread(table.claim)

    answers = [await root.post(f"{JOBS}/{job_id}:cancel", {}) for _ in range(2)]

    assert [(each.status, each.json["state"], each.json["is_cancelling"]) for each in answers] == [
        (200, "running", True)
    ] * 2


async def test_what_has_ended_cannot_be_cancelled(table: JobTable, root: Client) -> None:
    """That is said, with the state it is in."""
    job_id = await to_thread(table.enqueue)
    [job] = await to_thread(table.claim)
    await to_thread(table.settle, job)

    answer = await root.post(f"{JOBS}/{job_id}:cancel", {})

    assert (answer.status, answer.json["code"]) == (409, "job_finished")
    assert "succeeded" in answer.json["detail"]


async def test_a_job_that_was_given_up_is_queued_again(application: Application, table: JobTable, root: Client) -> None:
    """With all its attempts, and workers hear of it at once."""
    job_id = await to_thread(table.enqueue)
    [job] = await to_thread(table.claim)
    await to_thread(table.settle, replace(job, failures=5), JobState.DEAD)
    ring = application.instance.work.next_ring()

    answer = await root.post(f"{JOBS}/{job_id}:retry", {})

    assert (answer.status, answer.json["state"], answer.json["failures"]) == (200, "queued", 0)
    assert ring.is_set()


async def test_only_what_failed_or_was_cancelled_is_queued_again(table: JobTable, root: Client) -> None:
    """One that waits is not."""
    job_id = await to_thread(table.enqueue)

    answer = await root.post(f"{JOBS}/{job_id}:retry", {})

    assert (answer.status, answer.json["code"]) == (409, "job_not_retryable")


async def test_no_job_is_queued_beside_its_twin(table: JobTable, root: Client) -> None:
    """While another one with its key is unfinished, a cancelled job stays so."""
    first = await to_thread(table.enqueue, unique_key="one")
    await to_thread(table.cancel, first)
    await to_thread(table.enqueue, unique_key="one")

    answer = await root.post(f"{JOBS}/{first}:retry", {})

    assert (answer.status, answer.json["code"]) == (409, "job_not_retryable")
    assert (await root.get(f"{JOBS}/{first}")).json["state"] == "cancelled"


@pytest.mark.parametrize(("method", "path"), [("GET", "nil"), ("POST", "nil:cancel"), ("POST", "nil:retry")])
async def test_an_unknown_job_is_named(root: Client, method: str, path: str) -> None:
    """Whatever is asked of it."""
    answer = await root.send(method, f"{JOBS}/{path}")

    assert (answer.status, answer.json["code"]) == (404, "job_unknown")
    assert "nil" in answer.json["detail"]


async def test_schedules_are_listed(root: Client) -> None:
    """By name, in pages, with when they come next."""
    pages = await root.pages(f"{JOBS}/schedules?limit=1")

    items = [item for page in pages for item in page]
    names = [item["name"] for item in items]
    assert names == sorted(names)
    assert {"registry.tidy", "tokens.tidy"} <= set(names)
    assert all(item["next_run_at"] and item["last_run_at"] is None for item in items)


@pytest.mark.parametrize("query", ["state=asleep", "limit=0", "cursor=%C3%A9", f"kind={'k' * 65}"])
async def test_what_names_no_jobs_is_refused(root: Client, query: str) -> None:
    """As a bad request."""
    assert (await root.get(f"{JOBS}?{query}")).status == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/schedules"), ("GET", "/nil"), ("POST", "/nil:cancel"), ("POST", "/nil:retry")],
)
async def test_jobs_are_for_administrators(application: Application, alice: Client, method: str, path: str) -> None:
    """Others are refused before anything is looked for."""
    assert (await alice.send(method, f"{JOBS}{path}")).status == 403
    assert (await application.anonymous().send(method, f"{JOBS}{path}")).status == 401
