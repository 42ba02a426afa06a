# SPDX-License-Identifier: Apache-2.0
"""Collection: what would be freed and what holds the rest, runs as they go, standing still, storage by project."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import expect
from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from entrepot.entry.configuration import DATABASE_FILE
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import system_clock
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.registry.tables import holds
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry
from tests.server import running_server

SLOW_AND_BY_HAND = {
    "ENTREPOT_GARBAGE__SCHEDULE": "0 0 29 2 *",
    "ENTREPOT_GARBAGE__GRACE_MINUTES": "0",
    "ENTREPOT_GARBAGE__DELETES_PER_SECOND": "1",
}
"""A run takes a second for each object that it deletes, so that it can be watched."""

READ_ONLY = {"mode": "read-only", "reason": "The storage is moved"}
KIB = 1024


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Serve a registry in which space comes back only when a story asks for it."""
    with running_server(tmp_path_factory.mktemp("registry") / "data", environment=SLOW_AND_BY_HAND) as server:
        yield Registry(server)


@pytest.fixture
def back_to_normal(registry: Registry) -> Iterator[None]:
    """End whatever mode a story has begun."""
    yield
    registry.ask("PUT", "/api/v1/modes", {"mode": "rw"})


def part(person: Person, title: str) -> Locator:
    """Return the part of the page, or of the dialog, under a heading."""
    heading = person.page.get_by_role("heading", name=title, exact=True)
    return person.page.locator("div").filter(has=heading).last


def push(registry: Registry, repository: str, tag: str, *layers: bytes) -> str:
    """Push an image of these layers; return its digest."""
    for content in (A_CONFIG, *layers):
        registry.push_blob(repository, content)
    config = a_descriptor(A_CONFIG, OCI_CONFIG)
    image = an_image_manifest(config=config, layers=[a_descriptor(layer) for layer in layers])
    return registry.push_manifest(repository, image, tag)


def leave_garbage(registry: Registry) -> None:
    """Delete two images for good, one of which shares its layer with one that stays."""
    old = push(registry, "team/app", "1.0", b"1" * 40 * KIB, b"2" * 60 * KIB)
    kept = push(registry, "team/app", "2.0", b"3" * 80 * KIB)
    registry.push_manifest("team/app", an_image_manifest(layers=[a_descriptor(b"3" * 80 * KIB)], marker="next"), "3.0")
    for digest in (old, kept):
        registry.ask("DELETE", f"/api/v1/repositories/team/app/-/artifacts/{digest}")
    end_windows(registry, "team/app")


def end_windows(registry: Registry, repository: str) -> None:
    """Let nothing that was deleted from the repository be restored any longer, and end its leases."""
    with closing(SqliteDatabase(registry.server.data / DATABASE_FILE)) as database:
        database.write_now(_end_windows, repository)


def _end_windows(connection: Connection, repository: str) -> None:
    here = select(repositories.c.id).where(repositories.c.name == repository).scalar_subquery()
    ended = {"lease_until": after(system_clock(), -DAY_MS)}
    is_deleted = manifests.c.deleted_at.is_not(None)
    connection.execute(update(repo_blobs).where(repo_blobs.c.repo_id == here).values(ended))
    connection.execute(update(holds).where(holds.c.repo_id == here).values(until=1))
    connection.execute(update(manifests).where(manifests.c.repo_id == here, is_deleted).values(purge_after=1))


def test_where_nothing_was_deleted_there_is_nothing_to_tell(admin: Person) -> None:
    """Each part of the page says so, and how that changes."""
    admin.go("/garbage")
    expect(part(admin, "What waits")).to_contain_text("Nothing")
    expect(part(admin, "Freed so far")).to_contain_text("Nothing")
    admin.look("garbage-new")
    admin.page.get_by_role("tab", name="Runs").click()
    admin.sees("No run has done anything yet")
    admin.look("garbage-runs-none")

    admin.page.get_by_role("tab", name="Storage by project").click()

    admin.sees("Nothing is stored")
    admin.look("garbage-storage-none")


