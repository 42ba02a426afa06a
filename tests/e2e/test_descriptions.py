# SPDX-License-Identifier: Apache-2.0
"""What repositories and projects are, and whom to ask: written with a preview, and shown where people look."""

import json

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry
from tests.server import ROOT

ATTACKS: list[str] = json.loads((ROOT / "web/tests/markdown-attacks.json").read_text())
README = """# Checkout

Takes the *money*. See [the handbook](https://example.com/handbook).

| port | what for |
|---|---|
| 8080 | customers |

1. Pull it
2. Run it

```sh
docker run -p 8080:8080 registry.example/market/checkout:1.4
```

> Ask before you deploy on a Friday.

![A drawing](https://example.com/drawing.png) <b>not bold</b>
"""


def write(person: Person) -> None:
    """Fill in what the form asks for."""
    person.press("Write a description")
    person.field("Summary").fill("Where customers pay")
    person.field("Owner").select_option("group")
    person.field("Name of the group").fill("payments")
    person.field("Description").fill(README)


def test_a_repository_is_described(admin: Person, registry: Registry) -> None:
    """Its page shows all of it, lists the summary and the owner."""
    registry.push_image("market/checkout", "1.4")
    admin.go("/repositories/market/checkout?tab=description")
    admin.sees("Nothing is said of it yet")
    admin.look("description-none")
    write(admin)
    admin.press("Preview")
    expect(admin.page.get_by_role("region", name="Preview")).to_contain_text("customers")
    admin.look("description-write")
    admin.press("Save")

    shown = admin.page.get_by_role("tabpanel", name="Description")
    expect(shown.get_by_role("heading", name="Checkout", exact=True)).to_be_visible()
    expect(admin.page.get_by_role("dialog")).to_have_count(0)
    expect(shown.get_by_role("link", name="A drawing")).to_be_visible()
    expect(admin.page.locator("main img")).to_have_count(0)
    admin.sees("<b>not bold</b>")
    admin.look("description")
    admin.go("/repositories?filter=checkout")
    row = admin.page.get_by_role("row").filter(has_text="market/checkout")
    expect(row).to_contain_text("Where customers pay")
    expect(row).to_contain_text("payments")
    admin.look("description-list")


def test_a_project_is_described_by_who_administers_it(admin: Person, registry: Registry, person: MakePerson) -> None:
    """Who may only read it sees what is said, and whom to ask."""
    registry.add_user("rita", ("bazaar/**", "read"))
    registry.push_image("bazaar/app", "1.0")
    admin.go("/projects/bazaar?tab=description")
    admin.press("Write a description")
    admin.field("Summary").fill("All that the bazaar runs on")
    admin.field("Owner").select_option("contact")
    admin.field("How to reach them").fill("bazaar@example.com")
    admin.press("Save")
    admin.sees("All that the bazaar runs on")

    rita = person()
    rita.log_in("rita", PASSWORD)
    rita.go("/projects/bazaar?tab=description")
    expect(rita.page.get_by_role("link", name="bazaar@example.com")).to_have_attribute(
        "href", "mailto:bazaar@example.com"
    )
    expect(rita.page.get_by_role("button", name="Change")).to_have_count(0)


def test_who_was_slower_overwrites_nothing(admin: Person, registry: Registry) -> None:
    """What was typed stays, and the page says what happened."""
    admin.expected.add(409)
    registry.push_image("market/slow", "1.0")
    admin.go("/repositories/market/slow?tab=description")
    admin.press("Write a description")
    admin.field("Summary").fill("mine")
    registry.ask("PUT", "/api/v1/repositories/market/slow/-/descriptions", {"summary": "theirs"})
    admin.press("Save")

    expect(admin.page.get_by_role("alert")).to_contain_text("revision 1")
    expect(admin.field("Summary")).to_have_value("mine")


def test_nothing_of_a_description_runs_or_is_loaded(admin: Person, registry: Registry) -> None:
    """All attacks one after another, and the summary and the contact as well."""
    registry.push_image("market/hostile", "1.0")
    words = {
        "text": "\n\n".join(ATTACKS),
        "summary": "<img src=x onerror=window.attacked=1>",
        "owner": {"kind": "contact", "name": "javascript:window.attacked=1"},
    }
    registry.ask("PUT", "/api/v1/repositories/market/hostile/-/descriptions", words)
    admin.go("/repositories/market/hostile?tab=description")
    admin.sees("<scr<script>ipt>")

    assert admin.page.evaluate("window.attacked ?? null") is None
    expect(admin.page.locator("main").locator("img, iframe, object, embed, script, style, form, video")).to_have_count(
        0
    )
    expect(admin.page.get_by_role("link", name="javascript:window.attacked=1")).to_have_count(0)
    admin.go("/repositories?filter=hostile")
    admin.sees("<img src=x")
