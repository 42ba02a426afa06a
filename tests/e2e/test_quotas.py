# SPDX-License-Identifier: Apache-2.0
"""Quotas: who uses how much, and what a project sees that is nearly full, and full."""

from tests.e2e.browser import Person
from tests.e2e.registry import Registry

PROJECT = "filled"
QUOTA = f"/api/v1/projects/{PROJECT}/quota"


def fill(registry: Registry) -> None:
    """Push some tags, unless an earlier story did."""
    if not registry.ask("GET", f"/api/v1/projects?search={PROJECT}")["items"]:
        for tag in ("v1", "v2", "v3", "v4"):
            registry.push_image(f"{PROJECT}/app", tag, annotations={"tag": tag})


def test_a_project_sees_how_full_it_is(admin: Person, registry: Registry) -> None:
    """Without a limit, near it, and at it; who may give more is named."""
    fill(registry)
    admin.go(f"/projects/{PROJECT}?tab=quota")
    admin.sees("This project has no limit")
    admin.look("quota-none")

    registry.ask("PUT", QUOTA, {"limits": {"tags": 5, "bytes": 10**6}, "contact": "platform@example.com"})
    admin.go(f"/projects/{PROJECT}?tab=quota")
    admin.sees("It is nearly full")
    admin.look("quota-near")

    registry.ask("PUT", QUOTA, {"limits": {"tags": 4, "bytes": 10**6}, "contact": "platform@example.com"})
    admin.go(f"/projects/{PROJECT}?tab=quota")
    admin.sees("Nothing more fits")
    admin.sees("platform@example.com")
    admin.look("quota-full")


def test_the_registry_shows_who_uses_how_much(admin: Person, registry: Registry) -> None:
    """The fullest first; nobody has a quota of their own yet."""
    fill(registry)
    admin.go("/system?tab=quotas")
    admin.sees("Who uses how much")
    admin.look("quotas")
    admin.go("/system?tab=quotas&kind=robot")
    admin.sees("No robot has a quota")
    admin.look("quotas-none")