def test_storage_is_told_by_project(admin: Person, registry: Registry) -> None:
    """What a project holds alone, shares, has in the bin, and waits for an artifact; each of it in one column."""
    both, own, gone = b"b" * 300 * KIB, b"o" * 200 * KIB, b"g" * 100 * KIB
    push(registry, "kitchen/oven", "1.0", both, own)
    push(registry, "garden/shed", "1.0", both)
    deleted = push(registry, "kitchen/oven", "2.0", gone)
    registry.ask("DELETE", f"/api/v1/repositories/kitchen/oven/-/artifacts/{deleted}")
    registry.push_blob("kitchen/oven", b"w" * 50 * KIB)

    admin.go("/garbage?tab=storage")

    row = admin.page.get_by_role("row").filter(has_text="kitchen")
    expect(row).to_be_visible()
    cells = row.locator("td, th")
    for cell, told in zip(cells.all(), ("kitchen", "200 KiB", "300 KiB", "100 KiB", "50 KiB", "0 B"), strict=True):
        expect(cell).to_contain_text(told)
    admin.look("garbage-storage")


def test_a_run_is_tried_begun_and_watched(admin: Person, registry: Registry) -> None:
    """It says what would go and what holds the rest; then what it does, and what it did, shows up by itself."""
    leave_garbage(registry)
    admin.go("/garbage")
    admin.press("Collect now")
    would = admin.page.get_by_role("dialog", name="Collect now?")
    expect(would).to_contain_text("Deleted, and no longer restorable2 objects, 100 KiB")
    expect(would).to_contain_text("Held by another artifact")
    admin.look("garbage-rehearsal")

    would.get_by_role("button", name="Collect", exact=True).click()

    expect(admin.page.get_by_role("status").filter(has_text="Collecting:")).to_be_visible()
    admin.look("garbage-running")
    expect(admin.page.get_by_role("status").filter(has_text="Collection has ended")).to_be_visible()
    run = part(admin, "Last run")
    expect(run).to_contain_text("Done")
    expect(run).to_contain_text("admin")
    expect(run).to_contain_text("Held by another artifact")
    expect(part(admin, "Freed so far")).to_contain_text("Deleted, and no longer restorable")
    admin.look("garbage-ended")
    admin.page.get_by_role("tab", name="Runs").click()
    expect(admin.page.get_by_role("row").nth(1)).to_contain_text("Done")
    admin.look("garbage-runs")


def test_collection_is_paused_and_goes_on(admin: Person) -> None:
    """While it stands still the page says who wanted that; what a run would do is told, but none can be begun."""
    admin.go("/garbage")
    admin.press("Pause")
    admin.sees("Collection is paused by admin")
    admin.look("garbage-paused")
    admin.press("What would go")
    would = admin.page.get_by_role("dialog", name="What would go")
    expect(would).to_contain_text("Would stay, because something needs it")
    expect(would.get_by_role("button", name="Collect", exact=True)).to_be_disabled()
    admin.look("garbage-paused-rehearsal")
    would.get_by_role("button", name="Cancel").click()

    admin.press("Go on")

    expect(admin.page.get_by_role("button", name="Collect now")).to_be_visible()
    admin.misses("Collection stands still")


@pytest.mark.usefixtures("back_to_normal")
def test_a_mode_that_makes_it_stand_still_is_told(admin: Person, registry: Registry) -> None:
    """As soon as it begins, and until it ends; a pause can be begun and ended meanwhile."""
    admin.go("/garbage")
    expect(admin.page.get_by_role("status").filter(has_text=re.compile("^Live$"))).to_be_visible()
    registry.ask("PUT", "/api/v1/modes", READ_ONLY)

    admin.sees("makes collection stand still")
    admin.look("garbage-read-only")
    admin.press("What would go")
    expect(admin.page.get_by_role("dialog")).to_contain_text("Would stay, because something needs it")
    admin.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    admin.press("Pause")
    admin.sees("Collection is paused by admin")
    admin.press("Go on")
    admin.misses("Collection is paused by admin")
    registry.ask("PUT", "/api/v1/modes", {"mode": "rw"})
    expect(admin.page.get_by_role("button", name="Collect now")).to_be_visible()


def test_the_page_is_for_administrators(person: MakePerson, registry: Registry) -> None:
    """Others are told so, and are not led there."""
    registry.add_user("rita", ("team/**", "admin"))
    rita = person()
    rita.log_in("rita", PASSWORD)
    expect(rita.page.get_by_role("link", name="Garbage")).to_have_count(0)

    rita.go("/garbage")

    rita.sees("This page is for administrators of the registry")
    rita.look("garbage-forbidden")
