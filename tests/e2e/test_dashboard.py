# SPDX-License-Identifier: Apache-2.0
"""The start page: figures, health, what changed of late, and what is pulled most."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry
from tests.server import wait_until


@pytest.fixture(scope="module", autouse=True)
def content(registry: Registry) -> None:
    """Fill the registry with what two projects hold."""
    for repository in ("team/app", "team/web", "vault/keys"):
        registry.push_image(repository, "1.0")
    registry.add_user("rita", ("team/**", "read"))


def read_as_rita(person: MakePerson) -> Person:
    """Bring somebody who may read one of two projects."""
    rita = person()
    rita.log_in("rita", PASSWORD)
    return rita


@pytest.mark.parametrize(
    ("figure", "page"),
    [
        ("Health", "System"),
        ("Storage", "System"),
        ("Projects", "Projects"),
        ("Repositories", "Repositories"),
        ("Artifacts", "Repositories"),
    ],
)
def test_a_figure_leads_to_what_it_counts(admin: Person, figure: str, page: str) -> None:
    """Each is a link to the page that has the details."""
    admin.page.get_by_role("main").get_by_role("link", name=re.compile(f"^{figure}")).click()

    expect(admin.page.get_by_role("heading", level=1, name=page)).to_be_visible()


def test_a_change_appears_as_it_happens(admin: Person, registry: Registry) -> None:
    """A push is there without a reload, and leads to the tag and to the artifact."""
    admin.sees("team/app:1.0")

    digest = registry.push_image("team/app", "2.0", annotations={"made": "later"})

    newest = admin.page.get_by_role("list", name="Recent changes").get_by_role("listitem").first
    expect(newest).to_contain_text("Tag created")
    expect(newest.get_by_role("link", name="team/app:2.0")).to_be_visible()
    admin.look("dashboard")
    newest.get_by_role("link", name=digest[:12]).click()
    expect(admin.page).to_have_url(re.compile(f"team/app/-/artifacts/{digest}"))


def test_what_is_pulled_most_is_listed(admin: Person, registry: Registry) -> None:
    """Its repositories come in the order of their pulls, each a link."""
    for _ in range(3):
        registry.pull_manifest("team/web", "1.0")
    registry.pull_manifest("team/app", "1.0")
    top = admin.page.get_by_role("list", name="Repositories by pulls")

    def is_counted() -> bool:
        admin.page.reload()
        admin.sees("Most pulled in 30 days")
        shown: int = top.get_by_role("listitem").count()
        return shown == 2

    wait_until(is_counted, "pulls to be counted", registry.server.process, registry.server.log)
    expect(top.get_by_role("link")).to_have_text(["team/web", "team/app"])
    expect(top).to_contain_text("3 pulls")
    admin.look("dashboard-pulls")


def test_a_reader_sees_only_what_is_theirs(person: MakePerson) -> None:
    """Changes elsewhere are not told, nor are figures of the whole registry, nor what is only for administrators."""
    rita = read_as_rita(person)

    rita.sees("team/app:1.0")

    rita.misses("vault")
    rita.misses("Storage")
    rita.sees("All is well")
    expect(rita.page.get_by_role("link", name="System")).to_have_count(0)
    rita.look("dashboard-reader")


def test_who_may_see_nothing_is_told_whom_to_ask(person: MakePerson, registry: Registry) -> None:
    """A new user without any right finds out what to ask for."""
    registry.add_user("newt")
    newt = person()
    newt.log_in("newt", PASSWORD)

    newt.sees("There is nothing here yet that you may see")
    newt.sees("Ask an administrator of the registry")

    newt.misses("team/app")
    newt.look("dashboard-nothing")


def test_health_tells_what_is_wrong(admin: Person, registry: Registry) -> None:
    """Administrators are told which check fails and why, and see it end."""
    blobs, away = registry.server.data / "blobs", registry.server.data / "away"
    blobs.rename(away)
    blobs.write_text("something else is in the way")
    try:
        admin.page.wait_for_timeout(2_100)
        admin.go("/")
        admin.sees("Not working")
        admin.sees("storage:")
        admin.look("dashboard-unready")
    finally:
        blobs.unlink()
        away.rename(blobs)

    admin.page.wait_for_timeout(2_100)
    admin.page.reload()

    admin.sees("All is well")
