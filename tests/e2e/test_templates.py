# SPDX-License-Identifier: Apache-2.0
"""Templates: set, tried on a name, and what a new project starts with."""

from playwright.sync_api import expect

from tests.e2e.browser import Person
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
