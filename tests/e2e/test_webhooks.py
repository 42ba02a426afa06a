# SPDX-License-Identifier: Apache-2.0
"""Webhooks: nobody is told yet, one is made, and a test shows that its receiver cannot be reached."""

from tests.e2e.browser import Person
from tests.e2e.registry import Registry

PROJECT = "telling"
TAB = f"/projects/{PROJECT}?tab=webhooks"
URL = "https://hooks.invalid/deploy"


def begin(registry: Registry) -> None:
    """Push an image, unless an earlier story did, and forget the webhooks."""
    if not registry.ask("GET", f"/api/v1/projects?search={PROJECT}")["items"]:
        registry.push_image(f"{PROJECT}/app", "v1")
    for each in registry.ask("GET", f"/api/v1/webhooks?project={PROJECT}")["items"]:
        registry.ask("DELETE", f"/api/v1/webhooks/{each['id']}")


def test_a_webhook_is_made_and_tried(admin: Person, registry: Registry) -> None:
    """Its secret is shown once; the test says why nothing arrives."""
    begin(registry)
    admin.go(TAB)
    admin.sees("Nobody is told yet")
    admin.look("webhooks-none")

    admin.page.get_by_role("button", name="Make a webhook").click()
    dialog = admin.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("deploy")
    dialog.get_by_label("Address").fill(URL)
    dialog.get_by_label("Events").fill("tag.*")
    admin.look("webhooks-form")
    dialog.get_by_role("button", name="Make a webhook").click()
    admin.sees("The webhook deploy is made")
    admin.sees("whsec_")
    dialog.get_by_role("button", name="Done").click()
    admin.page.get_by_role("button", name="deploy").click()
    admin.sees("Nothing was delivered yet")
    admin.page.get_by_role("button", name="Send a test").click()
    admin.page.get_by_role("dialog").get_by_role("button", name="Send a test").click()
    admin.sees("hooks.invalid cannot be reached")
    admin.look("webhooks-tested")


def test_what_was_delivered_is_listed(admin: Person, registry: Registry) -> None:
    """With the request, the answer, and why a webhook is paused."""
    begin(registry)
    wanted = {"name": "deploy", "project": PROJECT, "url": URL}
    made = registry.ask("POST", "/api/v1/webhooks", wanted)
    registry.ask("POST", f"/api/v1/webhooks/{made['id']}:test")
    registry.ask("POST", f"/api/v1/webhooks/{made['id']}:pause", {"reason": "The receiver moves."})
    admin.go(f"{TAB}&hook={made['id']}")
    admin.sees("The receiver moves.")
    admin.look("webhooks-log")
    admin.page.get_by_role("button", name="webhook.tested").click()
    admin.sees("Attempt 1")
    admin.look("webhooks-delivery")


def test_the_registry_has_webhooks(admin: Person) -> None:
    """Beside what else there is to see of the system."""
    admin.go("/system?tab=webhooks")
    admin.sees("to the registry: logins, accounts, jobs")
    admin.look("webhooks-registry")
