# SPDX-License-Identifier: Apache-2.0
"""What is told of an artifact, how it is got, and how it is deleted and restored."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from entrepot.oci.digest import digest_of
from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.content import COMMANDS
from tests.e2e.content import Application
from tests.e2e.content import nothing_known
from tests.e2e.content import push_application
from tests.e2e.content import push_chart
from tests.e2e.content import short
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry

SERVICE = "team/service"
BY_TAG = f"/repositories/{SERVICE}/-/tags/1.4.2"
IN_SERVICE = f"/repositories/{SERVICE}/-/artifacts"


@pytest.fixture(scope="module")
def service(registry: Registry) -> Application:
    """Push an application that stories look at, and leave as it is."""
    return push_application(registry, SERVICE, "1.4.2")


@pytest.mark.usefixtures("service")
def test_the_overview_tells_what_it_is_and_who_says_so(admin: Person) -> None:
    """What whoever pushed it wrote stands apart from what the registry knows; its links lead outside in a new tab."""
    admin.go(BY_TAG)

    admin.sees("Nobody has verified it")
    admin.sees("Answers greetings")
    source = admin.page.get_by_role("link", name="https://example.org/source/service")
    expect(source).to_have_attribute("rel", re.compile("noopener"))
    admin.look("artifact-index")


def test_an_index_leads_to_its_platforms(admin: Person, service: Application) -> None:
    """Each entry is a link to an image, which tells by which index it is listed."""
    admin.go(f"{BY_TAG}?tab=platforms")
    entries = admin.page.get_by_role("table", name="Entries of the index")
    expect(entries.get_by_role("row", name="linux/arm64")).to_contain_text("481 KiB")
    admin.look("artifact-platforms")

    entries.get_by_role("link", name=short(service.arm64)).click()

    expect(admin.page.get_by_role("heading", level=1)).to_have_text(f"{SERVICE}@{short(service.arm64)}")
    expect(admin.page.get_by_role("main").get_by_role("link", name=short(service.index))).to_be_visible()
    admin.look("artifact-image")


def test_layers_tell_their_size_and_command(admin: Person, service: Application) -> None:
    """They are listed from the lowest up, each with the command that made it; entries without a layer are left out."""
    admin.go(f"{IN_SERVICE}/{service.amd64}?tab=layers")

    layers = admin.page.get_by_role("list", name="Layers, lowest first").get_by_role("listitem")

    expect(layers).to_have_count(len(COMMANDS))
    for layer, command, size in zip(layers.all(), COMMANDS, ("391 KiB", "87.9 KiB", "1.46 KiB"), strict=True):
        expect(layer.locator("pre")).to_have_text(command.strip())
        expect(layer).to_contain_text(size)
    admin.look("artifact-layers")


@pytest.mark.parametrize("part", ["manifest", "configuration"])
def test_documents_are_downloaded_byte_for_byte(admin: Person, service: Application, part: str) -> None:
    """What the download gives has the digest that the manifest has, or that it names for its configuration."""
    admin.go(f"{IN_SERVICE}/{service.amd64}")
    facts = admin.page.locator("dl").filter(has_text="Media type")
    of_configuration = facts.locator("div", has_text="Configuration").locator("code").get_attribute("title")
    admin.page.get_by_role("tab", name=part.capitalize()).click()
    expect(admin.page.get_by_role("region", name=part.capitalize())).to_contain_text(":")
    admin.look(f"artifact-{part}")

    with admin.page.expect_download() as download:
        admin.page.get_by_role("link", name="Download").click()

    content = Path(download.value.path()).read_bytes()
    assert digest_of(content) == (service.amd64 if part == "manifest" else of_configuration)


def test_a_document_is_shown_as_stored(admin: Person, service: Application) -> None:
    """The other view shows the very text, spaces and all, and can be linked to."""
    admin.go(f"{IN_SERVICE}/{service.index}?tab=manifest")
    admin.page.get_by_text("As stored").click()
    expect(admin.page).to_have_url(re.compile("view=stored"))

    admin.page.reload()

    text = admin.page.get_by_role("region", name="Manifest").locator("pre").inner_text()
    assert digest_of(text.encode()) == service.index


def test_referrers_are_walked_by_keyboard(admin: Person, service: Application) -> None:
    """The arrow keys unfold what refers to a referrer and go there; Enter opens it."""
    admin.go(f"{BY_TAG}?tab=referrers")
    tree = admin.page.get_by_role("tree", name="What refers to this artifact")
    sbom = tree.get_by_role("treeitem", level=1).filter(has_text=short(service.sbom))
    signature = tree.get_by_role("treeitem", level=2).filter(has_text=short(service.signature))
    sbom.focus()
    admin.page.keyboard.press("ArrowRight")
    expect(signature).to_be_visible()
    admin.look("artifact-referrers")
    admin.page.keyboard.press("ArrowRight")
    expect(signature).to_be_focused()
    admin.page.keyboard.press("ArrowLeft")
    expect(sbom).to_be_focused()
    admin.page.keyboard.press("ArrowDown")

    admin.page.keyboard.press("Enter")

    expect(admin.page.get_by_role("heading", level=1)).to_contain_text(short(service.signature))
    admin.sees("notation verify")
    admin.look("artifact-signature")


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("client", ["docker", "podman", "skopeo", "crane", "oras", "ctr"])
def test_pull_commands_name_this_registry(admin: Person, registry: Registry, client: str) -> None:
    """Each client has a command with the address that the registry is reached at, and it is copied whole."""
    admin.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    admin.go(BY_TAG)

    admin.page.get_by_role("button", name=f"Copy the {client} command").click()

    expect(admin.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = admin.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{client} ")
    assert f"{registry.address}/{SERVICE}:1.4.2" in copied


def test_commands_by_digest_always_mean_this_artifact(admin: Person, service: Application) -> None:
    """Who wants exactly this one chooses the digest."""
    admin.go(BY_TAG)

    admin.page.get_by_role("radiogroup", name="By").get_by_text("Digest").click()

    expect(admin.page.locator("pre", has_text="docker pull")).to_contain_text(f"{SERVICE}@{service.index}")


def test_a_chart_is_got_by_helm(admin: Person, registry: Registry) -> None:
    """The command for charts has their version as Helm writes it, which a tag cannot hold."""
    push_chart(registry, "team/charts/service", "1.2.3+build.7")

    admin.go("/repositories/team/charts/service/-/tags/1.2.3_build.7")

    expect(admin.page.locator("pre", has_text="helm pull")).to_contain_text("--version=1.2.3+build.7")
    admin.look("artifact-chart")


def test_what_is_being_examined_says_so(admin: Person, registry: Registry) -> None:
    """Until it is known what an artifact is, its page and its row say that, and both follow by themselves."""
    digest = push_chart(registry, "team/fresh", "1.0.0")
    with nothing_known(registry, digest):
        admin.go("/repositories/team/fresh")
        expect(admin.page.get_by_role("row", name=re.compile("1.0.0"))).to_contain_text("Being examined")
        admin.page.get_by_role("link", name="1.0.0").click()
        admin.sees("This page follows by itself")
        admin.look("artifact-pending")

    admin.sees("Helm chart")
    admin.sees("helm pull")


def test_deleting_takes_the_referrers_along_and_restoring_brings_them_back(admin: Person, registry: Registry) -> None:
    """The question says what goes too; all of it is among the deleted ones, and comes back together."""
    pushed = push_application(registry, "team/doomed", "1.0")
    admin.go("/repositories/team/doomed/-/tags/1.0")
    admin.page.get_by_role("button", name="Manage").click()
    admin.page.get_by_role("menuitem", name="Delete the artifact").click()
    expect(admin.page.get_by_role("dialog")).to_contain_text(f"SBOM, {short(pushed.sbom)}")
    admin.look("artifact-delete")
    admin.page.get_by_role("button", name="Delete the artifact").click()
    admin.sees("Deleted with it: 2 artifacts that refer to it")
    admin.go("/repositories/team/doomed?tab=bin")
    row = admin.page.get_by_role("table").get_by_role("row", name=re.compile(short(pushed.index)))
    expect(row).to_contain_text("1.0")
    admin.look("bin")

    row.get_by_role("button", name="Restore").click()
    admin.page.get_by_role("dialog").get_by_role("button", name="Restore").click()

    admin.sees("Nothing was deleted lately")
    admin.look("bin-empty")
    admin.go("/repositories/team/doomed/-/tags/1.0?tab=referrers")
    expect(admin.page.get_by_role("treeitem").filter(has_text=short(pushed.sbom))).to_be_visible()


def test_a_deleted_artifact_is_brought_back_at_once(admin: Person, registry: Registry) -> None:
    """The notice after it has the way back; a link to the artifact works again."""
    admin.expected.add(404)
    digest = push_chart(registry, "team/hasty", "1.0.0")
    address = f"/repositories/team/hasty/-/artifacts/{digest}"
    admin.go(address)
    admin.page.get_by_role("button", name="Manage").click()
    admin.page.get_by_role("menuitem", name="Delete the artifact").click()
    admin.page.get_by_role("dialog").get_by_role("button", name="Delete the artifact").click()
    admin.sees("It can be restored until")
    admin.look("artifact-deleted")

    admin.page.get_by_role("button", name="Undo").click()

    admin.sees("is back")
    admin.go(address)
    admin.sees("helm pull")


def test_a_missing_artifact_leads_to_the_deleted_ones(admin: Person, registry: Registry) -> None:
    """A link to what was deleted says so, and from there it is a step to restoring it."""
    admin.expected.add(404)
    digest = push_chart(registry, "team/removed", "1.0.0")
    registry.ask("DELETE", f"/api/v1/repositories/team/removed/-/artifacts/{digest}")
    admin.go(f"/repositories/team/removed/-/artifacts/{digest}")
    admin.sees("There is no such artifact in this repository")
    admin.look("artifact-missing")

    admin.page.get_by_role("link", name="Look among the deleted artifacts").click()

    expect(admin.page.get_by_role("row", name=re.compile(short(digest)))).to_be_visible()


def test_an_entry_that_is_gone_is_told(admin: Person, registry: Registry) -> None:
    """An index whose entry was deleted says that pulling this platform fails."""
    pushed = push_application(registry, "team/holes", "1.0")
    registry.ask("DELETE", f"/api/v1/repositories/team/holes/-/artifacts/{pushed.arm64}")

    admin.go("/repositories/team/holes/-/tags/1.0?tab=platforms")

    expect(admin.page.get_by_role("row", name="linux/arm64")).to_contain_text("Pulling it fails")
    admin.look("artifact-platforms-missing")


def test_a_writer_may_push_and_not_delete(person: MakePerson, registry: Registry) -> None:
    """What was deleted by somebody else is offered to be restored, for that is a push; deleting is not offered."""
    digest = push_chart(registry, "team/written", "1.0.0")
    push_chart(registry, "team/written", "2.0.0")
    registry.ask("DELETE", f"/api/v1/repositories/team/written/-/artifacts/{digest}")
    registry.add_user("wanda", ("team/written", "write"))
    wanda = person()
    wanda.log_in("wanda", PASSWORD)
    wanda.go("/repositories/team/written/-/tags/2.0.0")
    wanda.sees("helm pull")
    expect(wanda.page.get_by_role("button", name="Manage")).to_have_count(0)

    wanda.go("/repositories/team/written?tab=bin")

    expect(wanda.page.get_by_role("button", name="Restore")).to_be_visible()
