# SPDX-License-Identifier: Apache-2.0
"""Backups: what there is before the first, one that is taken and watched, what it holds back, and how it ends."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import expect

from entrepot.oci.media_types import OCI_CONFIG
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry
from tests.server import running_server
from tests.server import wait_until


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Serve a registry that takes backups when somebody asks, and once in four years."""
    folder = tmp_path_factory.mktemp("registry")
    environment = {
        "ENTREPOT_BACKUP__FOLDER": str(folder / "backups"),
        "ENTREPOT_BACKUP__SCHEDULE": "0 0 29 2 *",
        "ENTREPOT_GARBAGE__SCHEDULE": "0 0 29 2 *",
    }
    with running_server(folder / "data", environment=environment) as server:
        yield Registry(server)


def row(person: Person) -> Locator:
    """Return the newest backup of the list."""
    return person.page.get_by_role("table").get_by_role("row").nth(1)


def take(registry: Registry) -> str:
    """Take a backup; return its name once it is there."""
    registry.ask("POST", "/api/v1/backups", {})
    server = registry.server
    is_over = lambda: not registry.ask("GET", "/api/v1/backups:plan")["job"]  # noqa: E731 - asked until it is true
    wait_until(is_over, "a backup", server.process, server.log)
    return str(registry.ask("GET", "/api/v1/backups")["items"][0]["name"])


def push(registry: Registry, repository: str, layer: bytes) -> str:
    """Push an image with a layer of its own; return its digest."""
    for content in (A_CONFIG, layer):
        registry.push_blob(repository, content)
    image = an_image_manifest(config=a_descriptor(A_CONFIG, OCI_CONFIG), layers=[a_descriptor(layer)])
    return registry.push_manifest(repository, image, "1.0")


def test_a_backup_is_taken(admin: Person, registry: Registry) -> None:
    """Before the first one the page says what a backup is; the new one appears by itself."""
    registry.push_image("team/app", "1.0")
    admin.go("/backups")
    admin.sees("No backup has been taken yet")
    admin.look("backups-none")
    admin.press("Back up now")
    question = admin.page.get_by_role("dialog", name="Back up now?")
    question.get_by_label("Days to keep it").fill("3")
    question.get_by_label("Copy the bytes too").check()
    admin.look("backups-take")

    question.get_by_role("button", name="Back up", exact=True).click()

    expect(row(admin)).to_contain_text("Kept")
    expect(row(admin)).to_contain_text("Copied")
    admin.sees("The backup has ended")
    admin.look("backups")


def test_what_a_backup_holds_back_is_told_before_a_deletion(admin: Person, registry: Registry) -> None:
    """By its name, and until when."""
    digest = push(registry, "held/app", b"held back" * 1000)
    name = take(registry)

    admin.go(f"/repositories/held/app/-/artifacts/{digest}")
    admin.choose("Manage", "Delete the artifact")

    question = admin.page.get_by_role("dialog", name="Delete this artifact?")
    expect(question).to_contain_text(f"stay for the backup {name}, until it ends")
    admin.look("promise-held-back")


def test_what_goes_with_a_backup_is_told_before_it_is_removed(admin: Person, registry: Registry) -> None:
    """Only what nothing but this backup holds back."""
    digest = push(registry, "gone/app", b"only here" * 1000)
    name = take(registry)
    registry.ask("POST", f"/api/v1/repositories/gone/app/-/artifacts/{digest}:free-now", {})
    admin.go("/backups")
    row(admin).get_by_role("button", name=name, exact=True).click()
    details = admin.page.get_by_role("dialog", name=name)
    expect(details).to_contain_text("1 object, 8.79 KiB")
    admin.look("backups-details")
    details.get_by_role("button", name="Close").click()

    row(admin).get_by_role("button", name="What can be done").click()
    admin.page.get_by_role("menuitem", name="Remove").click()

    question = admin.page.get_by_role("dialog", name=f"Remove {name}?")
    expect(question).to_contain_text("1 object with 8.79 KiB")
    admin.look("backups-remove")
    question.get_by_role("button", name="Remove the backup").click()
    expect(row(admin)).to_contain_text("Ended")


def test_a_backup_that_fails_is_told(admin: Person, registry: Registry) -> None:
    """With the reason, on the page where it was begun."""
    folder = registry.server.data.parent / "backups"
    folder.rename(folder.with_name("away"))
    folder.write_text("in the way")
    try:
        admin.go("/backups")
        admin.press("Back up now")
        admin.page.get_by_role("dialog").get_by_role("button", name="Back up", exact=True).click()
        admin.sees("the backup cannot be written")
        admin.look("backups-failed")
    finally:
        folder.unlink()
        folder.with_name("away").rename(folder)


def test_the_page_is_for_those_who_operate_or_audit(person: MakePerson, registry: Registry) -> None:
    """An auditor sees it, and begins nothing; others are told whom to ask."""
    registry.add_user("rita", ("team/**", "admin"))
    registry.add_user("otto", ("SYSTEM", "auditor"))
    rita, otto = person(), person()
    rita.log_in("rita", PASSWORD)
    rita.go("/backups")
    rita.sees("This page is for administrators of the registry")

    otto.log_in("otto", PASSWORD)
    otto.go("/backups")

    otto.sees("How they are taken")
    expect(otto.page.get_by_role("button", name="Back up now")).to_have_count(0)
