# SPDX-License-Identifier: Apache-2.0
"""From an empty registry to the first push, for every client."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry

IMAGE = "sandbox/my-image"


def with_token(registry: Registry, person: Person) -> Registry:
    """Make a token on the guide that is shown; return the registry as who has nothing else reaches it."""
    person.press("Create a token for this")
    command = person.page.locator("pre", has_text="--password-stdin").inner_text()
    return Registry(replace(registry.server, password=command.split()[1]))


def test_an_empty_registry_leads_to_the_first_push(admin: Person, registry: Registry) -> None:
    """The start page leads to the guide, which makes a token, and sees the push and the pull that are done with it."""
    admin.sees("Welcome. This registry is empty")
    admin.look("dashboard-empty")
    admin.page.get_by_role("main").get_by_role("link", name="Get started").click()
    admin.sees("Waiting for your push")
    admin.look("guide-docker")
    client = with_token(registry, admin)
    admin.look("guide-token")
    admin.page.evaluate("window.isUntouched = true")

    digest = client.push_image(IMAGE, "1.0")
    admin.sees(f"{IMAGE}:1.0 arrived")
    client.pull_manifest(IMAGE, "1.0")
    admin.sees(f"{IMAGE}:1.0 was pulled")
    admin.look("guide-done")

    expect(admin.page.get_by_role("img", name="Done")).to_have_count(3)
    admin.page.get_by_role("link", name="Look at it").click()
    expect(admin.page).to_have_url(f"{registry.console}/repositories/{IMAGE}/-/artifacts/{digest}")
    assert admin.page.evaluate("window.isUntouched")


@pytest.mark.parametrize("client", ["podman", "skopeo", "helm", "oras", "nerdctl", "ctr"])
def test_every_client_has_its_commands(admin: Person, registry: Registry, client: str) -> None:
    """What it logs in to, pushes to and pulls from is this registry; its tab is in the address."""
    admin.go("/guide")
    admin.page.get_by_role("tab", name=client).click()

    admin.page.reload()

    expect(admin.page.get_by_role("tab", name=client, selected=True)).to_be_visible()
    for step in ("Push", "Pull it back"):
        commands = admin.page.get_by_role("listitem").filter(has=admin.page.get_by_role("heading", name=step))
        expect(commands.locator("pre").first).to_contain_text(f"{registry.address}/sandbox")
    admin.look(f"guide-{client}")


def test_a_command_is_copied_as_it_is(admin: Person, registry: Registry) -> None:
    """The button beside it puts all of its lines on the clipboard."""
    admin.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    admin.go("/guide?client=docker")
    admin.page.get_by_role("combobox", name="Project").fill("team")
    admin.sees("You may push there")
    pushed = admin.page.get_by_role("listitem").filter(has=admin.page.get_by_role("heading", name="Push"))

    pushed.get_by_role("button", name="Copy commands").first.click()

    target = f"{registry.address}/team/my-image:1.0"
    copied = admin.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"docker tag my-image {target}\ndocker push {target}"


def test_who_may_push_nowhere_is_told_whom_to_ask(person: MakePerson, registry: Registry) -> None:
    """The guide names what to ask for, and refuses a project as it is typed."""
    registry.add_user("nora", ("team/**", "read"))
    nora = person()
    nora.log_in("nora", PASSWORD)

    nora.go("/guide")

    nora.sees("Ask an administrator to make the project sandbox, or another, and to give nora the role write in it.")
    nora.sees("You may not push there")
    nora.look("guide-refused")
    nora.page.get_by_role("combobox", name="Project").fill("Team One")
    nora.sees("Lower-case letters and digits")


def test_a_member_is_led_to_their_own_project(person: MakePerson, registry: Registry) -> None:
    """Whoever may push to one project finds the commands for it."""
    registry.add_user("mia", ("kitchen/**", "write"))
    registry.push_image("kitchen/oven", "1.0")
    mia = person()
    mia.log_in("mia", PASSWORD)

    mia.go("/guide")

    expect(mia.page.get_by_role("combobox", name="Project")).to_have_value("kitchen")
    mia.sees("You may push there")
    expect(mia.page.locator("pre").last).to_contain_text(f"{registry.address}/kitchen/my-image:1.0")
