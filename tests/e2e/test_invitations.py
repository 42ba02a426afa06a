# SPDX-License-Identifier: Apache-2.0
"""Invitations: sent by administrators, and accepted once by whoever follows the link."""

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD


def test_somebody_who_is_invited_makes_their_own_account(person: MakePerson, admin: Person) -> None:
    """They choose a name and a password, log in with them, and the link is used up."""
    admin.go("/invitations")
    admin.press("Invite somebody")
    admin.field("Whom it is for").fill("vera@example.com")
    admin.look("invitations-creation")
    admin.press("Make the link")
    admin.sees("Invitation for vera@example.com")
    link = admin.page.get_by_role("dialog").locator("pre").inner_text()
    admin.press("Done")
    admin.look("invitations")
    vera = person()
    vera.page.goto(link)
    vera.field("User name").fill("vera")
    vera.field("Password").fill(PASSWORD)
    vera.field("Password, again").fill(PASSWORD)
    vera.look("welcome")

    vera.press("Make the account")

    vera.sees("Your account is made. Log in as vera.")
    vera.give_password("vera", PASSWORD)
    vera.is_in("vera")


def test_a_revoked_invitation_is_of_no_use(person: MakePerson, admin: Person) -> None:
    """Whoever follows its link is told to ask for another one."""
    admin.go("/invitations")
    admin.press("Invite somebody")
    admin.field("Whom it is for").fill("will@example.com")
    admin.press("Make the link")
    link = admin.page.get_by_role("dialog").locator("pre").inner_text()
    admin.press("Done")
    admin.press("Revoke the invitation for will@example.com")
    admin.press("Revoke")
    expect(admin.page.get_by_role("row", name="will@example.com")).to_contain_text("Revoked")
    will = person()
    will.expected.add(404)

    will.page.goto(link)

    will.sees("Ask whoever invited you for another one.")
    will.look("welcome-not-good")
