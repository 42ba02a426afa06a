# SPDX-License-Identifier: Apache-2.0
"""What the registry runs on: facts, server processes, signing keys."""

import pytest
from playwright.sync_api import expect

from entrepot import __version__
from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry


def test_facts_tell_what_the_registry_runs_on(admin: Person, registry: Registry) -> None:
    """Version, address, database and storage are there to read and to copy."""
    admin.go("/system")

    admin.sees(__version__)
    admin.sees(str(registry.server.data))
    admin.sees("Database")
    admin.look("system")


def test_every_server_process_is_listed(admin: Person, registry: Registry) -> None:
    """This one is alive, with the number of its process."""
    admin.go("/system?tab=nodes")

    row = admin.page.get_by_role("table", name="Server processes").get_by_role("row").nth(1)

    expect(row).to_contain_text("Alive")
    expect(row).to_contain_text(__version__)
    admin.look("system-nodes")


def test_the_signing_key_is_rotated(admin: Person, registry: Registry) -> None:
    """It is asked before, and a proof of identity with it; then a new key signs, and the former one is accepted."""
    registry.age_logins()
    admin.expected.add(403)
    admin.go("/system?tab=keys")
    rows = admin.page.get_by_role("table", name="Signing keys").get_by_role("row")
    expect(rows).to_have_count(2)
    admin.look("system-keys")
    admin.press("Rotate the key")
    admin.sees("Let a new key sign?")
    admin.look("system-keys-rotation")

    admin.page.get_by_role("dialog").get_by_role("button", name="Rotate the key").click()
    admin.page.get_by_label("Password", exact=True).fill(registry.server.password)
    admin.press("Confirm")

    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="Signs")).to_have_count(1)
    expect(rows.filter(has_text="Only accepted")).to_have_count(1)
    admin.look("system-keys-rotated")


def test_a_rotation_that_is_not_confirmed_changes_nothing(admin: Person) -> None:
    """Cancelling leaves the keys as they are."""
    admin.go("/system?tab=keys")
    rows = admin.page.get_by_role("table", name="Signing keys").get_by_role("row")
    expect(rows.filter(has_text="Signs")).to_have_count(1)
    before = rows.count()
    admin.press("Rotate the key")

    admin.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()

    expect(admin.page.get_by_role("dialog")).to_have_count(0)
    admin.page.reload()
    expect(rows).to_have_count(before)


@pytest.mark.parametrize("path", ["/system", "/system?tab=keys", "/jobs", "/jobs?tab=schedules"])
def test_pages_of_administrators_are_refused_to_others(person: MakePerson, registry: Registry, path: str) -> None:
    """Whoever follows a link to one is told whom to ask, and finds no entry for it in the navigation."""
    name = f"plain-{len(path)}"
    registry.add_user(name, ("team/**", "admin"))
    plain = person()
    plain.log_in(name, PASSWORD)

    plain.go(path)

    expect(plain.page.get_by_role("heading", level=1, name="You may not see this")).to_be_visible()
    plain.sees("This page is for administrators of the registry")
    expect(plain.page.get_by_role("navigation").get_by_role("link", name="System")).to_have_count(0)
    plain.look("forbidden")
