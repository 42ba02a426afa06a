# SPDX-License-Identifier: Apache-2.0
"""Labels and notes on an artifact, and artifacts found by labels; what somebody writes runs in nobody's browser."""

import json
import re
from typing import Any

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry
from tests.server import ROOT

ATTACKS: list[str] = json.loads((ROOT / "web/tests/markdown-attacks.json").read_text())
NOTES_AT_ONCE = 50

_PROVOKE = """() => {
  const events = ['mouseover', 'mouseenter', 'focus', 'error', 'load', 'toggle', 'begin', 'animationstart'];
  const found = [...document.querySelectorAll('section[aria-label="Notes"] *')];
  for (const element of found) for (const name of events) element.dispatchEvent(new Event(name, { bubbles: true }));
  return {
    attacked: window.attacked ?? null,
    links: [...new Set(found.filter((each) => each.href).map((each) => String(each.href)))],
    loaded: found.filter((each) => each.matches('img, iframe, object, embed, script, style, video, base')).length,
  };
}"""


def artifact(repository: str, digest: str, rest: str = "") -> str:
    """Return where the management API has an artifact."""
    return f"/api/v1/repositories/{repository}/-/artifacts/{digest}{rest}"


def test_an_artifact_is_labelled_and_found(admin: Person, registry: Registry) -> None:
    """A label is put on it, the list is filtered by it, and it is taken off again."""
    for tag in ("1.0", "1.1"):
        registry.push_image("shelf/app", tag, annotations={"tag": tag})
    admin.go("/repositories/shelf/app/-/tags/1.1?tab=labels")
    admin.sees("No labels yet.")
    for key, value in (("stage", "production"), ("example.com/team", "shop")):
        admin.field("Key").fill(key)
        admin.field("Value").fill(value)
        admin.press("Add label")
        admin.sees(f"{key}={value}")
    admin.look("labels")

    admin.go("/repositories/shelf/app?tab=artifacts")
    rows = admin.page.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(3)
    admin.page.get_by_label("Filter by labels").fill("stage=production")
    expect(rows).to_have_count(2)
    admin.look("labels-list")
    admin.go("/repositories/shelf/app/-/tags/1.1?tab=labels")
    admin.press("Remove stage=production")
    admin.misses("stage=production")


def test_what_is_no_label_is_explained(admin: Person, registry: Registry) -> None:
    """What was typed stays."""
    admin.expected.add(400)
    registry.push_image("shelf/other", "1.0")
    admin.go("/repositories/shelf/other/-/tags/1.0?tab=labels")
    admin.field("Key").fill("two words")
    admin.press("Add label")

    expect(admin.page.get_by_role("alert")).to_contain_text("no key of a label")
    expect(admin.field("Key")).to_have_value("two words")


def test_notes_are_written_changed_and_deleted(admin: Person, registry: Registry, person: MakePerson) -> None:
    """By their authors; who administers deletes anybody's, and changes none."""
    registry.add_user("carla", ("desk/**", "write"))
    registry.push_image("desk/app", "1.0")
    carla = person()
    carla.log_in("carla", PASSWORD)
    carla.go("/repositories/desk/app/-/tags/1.0?tab=labels")
    carla.press("Write a note")
    carla.field("Note").fill("Rolled back, see [the report](https://example.com/r/17) and *stay away*.")
    carla.look("notes-write")
    carla.press("Save note")
    expect(carla.page.get_by_role("link", name="the report")).to_have_attribute("rel", re.compile("noreferrer"))
    carla.look("notes")
    carla.choose("Actions for the note by carla", "Change…")
    carla.field("Note").fill("Fine **again**.")
    carla.press("Save note")
    carla.sees("again")

    admin.go("/repositories/desk/app/-/tags/1.0?tab=labels")
    admin.press("Actions for the note by carla")
    expect(admin.page.get_by_role("menuitem")).to_have_count(1)
    admin.page.get_by_role("menuitem", name="Delete…").click()
    admin.press("Delete note")
    admin.sees("No notes yet.")


def test_nothing_that_is_written_runs_or_is_loaded(admin: Person, registry: Registry) -> None:
    """Of all that is known to have worked elsewhere; the page asks no other server, or the story fails."""
    for start in range(0, len(ATTACKS), NOTES_AT_ONCE):
        some = ATTACKS[start : start + NOTES_AT_ONCE]
        digest = registry.push_image("hostile/app", f"v{start}", annotations={"start": str(start)})
        for text in some:
            registry.ask("POST", artifact("hostile/app", digest, "/notes"), {"text": text})
        admin.go(f"/repositories/hostile/app/-/tags/v{start}?tab=labels")
        expect(admin.page.get_by_role("article")).to_have_count(len(some))

        found: dict[str, Any] = admin.page.evaluate(_PROVOKE)
        assert (found["attacked"], found["loaded"]) == (None, 0)
        assert all(re.match(r"https?://(example\.com/|evil\.example/pixel\.png$)", link) for link in found["links"])
        assert len(found["links"]) > 0
    admin.page.wait_for_timeout(500)
    assert admin.page.evaluate("window.attacked ?? null") is None
