# SPDX-License-Identifier: Apache-2.0
"""Users: made, changed and refused by administrators, who cannot lock themselves all out; and one's own password."""

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry

ANOTHER = "a password of another kind"


def change_password(person: Person, current: str, wanted: str) -> None:
    """Fill in the form of the profile that changes one's own password, and send it."""
    person.go("/profile?tab=password")
    person.field("Current password").fill(current)
    person.field("New password").fill(wanted)
    person.field("New password, again").fill(wanted)
    person.press("Change password")


def test_a_user_is_made_with_a_password_made_up(person: MakePerson, admin: Person) -> None:
    """The password is shown once, and whoever it is given to logs in with it."""
    admin.go("/users")
    admin.press("New user")
    admin.look("users-creation")
    admin.field("Name").fill("nina")
    admin.page.keyboard.press("Enter")
    admin.sees("Password of nina")
    password = admin.page.get_by_role("dialog").locator("pre").inner_text()
    admin.look("users-password")
    admin.press("Done")
    expect(admin.page.get_by_role("row", name="nina")).to_contain_text("Enabled")
    admin.look("users")
    nina = person()

    nina.log_in("nina", password)

    nina.go("/projects")
    nina.sees("Ask an administrator for a role in a project")


def test_a_user_that_cannot_be_is_refused(admin: Person, registry: Registry) -> None:
    """A name and a password are judged while they are typed, a name that is taken by the registry."""
    registry.add_user("olga")
    admin.expected.add(409)
    admin.go("/users")
    admin.press("New user")
    admin.field("Name").fill("Olga")
    admin.page.get_by_label("Choose one").click()
    admin.field("New password").fill("short")
    admin.sees("Up to 64 of a-z")
    admin.sees("At least 12 characters.")
    admin.look("users-creation-invalid")
    admin.field("Name").fill("olga")
    admin.field("New password").fill(PASSWORD)

    admin.press("Create user")

    expect(admin.page.get_by_role("alert")).to_contain_text("Choose another name")
    admin.look("users-creation-refused")


def test_a_password_is_changed_by_its_owner(person: MakePerson, registry: Registry) -> None:
    """After it the new one is asked for, and the old one is refused."""
    registry.add_user("paul")
    paul = person()
    paul.expected.add(401)
    paul.log_in("paul", PASSWORD)
    paul.go("/profile?tab=password")
    paul.sees("Whatever logged in with the old password")
    paul.look("profile-password")

    change_password(paul, PASSWORD, ANOTHER)

    paul.sees("Your password was changed. Log in with the new one.")
    paul.give_password("paul", PASSWORD)
    expect(paul.page.get_by_text("the password is wrong")).to_be_visible()
    paul.give_password("paul", ANOTHER)
    paul.is_in("paul")


def test_a_password_is_not_changed_without_the_current_one(person: MakePerson, registry: Registry) -> None:
    """The page says what was wrong, and the session goes on."""
    registry.add_user("quinn")
    quinn = person()
    quinn.expected.add(403)
    quinn.log_in("quinn", PASSWORD)

    change_password(quinn, ANOTHER, ANOTHER)

    expect(quinn.page.get_by_role("alert")).to_contain_text("Give the password that you log in with now")
    quinn.look("profile-password-refused")
    quinn.is_in("quinn")


def test_a_password_is_reset(person: MakePerson, admin: Person, registry: Registry) -> None:
    """The one that was made up is shown once, and is the only one that logs in from then on."""
    registry.add_user("ruth")
    admin.go("/users")
    admin.choose("Actions for ruth", "Reset the password…")
    admin.look("users-reset")
    admin.press("Reset password")
    password = admin.page.get_by_role("dialog").locator("pre").inner_text()
    ruth = person()
    ruth.expected.add(401)
    ruth.go("/login")
    ruth.give_password("ruth", PASSWORD)
    expect(ruth.page.get_by_role("alert")).to_be_visible()

    ruth.give_password("ruth", password)

    ruth.is_in("ruth")


def test_a_disabled_user_is_refused(person: MakePerson, admin: Person, registry: Registry) -> None:
    """Its open page ends up at the login, which refuses the right password too."""
    registry.add_user("sven")
    sven = person()
    sven.expected.add(401)
    sven.log_in("sven", PASSWORD)
    admin.go("/users")
    admin.choose("Actions for sven", "Disable…")
    admin.look("users-disabling")

    admin.press("Disable")

    expect(admin.page.get_by_role("row", name="sven")).to_contain_text("Disabled")
    sven.go("/projects")
    expect(sven.page.get_by_role("button", name="Log in")).to_be_visible()
    sven.give_password("sven", PASSWORD)
    expect(sven.page.get_by_role("alert")).to_contain_text("an administrator can tell whether the account is disabled")


