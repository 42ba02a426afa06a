# SPDX-License-Identifier: Apache-2.0
"""Copies: an artifact is brought into another repository from its page, and the copies of a repository are watched."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Person
from tests.e2e.registry import Registry

SOURCE, TARGET = "dev/app", "prod/app"


@pytest.fixture(scope="module")
def image(registry: Registry) -> str:
    """Push an image; return its digest."""
    return registry.push_image(SOURCE, "1.0", annotations={"is": "a release"})


def test_a_repository_without_copies_says_how_to_make_one(admin: Person, image: str) -> None:
    """And that nothing is moved by it."""
    assert image
    admin.go(f"/repositories/{SOURCE}?tab=copies")
    admin.sees("There are no copies")
    admin.look("copies-none")


def test_an_artifact_is_copied(admin: Person, registry: Registry, image: str) -> None:
    """First it is shown what would come; then it is under way, done, and followed until somebody stops that."""
    admin.go(f"/repositories/{SOURCE}/-/tags/1.0")
    admin.page.get_by_role("tab", name="Copies").click()
    admin.press("Copy to another repository")
    admin.field("Repository").fill(TARGET)
    admin.press("What would come")
    admin.sees("1 of 1 manifest is new")
    admin.look("copies-start")
    admin.press("Copy")
    admin.sees("1 manifest.")
    admin.sees("What is said later follows")
    admin.look("copies-done")

    admin.press("Stop following")

    expect(admin.page.get_by_text("What is said later follows")).to_have_count(0)
    tags = registry.ask("GET", f"/api/v1/repositories/{TARGET}/-/tags")["items"]
    assert [(each["name"], each["digest"]) for each in tags] == [("1.0", image)]


def test_what_is_refused_is_said_before_anything_is_copied(admin: Person, registry: Registry, image: str) -> None:
    """With what refuses it, in the dialog; and the list of the target shows where its copies came from."""
    registry.ask("PUT", "/api/v1/projects/prod/mode", {"mode": "read-only", "reason": "The release is frozen"})
    admin.go(f"/repositories/{SOURCE}/-/artifacts/{image}")
    admin.page.get_by_role("tab", name="Copies").click()
    admin.press("Copy to another repository")
    admin.field("Repository").fill("prod/other")
    admin.expected.add(503)
    admin.press("What would come")
    admin.sees("The release is frozen")
    admin.look("copies-refused")
    registry.ask("PUT", "/api/v1/projects/prod/mode", {"mode": "rw", "reason": "It is out"})
