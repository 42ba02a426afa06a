# SPDX-License-Identifier: Apache-2.0
"""Robots: accounts for programs, from the first secret to the last."""

from http import HTTPStatus

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry


def make_robot(registry: Registry, project: str, name: str) -> str:
    """Make a robot in a new project; return its secret."""
    registry.ask("POST", "/api/v1/projects", {"name": project})
    body = {"name": name, "project": project, "role": "write", "expires_in_days": 30}
    return str(registry.ask("POST", "/api/v1/robots", body)["secret"])


def shown_secret(person: Person) -> str:
    """Return the secret that the open dialog shows this once."""
    secret: str = person.page.get_by_role("dialog").locator("pre").first.inner_text()
    return secret


def test_without_projects_the_robots_of_the_registry_are_there(admin: Person) -> None:
    """Whoever administers the registry is shown its own, and may make one."""
    admin.go("/robots")

    expect(admin.page.get_by_label("Project", exact=True)).to_have_value("_")
    expect(admin.page.get_by_role("button", name="New robot")).to_be_visible()
    admin.look("robots-no-projects")


def test_a_robot_is_made_and_logs_in(admin: Person, registry: Registry) -> None:
    """The secret that is shown once is what a client logs in with."""
    registry.ask("POST", "/api/v1/projects", {"name": "mars"})
    admin.go("/projects/mars?tab=robots")
    admin.sees("No robots yet")
    admin.look("robots-none")
    admin.press("New robot")
    admin.field("Name").fill("ci")
    admin.sees("It logs in as mars.ci.")
    admin.look("robots-creation")

    admin.page.keyboard.press("Enter")

    admin.sees("Secret of mars.ci")
    admin.look("robots-secret")
    assert registry.login_status("mars.ci", shown_secret(admin)) == HTTPStatus.OK
    admin.press("Done")
    expect(admin.page.get_by_role("row", name="mars.ci")).to_contain_text("Enabled")
    admin.go("/robots?project=mars")
    expect(admin.page.get_by_role("link", name="mars.ci")).to_be_visible()
    admin.look("robots")


def test_a_secret_is_rotated(admin: Person, registry: Registry) -> None:
    """The new secret logs in, and the old one does not any more."""
    old = make_robot(registry, "venus", "ci")
    admin.go("/robots/venus.ci")
    admin.sees("What it may do")
    admin.look("robot")
    admin.choose("Actions", "Rotate the secret…")
    admin.look("robot-rotation")

    admin.press("Make a new secret")

    expect(admin.page.get_by_role("dialog").locator("pre").first).to_be_visible()
    assert registry.login_status("venus.ci", shown_secret(admin)) == HTTPStatus.OK
    assert registry.login_status("venus.ci", old) == HTTPStatus.UNAUTHORIZED


def test_the_old_secret_works_on_for_a_while(admin: Person, registry: Registry) -> None:
    """Who asks for that while rotating has both secrets until the time is over."""
    old = make_robot(registry, "saturn", "ci")
    admin.go("/robots/saturn.ci")
    admin.choose("Actions", "Rotate the secret…")
    admin.field("The old secret").select_option("works for another hour")

    admin.press("Make a new secret")

    expect(admin.page.get_by_role("dialog").locator("pre").first).to_be_visible()
    assert registry.login_status("saturn.ci", shown_secret(admin)) == HTTPStatus.OK
    assert registry.login_status("saturn.ci", old) == HTTPStatus.OK


def test_a_robot_is_disabled_and_enabled(admin: Person, registry: Registry) -> None:
    """While it is disabled its secret is refused; the same one is good again afterwards."""
    secret = make_robot(registry, "pluto", "ci")
    admin.go("/projects/pluto?tab=robots")
    row = admin.page.get_by_role("row", name="pluto.ci")
    admin.choose("Actions for pluto.ci", "Disable…")
    admin.look("robot-disabling")
    admin.press("Disable")
    expect(row).to_contain_text("Disabled")
    assert registry.login_status("pluto.ci", secret) >= HTTPStatus.BAD_REQUEST

    admin.choose("Actions for pluto.ci", "Enable")

    expect(row).to_contain_text("Enabled")
    assert registry.login_status("pluto.ci", secret) == HTTPStatus.OK


def test_a_robot_is_deleted(admin: Person, registry: Registry) -> None:
    """Its secret is refused, and the page of its project's robots is shown without it."""
    secret = make_robot(registry, "ceres", "ci")
    admin.go("/robots/ceres.ci")
    admin.choose("Actions", "Delete…")
    admin.look("robot-deletion")

    admin.press("Delete robot")

    admin.sees("No robots yet")
    expect(admin.page).to_have_url(f"{registry.console}/robots?project=ceres")
    assert registry.login_status("ceres.ci", secret) == HTTPStatus.UNAUTHORIZED


