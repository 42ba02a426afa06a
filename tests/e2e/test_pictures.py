# SPDX-License-Identifier: Apache-2.0
"""The pictures of the README: what a registry that is in use looks like."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Person
from tests.e2e.content import Application
from tests.e2e.content import push_application
from tests.e2e.content import push_chart
from tests.e2e.content import short
from tests.e2e.places import SCREENSHOTS
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry

RELEASES = ("1.2.0", "1.2.1", "1.3.0", "1.4.0", "1.4.1", "1.4.2")
PULLS = {"shop/checkout": 96, "shop/catalogue": 61, "platform/ingress": 34, "data/importer": 12}


@pytest.fixture(scope="module")
def checkout(registry: Registry) -> Application:
    """Fill the registry as three teams do; return what they released last."""
    for user, project in (("shop-release", "shop"), ("platform-release", "platform"), ("data-release", "data")):
        registry.add_user(user, (f"{project}/**", "write"))
    platform, shop, data = (as_user(registry, name) for name in ("platform-release", "shop-release", "data-release"))
    push_chart(platform, "platform/charts/ingress", "0.9.3")
    push_application(platform, "platform/ingress", "2.1.0")
    push_application(data, "data/importer", "2026.1")
    push_application(shop, "shop/catalogue", "3.0.1")
    *_, newest = [push_application(shop, "shop/checkout", release) for release in RELEASES]
    for repository, count in PULLS.items():
        tag = registry.ask("GET", f"/api/v1/repositories/{repository}/-/tags")["items"][0]["name"]
        for _ in range(count):
            registry.pull_manifest(repository, tag)
    return newest


def as_user(registry: Registry, name: str) -> Registry:
    """Return the registry as somebody reaches it."""
    return Registry(replace(registry.server, user=name, password=PASSWORD))


def take(person: Person, name: str) -> None:
    """Take a picture of the window as it is."""
    person.page.wait_for_timeout(500)
    person.page.screenshot(path=SCREENSHOTS / f"{name}.png", scale="css")


@pytest.mark.usefixtures("checkout")
def test_the_dashboard_of_a_registry_in_use(admin: Person) -> None:
    """It shows figures, what was pushed by whom, and what is pulled most."""
    admin.page.reload()

    admin.sees("All is well")
    expect(admin.page.get_by_role("list", name="Recent changes")).to_contain_text("shop-release")
    expect(admin.page.get_by_role("list", name="Repositories by pulls")).to_contain_text("shop/checkout")
    take(admin, "readme-dashboard")


@pytest.mark.usefixtures("checkout")
def test_the_tags_of_a_repository_in_use(admin: Person) -> None:
    """They come by version, the newest first."""
    admin.go("/repositories/shop/checkout?sort=-version")

    rows = admin.page.get_by_role("table").get_by_role("row")

    expect(rows.nth(1)).to_contain_text(RELEASES[-1])
    expect(rows).to_have_count(len(RELEASES) + 1)
    take(admin, "readme-tags")


def test_an_artifact_with_platforms_and_referrers(admin: Person, checkout: Application) -> None:
    """An index shows what it is for, and what was attached to it."""
    admin.go(f"/repositories/shop/checkout/-/artifacts/{checkout.index}")

    expect(admin.page.get_by_role("tab", name="Platforms")).to_be_visible()
    admin.sees("linux/amd64, linux/arm64")
    take(admin, "readme-artifact")
    admin.page.get_by_role("tab", name="Referrers").click()
    expect(admin.page.get_by_role("tabpanel")).to_contain_text("spdx")
    admin.page.get_by_role("button", name=f"Unfold SBOM {short(checkout.sbom)}").click()
    expect(admin.page.get_by_role("tabpanel")).to_contain_text("notary")
    take(admin, "readme-referrers")
