# SPDX-License-Identifier: Apache-2.0
"""Finding things: by keyboard from anywhere, and on a page of its own."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.content import short
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry


@pytest.fixture(scope="module", autouse=True)
def digest(registry: Registry) -> str:
    """Push what is looked for; return the digest of an image that only `team/app` holds."""
    for repository in ("team/web", "vault/app"):
        registry.push_image(repository, "1.2")
    registry.add_user("rita", ("team/**", "read"))
    return registry.push_image("team/app", "1.2", annotations={"made": "for the search"})


def type_in_palette(person: Person, typed: str) -> None:
    """Open the palette by its keys, and type."""
    expect(person.page.get_by_role("button", name="Search")).to_be_visible()
    person.page.keyboard.press("Control+k")
    expect(person.page.get_by_role("textbox", name="Search")).to_be_focused()
    person.page.keyboard.type(typed)


def test_a_repository_is_gone_to_by_keyboard(admin: Person, registry: Registry) -> None:
    """Ctrl-K, a part of its name, Enter: without a mouse."""
    type_in_palette(admin, "m/web")
    admin.sees("Repositories")
    expect(admin.page.get_by_role("button", name="team/web", exact=True)).to_have_attribute("data-selected", "true")
    admin.look("palette")

    admin.page.keyboard.press("Enter")

    expect(admin.page).to_have_url(f"{registry.console}/repositories/team/web")


def test_a_tag_is_gone_to_by_name(admin: Person) -> None:
    """`repository:tag` finds the tag."""
    type_in_palette(admin, "team/app:1.2")
    expect(admin.page.locator("[data-selected]")).to_contain_text("team/app:1.2")

    admin.page.keyboard.press("Enter")

    expect(admin.page).to_have_url(re.compile("/repositories/team/app/-/tags/1.2$"))


def test_a_part_of_a_name_finds_tags_of_all_repositories(admin: Person) -> None:
    """`app:1.2` finds them wherever the last part of the name is so; the arrows choose between them."""
    type_in_palette(admin, "app:1.2")
    for name in ("team/app:1.2", "vault/app:1.2"):
        expect(admin.page.get_by_role("button", name=name)).to_be_visible()
    admin.look("palette-tags")

    admin.page.keyboard.press("ArrowDown")
    admin.page.keyboard.press("Enter")

    expect(admin.page).to_have_url(re.compile("/repositories/vault/app/-/tags/1.2$"))


@pytest.mark.parametrize("has_algorithm", [True, False])
def test_an_artifact_is_gone_to_by_a_short_digest(admin: Person, digest: str, has_algorithm: bool) -> None:
    """As much of it as pages show is enough, with its algorithm or without."""
    typed = short(digest) if has_algorithm else digest.partition(":")[2][:12]
    type_in_palette(admin, typed)
    expect(admin.page.locator("[data-selected]")).to_contain_text(f"team/app@{short(digest)}")

    admin.page.keyboard.press("Enter")

    expect(admin.page).to_have_url(re.compile(f"/repositories/team/app/-/artifacts/{digest}$"))


def test_a_page_is_gone_to_by_name(admin: Person) -> None:
    """The palette knows the pages of the console too."""
    type_in_palette(admin, "activ")
    expect(admin.page.get_by_role("button", name="Activity", exact=True)).to_be_visible()

    admin.page.keyboard.press("Enter")

    expect(admin.page.get_by_role("heading", level=1, name="Activity")).to_be_visible()


def test_what_is_not_there_is_not_found(admin: Person) -> None:
    """Both the palette and the page say so, and what to try."""
    type_in_palette(admin, "nowhere")
    admin.sees("Nothing found")
    admin.look("palette-nothing")

    admin.go("/search?q=nowhere")

    admin.sees("Nothing is called nowhere")
    admin.look("search-nothing")


def test_a_reader_finds_nothing_of_what_they_may_not_read(person: MakePerson) -> None:
    """Names, tags and digests of other projects are not found."""
    rita = person()
    rita.log_in("rita", PASSWORD)
    for typed in ("vault", "vault/app:1.2"):
        rita.go(f"/search?q={typed}")
        rita.sees(f"Nothing is called {typed}")
    rita.go("/repositories")

    type_in_palette(rita, "app:1.2")

    expect(rita.page.get_by_role("button", name="team/app:1.2")).to_be_visible()
    rita.misses("vault/app:1.2")


def test_a_search_has_an_address(admin: Person) -> None:
    """All results of the palette lead to the page, whose field changes the address as it is typed in."""
    type_in_palette(admin, "app")
    admin.page.get_by_role("button", name="All results").click()
    expect(admin.page).to_have_url(re.compile(r"/search\?q=app$"))
    main = admin.page.get_by_role("main")
    expect(main.get_by_role("link", name="vault/app", exact=True)).to_be_visible()
    admin.look("search")

    admin.page.get_by_label("What to look for").fill("team")

    expect(admin.page).to_have_url(re.compile(r"/search\?q=team$"))
    expect(main.get_by_role("link", name="team/web", exact=True)).to_be_visible()
    expect(main.get_by_role("link", name="vault/app")).to_have_count(0)
