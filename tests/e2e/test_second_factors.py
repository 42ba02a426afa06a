# SPDX-License-Identifier: Apache-2.0
"""What guards an account beside its password: set up in the console, asked for at the next login."""

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser
from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.browser import a_person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry
from tests.server import running_server

FACTORS = "/profile?tab=second-factors"
REQUIRED = {"ENTREPOT_SECOND_FACTORS__REQUIRED_FOR": "everyone"}


@pytest.fixture(scope="module")
def strict_registry() -> Iterator[Registry]:
    """Serve a registry in which everybody has to have a second factor."""
    with running_server(environment=REQUIRED) as server:
        yield Registry(server)


def set_up_app(person: Person, look: str) -> list[str]:
    """Add an authenticator app on the page that is shown; return the recovery codes that come with it."""
    person.page.get_by_role("button", name="Add an authenticator app").click()
    secret = person.page.get_by_role("dialog").locator("code").inner_text()
    person.look(f"{look}-app")
    person.page.get_by_label("Code that the app shows now").fill(pyotp.TOTP(secret).now())
    person.page.get_by_role("button", name="Confirm").click()
    codes: list[str] = person.page.get_by_role("dialog").locator("pre").inner_text().split()
    person.look(f"{look}-recovery-codes")
    person.page.get_by_role("button", name="Done").click()
    return codes


def plug_in_key(person: Person) -> None:
    """Give somebody's browser a security key that is touched at once."""
    session = person.page.context.new_cdp_session(person.page)
    session.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": key})


def test_an_authenticator_app_guards_an_account(person: MakePerson, registry: Registry) -> None:
    """Who lost the device gets in by a recovery code, which is used up by that; a wrong code does not let in."""
    registry.add_user("tina")
    tina, again = person(), person()
    tina.log_in("tina", PASSWORD)
    tina.go(FACTORS)
    tina.look("second-factors-none")
    codes = set_up_app(tina, "second-factors")
    tina.sees("10 recovery codes left")
    again.expected.add(403)
    again.go("/login")
    again.give_password("tina", PASSWORD)
    again.page.get_by_label("Code").fill("000000")
    again.page.get_by_role("button", name="Continue").click()
    expect(again.page.get_by_role("alert")).to_be_visible()
    again.look("login-second-factor")

    again.page.get_by_label("Code").fill(codes[0])
    again.page.get_by_role("button", name="Continue").click()

    again.is_in("tina")
    again.go(FACTORS)
    again.sees("9 recovery codes left")


def test_a_security_key_guards_an_account(person: MakePerson, registry: Registry) -> None:
    """A key is added and proves its owner at the next login."""
    registry.add_user("kim")
    kim = person()
    plug_in_key(kim)
    kim.log_in("kim", PASSWORD)
    kim.go(FACTORS)
    kim.page.get_by_role("button", name="Add a security key or passkey").click()
    kim.page.get_by_role("button", name="Continue").click()
    kim.page.get_by_role("button", name="Done").click()
    kim.look("second-factors-key")
    kim.log_out()

    kim.give_password("kim", PASSWORD)
    kim.page.get_by_role("button", name="Use a security key or passkey").click()

    kim.is_in("kim")


def test_who_has_to_have_one_sets_it_up_before_anything_else(browser: Browser, strict_registry: Registry) -> None:
    """The password leads to setting up a second factor, and that to the console."""
    with a_person(browser, strict_registry.console) as somebody:
        somebody.go("/login")
        somebody.give_password(strict_registry.server.user, strict_registry.server.password)
        somebody.sees("Set up a second factor")
        somebody.look("login-enrolment")

        set_up_app(somebody, "login-enrolment")

        somebody.is_in("admin")
