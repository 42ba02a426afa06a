# SPDX-License-Identifier: Apache-2.0
"""Usage: what is pulled from a project and from a repository, by day, tag, client and principal."""

from playwright.sync_api import expect

from tests.e2e.browser import Person
from tests.e2e.registry import Registry

REPOSITORY = "busy/app"


def fill(registry: Registry) -> None:
    """Push two tags, and pull them, unless an earlier story did."""
    if not registry.ask("GET", "/api/v1/projects?search=busy")["items"]:
        for tag in ("1.0", "2.0"):
            registry.push_image(REPOSITORY, tag, annotations={"tag": tag})
        for _ in range(12):
            registry.pull_manifest(REPOSITORY, "2.0")


def test_a_repository_tells_who_pulls_what(admin: Person, registry: Registry) -> None:
    """Some seconds after it was pulled."""
    fill(registry)
    expect(admin.page.locator("body")).to_be_visible()
    admin.go(f"/repositories/{REPOSITORY}?tab=usage")
    admin.sees("Pulls by day")
    admin.look("usage-repository")


def test_a_project_tells_what_it_holds(admin: Person, registry: Registry) -> None:
    """And which of its repositories are pulled."""
    fill(registry)
    admin.go("/projects/busy?tab=usage")
    admin.sees("Bytes held")
    admin.look("usage-project")
