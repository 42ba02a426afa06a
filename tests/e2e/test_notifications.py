# SPDX-License-Identifier: Apache-2.0
"""Notifications: what somebody hears of, how they have it mailed, and what they do not want to hear of again."""

import re
from contextlib import closing

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import expect
from sqlalchemy import Connection

from entrepot.entry.configuration import DATABASE_FILE
from entrepot.features.notifications.jobs import WATCH
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.jobs.queue import enqueue
from entrepot.infra.jobs.regular import Nothing
from entrepot.kernel.clock import system_clock
from entrepot.kernel.identifiers import new_ulid
from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry

TAB = "/profile?tab=notifications"
API = "/api/v1/notifications"
ENDS = "Your token ci expires in"


@pytest.fixture
def ada(person: MakePerson, registry: Registry) -> Person:
    """Bring a developer, logged in."""
    if all(each["name"] != "ada" for each in registry.ask("GET", "/api/v1/users")["items"]):
        registry.add_user("ada", ("team/**", "admin"))
    somebody = person()
    somebody.log_in("ada", PASSWORD)
    return somebody


def look_now(registry: Registry) -> None:
    """Have the server look at everything that its rules watch."""
    with closing(SqliteDatabase(registry.server.data / DATABASE_FILE)) as database:
        database.write_now(_look)


def _look(connection: Connection) -> None:
    enqueue(connection, WATCH, Nothing(), system_clock(), unique_key=new_ulid())


def test_nothing_yet(ada: Person) -> None:
    """An empty list says what will be in it; a list that cannot be had says so."""
    ada.go(TAB)
    ada.sees("Nothing yet")
    ada.look("notifications-none")
    ada.expected.add(503)
    ada.page.route(re.compile(r"/api/v1/notifications(\?|$)"), lambda route: route.fulfill(status=503))
    ada.page.reload()
    expect(ada.page.get_by_role("button", name="Try again")).to_be_visible()
    ada.look("notifications-failed")


def told_of_a_token(ada: Person, registry: Registry) -> Locator:
    """Let a token of hers expire soon, and return the row that tells of it once it is there."""
    registry.ask("POST", "/api/v1/tokens", {"name": "ci", "expires_in_days": 10}, user="ada")
    look_now(registry)
    ada.go(TAB)
    row = ada.page.get_by_role("row").filter(has_text=ENDS)
    for _ in range(20):
        if row.count():
            break
        ada.page.wait_for_timeout(500)
        ada.page.reload()
    ada.sees(ENDS)
    return row


def test_a_token_expires_soon(ada: Person, registry: Registry) -> None:
    """Its owner is told, follows it to the token without another load of the page, and mutes the kind."""
    row = told_of_a_token(ada, registry)
    ada.look("notifications")
    row.get_by_role("button").click()
    ada.page.get_by_role("menuitem", name="Mark as read").click()
    expect(row.get_by_text("Unread")).to_have_count(0)
    ada.page.evaluate("window.isSame = true")
    row.get_by_role("link").click()
    expect(ada.page).to_have_url(re.compile("tab=tokens"))
    assert ada.page.evaluate("window.isSame") is True

    ada.go(TAB)
    row.get_by_role("button").click()
    ada.page.get_by_role("menuitem", name="Mute this kind").click()
    ada.look("notifications-mute")
    ada.page.get_by_role("dialog").get_by_role("button", name="Mute", exact=True).click()
    expect(ada.page.get_by_role("dialog")).to_have_count(0)
    ada.press("Muted")
    ada.sees("A token of yours expires soon.")
    assert [each["kind"] for each in registry.ask("GET", f"{API}/mutes", user="ada")["items"]] == ["token.ends"]


def test_mutes_end(ada: Person, registry: Registry) -> None:
    """A project is muted for a week, and heard of again."""
    for each in registry.ask("GET", f"{API}/mutes", user="ada")["items"]:
        registry.ask("DELETE", f"{API}/mutes/{each['id']}", user="ada")
    ada.go(f"{TAB}&show=mutes")
    ada.sees("Nothing is muted")
    ada.press("Mute something")
    dialog = ada.page.get_by_role("dialog")
    dialog.get_by_label("Project").fill("team")
    dialog.get_by_role("combobox", name="For how long").click()
    ada.page.get_by_role("option", name="A week").click()
    dialog.get_by_role("button", name="Mute", exact=True).click()
    ada.sees("Project team")
    ada.look("notifications-mutes")
    assert [each["project"] for each in registry.ask("GET", f"{API}/mutes", user="ada")["items"]] == ["team"]
    ada.press("Hear of it again")
    ada.sees("Nothing is muted")


def test_preferences(ada: Person, registry: Registry) -> None:
    """A weekly mail has its day; what was chosen is kept."""
    ada.go(f"{TAB}&show=preferences")
    ada.look("notifications-preferences")
    ada.page.get_by_role("combobox", name="How often").click()
    ada.page.get_by_role("option", name="Weekly").click()
    ada.page.get_by_role("combobox", name="Day of the week").click()
    ada.page.get_by_role("option", name="Friday").click()
    ada.press("Save")
    ada.sees("Your preferences are saved")
    ada.look("notifications-preferences-weekly")
    kept = registry.ask("GET", f"{API}/preferences", user="ada")
    assert (kept["digest"], kept["weekday"]) == ("weekly", 4)
