# SPDX-License-Identifier: Apache-2.0
"""One person at a browser, whose console must stay quiet, fast and usable by everybody."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from urllib.parse import urlsplit

from playwright.sync_api import Browser
from playwright.sync_api import BrowserContext
from playwright.sync_api import ConsoleMessage
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import Request
from playwright.sync_api import Response
from playwright.sync_api import ViewportSize
from playwright.sync_api import expect

from tests.e2e.places import AXE
from tests.e2e.places import SCREENSHOTS

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
PATIENCE_MS = 15_000

_AXE = """async (tags) => {
  const found = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
  return found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ` + nodes.map((n) => n.html).join(' | '));
}"""


@dataclass(slots=True)
class Person:
    """Somebody at a browser. What goes wrong unseen (errors, other hosts) is collected, and asked for at the end."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    """Statuses that the story provokes; the browser reports each on its console."""
    is_server_away: bool = False
    """Whether the story stops the server; the browser reports each request that reaches nobody."""

    def go(self, path: str) -> None:
        """Open an address of the console."""
        self.page.goto(self.url + path)

    def log_in(self, name: str, password: str) -> None:
        """Log in through the page, and wait until the console is there."""
        self.go("/login")
        self.give_password(name, password)
        self.is_in(name)

    def give_password(self, name: str, password: str) -> None:
        """Fill in the form that asks who logs in, and send it."""
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in").click()

    def is_in(self, name: str) -> None:
        """Wait until the console says who is logged in."""
        expect(self.page.get_by_role("button", name=f"Logged in as {name}")).to_be_visible()

    def log_out(self) -> None:
        """Log out through the menu, and wait for the login page."""
        self.page.get_by_role("button", name="Logged in as").click()
        self.page.get_by_role("menuitem", name="Log out").click()
        expect(self.page.get_by_role("button", name="Log in")).to_be_visible()

    def sees(self, text: str) -> None:
        """Wait until `text` can be seen somewhere on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def misses(self, text: str) -> None:
        """Wait until `text` is nowhere on the page."""
        expect(self.page.get_by_text(text)).to_have_count(0)

    def field(self, label: str) -> Locator:
        """Find the field of just this label, whether it offers a choice or not."""
        find = self.page.get_by_role
        return find("textbox", name=label, exact=True).or_(find("combobox", name=label, exact=True))

    def press(self, name: str) -> None:
        """Press the button of just this name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def choose(self, menu: str, item: str) -> None:
        """Open the menu of just this name, and choose one of its items."""
        self.press(menu)
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    def look(self, name: str) -> None:
        """Keep screenshots of this place in light, dark and on a phone; each has to pass axe, and to fit its width."""
        for suffix, is_dark, size in (("", False, DESKTOP), ("-dark", True, DESKTOP), ("-phone", False, PHONE)):
            self.page.emulate_media(color_scheme="dark" if is_dark else "light", reduced_motion="reduce")
            self.page.set_viewport_size(size)
            self.page.wait_for_timeout(250)
            self.page.screenshot(path=SCREENSHOTS / f"{name}{suffix}.png", full_page=False)
            self._fits(f"{name}{suffix}")
            self._is_accessible(f"{name}{suffix}")
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.page.set_viewport_size(DESKTOP)

    def _fits(self, where: str) -> None:
        too_wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if too_wide > 0:
            self.faults.append(f"{where} is {too_wide} px wider than its window")

    def _is_accessible(self, where: str) -> None:
        # Through the debugger: the page's own policy lets no script of another origin in.
        self.page.evaluate(AXE.read_text())
        violations = self.page.evaluate(_AXE, RULES)
        self.faults += [f"{where}: {violation}" for violation in violations]


MakePerson = Callable[[], Person]
"""Brings somebody else to a browser of their own, each time it is called."""


@contextmanager
def a_person(browser: Browser, url: str) -> Iterator[Person]:
    """Hold somebody with a browser of their own. Raises `AssertionError` for what went wrong unseen."""
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce", base_url=url, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    try:
        person = Person(context.new_page(), url)
        _watch(context, person)
        yield person
        unexpected = [fault for fault in person.faults if not _is_expected(fault, person)]
        assert unexpected == [], "\n".join(unexpected)
    finally:
        context.close()


def _watch(context: BrowserContext, person: Person) -> None:
    host = urlsplit(person.url).netloc

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            person.faults.append(f"console {message.type}: {message.text}")

    def on_request(request: Request) -> None:
        if urlsplit(request.url).netloc != host and not request.url.startswith(("data:", "blob:")):
            person.faults.append(f"asked another host: {request.url}")

    def on_response(response: Response) -> None:
        if response.status >= 500:
            person.faults.append(f"status of {response.status} for {response.url}")

    context.on("console", on_console)
    context.on("request", on_request)
    context.on("response", on_response)
    context.on("weberror", lambda error: person.faults.append(f"uncaught: {error.error}"))


def _is_expected(fault: str, person: Person) -> bool:
    if person.is_server_away and "net::ERR_" in fault:
        return True
    return any(f"status of {status}" in fault for status in person.expected)
