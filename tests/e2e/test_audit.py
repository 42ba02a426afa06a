# SPDX-License-Identifier: Apache-2.0
"""The audit log: searched, exported, held and erased from, by those who may."""

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry


def an_auditor(person: MakePerson, registry: Registry, name: str) -> Person:
    """Bring an auditor, logged in."""
    registry.add_user(name, ("SYSTEM", "auditor"))
    auditor = person()
    auditor.log_in(name, PASSWORD)
    return auditor


def wait_for_record(somebody: Person, what: str) -> None:
    """Search again until a record of this type is listed: records follow within seconds."""
    record = somebody.page.get_by_role("link", name=what).first
    for _ in range(10):
        somebody.press("Search")
        somebody.page.wait_for_timeout(500)
        if record.is_visible():
            return
    expect(record).to_be_visible()


def test_an_auditor_finds_what_somebody_did(person: MakePerson, registry: Registry) -> None:
    """The navigation leads there; a search stands in the address, and a record shows all that is known."""
    registry.add_user("mia", ("team/**", "write"))
    registry.push_image("team/app", "v1", user="mia")
    auditor = an_auditor(person, registry, "otto")
    auditor.page.locator('nav a[href="/audit"]').first.click()
    auditor.field("Who").fill("mia")
    wait_for_record(auditor, "Artifact pushed")
    expect(auditor.page).to_have_url(f"{registry.console}/audit?principal=user%3Amia")
    auditor.look("audit")

    auditor.page.get_by_role("link", name="Artifact pushed").first.click()

    panel = auditor.page.get_by_role("dialog")
    expect(panel).to_contain_text("team/app")
    expect(panel.get_by_role("button", name="Copy Request")).to_be_visible()
    auditor.look("audit-record")


def test_a_record_leads_to_others(person: MakePerson, registry: Registry) -> None:
    """What changed is told member by member; from there it goes to everything about whom it was changed for."""
    registry.add_user("nora", ("team/**", "read"))
    auditor = an_auditor(person, registry, "paula")
    auditor.go("/audit?type=grant.given&object=user%3Anora")
    wait_for_record(auditor, "Grant given")
    auditor.page.get_by_role("link", name="Grant given").first.click()
    expect(auditor.page.get_by_role("table", name="What changed")).to_contain_text("team/**")
    auditor.look("audit-change")

    auditor.page.get_by_role("link", name="Everything about what was changed").click()

    expect(auditor.page.get_by_role("dialog")).to_have_count(0)
    expect(auditor.page).to_have_url(f"{registry.console}/audit?object=user%3Anora")
    expect(auditor.page.get_by_role("link", name="Grant given")).to_be_visible()


def test_what_nothing_is_recorded_of_is_said_so(admin: Person, registry: Registry) -> None:
    """The page leads back to all records."""
    registry.add_user("otis", ("team/**", "read"))
    admin.go("/audit")
    wait_for_record(admin, "Grant given")
    admin.go("/audit?tag=never-seen")
    admin.sees("No record matches")
    admin.look("audit-nothing")

    admin.page.get_by_role("link", name="Show all records").click()

    expect(admin.page.get_by_role("row").nth(1)).to_be_visible()


def test_a_search_is_exported_and_that_is_recorded(admin: Person, registry: Registry, tmp_path: Path) -> None:
    """The dialog says so beforehand."""
    registry.add_user("olaf", ("team/**", "read"))
    admin.go("/audit?type=grant")
    wait_for_record(admin, "Grant given")
    admin.press("Export…")
    admin.sees("is recorded in the audit log")
    admin.look("audit-export")

    with admin.page.expect_download() as download:
        admin.page.get_by_role("link", name="Download").click()

    download.value.save_as(tmp_path / "audit.jsonl")
    assert '"object":"user:olaf"' in (tmp_path / "audit.jsonl").read_text()
    admin.go("/audit?type=audit.exported")
    wait_for_record(admin, "Audit log exported")


