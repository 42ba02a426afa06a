# SPDX-License-Identifier: Apache-2.0
"""Work in the background: what there is, why it failed, and how it is cancelled or queued again."""

import re
from contextlib import closing

import msgspec
import pytest
from playwright.sync_api import expect
from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.entry.configuration import DATABASE_FILE
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.jobs.tables import jobs
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import system_clock
from tests.e2e.browser import Person
from tests.e2e.registry import Registry

REASON = "StorageUnavailable: the store does not answer\nlook whether the disk is mounted"


@pytest.fixture(scope="module", autouse=True)
def work(registry: Registry) -> None:
    """Leave a job that waits until tomorrow and one that failed for good, of a kind that no worker takes."""
    with closing(SqliteDatabase(registry.server.data / DATABASE_FILE)) as database:
        database.write_now(_add_jobs)


def _add_jobs(connection: Connection) -> None:
    now = system_clock()
    nothing = msgspec.Raw(b"{}")
    queue.enqueue(connection, "story.waits", nothing, now, run_after=after(now, DAY_MS))
    failed = queue.enqueue(connection, "story.fails", nothing, now)
    fate = {"state": JobState.DEAD, "claims": 5, "failures": 5, "finished_at": now, "last_error": REASON}
    connection.execute(update(jobs).where(jobs.c.id == failed).values(fate))


def test_a_job_tells_why_it_failed_and_is_queued_again(admin: Person) -> None:
    """The list has the reason in one line; the details, which have an address, have all of it."""
    admin.go("/jobs")
    row = admin.page.get_by_role("row").filter(has_text="story.fails")
    expect(row).to_contain_text("Failed for good")
    admin.look("jobs")
    row.get_by_role("link", name="story.fails").click()
    admin.page.reload()
    details = admin.page.get_by_role("dialog", name="Job story.fails")
    expect(details.locator("pre")).to_have_text(REASON)
    admin.look("job-failed")

    details.get_by_role("button", name="Queue it again").click()

    expect(details.get_by_text("Queued", exact=True)).to_be_visible()
    expect(details.get_by_role("button", name="Cancel the job")).to_be_visible()


def test_a_job_that_waits_is_cancelled(admin: Person) -> None:
    """It is asked before, and told that it can be queued again."""
    admin.go("/jobs?kind=story.waits")
    admin.page.get_by_role("link", name="story.waits").click()
    admin.press("Cancel the job")
    asked = admin.page.get_by_role("dialog", name="Cancel this job?")
    expect(asked).to_contain_text("It can be queued again afterwards.")
    admin.look("job-cancellation")

    asked.get_by_role("button", name="Cancel the job").click()

    details = admin.page.get_by_role("dialog", name="Job story.waits")
    expect(details.get_by_text("Cancelled", exact=True)).to_be_visible()
    details.get_by_role("button", name="Close").click()
    expect(admin.page.get_by_role("row").filter(has_text="story.waits")).to_contain_text("Cancelled")


def test_a_filter_is_part_of_the_address(admin: Person) -> None:
    """State and kind survive a reload; what matches nothing offers to show all."""
    admin.go("/jobs")
    admin.page.get_by_role("combobox", name="State").click()
    admin.page.get_by_role("option", name="Running").click()
    admin.page.get_by_label("Only this kind").fill("no.such")
    expect(admin.page).to_have_url(re.compile(r"state=running&kind=no\.such"))

    admin.page.reload()

    admin.sees("No job matches")
    admin.look("jobs-none-matching")
    admin.page.get_by_role("link", name="Show all").click()
    expect(admin.page.get_by_role("row").filter(has_text="story.fails")).to_be_visible()


def test_schedules_lead_to_their_jobs(admin: Person) -> None:
    """Each tells when it is next; its kind is a link to the jobs of that kind."""
    admin.go("/jobs?tab=schedules")
    kind = admin.page.get_by_role("table", name="Schedules").get_by_role("link").first
    name = kind.inner_text()
    admin.look("jobs-schedules")

    kind.click()

    expect(admin.page).to_have_url(re.compile(f"/jobs.kind={re.escape(name)}"))
    expect(admin.page.get_by_label("Only this kind")).to_have_value(name)
