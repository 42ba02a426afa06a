# SPDX-License-Identifier: Apache-2.0
"""Approvals: what takes a second person, from the refusal to the act."""

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry

WHY = "It has moved to another registry"


def delete_project(somebody: Person, name: str) -> None:
    """Try to delete a project."""
    somebody.go(f"/projects/{name}?tab=settings")
    somebody.press("Delete project…")
    somebody.field(f"Type {name} to confirm").fill(name)
    somebody.page.get_by_role("dialog").get_by_role("button", name="Delete project").click()


def let_projects_take_two(admin: Person) -> None:
    """Tick that deleting a project takes a second person."""
    admin.go("/approvals?tab=rules")
    admin.page.get_by_role("checkbox", name="Delete a project").check()
    admin.press("Set the rules")
    admin.sees("The rules are set.")
    admin.look("approvals-rules")


def ask(somebody: Person) -> None:
    """Ask in the dialog that a refusal opened."""
    somebody.field("What it is needed for").fill(WHY)
    somebody.look("approvals-asking")
    somebody.press("Ask for approval")
    somebody.sees("You have asked.")


def approve(second: Person, what: str) -> None:
    """Approve what waits, with a comment."""
    second.go("/approvals")
    second.sees(WHY)
    second.look("approvals")
    second.press(f"Approve {what}")
    second.field("Comment").fill("Agreed")
    second.page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    second.sees("Nothing waits for you")


def test_a_project_is_deleted_by_two(admin: Person, person: MakePerson, registry: Registry) -> None:
    """One is refused and asks, another approves, and the first one deletes it."""
    registry.ask("POST", "/api/v1/projects", {"name": "leaving"})
    registry.add_user("second", ("SYSTEM", "administrator"))
    let_projects_take_two(admin)
    admin.expected.add(403)
    delete_project(admin, "leaving")
    ask(admin)
    second = person()
    second.log_in("second", PASSWORD)
    approve(second, "project.delete leaving")

    delete_project(admin, "leaving")

    expect(admin.page.get_by_role("dialog")).to_have_count(0)
    admin.go("/approvals?tab=mine")
    expect(admin.page.get_by_role("row", name="leaving")).to_contain_text("Used")
