# SPDX-License-Identifier: Apache-2.0
"""Activity: what happens as it happens, in every tab, through restarts, and to whom it is told."""

import re
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import Request
from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.browser import a_person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry
from tests.server import free_port
from tests.server import start_entrepot
from tests.server import stop
from tests.server import stopping


def lines(page: Page) -> Locator:
    """Return the lines of the page, the newest first."""
    return page.get_by_role("list", name="What happened, newest first").get_by_role("listitem")


def is_live(page: Page) -> None:
    """Wait until changes arrive by themselves."""
    expect(page.get_by_role("status").filter(has_text=re.compile("^Live$"))).to_be_visible()


def test_what_happens_is_told_as_it_happens(admin: Person, registry: Registry) -> None:
    """A push and a deletion show up by themselves, the newest first, with who did it."""
    admin.go("/events")
    is_live(admin.page)
    admin.sees("Nothing to show yet")
    admin.look("events-none")

    registry.push_image("team/app", "1.0")
    expect(lines(admin.page).filter(has_text="team/app:1.0")).to_contain_text("Tag created")
    registry.ask("DELETE", "/api/v1/repositories/team/app/-/tags/1.0")

    expect(lines(admin.page).first).to_contain_text("Tag deleted")
    expect(lines(admin.page).first).to_contain_text("admin")
    admin.look("events")


def test_a_filter_is_part_of_the_address(admin: Person, registry: Registry) -> None:
    """What is filtered by survives a reload, holds for what comes, and is left by one button."""
    for repository in ("kitchen/oven", "garden/shed"):
        registry.push_image(repository, "1.0")
    admin.go("/events")
    admin.page.get_by_label("Only this project").fill("kitchen")
    expect(admin.page).to_have_url(re.compile(r"project=kitchen"))

    admin.page.reload()

    expect(lines(admin.page).filter(has_text="kitchen/oven:1.0")).to_be_visible()
    expect(lines(admin.page).filter(has_text="garden")).to_have_count(0)
    admin.go("/events?project=cellar")
    admin.sees("Nothing here matches")
    admin.look("events-none-matching")
    admin.press("Show all")
    expect(lines(admin.page).filter(has_text="garden/shed:1.0")).to_be_visible()


def test_a_pause_holds_what_is_shown(admin: Person, registry: Registry) -> None:
    """What comes meanwhile is counted, and shown afterwards."""
    registry.push_image("team/paused", "1.0")
    admin.go("/events?project=team&type=tag.moved")
    is_live(admin.page)
    admin.press("Pause")

    registry.push_image("team/paused", "2.0")

    admin.sees("1 event since you paused")
    admin.misses("team/paused:2.0")
    admin.look("events-paused")
    admin.press("Go on")
    admin.sees("team/paused:2.0")


def test_pulls_are_told_when_asked_for(admin: Person, registry: Registry) -> None:
    """They are counted, and not mixed with changes."""
    registry.push_image("team/pulled", "1.0")
    admin.go("/events?type=content.used")
    admin.sees("No pull since you opened the console")
    is_live(admin.page)

    registry.pull_manifest("team/pulled", "1.0")

    expect(lines(admin.page).first).to_contain_text("team/pulled:1.0")
    expect(lines(admin.page).first).to_contain_text("Pulled")
    admin.look("events-pulls")


def test_all_tabs_share_one_stream(admin: Person, registry: Registry) -> None:
    """Other tabs hear what the first one does over its connection; one takes over when the first is closed."""
    streams: list[str] = []

    def count(request: Request) -> None:
        streams.extend([request.url] if "/api/v1/events" in request.url else [])

    is_live(admin.page)
    admin.page.get_by_role("link", name="Activity", exact=True).click()
    admin.page.context.on("request", count)
    first, second = admin.page.context.new_page(), admin.page.context.new_page()
    for tab in (first, second):
        tab.goto(f"{registry.console}/events")
        is_live(tab)
    registry.push_image("tabs/app", "1.0")
    for tab in (admin.page, first, second):
        expect(lines(tab).filter(has_text="tabs/app:1.0")).to_be_visible()
    assert streams == []

    admin.page.close()
    registry.push_image("tabs/app", "2.0")

    for tab in (first, second):
        expect(lines(tab).filter(has_text="tabs/app:2.0")).to_be_visible()
    assert len(streams) == 1


def test_a_stream_comes_back_after_a_restart(browser: Browser, tmp_path: Path) -> None:
    """While the server is away the page says so; then it goes on, and what happened meanwhile is not lost."""
    data, port = tmp_path / "data", free_port()
    first = start_entrepot(data, port, PASSWORD)
    with stopping(first.process, first.log), a_person(browser, Registry(first).console) as somebody:
        somebody.is_server_away = True
        somebody.log_in("admin", PASSWORD)
        somebody.go("/events")
        is_live(somebody.page)
        stop(first.process)
        somebody.sees("Not live")
        somebody.look("events-not-live")

        second = start_entrepot(data, port, PASSWORD)

        with stopping(second.process, second.log):
            Registry(second).push_image("team/app", "1.0")
            is_live(somebody.page)
            expect(lines(somebody.page).filter(has_text="team/app:1.0")).to_be_visible()


def test_nobody_hears_of_what_they_may_not_read(person: MakePerson, registry: Registry) -> None:
    """What happens in other projects is not told."""
    registry.add_user("rita", ("open/**", "read"))
    rita = person()
    rita.log_in("rita", PASSWORD)
    rita.go("/events")
    is_live(rita.page)

    registry.push_image("vault/keys", "1.0")
    registry.push_image("open/app", "1.0")

    expect(lines(rita.page).filter(has_text="open/app:1.0")).to_be_visible()
    rita.misses("vault")
    rita.look("events-reader")
