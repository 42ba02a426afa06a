# SPDX-License-Identifier: Apache-2.0
"""Templates of the registry and of a project: set, tried on a name, and what a new project starts with."""

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry


def test_a_new_project_starts_with_a_template(admin: Person, registry: Registry) -> None:
    """The page leads from nothing to a template, says what it would do, and it is done."""
    registry.ask("POST", "/api/v1/groups", {"name": "testers"})
    admin.go("/templates")
    admin.sees("There are no templates")
    admin.look("templates-none")
    admin.page.get_by_role("button", name="New template").first.click()
    dialog = admin.page.get_by_role("dialog")
    admin.field("Name").fill("tests")
    admin.field("Names").fill("test-*")
    dialog.get_by_label("Who", exact=True).select_option("Group")
    admin.field("Called").fill("testers")
    admin.look("templates-form")
    admin.press("Set template")
    expect(admin.page.get_by_role("row", name="tests")).to_contain_text("testers")
    admin.field("Project or repository").fill("test-one/app")
    admin.sees("testers")
    admin.look("templates")

    registry.ask("POST", "/api/v1/projects", {"name": "test-one"})

    members = registry.ask("GET", "/api/v1/projects/test-one/members")["items"]
    assert "group:testers" in [each["principal"] for each in members]


def set_own(petra: Person) -> None:
    """Set a template of the project that is shown."""
    petra.look("project-templates-none")
    petra.press("New template")
    petra.field("Name").fill("apps")
    petra.field("Names").fill("shop/app-*")
    petra.page.get_by_role("dialog").get_by_label("Who", exact=True).select_option("User")
    petra.field("Called").fill("quinn")
    petra.field("Role").fill("read")
    petra.look("project-template-form")
    petra.press("Set template")


def test_a_project_has_templates_of_its_own(person: MakePerson, registry: Registry) -> None:
    """Who administers the project sets one in the project's pages, tries it on a name, changes it, and deletes it."""
    registry.ask("POST", "/api/v1/projects", {"name": "shop"})
    registry.add_user("petra", ("shop/**", "admin"))
    registry.add_user("quinn")
    petra = person()
    petra.log_in("petra", PASSWORD)
    petra.go("/projects/shop?tab=templates")
    petra.sees("This project has no templates of its own")
    set_own(petra)
    expect(petra.page.get_by_role("row", name="apps")).to_contain_text("user:quinn: read")
    petra.field("Repository").fill("shop/app-one")
    petra.sees("apps of shop, for shop/app-*")
    petra.look("project-templates")

    petra.choose("Actions for apps", "Change…")
    petra.field("Role").fill("write")
    petra.press("Set template")
    expect(petra.page.get_by_role("row", name="apps")).to_contain_text("user:quinn: write")

    petra.choose("Actions for apps", "Delete…")
    petra.look("project-template-deletion")
    petra.press("Delete template")
    petra.sees("This project has no templates of its own")
    assert registry.ask("GET", "/api/v1/projects/shop/templates")["items"] == []
