# SPDX-License-Identifier: Apache-2.0
"""Break-glass access: made possible, taken, seen by everybody who answers for it, and looked at afterwards."""

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry

LONG = "vault/department-of-research/experimental-services/**"
WHY = "The registry refuses every push, and nobody else is awake"


def make_eligible(admin: Person, name: str) -> None:
    """Let somebody take a role on a project in an emergency."""
    admin.go("/break-glass?tab=eligible")
    admin.sees("Nobody may break the glass")
    admin.press("Make somebody eligible")
    dialog = admin.page.get_by_role("dialog")
    admin.field("User name").fill(name)
    admin.field("On").fill(LONG)
    admin.look("break-glass-eligible")
    dialog.get_by_role("button", name="Make eligible").click()
    expect(admin.page.get_by_role("row", name=name)).to_contain_text(LONG)
    admin.look("break-glass-eligible-list")


def take(somebody: Person) -> None:
    """Take what one is eligible for, with a reason."""
    somebody.go("/break-glass")
    somebody.look("break-glass")
    somebody.page.get_by_role("button", name="Open…").click()
    somebody.field("What has happened").fill(WHY)
    somebody.look("break-glass-opening")
    somebody.press("Break the glass")
    somebody.sees("You have broken the glass")
    somebody.look("break-glass-open")


def test_the_glass_is_broken_and_seen(admin: Person, person: MakePerson, registry: Registry) -> None:
    """From who may, through the banner on every page, to the administrator who says what came of it."""
    registry.ask("POST", "/api/v1/projects", {"name": "vault"})
    registry.add_user("wakeful")
    make_eligible(admin, "wakeful")
    wakeful = person()
    wakeful.log_in("wakeful", PASSWORD)
    take(wakeful)
    admin.go("/")
    admin.sees("Somebody has broken the glass.")
    admin.sees(WHY)
    admin.look("break-glass-banner")

    wakeful.press("End it now")
    wakeful.press("End it")
    wakeful.misses("You have broken the glass")
    admin.go("/break-glass?tab=openings")
    admin.look("break-glass-openings")
    admin.page.get_by_role("button", name="Acknowledge").click()
    admin.field("What you found").fill("A full disk")
    admin.page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()

    expect(admin.page.get_by_role("row", name="wakeful")).to_contain_text("Looked at")
    admin.misses("to be looked at.")
