# SPDX-License-Identifier: Apache-2.0
"""Projects, whose they are, and who sees what of them."""

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry


def test_without_projects_the_page_says_how_to_get_one(admin: Person) -> None:
    """An administrator is told to create one or to push."""
    admin.go("/projects")

    admin.sees("There are no projects yet")
    admin.sees("Create one here, or push")
    admin.look("projects-none")


def test_a_project_is_created(admin: Person) -> None:
    """A name that cannot be is told while it is typed; a good one leads to the project, which says how to fill it."""
    admin.go("/projects")
    admin.press("New project")
    name = admin.field("Name")
    expect(name).to_be_focused()
    name.fill("Rockets")
    admin.sees("Lower-case letters and digits")
    expect(admin.page.get_by_role("button", name="Create project")).to_be_disabled()
    admin.look("projects-creation")

    name.fill("rockets")
    admin.page.keyboard.press("Enter")

    expect(admin.page.get_by_role("heading", level=1, name="rockets")).to_be_visible()
    admin.sees("No repositories yet")
    admin.look("project-empty")


def test_a_name_that_is_taken_is_refused(admin: Person, registry: Registry) -> None:
    """The dialog says so, and keeps what was typed."""
    registry.ask("POST", "/api/v1/projects", {"name": "taken"})
    admin.expected.add(409)
    admin.go("/projects")
    admin.press("New project")
    admin.field("Name").fill("taken")

    admin.press("Create project")

    expect(admin.page.get_by_role("alert")).to_contain_text("Choose another name, or open that project")
    expect(admin.field("Name")).to_have_value("taken")
    admin.look("projects-creation-refused")


def test_projects_are_found_by_a_part_of_the_name(admin: Person, registry: Registry) -> None:
    """What was typed is in the address; where nothing matches, the page says so."""
    for name in ("green-apples", "green-pears", "plums"):
        registry.ask("POST", "/api/v1/projects", {"name": name})
    admin.go("/projects?filter=green")
    admin.sees("green-pears")
    admin.misses("plums")
    admin.look("projects")

    admin.page.get_by_label("Filter by name").fill("bananas")

    admin.sees("No project that you may see has “bananas” in its name")
    expect(admin.page).to_have_url(f"{registry.console}/projects?filter=bananas")


def test_a_member_sees_a_project_and_does_not_administer_it(
    person: MakePerson, admin: Person, registry: Registry
) -> None:
    """Who was given a role finds the project and what is in it, and is offered nothing that takes more."""
    registry.push_image("orbit/app", "1.0")
    registry.add_user("rita")
    admin.go("/projects/orbit?tab=members")
    admin.sees("No members yet")
    admin.look("members-none")
    admin.press("Add member")
    admin.field("User name").fill("rita")
    admin.look("members-addition")
    admin.press("Add")
    expect(admin.page.get_by_role("row", name="rita")).to_contain_text("Read")
    admin.look("members")
    rita = person()

    rita.log_in("rita", PASSWORD)
    rita.go("/projects")
    rita.page.get_by_role("link", name="orbit").click()

    expect(rita.page.get_by_role("link", name="orbit/app")).to_be_visible()
    expect(rita.page.get_by_role("tab", name="Members")).to_have_count(0)
    expect(rita.page.get_by_role("tab", name="Settings")).to_have_count(0)
    rita.look("project-reader")


def test_a_part_that_is_not_for_the_viewer_says_so(person: MakePerson, registry: Registry) -> None:
    """Its address, opened directly, leads to no other part in silence; those that there are can be chosen."""
    registry.push_image("comet/app", "1.0")
    registry.add_user("rolf", ("comet/**", "read"))
    rolf = person()
    rolf.log_in("rolf", PASSWORD)

    rolf.go("/projects/comet?tab=settings")

    rolf.sees("There is no such part of this page, or it is not for you")
    rolf.look("project-tab-refused")
    rolf.page.get_by_role("tab", name="Repositories").click()
    expect(rolf.page.get_by_role("link", name="comet/app")).to_be_visible()


def test_who_has_no_role_is_not_told_of_a_project(person: MakePerson, registry: Registry) -> None:
    """Its address looks as if it did not exist; the list says whom to ask."""
    registry.ask("POST", "/api/v1/projects", {"name": "hidden"})
    registry.add_user("stan")
    stan = person()
    stan.expected.add(404)
    stan.log_in("stan", PASSWORD)
    stan.go("/projects/hidden")
    stan.sees("There is nothing here, or you may not see it")
    stan.sees("ask an administrator for a role in it")
    stan.look("project-unseen")

    stan.go("/projects")

    stan.sees("Ask an administrator for a role in a project")
    expect(stan.page.get_by_role("button", name="New project")).to_have_count(0)


def test_a_members_role_is_changed_and_taken(admin: Person, registry: Registry) -> None:
    """Both are done from the row of the member, which tells the result."""
    registry.ask("POST", "/api/v1/projects", {"name": "crew"})
    registry.add_user("mona", ("crew/**", "read"))
    admin.go("/projects/crew?tab=members")
    admin.choose("Actions for mona", "Change the role…")
    admin.page.get_by_label("Write", exact=True).click()
    admin.look("members-change")
    admin.press("Change")
    expect(admin.page.get_by_role("row", name="mona")).to_contain_text("Write")
    admin.choose("Actions for mona", "Remove…")
    admin.sees("mona loses the role on everything in crew")
    admin.look("members-removal")

    admin.press("Remove")

    admin.sees("No members yet")


