# SPDX-License-Identifier: Apache-2.0
"""Who may do what, and why: the question that everybody may ask, and the grants that decide it."""

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry


def test_a_filter_that_finds_no_grant_says_so(admin: Person) -> None:
    """Both filters are in the address; what names nobody is refused where the list would be."""
    admin.expected.add(400)
    admin.go("/grants?principal=nobody")
    admin.sees("No grant matches")
    admin.look("grants-none")

    admin.page.get_by_label("Of whom").fill("group:")

    expect(admin.page.get_by_role("alert")).to_contain_text("group:<name>")
    assert "principal=group" in admin.page.url


def test_why_may_i_not_names_the_smallest_grant(person: MakePerson, registry: Registry) -> None:
    """The link to the question answers it at once: why not, and the command that would change it."""
    registry.add_user("abel", ("team/**", "read"))
    abel = person()
    abel.log_in("abel", PASSWORD)

    abel.go("/access?action=push&repository=team/app")

    abel.sees("No, you may not push to team/app")
    abel.sees("abel team/app write")
    abel.look("access-no")


def test_why_may_i_names_the_grant(person: MakePerson, registry: Registry) -> None:
    """The question is put on the page; its answer is an address, and names what decides."""
    registry.add_user("beth", ("team/**", "write"))
    beth = person()
    beth.log_in("beth", PASSWORD)
    beth.page.get_by_role("link", name="Who may do what").click()
    beth.look("access")
    beth.field("What").select_option("Push")
    beth.field("Repository").fill("team/app")
    beth.page.keyboard.press("Enter")

    beth.sees("Yes, you may push to team/app")

    beth.sees("beth has the role write on team/**.")
    beth.sees("Grants that allow it")
    assert "action=push" in beth.page.url
    beth.look("access-yes")


def test_others_and_tags_are_asked_about(admin: Person, registry: Registry) -> None:
    """Who may set some tags only is told so; for a tag that they may not set, the command names the tag."""
    registry.add_user("dora")
    tagging = {"principal": "dora", "path_pattern": "team/**", "role": "write", "tag_pattern": "dev-*"}
    registry.ask("POST", "/api/v1/grants", tagging)
    admin.go("/access?action=tag&repository=team/app&tag=dev-1&principal=dora")
    admin.sees("Yes, dora may set tags in team/app:dev-1")
    admin.look("access-other")

    admin.field("Tag").fill("v1")
    admin.press("Ask")

    admin.sees("No, dora may not set tags in team/app:v1")
    admin.sees("dora team/app:v1 write")


def test_who_may_is_told_to_those_who_manage_members(person: MakePerson, registry: Registry) -> None:
    """A repository has it as a tab, a group is named where it is through one; others are told whom to ask."""
    registry.push_image("fleet/app", "1.0")
    registry.add_user("emil", ("fleet/**", "admin"))
    registry.add_user("fay")
    registry.ask("POST", "/api/v1/groups", {"name": "sailors"})
    registry.ask("PUT", "/api/v1/groups/sailors/members/user:fay")
    registry.ask("POST", "/api/v1/grants", {"principal": "group:sailors", "path_pattern": "fleet/app", "role": "write"})
    emil, fay = person(), person()
    emil.log_in("emil", PASSWORD)
    fay.expected.add(403)
    fay.log_in("fay", PASSWORD)

    emil.go("/repositories/fleet/app?tab=access")
    fay.go("/access?tab=who&action=push&repository=fleet/app")

    expect(emil.page.get_by_role("row", name="fay")).to_contain_text("sailors")
    emil.look("repository-access")
    fay.sees("You may not see this")
    fay.sees("whoever manages the members of fleet/app")
    fay.look("access-who-refused")


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


def test_a_role_in_running_the_registry_ends_by_itself(admin: Person, registry: Registry) -> None:
    """It is given on no repositories, and for as many days as are chosen; the list says where and until when."""
    registry.add_user("gus")
    admin.go("/grants")
    admin.press("Give a role")
    admin.field("User name").fill("gus")
    admin.page.get_by_role("switch", name="The registry as a whole").press("Space")
    admin.page.get_by_label("Operator", exact=True).click()
    admin.field("Until").select_option("In 7 days")
    admin.look("grants-giving-system")

    admin.press("Give")

    row = admin.page.get_by_role("row", name="gus")
    expect(row).to_contain_text("The registry as a whole")
    expect(row).to_contain_text("in 7 days")


def test_who_manages_a_project_sees_the_grants_within(person: MakePerson, registry: Registry) -> None:
    """The page asks for a path first, and shows what was granted there."""
    registry.add_user("hugo", ("yard/**", "admin"))
    hugo = person()
    hugo.expected.add(403)
    hugo.log_in("hugo", PASSWORD)
    hugo.go("/grants")
    hugo.sees("Name a project or a repository above")
    hugo.look("grants-refused")

    hugo.page.get_by_label("Within").fill("yard")

    expect(hugo.page.get_by_role("row", name="hugo")).to_contain_text("yard/**")
