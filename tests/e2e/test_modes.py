# SPDX-License-Identifier: Apache-2.0
"""Modes: set with a reason, told to everybody within two seconds, and what is refused meanwhile."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry

REASON = "The storage is moved until 14:00 UTC"
READ_ONLY = "This registry is read-only at the moment"
AT_ONCE_MS = 2_000


@pytest.fixture(autouse=True)
def back_to_normal(registry: Registry) -> Iterator[None]:
    """End whatever mode a story has begun in the registry."""
    yield
    registry.ask("PUT", "/api/v1/modes", {"mode": "rw"})


def banner(person: Person) -> Locator:
    """Return what stands above every page while something is refused."""
    return person.page.get_by_role("status").filter(has_text=READ_ONLY)


def is_live(person: Person) -> None:
    """Wait until changes arrive by themselves."""
    expect(person.page.get_by_role("status").filter(has_text=re.compile("^Live$"))).to_be_visible()


def choose_mode(person: Person, mode: str, reason: str = "") -> None:
    """Open the dialog, and choose a mode and its reason in it."""
    person.press("Change the mode")
    dialog = person.page.get_by_role("dialog", name="Change the mode")
    dialog.get_by_role("radio", name=mode).check()
    if reason:
        dialog.get_by_label("Reason").fill(reason)


def test_everybody_sees_at_once_that_the_registry_is_read_only(
    admin: Person, person: MakePerson, registry: Registry
) -> None:
    """Also on a page that somebody else has open; and both see as soon when it ends."""
    registry.add_user("rita", ("other/**", "read"))
    rita = person()
    rita.log_in("rita", PASSWORD)
    is_live(rita)
    admin.go("/system?tab=mode")
    choose_mode(admin, "Read-only", REASON)
    admin.look("modes-change")
    admin.press("Set the mode")

    expect(banner(rita)).to_contain_text(REASON, timeout=AT_ONCE_MS)
    expect(banner(admin)).to_contain_text(REASON, timeout=AT_ONCE_MS)
    admin.look("modes-read-only")
    rita.look("modes-read-only-reader")
    choose_mode(admin, "Read and write")
    admin.press("Set the mode")
    expect(banner(rita)).to_have_count(0, timeout=AT_ONCE_MS)
    expect(banner(admin)).to_have_count(0, timeout=AT_ONCE_MS)


def test_every_page_says_that_the_registry_is_read_only(admin: Person, registry: Registry) -> None:
    """And pushes are told why, until it ends."""
    registry.push_image("team/app", "1.0")
    registry.ask("PUT", "/api/v1/modes", {"mode": "read-only", "reason": REASON})

    for address in ("/", "/projects", "/repositories/team/app", "/events", "/users", "/garbage"):
        admin.go(address)
        expect(banner(admin)).to_contain_text(REASON)
    with pytest.raises(AssertionError, match=f"503.*{REASON}"):
        registry.push_image("team/app", "2.0")
    registry.ask("PUT", "/api/v1/modes", {"mode": "rw"})
    registry.push_image("team/app", "2.0")


def test_a_project_has_a_mode_of_its_own(person: MakePerson, registry: Registry) -> None:
    """Whoever administers it sets it in its tab; what is refused there says why, and no other project is concerned."""
    digest = registry.push_image("kitchen/oven", "1.0")
    registry.add_user("karl", ("kitchen/**", "admin"))
    karl = person()
    karl.expected.add(503)
    karl.log_in("karl", PASSWORD)
    karl.go("/projects/kitchen?tab=mode")
    choose_mode(karl, "No deleting", "An audit goes on")
    karl.press("Set the mode")
    expect(karl.page.get_by_text("An audit goes on")).to_be_visible()
    karl.look("modes-project")

    karl.go(f"/repositories/kitchen/oven/-/artifacts/{digest}")
    karl.choose("Manage", "Delete the artifact")
    karl.press("Delete the artifact")

    expect(karl.page.get_by_role("dialog").get_by_role("alert")).to_contain_text("An audit goes on")
    karl.look("modes-deletion-refused")
    registry.push_image("kitchen/oven", "2.0")


def test_the_stricter_mode_counts(admin: Person, registry: Registry) -> None:
    """Where that of the registry is stricter than that of the project, its tab says so."""
    registry.ask("POST", "/api/v1/projects", {"name": "garden"})
    admin.go("/projects/garden?tab=mode")
    is_live(admin)
    admin.sees("Read and write")

    registry.ask("PUT", "/api/v1/modes", {"mode": "read-only", "reason": REASON})

    admin.sees("The registry is in the stricter mode “Read-only”")
    admin.look("modes-project-stricter")
    registry.ask("PUT", "/api/v1/modes", {"mode": "rw"})
    admin.misses("The registry is in the stricter mode")


def test_maintenance_takes_a_proof_of_identity(admin: Person, registry: Registry) -> None:
    """It shuts everybody else out; administrators go on pulling."""
    registry.push_image("team/kept", "1.0")
    registry.add_user("paul", ("team/**", "read"))
    registry.age_logins()
    admin.expected.add(403)
    admin.go("/system?tab=mode")
    choose_mode(admin, "Maintenance", REASON)
    admin.press("Set the mode")
    admin.page.get_by_label("Password", exact=True).fill(registry.server.password)
    admin.press("Confirm")

    admin.sees("This registry is under maintenance")
    admin.look("modes-maintenance")
    registry.pull_manifest("team/kept", "1.0")
    with pytest.raises(AssertionError, match="503"):
        registry.pull_manifest("team/kept", "1.0", user="paul")
    registry.ask("PUT", "/api/v1/modes", {"mode": "rw"})
    admin.misses("This registry is under maintenance")


def test_a_member_sees_no_mode_to_set(person: MakePerson, registry: Registry) -> None:
    """The tab is for those who administer the project."""
    registry.push_image("team/seen", "1.0")
    registry.add_user("wanda", ("team/**", "write"))
    wanda = person()
    wanda.log_in("wanda", PASSWORD)

    wanda.go("/projects/team")

    expect(wanda.page.get_by_role("tab", name="Repositories")).to_be_visible()
    expect(wanda.page.get_by_role("tab", name="Mode")).to_have_count(0)