def test_a_search_is_saved_and_shared(person: MakePerson, admin: Person, registry: Registry) -> None:
    """Others choose it; only its owner may delete it."""
    admin.go("/audit?type=login&outcome=refused")
    admin.press("Save this search…")
    admin.field("Name").fill("refused logins")
    admin.page.get_by_role("switch", name="Shared").press("Space")
    admin.look("audit-save")
    admin.press("Save search")
    expect(admin.page.get_by_role("dialog")).to_have_count(0)
    auditor = an_auditor(person, registry, "quentin")
    auditor.go("/audit")

    auditor.press("Saved searches")
    expect(auditor.page.get_by_role("button", name="Delete the saved search")).to_have_count(0)
    auditor.look("audit-saved")
    auditor.page.get_by_role("link", name="refused logins").click()

    expect(auditor.page).to_have_url(f"{registry.console}/audit?type=login&outcome=refused")


def test_the_standing_of_the_log_is_shown(admin: Person, registry: Registry) -> None:
    """Months, keys, how to verify it, and the checkpoints to take elsewhere."""
    registry.add_user("pia", ("team/**", "read"))
    admin.go("/audit?object=user%3Apia")
    wait_for_record(admin, "Grant given")
    admin.go("/audit?tab=standing")
    expect(admin.page.get_by_role("table", name="Months")).to_contain_text("Kept")
    admin.sees("entrepot audit verify")
    admin.look("audit-standing")


def test_a_hold_keeps_names_from_being_erased(admin: Person, registry: Registry) -> None:
    """Placed after a fresh proof of identity; an erasure is refused until it is released."""
    registry.add_user("rita", ("team/**", "read"))
    admin.go("/audit?object=user%3Arita")
    wait_for_record(admin, "Grant given")
    registry.age_logins()
    admin.expected |= {403, 409}
    admin.go("/audit?tab=holds")
    admin.press("Place a hold")
    admin.field("Reason").fill("case 12")
    admin.page.get_by_label("From").fill("2026-01-01T00:00")
    admin.look("audit-hold")
    admin.press("Place hold")
    admin.page.get_by_label("Password", exact=True).fill(registry.server.password)
    admin.press("Confirm")
    expect(admin.page.get_by_role("row", name="case 12")).to_contain_text("In force")
    admin.look("audit-holds")
    ask_to_erase(admin, "rita")
    expect(admin.page.get_by_role("alert").filter(has_text="The tab Holds")).to_be_visible()
    admin.press("Cancel")

    admin.press("Release the hold: case 12")
    admin.press("Release hold")

    expect(admin.page.get_by_role("row", name="case 12")).to_contain_text("Released")


def test_a_name_is_erased(admin: Person, registry: Registry) -> None:
    """Records about somebody stay, and say of nobody who it was."""
    registry.add_user("sam", ("team/**", "read"))
    admin.go("/audit?object=user%3Asam")
    wait_for_record(admin, "Grant given")
    admin.go("/audit?tab=holds")

    ask_to_erase(admin, "sam")

    admin.sees("user:sam is forgotten")
    admin.look("audit-erased")
    admin.press("Done")
    admin.go("/audit?type=grant.given")
    expect(admin.page.get_by_text("erased", exact=True).first).to_be_visible()


def test_others_do_not_see_the_log(person: MakePerson, registry: Registry) -> None:
    """Neither in the navigation nor by its address."""
    registry.add_user("tess")
    tess = person()
    tess.log_in("tess", PASSWORD)

    tess.go("/audit")

    tess.sees("You may not see this")
    expect(tess.page.locator('nav a[href="/audit"]')).to_have_count(0)


def ask_to_erase(admin: Person, name: str) -> None:
    """Fill in the dialog that erases a user's name, look at it, and send it."""
    admin.press("Erase a name…")
    admin.field("Name").fill(name)
    admin.field("Reason").fill("request 17")
    admin.page.get_by_label(f"Type user:{name} to confirm").fill(f"user:{name}")
    admin.look("audit-erase")
    admin.press("Erase for good")