def test_nobody_unknown_becomes_a_member(admin: Person, registry: Registry) -> None:
    """The dialog says that there is no such account, and what to check."""
    registry.ask("POST", "/api/v1/projects", {"name": "closed"})
    admin.expected.add(404)
    admin.go("/projects/closed?tab=members")
    admin.press("Add member")
    admin.field("User name").fill("nobody")

    admin.press("Add")

    expect(admin.page.get_by_role("alert")).to_contain_text("Check the name")
    admin.look("members-refused")


def test_making_a_project_public_takes_a_fresh_proof(person: MakePerson, admin: Person, registry: Registry) -> None:
    """The console asks who it is when the last proof is old, and goes on then; all users see the project at once."""
    registry.push_image("open/app", "1.0")
    registry.add_user("vera")
    admin.expected.add(403)
    admin.go("/projects/open?tab=settings")
    admin.sees("This project is private")
    admin.look("project-settings")
    registry.age_logins()
    admin.press("Make public…")
    admin.look("project-publication")
    admin.press("Make public")
    admin.sees("Is it still you?")
    admin.look("proof-asked")

    admin.field("Password").fill(registry.server.password)
    admin.press("Confirm")

    admin.sees("This project is public")
    vera = person()
    vera.log_in("vera", PASSWORD)
    vera.go("/projects/open")
    expect(vera.page.get_by_role("link", name="open/app")).to_be_visible()


def test_an_internal_project_is_for_those_who_log_in(person: MakePerson, admin: Person, registry: Registry) -> None:
    """The settings say what each visibility means; every user sees the project then."""
    registry.push_image("inside/app", "1.0")
    registry.add_user("ines")
    admin.go("/projects/inside?tab=settings")
    admin.press("Make internal…")
    admin.press("Make internal")
    admin.sees("Internal, as it is now")
    admin.look("project-settings-internal")
    ines = person()
    ines.log_in("ines", PASSWORD)

    ines.go("/projects/inside")

    expect(ines.page.get_by_role("link", name="inside/app")).to_be_visible()
    expect(ines.page.get_by_text("Internal", exact=True)).to_be_visible()


def test_a_group_is_a_member_until_some_day(admin: Person, registry: Registry) -> None:
    """Groups are offered like people; the list says until when."""
    registry.ask("POST", "/api/v1/projects", {"name": "craft"})
    registry.ask("POST", "/api/v1/groups", {"name": "weavers"})
    admin.go("/projects/craft?tab=members")
    admin.press("Add member")
    admin.field("Who").select_option("Group")
    admin.field("Group name").fill("weavers")
    admin.page.get_by_label("Maintain", exact=True).click()
    admin.field("Until").select_option("In 30 days")

    admin.press("Add")

    row = admin.page.get_by_role("row", name="weavers")
    expect(row).to_contain_text("Maintain")
    expect(row).to_contain_text("in 30 days")


def test_without_the_proof_nothing_is_done(admin: Person, registry: Registry) -> None:
    """A wrong password is told; giving up leaves the act undone, and its dialog says why."""
    registry.ask("POST", "/api/v1/projects", {"name": "shut"})
    admin.expected.add(403)
    admin.go("/projects/shut?tab=settings")
    registry.age_logins()
    admin.press("Make public…")
    admin.press("Make public")
    admin.field("Password").fill("not this one")
    admin.press("Confirm")
    expect(admin.page.get_by_role("dialog", name="Is it still you?").get_by_role("alert")).to_be_visible()
    admin.look("proof-refused")

    admin.page.keyboard.press("Escape")

    expect(admin.page.get_by_role("dialog", name="Make shut public?").get_by_role("alert")).to_be_visible()
    admin.look("project-publication-refused")
    assert registry.ask("GET", "/api/v1/projects/shut")["visibility"] == "private"


def test_a_project_with_artifacts_is_not_deleted(admin: Person, registry: Registry) -> None:
    """The dialog says what stands in the way and what to do about it."""
    registry.push_image("full/app", "1.0")
    admin.expected.add(409)
    admin.go("/projects/full?tab=settings")
    admin.press("Delete project…")
    admin.field("Type full to confirm").fill("full")

    admin.press("Delete project")

    expect(admin.page.get_by_role("alert")).to_contain_text("Delete their artifacts first")
    admin.look("project-deletion-refused")


def test_an_empty_project_is_deleted_by_typing_its_name(admin: Person, registry: Registry) -> None:
    """Nothing less lets it be deleted; the list of projects is without it afterwards."""
    registry.ask("POST", "/api/v1/projects", {"name": "over"})
    admin.go("/projects/over?tab=settings")
    admin.press("Delete project…")
    admin.field("Type over to confirm").fill("ove")
    expect(admin.page.get_by_role("button", name="Delete project", exact=True)).to_be_disabled()
    admin.look("project-deletion")

    admin.field("Type over to confirm").fill("over")
    admin.page.keyboard.press("Enter")

    expect(admin.page.get_by_role("heading", level=1, name="Projects")).to_be_visible()
    expect(admin.page.get_by_role("link", name="over", exact=True)).to_have_count(0)