def test_a_name_that_is_taken_is_refused(admin: Person, registry: Registry) -> None:
    """The dialog says what to do instead."""
    make_robot(registry, "juno", "ci")
    admin.expected.add(409)
    admin.go("/projects/juno?tab=robots")
    admin.press("New robot")
    admin.field("Name").fill("ci")

    admin.press("Create robot")

    expect(admin.page.get_by_role("alert")).to_contain_text("rotate the secret of that robot")
    admin.look("robots-creation-refused")


def test_an_administrator_of_the_project_makes_robots(person: MakePerson, registry: Registry) -> None:
    """It takes no more than that role, which is on the project alone."""
    registry.ask("POST", "/api/v1/projects", {"name": "vesta"})
    registry.add_user("pia", ("vesta/**", "admin"))
    pia = person()
    pia.log_in("pia", PASSWORD)
    pia.go("/robots")
    pia.sees("Choose one to see its robots")
    pia.look("robots-choice")
    pia.field("Project").select_option("vesta")
    pia.press("New robot")
    pia.field("Name").fill("deploy")

    pia.press("Create robot")

    pia.sees("Secret of vesta.deploy")
    assert registry.login_status("vesta.deploy", shown_secret(pia)) == HTTPStatus.OK


def test_who_only_reads_sees_no_robots(person: MakePerson, registry: Registry) -> None:
    """Their addresses, opened directly, say that it takes an administrator of the project."""
    make_robot(registry, "pallas", "ci")
    registry.add_user("rosa", ("pallas/**", "read"))
    rosa = person()
    rosa.expected.add(403)
    rosa.log_in("rosa", PASSWORD)
    for path, name in (("/robots/pallas.ci", "robot-forbidden"), ("/robots?project=pallas", "robots-forbidden")):
        rosa.go(path)

        rosa.sees("You may not see this")
        rosa.look(name)


def test_a_robot_that_is_not_there_says_so(admin: Person) -> None:
    """Its address says that there is none, and where to look."""
    admin.expected.add(404)

    admin.go("/robots/nowhere.ci")

    admin.sees("Look at the robots of its project")
    admin.look("robot-missing")


def test_a_second_secret_is_added_and_the_first_revoked(admin: Person, registry: Registry) -> None:
    """Both log in until one of them is revoked, which nothing but that row says."""
    first = make_robot(registry, "hygiea", "ci")
    admin.go("/robots/hygiea.ci")
    admin.press("Add a second secret")
    admin.look("robot-second-secret")
    admin.page.get_by_role("dialog").get_by_role("button", name="Add a second secret").click()
    expect(admin.page.get_by_role("dialog").locator("pre").first).to_be_visible()
    second = shown_secret(admin)
    admin.press("Done")
    admin.look("robot-two-secrets")

    admin.page.get_by_role("button", name="Revoke the secret").last.click()
    admin.page.get_by_role("dialog").get_by_role("button", name="Revoke").click()

    expect(admin.page.get_by_role("button", name="Revoke the secret")).to_have_count(1)
    assert registry.login_status("hygiea.ci", first) == HTTPStatus.UNAUTHORIZED
    assert registry.login_status("hygiea.ci", second) == HTTPStatus.OK


def test_a_robot_is_let_in_from_some_addresses(admin: Person, registry: Registry) -> None:
    """What is typed is shown as the registry reads it, and a secret from elsewhere is refused."""
    secret = make_robot(registry, "davida", "ci")
    admin.go("/robots/davida.ci")
    admin.sees("Anywhere")
    admin.press("Change…")
    admin.field("Allowed addresses").fill("198.51.100.0/24\n192.0.2.7")
    admin.look("robot-addresses")

    admin.press("Change addresses")

    admin.sees("192.0.2.7/32")
    assert registry.login_status("davida.ci", secret) == HTTPStatus.UNAUTHORIZED


def test_a_robot_of_the_registry_is_made(admin: Person, registry: Registry) -> None:
    """It takes the repositories that it is about, and belongs to no project."""
    registry.ask("POST", "/api/v1/projects", {"name": "sylvia"})
    admin.go("/robots?project=_")
    admin.press("New robot")
    admin.field("Name").fill("mirror")
    admin.sees("It logs in as _.mirror.")
    admin.field("On").fill("sylvia/**")
    admin.look("robots-registry-creation")

    admin.press("Create robot")

    admin.sees("Secret of _.mirror")
    assert registry.login_status("_.mirror", shown_secret(admin)) == HTTPStatus.OK
    admin.press("Done")
    expect(admin.page.get_by_role("row", name="_.mirror")).to_contain_text("Enabled")
