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


def test_an_administrator_sets_a_quota(admin: Person, registry: Registry) -> None:
    """Of a project, as on the command line; what is no size is told at its field; and takes it away."""
    fill(registry)
    registry.ask("PUT", QUOTA, {"limits": {}})
    registry.ask("DELETE", QUOTA)
    admin.go(f"/projects/{PROJECT}?tab=quota")
    admin.page.get_by_role("button", name="Set a quota…").click()
    dialog = admin.page.get_by_role("dialog")
    dialog.get_by_label("Bytes").fill("fifty")
    admin.sees("Write it as 50GB, 50GiB or 1.5TB.")
    dialog.get_by_label("Bytes").fill("50GB")
    dialog.get_by_label("Tags").fill("500")
    dialog.get_by_label("Whom to ask").fill("platform@example.com")
    admin.look("quota-form")
    dialog.get_by_role("button", name="Set it").click()
    admin.sees("4 of 500")
    assert registry.ask("GET", QUOTA)["quota"]["limits"]["bytes"] == 50 * 10**9

    admin.page.get_by_role("button", name="Remove the quota").click()
    admin.page.get_by_role("dialog").get_by_role("button", name="Remove the quota").click()
    admin.sees("Set a quota…")
    assert not registry.ask("GET", QUOTA)["is_own"]
