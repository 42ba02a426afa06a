# SPDX-License-Identifier: Apache-2.0
"""Finding repositories and tags, seeing pushes arrive, and deleting tags."""

import re

from playwright.sync_api import Locator
from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.content import push_application
from tests.e2e.content import push_chart
from tests.e2e.content import short
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry


def first_cells(table: Locator) -> list[str]:
    """Return what the first column of a table says, from its top."""
    return [text.strip() for text in table.locator("tbody tr td:first-child").all_inner_texts()]


def refusal_of_deletion(person: Person, address: str) -> dict[str, object]:
    """Send a DELETE as the page would for somebody who may; return its status and code."""
    answer: dict[str, object] = person.page.evaluate(
        """async (address) => {
          const session = await (await fetch('/api/v1/session')).json();
          const headers = { 'X-CSRF-Token': session.csrf_token };
          const answer = await fetch(address, { method: 'DELETE', headers });
          return { status: answer.status, code: (await answer.json()).code };
        }""",
        address,
    )
    return answer


def test_repositories_are_found_by_a_part_of_their_name(admin: Person, registry: Registry) -> None:
    """The text stays in the address; where nothing fits, the page says so and shows the way back."""
    for name in ("team/shop", "team/shop-worker", "other/ledger"):
        registry.push_image(name, "1.0")
    admin.go("/repositories")
    table = admin.page.get_by_role("table", name="Repositories")
    expect(table.get_by_role("link", name="team/shop", exact=True)).to_be_visible()
    admin.look("repositories")

    admin.page.get_by_label("Filter by name").fill("worker")

    expect(table.get_by_role("row")).to_have_count(2)
    assert first_cells(table) == ["team/shop-worker"]
    expect(admin.page).to_have_url(re.compile(r"filter=worker"))
    admin.page.get_by_label("Filter by name").fill("nothing like it")
    admin.sees("No repository fits")
    admin.look("repositories-none-fits")
    admin.page.get_by_role("link", name="Show all repositories").click()
    expect(table.get_by_role("link", name="other/ledger")).to_be_visible()


def test_repositories_of_one_project_are_a_link_away(admin: Person, registry: Registry) -> None:
    """Who comes from a repository sees those beside it, and takes the limit away by a button."""
    for name in ("near/one", "near/two", "far/three"):
        registry.push_image(name, "1.0")
    admin.go("/repositories/near/one")

    admin.page.get_by_role("link", name="near", exact=True).click()

    table = admin.page.get_by_role("table", name="Repositories")
    expect(table.get_by_role("link", name="near/two")).to_be_visible()
    expect(table.get_by_role("link", name="far/three")).to_have_count(0)
    admin.page.get_by_role("button", name="Show the repositories of all projects").click()
    expect(table.get_by_role("link", name="far/three")).to_be_visible()


def test_tags_are_sorted_by_version(admin: Person, registry: Registry) -> None:
    """1.10 comes above 1.9 and below 2.0, a release above its candidates."""
    push_application(registry, "team/versions", "1.9.0")
    push_chart(registry, "team/versions", "1.10.0")
    for tag in ("2.0.0", "2.0.0-rc.1", "1.2.0"):
        registry.push_image("team/versions", tag)
    admin.go("/repositories/team/versions")
    table = admin.page.get_by_role("table", name="Tags of team/versions")
    expect(table.get_by_role("row", name=re.compile("1.9.0"))).to_contain_text("Image index")
    admin.look("tags")

    admin.page.get_by_label("Order").select_option("Highest version first")

    expect(table.locator("tbody tr").first).to_contain_text("2.0.0")
    assert first_cells(table) == ["2.0.0", "2.0.0-rc.1", "1.10.0", "1.9.0", "1.2.0"]


def test_a_link_to_a_view_keeps_its_order_and_filter(admin: Person, registry: Registry) -> None:
    """What was chosen is in the address, so the same rows are there after a reload and for whoever gets the link."""
    for tag in ("1.0", "1.1", "2.0", "edge"):
        registry.push_image("team/linked", tag)
    admin.go("/repositories/team/linked")
    table = admin.page.get_by_role("table", name="Tags of team/linked")
    table.get_by_role("button", name="Tag").click()
    admin.page.get_by_label("Filter tags").fill("1.")
    expect(table.get_by_role("row")).to_have_count(3)

    admin.page.reload()

    expect(table.get_by_role("columnheader", name="Tag")).to_have_attribute("aria-sort", "descending")
    expect(admin.page.get_by_label("Filter tags")).to_have_value("1.")
    assert first_cells(table) == ["1.1", "1.0"]


def test_a_push_appears_by_itself(admin: Person, registry: Registry) -> None:
    """Who looks at the tags of a repository sees a new one and what it is, without loading the page anew."""
    registry.push_image("team/live", "1.0")
    admin.go("/repositories/team/live")
    table = admin.page.get_by_role("table", name="Tags of team/live")
    expect(table.get_by_role("row")).to_have_count(2)
    admin.page.evaluate("window.isSamePage = true")

    push_chart(registry, "team/live", "2.0.0")

    expect(table.get_by_role("row", name=re.compile("2.0.0"))).to_contain_text("Helm chart")
    assert admin.page.evaluate("window.isSamePage")


