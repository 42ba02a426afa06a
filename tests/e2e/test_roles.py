# SPDX-License-Identifier: Apache-2.0
"""Roles: what they allow, and those that an administrator makes."""

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry


def test_everybody_may_see_what_roles_allow(person: MakePerson, registry: Registry) -> None:
    """The page about access leads there; nothing is offered that takes an administrator."""
    registry.add_user("jane")
    jane = person()
    jane.log_in("jane", PASSWORD)
    jane.go("/access")

    jane.page.get_by_role("link", name="What the roles allow").click()

    expect(jane.page.get_by_role("row", name="Maintain")).to_be_visible()
    expect(jane.page.get_by_role("row", name="Auditor")).to_be_visible()
    expect(jane.page.get_by_role("button", name="New role")).to_have_count(0)
    jane.look("roles")


def test_a_role_is_made_and_given(admin: Person, registry: Registry) -> None:
    """What follows from an action is ticked with it; the role is offered where roles are given."""
    registry.add_user("kim")
    admin.go("/roles")
    admin.press("New role")
    admin.field("Name").fill("deployer")
    read = admin.page.get_by_role("checkbox", name="Read")
    expect(read).to_be_checked()
    expect(read).to_be_disabled()
    admin.page.get_by_role("checkbox", name="Tag").check()
    admin.look("roles-creation")
    admin.press("Create role")
    expect(admin.page.get_by_role("row", name="deployer")).to_be_visible()
    admin.go("/grants")
    admin.press("Give a role")
    admin.field("User name").fill("kim")
    admin.field("Repositories").fill("team/**")
    admin.page.get_by_label("deployer", exact=True).click()

    admin.press("Give")

    expect(admin.page.get_by_role("row", name="kim")).to_contain_text("deployer")


def test_a_role_that_somebody_has_is_not_deleted(admin: Person, registry: Registry) -> None:
    """The dialog says who has it, and what to do first."""
    registry.ask("POST", "/api/v1/roles", {"name": "signer", "actions": ["sign"]})
    registry.add_user("lena", ("team/**", "signer"))
    admin.expected.add(409)
    admin.go("/roles")
    admin.choose("Actions for signer", "Delete…")

    admin.press("Delete role")

    expect(admin.page.get_by_role("alert")).to_contain_text("lena on team/**")
    admin.look("roles-deletion-refused")


def test_a_role_is_changed(admin: Person, registry: Registry) -> None:
    """The dialog begins with what the role allows, and the table says what it allows then."""
    registry.ask("POST", "/api/v1/roles", {"name": "tester", "actions": ["pull"]})
    admin.go("/roles")
    admin.choose("Actions for tester", "Change…")
    admin.page.get_by_role("checkbox", name="Administer").check()
    expect(admin.page.get_by_role("checkbox", name="Delete")).to_be_checked()
    admin.look("roles-change")

    admin.press("Change role")

    expect(admin.page.get_by_role("dialog")).to_have_count(0)
    assert registry.ask("GET", "/api/v1/roles/tester")["actions"] == ["admin"]


def test_an_auditor_sees_what_administrators_see_and_may_change_none_of_it(
    person: MakePerson, registry: Registry
) -> None:
    """The navigation leads there, and no page offers an act."""
    registry.add_user("otto", ("SYSTEM", "auditor"))
    otto = person()
    otto.log_in("otto", PASSWORD)

    for path, heading, act in (
        ("/users", "Users", "New user"),
        ("/garbage", "Garbage", "Pause"),
        ("/system", "System", "Change"),
        ("/grants", "Grants", "Give a role"),
    ):
        otto.page.locator(f'nav a[href="{path}"]').first.click()
        expect(otto.page.get_by_role("heading", level=1)).to_contain_text(heading)
        expect(otto.page.get_by_role("button", name=act)).to_have_count(0)
    otto.look("auditor")


def test_an_operator_pauses_collection_and_sees_no_users(person: MakePerson, registry: Registry) -> None:
    """What runs the registry is offered, and nothing about accounts."""
    registry.add_user("olga", ("SYSTEM", "operator"))
    olga = person()
    olga.log_in("olga", PASSWORD)
    olga.page.locator('nav a[href="/garbage"]').first.click()

    olga.press("Pause")

    expect(olga.page.get_by_role("button", name="Go on")).to_be_visible()
    expect(olga.page.locator('nav a[href="/users"]')).to_have_count(0)
    olga.press("Go on")
