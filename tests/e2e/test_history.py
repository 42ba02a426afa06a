# SPDX-License-Identifier: Apache-2.0
"""What a tag pointed at, and how it is pointed there again."""

import re

from playwright.sync_api import expect

from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.content import push_application
from tests.e2e.content import push_chart
from tests.e2e.content import short
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry

MOVE_BACK = "Point the tag here again"


def history_of(repository: str, tag: str) -> str:
    """Return the address of a tag's history."""
    return f"/repositories/{repository}/-/tags/{tag}?tab=history"


def test_a_tag_is_pointed_again_at_what_it_was(admin: Person, registry: Registry) -> None:
    """The history tells each value; a former one is restored after a question, and that is a change of its own."""
    good = push_application(registry, "team/moved", "stable")
    bad = registry.push_image("team/moved", "stable")
    admin.go(history_of("team/moved", "stable"))
    changes = admin.page.get_by_label("Changes of the tag stable, newest first")
    expect(changes).to_contain_text(re.compile(f"Moved to.*{short(bad)}.*from.*{short(good.index)}.*Now.*Set to"))
    admin.look("history")
    admin.page.get_by_role("button", name=MOVE_BACK).click()
    expect(admin.page.get_by_role("dialog")).to_contain_text(f"will point at {short(good.index)} again")
    admin.look("history-restore")

    admin.page.get_by_role("button", name="Move the tag").click()

    expect(admin.page.get_by_role("dialog")).to_have_count(0)
    expect(changes.get_by_text("Moved to")).to_have_count(2)
    admin.go("/repositories/team/moved/-/tags/stable")
    admin.sees("Image index")


def test_a_deleted_tag_is_brought_back_from_its_history(admin: Person, registry: Registry) -> None:
    """Its address says that it is gone, and still tells what it pointed at."""
    admin.expected.add(404)
    push_chart(registry, "team/gone", "1.0.0")
    registry.ask("DELETE", "/api/v1/repositories/team/gone/-/tags/1.0.0")
    admin.go("/repositories/team/gone/-/tags/1.0.0")
    admin.sees("There is no tag 1.0.0 now")
    admin.look("history-of-a-deleted-tag")

    admin.page.get_by_role("button", name=MOVE_BACK).click()
    admin.page.get_by_role("button", name="Move the tag").click()

    admin.sees("helm pull")


def test_restoring_a_tag_brings_a_deleted_artifact_back(admin: Person, registry: Registry) -> None:
    """The history says until when that can be done, and the question says that it is done."""
    admin.expected.add(404)
    digest = push_chart(registry, "team/lost", "3.0.0")
    registry.ask("DELETE", f"/api/v1/repositories/team/lost/-/artifacts/{digest}")
    admin.go(history_of("team/lost", "3.0.0"))
    admin.sees("It can be restored until")

    admin.page.get_by_role("button", name=MOVE_BACK).click()
    admin.sees("That artifact was deleted and comes back")
    admin.look("history-restore-deleted")
    admin.page.get_by_role("button", name="Move the tag").click()

    admin.sees("Helm chart")


def test_a_tag_that_never_was_says_so(admin: Person, registry: Registry) -> None:
    """A mistyped tag is told from a deleted one."""
    admin.expected.add(404)
    registry.push_image("team/tags", "1.0")

    admin.go("/repositories/team/tags/-/tags/l.0")

    admin.sees("There never was a tag l.0")
    admin.look("history-of-no-tag")


def test_a_reader_sees_the_history_and_no_way_to_change_it(person: MakePerson, registry: Registry) -> None:
    """Pointing a tag elsewhere is a push, which is not offered to who may only pull."""
    push_chart(registry, "team/past", "1.0.0")
    registry.push_image("team/past", "1.0.0")
    registry.add_user("rosa", ("team/past", "read"))
    rosa = person()
    rosa.log_in("rosa", PASSWORD)

    rosa.go(history_of("team/past", "1.0.0"))

    expect(rosa.page.get_by_text("Moved to")).to_be_visible()
    expect(rosa.page.get_by_role("button", name=MOVE_BACK)).to_have_count(0)
