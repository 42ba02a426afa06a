# SPDX-License-Identifier: Apache-2.0
"""Promotions: a path is made, an artifact asked for along it, and another person decides."""

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry


def make_path(admin: Person) -> None:
    """Make a path from dev into prod on which one person approves."""
    admin.go("/promotions?tab=paths")
    admin.sees("There are no paths")
    admin.press("New path")
    admin.field("Target project").fill("prod")
    admin.field("Name").fill("release")
    admin.field("Source project").fill("dev")
    admin.field("Who approves").fill("second third")
    admin.look("promotions-path")
    admin.press("Save")
    admin.sees("1 of second, third")
    admin.look("promotions-paths")


def promote(admin: Person) -> None:
    """Ask for a tag, once it is seen what would come."""
    admin.go("/repositories/dev/app/-/tags/1.0?tab=promotions")
    admin.press("Promote to another project")
    dialog = admin.page.get_by_role("dialog")
    expect(dialog.get_by_label("Path")).to_have_value("prod/release")
    admin.field("Note for those who approve").fill("Tested by the night run")
    admin.press("What would come")
    admin.sees("To prod/app: 1 of 1 manifests are new")
    admin.look("promotions-asking")
    dialog.get_by_role("button", name="Promote").click()
    expect(dialog).to_have_count(0)
    admin.sees("along prod/release")
    admin.look("promotions-artifact")


def test_an_artifact_is_promoted_by_another_person(admin: Person, person: MakePerson, registry: Registry) -> None:
    """It waits for who is named on the path, and is there once they have approved."""
    registry.push_image("dev/app", "1.0")
    registry.push_image("prod/other", "1.0")
    for name in ("second", "third"):
        registry.add_user(name, ("dev/**", "read"), ("prod/**", "write"))
    make_path(admin)
    promote(admin)
    second = person()
    second.log_in("second", PASSWORD)
    second.go("/promotions")
    second.sees("Tested by the night run")
    second.look("promotions")
    second.press("Approve dev/app:1.0")
    second.field("Note").fill("Agreed")
    second.look("promotions-deciding")
    second.page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    second.sees("Nothing waits for you")

    second.go("/promotions?tab=all")

    expect(second.page.get_by_role("row", name="dev/app:1.0")).to_contain_text("Done", timeout=20_000)
    second.look("promotions-all")


def test_a_path_is_changed_and_deleted(admin: Person, registry: Registry) -> None:
    """From its menu."""
    registry.ask("PUT", "/api/v1/projects/prod/promotion-paths/other", {"source": "dev", "tags": "v*"})
    admin.go("/promotions?tab=paths")
    admin.choose("Actions for prod/other", "Change")
    admin.field("Added to the tag").fill("-stable")
    admin.press("Save")
    expect(admin.page.get_by_role("dialog")).to_have_count(0)
    assert registry.ask("GET", "/api/v1/projects/prod/promotion-paths/other")["tag_suffix"] == "-stable"

    admin.choose("Actions for prod/other", "Delete")
    admin.page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(admin.page.get_by_role("row", name="prod/other")).to_have_count(0)