def test_a_deleted_tag_is_brought_back_at_once(admin: Person, registry: Registry) -> None:
    """The row goes, a notice offers the way back, and that brings the row back."""
    for tag in ("1.0", "mistake"):
        registry.push_image("team/undo", tag)
    admin.go("/repositories/team/undo")
    row = admin.page.get_by_role("table").get_by_role("row", name=re.compile("mistake"))
    row.get_by_role("button", name="Actions for mistake").click()
    admin.look("tags-menu")
    admin.page.get_by_role("menuitem", name="Delete the tag").click()
    expect(row).to_have_count(0)
    admin.sees("The tag mistake was deleted")
    admin.look("tags-deleted")

    admin.page.get_by_role("button", name="Undo").click()

    expect(row).to_be_visible()
    admin.sees("mistake is back")


def test_artifacts_are_narrowed_to_what_no_tag_points_at(admin: Person, registry: Registry) -> None:
    """Of an index with its entries and referrers the index alone has a tag; types narrow the list too."""
    pushed = push_application(registry, "team/narrowed", "1.0")
    admin.go("/repositories/team/narrowed?tab=artifacts")
    table = admin.page.get_by_role("table", name="Artifacts of team/narrowed")
    expect(table.get_by_role("row")).to_have_count(6)
    admin.look("artifacts")

    admin.page.get_by_label("Tags", exact=True).select_option("Untagged only")

    expect(table.get_by_role("row")).to_have_count(5)
    admin.page.get_by_label("Type", exact=True).select_option("SBOM")
    expect(table.get_by_role("row")).to_have_count(2)
    assert first_cells(table) == [short(pushed.sbom)]
    admin.page.get_by_label("Type", exact=True).select_option("Model")
    admin.sees("No artifact fits")


def test_a_reader_is_offered_no_deletion(person: MakePerson, registry: Registry) -> None:
    """Who may only pull finds the commands to do so, nothing that deletes, and is refused when asking anyway."""
    pushed = push_application(registry, "team/read", "1.0")
    registry.add_user("rita", ("team/read", "read"))
    rita = person()
    rita.expected.add(403)
    rita.log_in("rita", PASSWORD)
    rita.go("/repositories/team/read")
    rita.page.get_by_role("button", name="Actions for 1.0").click()
    expect(rita.page.get_by_role("menuitem", name="Copy the docker command")).to_be_visible()
    expect(rita.page.get_by_role("menuitem", name="Delete the tag")).to_have_count(0)
    rita.go("/repositories/team/read/-/tags/1.0")
    rita.sees("Example service")
    expect(rita.page.get_by_role("button", name="Manage")).to_have_count(0)

    refusal = refusal_of_deletion(rita, f"/api/v1/repositories/team/read/-/artifacts/{pushed.index}")

    assert refusal == {"status": 403, "code": "denied"}


def test_a_stranger_is_told_no_more_than_of_what_is_not_there(person: MakePerson, registry: Registry) -> None:
    """A link into a repository that one may not see leads to the same page as one to nothing, which says what to do."""
    registry.push_image("team/hidden", "1.0")
    registry.add_user("stan")
    stan = person()
    stan.expected.add(404)
    stan.log_in("stan", PASSWORD)
    stan.go("/repositories/team/absent/-/tags/1.0")
    stan.sees("There is nothing here, or you may not see it")
    told = stan.page.get_by_role("main").inner_text().replace("absent", "hidden")

    stan.go("/repositories/team/hidden/-/tags/1.0")

    stan.sees("ask an administrator of the project")
    assert stan.page.get_by_role("main").inner_text() == told
    stan.look("repository-not-seen")
    stan.go("/repositories")
    stan.sees("There are no repositories yet")
    stan.look("repositories-none")


def test_what_is_no_repository_is_not_found(admin: Person) -> None:
    """A mistyped name says what to check; an address that no page can have leads home."""
    admin.expected.add(404)
    admin.go("/repositories/team/mistyped")
    admin.sees("There is nothing here, or you may not see it")

    admin.go("/repositories/team/mistyped/-/nonsense/1.0")

    expect(admin.page.get_by_role("main").get_by_role("link")).to_be_visible()
    admin.look("repository-no-such-page")


def test_a_repository_without_tags_says_where_the_rest_is(admin: Person, registry: Registry) -> None:
    """When the last tag is gone, what it pointed at is among the artifacts still."""
    digest = registry.push_image("team/untagged", "1.0")
    registry.ask("DELETE", "/api/v1/repositories/team/untagged/-/tags/1.0")
    admin.go("/repositories/team/untagged")
    admin.sees("No tag points at anything here")
    admin.look("tags-none")

    admin.page.get_by_role("tab", name="Artifacts").click()

    expect(admin.page.get_by_role("link", name=short(digest))).to_be_visible()
