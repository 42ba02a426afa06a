# SPDX-License-Identifier: Apache-2.0
"""Who may do what, and why: the question that everybody may ask, and the grants that decide it."""

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry


def test_without_grants_the_page_says_what_that_means(admin: Person) -> None:
    """Until one is given, only administrators may push."""
    admin.go("/grants")

    admin.sees("There are no grants yet")
    admin.look("grants-none")


def test_why_may_i_not_names_the_smallest_grant(person: MakePerson, registry: Registry) -> None:
    """The link to the question answers it at once: why not, which role on what would do, and how to ask for it."""
    registry.add_user("abel", ("team/**", "read"))
    abel = person()
    abel.log_in("abel", PASSWORD)

    abel.go("/access?action=push&repository=team/app")

    abel.sees("No, you may not push to team/app")
    abel.sees("the role Write on team/app")
    abel.sees("Please give user:abel the role Write on team/app.")
    abel.look("access-no")


def test_why_may_i_names_the_grant(person: MakePerson, registry: Registry) -> None:
    """The question is put on the page, which explains what the roles allow before; its answer is an address."""
    registry.add_user("beth", ("team/**", "write"))
    beth = person()
    beth.log_in("beth", PASSWORD)
    beth.page.get_by_role("link", name="My access").click()
    beth.sees("What the roles allow")
    beth.look("access")
    beth.field("What").select_option("Push")
    beth.field("Repository").fill("team/app")
    beth.page.keyboard.press("Enter")

    beth.sees("Yes, you may push to team/app")

    beth.sees("beth has the role write on team/**.")
    assert "action=push" in beth.page.url
    beth.look("access-yes")


def test_what_is_no_repository_is_told(admin: Person) -> None:
    """A name that cannot be is refused where it stands, and may be corrected."""
    admin.expected.add(400)
    admin.go("/access?action=pull&repository=Team/App")
    expect(admin.page.get_by_role("alert")).to_be_visible()
    admin.look("access-refused")

    admin.field("Repository").fill("team/app")
    admin.press("Ask")

    admin.sees("Yes, you may pull from team/app")


def test_a_role_is_given_on_a_pattern_and_taken(person: MakePerson, admin: Person, registry: Registry) -> None:
    """What a pattern covers is said while it is typed; whoever gets the role may, until it is taken away."""
    registry.add_user("carl")
    carl = person()
    carl.log_in("carl", PASSWORD)
    admin.go("/grants")
    admin.press("Give a role")
    admin.look("grants-giving")
    admin.field("User name").fill("carl")
    admin.field("Repositories").fill("lab-*/app")
    admin.sees("every repository named like lab-*/app")
    admin.press("Give")
    expect(admin.page.get_by_role("row", name="carl")).to_contain_text("lab-*/app")
    admin.look("grants")
    carl.go("/access?action=pull&repository=lab-1/app")
    carl.sees("Yes, you may pull from lab-1/app")

    admin.press("Take the role of carl on lab-*/app away")
    admin.look("grants-taking")
    admin.press("Take away")

    expect(admin.page.get_by_role("row", name="carl")).to_have_count(0)
    carl.page.reload()
    carl.sees("No, you may not pull from lab-1/app")


def test_a_role_that_cannot_be_given_is_refused(admin: Person) -> None:
    """A pattern that matches no name is told while it is typed, somebody who does not exist by the registry."""
    admin.expected.add(404)
    admin.go("/grants")
    admin.press("Give a role")
    admin.field("User name").fill("nobody")
    admin.field("Repositories").fill("Team/**/app")
    admin.sees("No name can match this")
    admin.look("grants-giving-invalid")
    admin.field("Repositories").fill("team/**")

    admin.press("Give")

    expect(admin.page.get_by_role("alert")).to_contain_text("Check the name")
    admin.look("grants-giving-refused")
