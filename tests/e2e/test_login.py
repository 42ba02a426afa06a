# SPDX-License-Identifier: Apache-2.0
"""Logging in and out, sessions, and personal tokens."""

import re

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry


def test_a_wrong_password_is_told_and_may_be_corrected(person: MakePerson, registry: Registry) -> None:
    """The page says what to do next, keeps the name that was typed, and lets the right password in."""
    somebody = person()
    somebody.expected.add(401)
    somebody.go("/login")
    somebody.give_password("admin", "not this one")
    expect(somebody.page.get_by_role("alert")).to_contain_text("user name or the password is wrong")
    somebody.look("login-refused")

    somebody.page.get_by_label("Password", exact=True).fill(registry.server.password)
    somebody.page.keyboard.press("Enter")

    somebody.is_in("admin")


def test_a_deep_link_survives_the_login(person: MakePerson, registry: Registry) -> None:
    """Who opens a page without being logged in is asked to, and then finds that page, with its open tab."""
    somebody = person()
    somebody.go("/profile?tab=sessions")
    expect(somebody.page).to_have_url(re.compile("/login"))
    somebody.look("login")

    somebody.give_password("admin", registry.server.password)

    expect(somebody.page.get_by_role("tab", name="Sessions", selected=True)).to_be_visible()
    somebody.sees("This one")
    somebody.look("profile-sessions")


def test_no_link_leads_elsewhere_through_the_login(person: MakePerson, registry: Registry) -> None:
    """An address of another host, smuggled into the link, is not gone to."""
    somebody = person()
    somebody.go("/login?to=//example.org/")

    somebody.give_password("admin", registry.server.password)

    somebody.is_in("admin")
    assert somebody.page.url == f"{registry.console}/"


def test_logging_out_ends_the_session(admin: Person) -> None:
    """After it the pages ask for a login again, the back button too."""
    admin.go("/profile")
    admin.expected.add(401)  # what the page is still asking for when it ends
    admin.log_out()

    admin.page.go_back()

    expect(admin.page.get_by_role("button", name="Log in")).to_be_visible()


def test_a_session_is_ended_from_another_browser(person: MakePerson, admin: Person, registry: Registry) -> None:
    """Who lost a laptop ends its session from another one; the lost one is asked to log in at once."""
    registry.add_user("lena")
    lost, found = person(), person()
    lost.log_in("lena", PASSWORD)
    lost.expected.add(401)
    found.log_in("lena", PASSWORD)
    found.go("/profile?tab=sessions")
    ending = found.page.get_by_role("button", name=re.compile("End the session"))

    ending.click()

    expect(ending).to_have_count(0)
    lost.go("/profile")
    expect(lost.page.get_by_role("button", name="Log in")).to_be_visible()


def test_logging_out_everywhere_ends_every_session(person: MakePerson, registry: Registry) -> None:
    """All browsers are out at once, this one too."""
    registry.add_user("omar")
    here, there = person(), person()
    for each in (here, there):
        each.log_in("omar", PASSWORD)
    there.expected.add(401)
    here.go("/profile?tab=sessions")
    here.page.get_by_role("button", name="Log out everywhere").click()

    here.page.get_by_role("dialog").get_by_role("button", name="Log out everywhere").click()

    expect(here.page.get_by_role("button", name="Log in")).to_be_visible()
    there.go("/profile")
    expect(there.page.get_by_role("button", name="Log in")).to_be_visible()


def test_an_open_page_notices_that_its_session_ended(person: MakePerson, registry: Registry) -> None:
    """Whoever goes on in a page that was open is asked to log in, and the server is not asked over and over."""
    registry.add_user("vera")
    here, there = person(), person()
    for each in (here, there):
        each.log_in("vera", PASSWORD)
    there.expected.add(401)
    asked: list[str] = []
    there.page.on("request", lambda request: asked.append(request.url))
    here.go("/profile?tab=sessions")
    here.page.get_by_role("button", name="Log out everywhere").click()
    here.page.get_by_role("dialog").get_by_role("button", name="Log out everywhere").click()
    expect(here.page.get_by_role("button", name="Log in")).to_be_visible()

    there.page.get_by_role("link", name="Projects").first.click()

    expect(there.page.get_by_role("button", name="Log in")).to_be_visible()
    assert len([url for url in asked if url.endswith("/api/v1/session")]) < 5


def test_a_token_is_made_shown_once_and_revoked(admin: Person) -> None:
    """Its secret is there until the dialog is closed, and nowhere afterwards."""
    admin.go("/profile?tab=tokens")
    admin.look("profile-tokens-none")
    admin.page.get_by_role("button", name="Create a token").click()
    admin.page.get_by_label("Name").fill("laptop")
    admin.page.keyboard.press("Enter")
    secret = admin.page.get_by_role("dialog").locator("pre").first.inner_text()
    admin.look("profile-tokens-made")
    admin.page.get_by_role("button", name="Done").click()
    expect(admin.page.get_by_text(secret)).to_have_count(0)
    admin.look("profile-tokens-live")

    admin.page.get_by_role("button", name="Revoke laptop").click()
    admin.page.get_by_role("dialog").get_by_role("button", name="Revoke").click()

    expect(admin.page.get_by_text("Revoked", exact=True)).to_be_visible()
    admin.look("profile-tokens")