def test_the_last_administrator_stays(admin: Person) -> None:
    """No act that would leave nobody in charge is done; its dialog says what comes first."""
    admin.expected.add(409)
    acts = (
        ("Take the administration away…", "Take away", "users-last-demoted"),
        ("Disable…", "Disable", "users-last-disabled"),
        ("Delete…", "Delete user", "users-last-deleted"),
    )
    for item, act, name in acts:
        admin.go("/users")
        admin.choose("Actions for admin", item)
        if act == "Delete user":
            admin.field("Type admin to confirm").fill("admin")

        admin.press(act)

        expect(admin.page.get_by_role("alert")).to_contain_text("Make another local user an administrator first")
        admin.look(name)


def test_an_administrator_is_made_and_unmade(person: MakePerson, admin: Person, registry: Registry) -> None:
    """Who becomes one is offered the pages of administrators, and no more once it was taken away."""
    registry.add_user("tess")
    tess = person()
    tess.log_in("tess", PASSWORD)
    expect(tess.page.get_by_role("link", name="Users")).to_have_count(0)
    admin.go("/users")
    admin.choose("Actions for tess", "Make administrator…")
    admin.look("users-promotion")
    admin.press("Make administrator")
    expect(admin.page.get_by_role("row", name="tess")).to_contain_text("Administrator")
    tess.page.reload()
    expect(tess.page.get_by_role("link", name="Users")).to_be_visible()

    admin.choose("Actions for tess", "Take the administration away…")
    admin.press("Take away")

    expect(admin.page.get_by_role("row", name="tess")).not_to_contain_text("Administrator")
    tess.page.reload()
    expect(tess.page.get_by_role("link", name="Users")).to_have_count(0)


def test_a_deleted_users_name_is_not_given_out_again(admin: Person, registry: Registry) -> None:
    """Its name is typed to delete it; a new user of that name is refused."""
    registry.add_user("udo")
    admin.expected.add(409)
    admin.go("/users")
    admin.choose("Actions for udo", "Delete…")
    admin.field("Type udo to confirm").fill("udo")
    admin.look("users-deletion")
    admin.press("Delete user")
    expect(admin.page.get_by_role("row", name="udo")).to_have_count(0)
    admin.press("New user")
    admin.field("Name").fill("udo")

    admin.press("Create user")

    expect(admin.page.get_by_role("alert")).to_contain_text("Choose another name")


def test_users_are_found_by_a_part_of_the_name(admin: Person, registry: Registry) -> None:
    """Where nobody matches, the page says so."""
    registry.add_user("wanda")
    admin.go("/users?filter=wan")
    expect(admin.page.get_by_role("row", name="wanda")).to_be_visible()
    expect(admin.page.get_by_role("row", name="admin")).to_have_count(0)

    admin.page.get_by_label("Filter by name").fill("nobody-like-this")

    admin.sees("No user has “nobody-like-this” in the name")
    admin.look("users-no-match")


def test_the_pages_of_administrators_are_not_for_others(person: MakePerson, registry: Registry) -> None:
    """Opened directly, they say whom they are for, and lead back to the start."""
    registry.add_user("xena")
    xena = person()
    xena.log_in("xena", PASSWORD)
    for path in ("/users", "/system"):
        xena.go(path)
        xena.sees("This page is for administrators of the registry")
        xena.look(f"forbidden-{path[1:]}")

        xena.page.get_by_role("link", name="To the start", exact=True).click()

        expect(xena.page).to_have_url(f"{registry.console}/")


def test_a_user_is_renamed(admin: Person, registry: Registry) -> None:
    """The list has the new name at once."""
    registry.add_user("walter")
    admin.go("/users")
    admin.choose("Actions for walter", "Rename…")
    admin.field("New name").fill("wilma")
    admin.look("users-rename")

    admin.press("Rename user")

    expect(admin.page.get_by_role("row", name="wilma")).to_be_visible()
    admin.misses("walter")


def test_two_users_become_one(admin: Person, registry: Registry) -> None:
    """First it is shown what goes where."""
    for name in ("yvette", "yvonne"):
        registry.add_user(name)
    admin.go("/users")
    admin.choose("Actions for yvette", "Merge into another user…")
    admin.field("The user that stays").fill("yvonne")
    admin.press("Show what goes there")
    admin.sees("What goes from yvette to yvonne:")
    admin.look("users-merge")

    admin.press("Merge yvette into yvonne")

    admin.sees("yvette is yvonne now.")
    expect(admin.page.get_by_role("row", name="yvonne")).to_be_visible()
