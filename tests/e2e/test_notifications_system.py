# SPDX-License-Identifier: Apache-2.0
"""What administrators see of notifications under System: thresholds, whether mail goes out, and what became of it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Person
from tests.e2e.registry import Registry
from tests.fakes.mail_server import MailServer
from tests.server import running_server

TAB = "/system?tab=notifications"
API = "/api/v1/notifications"
TOKENS = "Days until a token of a user expires."
TEST = "Send a test"
REFUSED = "550 5.1.1 nobody of that name"


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    """Run the mail server of the company."""
    with MailServer().running() as server:
        yield server


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[Registry]:
    """Serve a registry that sends mail."""
    given = mail.settings()
    settings = {
        "ENTREPOT_MAIL__HOST": given.host,
        "ENTREPOT_MAIL__PORT": str(given.port),
        "ENTREPOT_MAIL__SENDER": given.sender,
        "ENTREPOT_MAIL__SECURITY": given.security,
    }
    with running_server(tmp_path_factory.mktemp("registry") / "data", environment=settings) as server:
        yield Registry(server)


def test_a_threshold_is_changed_and_goes_back(admin: Person) -> None:
    """What cannot be is refused in the dialog, where what was typed stays."""
    admin.go(TAB)
    rule = admin.page.get_by_role("region", name=TOKENS)
    expect(rule).to_contain_text("From 14, 3 days on")
    admin.look("notifications-thresholds")
    rule.get_by_role("button").click()
    levels = admin.page.get_by_label("Thresholds, in days")
    levels.fill("400")
    admin.expected.add(400)
    admin.press("Save")
    admin.sees("each from 1 to 365")
    admin.look("notifications-threshold-refused")
    levels.fill("7, 30")
    admin.press("Save")
    expect(rule).to_contain_text("From 30, 7 days on")
    rule.get_by_role("button").click()
    admin.press("Go back to what it was at first")
    expect(rule).to_contain_text("From 14, 3 days on")


def test_a_test_mail_says_what_became_of_it(admin: Person, mail: MailServer) -> None:
    """That it was taken, or why not."""
    admin.go(TAB)
    admin.sees("No mail has been sent")
    admin.page.get_by_label("Send a test to").fill("ada@example.org")
    admin.press(TEST)
    admin.sees("The mail server took the test for ada@example.org")
    assert [each.recipients for each in mail.taken] == [("ada@example.org",)]

    mail.answer_to_recipient = REFUSED
    admin.expected.add(424)
    admin.press(TEST)
    expect(admin.page.get_by_text(re.compile(re.escape(REFUSED)))).to_be_visible()
    admin.look("notifications-mail-refused")


def add_reader_of_mail(registry: Registry, mail: MailServer) -> None:
    """Make a user who has the news of tokens mailed."""
    registry.add_user("ada", ("team/**", "admin"))
    registry.ask("PUT", f"{API}/address", {"address": "ada@example.org"}, user="ada")
    code = re.search(r"^\d{8}$", mail.taken[-1].text, re.MULTILINE)
    assert code is not None
    registry.ask("POST", f"{API}/address:confirm", {"code": code.group()}, user="ada")
    registry.ask("PUT", f"{API}/preferences", {"kinds": {"account.token": "both"}}, user="ada")


def test_the_log_says_what_was_wrong(admin: Person, registry: Registry, mail: MailServer) -> None:
    """Of each mail, to whom it went and what the mail server answered."""
    mail.answer_to_recipient = "250 good"
    add_reader_of_mail(registry, mail)
    mail.answer_to_recipient = REFUSED
    registry.ask("POST", "/api/v1/tokens", {"name": "ci", "expires_in_days": 30}, user="ada")
    admin.go(TAB)
    failed = admin.page.get_by_role("row").filter(has_text=REFUSED)
    for _ in range(30):
        if failed.count():
            break
        admin.page.wait_for_timeout(1000)
        admin.page.reload()
        admin.page.get_by_role("button", name=TEST).wait_for()
    expect(failed.get_by_text("Failed")).to_be_visible()
    failed.scroll_into_view_if_needed()
    admin.look("notifications-mails")


def test_what_cannot_be_had_is_said(admin: Person) -> None:
    """Rules that cannot be had leave a way to ask again."""
    admin.expected.add(503)
    admin.page.route(re.compile(r"/api/v1/notifications/rules"), lambda route: route.fulfill(status=503))
    admin.go(TAB)
    expect(admin.page.get_by_role("button", name="Try again").first).to_be_visible()
