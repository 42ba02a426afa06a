# SPDX-License-Identifier: Apache-2.0
"""Imports: what another registry has is looked at first, and brought when somebody says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.builders.importing import Origin
from tests.builders.importing import an_origin
from tests.builders.manifests import a_descriptor
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
    admin.field("Kind of registry").select_option(label="docker-registry (Distribution)")
    admin.field("Registry").fill(url)
    admin.field("Repositories").fill("library/**")
    admin.field("Into project").fill("team")


def names_here(registry: Registry) -> list[str]:
    """Return the names of all repositories here."""
    return sorted(each["name"] for each in registry.ask("GET", "/api/v1/repositories")["items"])


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
    expect(admin.field("Registry")).to_be_focused()
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
    assert names_here(registry) == []

    admin.press("Bring it here")

    admin.sees("4 of 4 tags, 0 failed")
    admin.sees("Compare")
    admin.look("imports-brought")
    tags = registry.ask("GET", "/api/v1/repositories/team/library/app/-/tags")["items"]
    assert sorted(each["name"] for each in tags) == ["1.0", "1.1"]
    assert names_here(registry) == ["team/library/app", "team/library/tool"]


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
    assert "team/library/none" not in names_here(registry)


def test_a_kind_says_what_is_needed(admin: Person) -> None:
    """Where there is but one address it is filled in, and what cannot be listed has to be named."""
    admin.go(TAB)
    admin.press("Bring from another registry")
    kind = admin.field("Kind of registry")
    kind.select_option(label="Docker Hub")
    expect(admin.field("Registry")).to_have_value("docker.io")
    admin.sees("this kind of registry does not list what it has")
    kind.select_option(label="Amazon ECR")
    expect(admin.field("Registry")).to_have_value("")
    expect(admin.field("User name there")).to_have_value("AWS")


def test_one_under_way_rests_goes_on_and_is_cancelled(admin: Person, origin: Origin) -> None:
    """It is so slow that it does not end by itself, and says how far it is."""
    large = b"slow" * 100_000
    origin.has("slow/app", an_image_manifest(layers=[a_descriptor(large)]), "1.0", blobs=(large,))
    fill(admin, origin.url)
    admin.field("Repositories").fill("slow/app")
    admin.page.get_by_label("At most MiB in a second").fill("0.02")
    admin.press("Preview")
    admin.press("Bring it here")
    row = admin.page.get_by_role("row").filter(has_text="slow/app")
    expect(row).to_contain_text("Running")
    expect(row).to_contain_text("0 of 1 tags")
    admin.look("imports-running")
    row.get_by_role("button", name="Pause").click()
    expect(row).to_contain_text("Paused")
    row.get_by_role("button", name="Go on").click()
    expect(row).to_contain_text("Running")
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("Cancelled")


def test_what_failed_is_tried_again_and_reported(admin: Person, origin: Origin) -> None:
    """The source lacks a layer for a while; the report is a file."""
    late = b"a layer that comes late"
    origin.has("late/app", an_image_manifest(layers=[a_descriptor(late)]), "1.0")
    fill(admin, origin.url)
    admin.field("Repositories").fill("late/app")
    admin.press("Preview")
    admin.press("Bring it here")
    row = admin.page.get_by_role("row").filter(has_text="late/app")
    expect(row).to_contain_text("0 of 1 tags, 1 failed")
    admin.look("imports-failed")
    row.get_by_role("button", name="What failed").click()
    admin.sees("late/app:1.0: ")
    admin.look("imports-why")
    admin.page.keyboard.press("Escape")
    origin.registry.has_blob("late/app", late)
    row.get_by_role("button", name="Try again").click()
    expect(row).to_contain_text("1 of 1 tags, 0 failed")
    with admin.page.expect_download() as download:
        row.get_by_role("link", name="Report").click()
    assert "late/app,1.0" in download.value.path().read_text()
