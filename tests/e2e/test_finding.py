# SPDX-License-Identifier: Apache-2.0
"""Finding artifacts by what they are, and keeping the question."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Person
from tests.e2e.content import short
from tests.e2e.registry import Registry

REVISION = "org.opencontainers.image.revision"
COMMIT = "abc123f0c1d2e3a4b5968778695a4b3c2d1e0f00"


@pytest.fixture(scope="module", autouse=True)
def digest(registry: Registry) -> str:
    """Push what is looked for among others; return its digest."""
    registry.push_image("shop/web", "1.0", annotations={REVISION: "9d8c7b6a5f4e"})
    registry.push_image("shop/api", "1.0", annotations={"org.opencontainers.image.vendor": "Acme Inc"})
    return registry.push_image("shop/web", "1.1", annotations={REVISION: COMMIT})


def test_what_was_built_from_a_commit_is_found_and_can_be_pulled(admin: Person, digest: str) -> None:
    """A qualifier leads to the artifacts; each has a reference to copy."""
    main = admin.page.get_by_role("main")
    row = main.get_by_role("row").filter(has_text=short(digest)[:14])
    admin.go("/search?q=revision%3Aabc123")
    main.get_by_role("button", name="Search", exact=True).wait_for()
    while not row.count():
        admin.page.reload()
        main.get_by_text(re.compile("found|Nothing is like this")).first.wait_for()

    expect(row).to_contain_text("shop/web")
    expect(row.get_by_role("button", name=re.compile("reference"))).to_be_visible()
    admin.sees("1 found")
    admin.look("finding-commit")


def test_a_count_narrows_the_query(admin: Person) -> None:
    """Each is a button that adds its term."""
    admin.go("/search?by=what&q=shop")
    main = admin.page.get_by_role("main")
    expect(main.get_by_role("link", name="shop/api", exact=True)).to_be_visible()
    admin.look("finding")

    main.get_by_role("button", name="Only platform:linux/amd64: 3").click()

    expect(admin.page).to_have_url(re.compile("platform%3Alinux%2Famd64|platform:linux"))
    expect(main.get_by_role("textbox", name="Query")).to_have_value("shop platform:linux/amd64")


def test_what_cannot_be_understood_says_what_can(admin: Person) -> None:
    """The part that is wrong, and what is allowed there; the help has the rest."""
    admin.expected |= {400}
    admin.go("/search?by=what&q=type%3Aimgae")
    admin.sees("there is no type 'imgae'")
    admin.look("finding-wrong")

    admin.press("Help")

    admin.sees("What a query can ask")
    admin.look("finding-help")


def test_a_query_is_saved_and_chosen_again(admin: Person) -> None:
    """Under a name, for oneself or a project."""
    admin.go("/search?by=what&q=type%3Aimage%20shop")
    admin.press("Save this query…")
    admin.field("Name").fill("images of the shop")
    admin.field("Share it with a project").fill("shop")
    admin.look("finding-saving")
    admin.press("Save query")
    admin.go("/search?by=what")

    admin.press("Saved queries")
    admin.look("finding-saved")
    admin.page.get_by_role("link", name="images of the shop").click()

    expect(admin.page.get_by_role("textbox", name="Query")).to_have_value("type:image shop")


def test_nothing_found_says_what_to_try(admin: Person) -> None:
    """There is a page for that too."""
    admin.go("/search?q=label%3Anothing")

    admin.sees("Nothing is like this")
    admin.look("finding-nothing")
