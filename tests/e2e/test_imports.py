# SPDX-License-Identifier: Apache-2.0
"""Imports: what another registry has is looked at first, and brought when somebody says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.builders.importing import Origin
from tests.builders.importing import an_origin
from tests.builders.manifests import an_image_manifest
from tests.e2e.browser import Person
from tests.e2e.registry import Registry
from tests.server import running_server

ALLOWED = {"ENTREPOT_OUTGOING__ALLOW": '["127.0.0.1"]'}
TAB = "/system?tab=imports"
SECRET = "a token of the source"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Serve an empty registry that may ask servers on the loopback address."""
    data: Path = tmp_path_factory.mktemp("registry") / "data"
    with running_server(data, environment=ALLOWED) as server:
        yield Registry(server)


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    """Serve another registry, with two repositories."""
    with an_origin() as origin:
        for repository in ("library/app", "library/tool"):
            origin.has(repository, an_image_manifest(annotations={"of": repository}), "1.0", "1.1", "2.0-dev")
        yield origin


def fill(admin: Person, url: str) -> None:
    """Open the form, and ask for what is below `library`."""
    admin.go(TAB)
    admin.press("Bring from another registry")
    admin.field("Registry").fill(url)
    admin.field("Repositories").fill("library/**")
    admin.field("Into project").fill("team")


def test_a_refusal_is_told_at_its_field(admin: Person) -> None:
    """What was typed stays, the password too, and nothing is begun."""
    admin.go(TAB)
    admin.sees("Nothing has been imported")
    admin.look("imports-none")
    fill(admin, "https://registry.example.org/library")
    admin.page.get_by_label("Password or token").fill(SECRET)
    admin.expected.add(400)
    admin.press("Preview")
    expect(admin.field("Registry")).to_have_attribute("aria-invalid", "true")
    admin.sees("the address of the source has a path")
    admin.look("imports-refused")
    expect(admin.page.get_by_label("Password or token")).to_have_value(SECRET)
    expect(admin.page.get_by_label("Password or token")).to_have_attribute("autocomplete", "off")


def test_what_would_come_is_shown_and_brought(admin: Person, registry: Registry, origin: Origin) -> None:
    """Nothing comes with the preview; then all that was shown does."""
    fill(admin, origin.url)
    admin.field("But for tags").fill("*-dev")
    admin.look("imports-form")
    admin.press("Preview")
    admin.sees("This is what would come. Nothing has been brought yet.")
    admin.sees("2: a pattern of tags that are left out matches")
    admin.look("imports-preview")
    assert registry.ask("GET", "/api/v1/repositories")["items"] == []

    admin.press("Bring it here")

    admin.sees("4 of 4 tags, 0 failed")
    admin.sees("Compare")
    admin.look("imports-brought")
    tags = registry.ask("GET", "/api/v1/repositories/team/library/app/-/tags")["items"]
    assert sorted(each["name"] for each in tags) == ["1.0", "1.1"]


def test_what_is_wrong_is_told_before_anything_comes(admin: Person, registry: Registry, origin: Origin) -> None:
    """A repository that the source does not have; and what was typed is there again to be changed."""
    fill(admin, origin.url)
    admin.field("Repositories").fill("library/none")
    admin.press("Preview")
    admin.sees("library/none: ")
    expect(admin.page.get_by_role("button", name="Bring it here")).to_be_disabled()
    admin.look("imports-preview-wrong")
    admin.press("Change it")
    expect(admin.field("Repositories")).to_have_value("library/none")
    assert "team/library/none" not in [each["name"] for each in registry.ask("GET", "/api/v1/repositories")["items"]]
