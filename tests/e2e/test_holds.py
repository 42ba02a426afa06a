# SPDX-License-Identifier: Apache-2.0
"""Holds: placed on an artifact and on a repository, seen wherever something is deleted, and released for a reason."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Person
from tests.e2e.registry import Registry

APP = "evidence/app"
PLACE = f"/api/v1/repositories/{APP}/-"


@pytest.fixture(scope="module")
def image(registry: Registry) -> str:
    """Push two images, one of which runs somewhere, and delete a third; return the first."""
    digest = registry.push_image(APP, "1.0", annotations={"is": "evidence"})
    other = registry.push_image(APP, "2.0", annotations={"is": "another"})
    gone = registry.push_image(APP, "0.9", annotations={"is": "old"})
    for deleted in (gone, registry.push_image(APP, "0.8", annotations={"is": "older"})):
        registry.ask("DELETE", f"{PLACE}/artifacts/{deleted}")
    registry.ask("POST", f"{PLACE}/holds", {"kind": "legal", "reason": "Claim 17", "digest": gone})
    registry.ask("PUT", "/api/v1/in-use/production", {"running": [f"{APP}@{other}", f"{APP}@{digest}"]})
    return digest


def test_an_artifact_is_held_and_released(admin: Person, image: str) -> None:
    """Beside its name it says so; whoever deletes it reads why not; and to release the hold takes a reason."""
    admin.go(f"/repositories/{APP}/-/tags/1.0")
    admin.sees("Runs in production")
    admin.page.get_by_role("tab", name="Holds").click()
    admin.sees("No hold keeps this artifact")
    admin.look("holds-none")
    admin.press("Place a hold")
    admin.page.get_by_role("radio", name="Legal hold").click()
    admin.field("Reason").fill("Case 4711: the customer was charged twice")
    admin.field("Until").fill("")
    admin.look("holds-place")
    admin.press("Place hold")
    admin.sees("Under a legal hold")
    admin.sees("without an end")
    admin.look("holds-artifact")

    deletion_is_refused(admin)
    admin.page.get_by_role("button", name="Release the hold").click()
    admin.field("Why").fill("The case is closed")
    admin.look("holds-release")
    admin.page.get_by_role("button", name="Release hold").click()
    admin.sees("No hold keeps this artifact")


def deletion_is_refused(admin: Person) -> None:
    """Try to delete the artifact at hand: first it is told that nothing would go, and then why not."""
    admin.choose("Manage", "Delete the artifact")
    admin.sees("on purpose, by a hold")
    admin.look("holds-delete")
    admin.page.get_by_role("button", name="Delete the artifact").click()
    admin.expected.add(403)
    admin.sees("a legal hold by user:")
    admin.page.get_by_role("button", name="Cancel").click()


def test_holds_are_listed_of_a_repository_a_project_and_the_registry(admin: Person, image: str) -> None:
    """Those that ended too, and everything in a repository can be held."""
    admin.go(f"/repositories/{APP}?tab=holds")
    admin.sees("Claim 17")
    admin.press("Hold everything here")
    admin.field("Reason").fill("Until the audit is over")
    admin.press("Place hold")
    admin.sees("Everything in the repository")
    admin.look("holds-repository")
    for place in ("/projects/evidence?tab=holds", "/system?tab=holds"):
        admin.go(place)
        admin.sees("Until the audit is over")
        admin.look(f"holds-{place.split('/')[1].partition('?')[0]}")
    admin.go(f"/repositories/{APP}?tab=holds")
    admin.page.get_by_role("button", name="Release the hold: Until the audit is over").click()
    admin.field("Why").fill("It is over")
    admin.page.get_by_role("button", name="Release hold").click()
    admin.sees("Released: It is over")


def test_the_bin_tells_holds_and_deletes_for_good(admin: Person, image: str) -> None:
    """What is held has no way to be deleted for good; what is not takes its digest to be typed."""
    admin.go(f"/repositories/{APP}?tab=bin")
    admin.sees("Legal hold")
    admin.look("bin-held")
    expect(admin.page.get_by_role("button", name="Actions for")).to_have_count(1)
    admin.page.get_by_role("button", name="Actions for").click()
    admin.page.get_by_role("menuitem", name="Delete for good…").click()
    dialog = admin.page.get_by_role("dialog")
    short = (dialog.get_by_role("heading").inner_text()).split(" ")[1]
    dialog.get_by_role("textbox").fill(short)
    admin.look("bin-purge")
    dialog.get_by_role("button", name="Delete for good").click()
    admin.sees("is gone")
    expect(admin.page.get_by_role("button", name="Restore")).to_have_count(1)


def test_a_project_sets_its_window_and_clusters_are_listed(admin: Person, image: str) -> None:
    """In its settings; and clusters are beside the system."""
    admin.go("/projects/evidence?tab=settings")
    admin.sees("for as long as the registry is configured to keep it")
    admin.page.get_by_role("button", name="Change…").click()
    admin.field("Days").fill("30")
    admin.press("Save")
    admin.sees("can be restored for 30 days")
    admin.look("project-window")
    admin.go("/system?tab=in-use")
    admin.sees("production")
    admin.look("in-use")
