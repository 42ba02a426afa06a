# SPDX-License-Identifier: Apache-2.0
"""Groups: who is in them, and what that is good for."""

from playwright.sync_api import expect

from tests.e2e.browser import Person
from tests.e2e.registry import Registry


def test_a_group_is_made_and_filled(admin: Person, registry: Registry) -> None:
    """It leads from the list to the group, whose members are put in and taken out there."""
    registry.add_user("iris")
    admin.go("/groups")
    admin.sees("There are no groups yet")
    admin.look("groups-none")
    admin.press("New group")
    admin.field("Name").fill("Gardeners")
    admin.sees("beginning with a letter or a digit")
    admin.field("Name").fill("gardeners")
    admin.look("groups-creation")
    admin.page.keyboard.press("Enter")
    admin.sees("Nobody is in it yet")
    admin.press("Add member")
    admin.field("User name").fill("iris")
    admin.press("Add")
    expect(admin.page.get_by_role("row", name="iris")).to_be_visible()
    admin.look("group")

    admin.press("Take iris out")
    admin.press("Take out")

    admin.sees("Nobody is in it yet")


def test_a_group_cannot_be_in_itself(admin: Person, registry: Registry) -> None:
    """The dialog says which group is in which; the page of a group links to those that it is in."""
    for name in ("inner", "outer"):
        registry.ask("POST", "/api/v1/groups", {"name": name})
    registry.ask("PUT", "/api/v1/groups/outer/members/group:inner")
    admin.expected.add(409)
    admin.go("/groups/inner")
    expect(admin.page.get_by_role("link", name="outer")).to_be_visible()
    admin.press("Add member")
    admin.field("Who").select_option("Group")
    admin.field("Group name").fill("outer")

    admin.press("Add")

    expect(admin.page.get_by_role("alert")).to_contain_text("inner is in outer")
    admin.look("group-in-itself")


def test_a_group_is_deleted_by_typing_its_name(admin: Person, registry: Registry) -> None:
    """The dialog says what goes with it; the list is without it afterwards."""
    registry.ask("POST", "/api/v1/groups", {"name": "leavers"})
    admin.go("/groups/leavers")
    admin.choose("Actions for leavers", "Delete…")
    admin.sees("Every grant to leavers goes with it")
    admin.field("Type leavers to confirm").fill("leavers")
    admin.look("group-deletion")

    admin.page.keyboard.press("Enter")

    expect(admin.page.get_by_role("heading", level=1, name="Groups")).to_be_visible()
    expect(admin.page.get_by_role("link", name="leavers")).to_have_count(0)
