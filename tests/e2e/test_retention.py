# SPDX-License-Identifier: Apache-2.0
"""Retention: from a preset to what lies in the bin and comes back, rules while they are edited, and what they say."""

import json
import re
from contextlib import closing

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import expect
from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from entrepot.entry.configuration import DATABASE_FILE
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import system_clock
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags
from tests.e2e.browser import MakePerson
from tests.e2e.browser import Person
from tests.e2e.registry import PASSWORD
from tests.e2e.registry import Registry

PROJECT = "lasting"
APP = f"{PROJECT}/app"
PULL_REQUESTS = 14
"""More than a run deletes unasked, where that is most of a repository."""
DAYS = 20
ECR = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {
                "tagStatus": "tagged",
                "tagPatternList": ["pr-*"],
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": 7,
            },
            "action": {"type": "expire"},
        }
    ]
}


@pytest.fixture
def admin(admin: Person) -> Person:
    """Bring the administrator, who is answered 404 where a level has no rules, and 400 where something is wrong."""
    admin.expected |= {400, 404}
    return admin


@pytest.fixture(autouse=True)
def filled(registry: Registry) -> None:
    """Push releases and what was built for pull requests, three weeks ago, unless an earlier story did."""
    if registry.ask("GET", f"/api/v1/projects?search={PROJECT}")["items"]:
        return
    for name in (APP, f"{PROJECT}/web"):
        for tag in ("v1.0.0", "v1.1.0", "latest", *(f"pr-{number}" for number in range(1, PULL_REQUESTS + 1))):
            registry.push_image(name, tag, annotations={"tag": f"{name}:{tag}"})
    with closing(SqliteDatabase(registry.server.data / DATABASE_FILE)) as database:
        database.write_now(_age)


def _age(connection: Connection) -> None:
    """Let every tag be set some days ago."""
    here = select(repositories.c.id).where(repositories.c.name.like(f"{PROJECT}/%"))
    then = after(system_clock(), -DAYS * DAY_MS)
    connection.execute(update(tags).where(tags.c.repo_id.in_(here)).values(updated_at=then))


def dialog(person: Person) -> Locator:
    """Return the dialog on top."""
    return person.page.get_by_role("dialog").last


def test_from_a_preset_to_the_bin_and_back(admin: Person) -> None:
    """Nothing is set before it was looked at, and nothing goes before a plan of it is run; all of it comes back."""
    begin_with_pull_requests(admin)
    admin.press("Save rules")
    admin.sees("Deletes artifacts tagged pr-*, pull-* or mr-* 7 days after they were pushed")
    admin.look("retention-policy")

    admin.press("Make a plan")
    admin.sees("Look at this plan before you run it")
    admin.sees(f"{APP} would lose {PULL_REQUESTS} of 17 tags")
    admin.look("retention-plan")
    run(admin)
    expect(admin.page.get_by_role("status").filter(has_text="Done")).to_be_visible()
    admin.look("retention-done")
    admin.press("All plans")
    expect(admin.page.get_by_role("row").filter(has_text="Done")).to_contain_text(str(PULL_REQUESTS))
    admin.look("retention-plans")
    admin.page.go_back()

    admin.page.get_by_role("link", name=f"Bin of {APP}").first.click()
    restored = admin.page.get_by_role("row").filter(has_text="pr-3")
    restored.get_by_role("button", name="Restore").click()
    dialog(admin).get_by_role("button", name="Restore").click()
    admin.go(f"/repositories/{APP}/-/tags/pr-3")
    admin.sees("Kept: no rule deletes it")


def begin_with_pull_requests(person: Person) -> None:
    """Open a repository that has no rules, look at what a preset would delete, and take it into the editor."""
    person.go(f"/repositories/{APP}?tab=retention")
    person.sees("No rules are set here")
    person.sees("Deletes untagged artifacts once nobody has used them for 30 days")
    person.look("retention-none")
    person.press("What would it delete? Pull requests 7 days")
    expect(dialog(person)).to_contain_text(f"{PULL_REQUESTS} of 17 tags and artifacts would go")
    person.look("retention-preset")
    dialog(person).get_by_role("button", name="Take into the editor").click()
    person.sees(f"{PULL_REQUESTS} of 17 tags and artifacts would go")


def run(person: Person) -> None:
    """Run the plan that is shown, which takes its number."""
    person.press("Run this plan…")
    act = dialog(person).get_by_role("button", name=f"Delete {PULL_REQUESTS} tags and artifacts")
    expect(act).to_be_disabled()
    dialog(person).get_by_role("textbox").fill(str(PULL_REQUESTS))
    person.look("retention-run")
    act.click()


def test_rules_are_edited_with_what_would_go_in_view(admin: Person) -> None:
    """What is wrong is told at its field; what was changed is not lost by going elsewhere."""
    admin.go(f"/projects/{PROJECT}?tab=retention")
    admin.press("Edit rules")
    admin.press("Add a rule")
    admin.field("Tags").fill("pr-[")
    admin.field("Older than (days)").fill("7")
    admin.sees("matches no tag")
    admin.look("retention-refused")
    admin.field("Tags").fill("pr-*")
    admin.sees("tags and artifacts would go")
    admin.look("retention-editor")

    admin.page.get_by_role("link", name="Projects").first.click()
    expect(dialog(admin)).to_contain_text("Leave without saving?")
    admin.look("retention-leaving")
    dialog(admin).get_by_role("button", name="Cancel").click()
    admin.choose("Actions for rule rule", "Turn off")
    admin.press("Save rules")
    admin.sees("off")
    admin.misses("Save rules")


def test_every_tag_is_explained(admin: Person) -> None:
    """Those that stay, too; one by its name; and on its own page, with when it expires."""
    admin.go(f"/repositories/{PROJECT}/web?tab=retention&view=explain")
    expect(admin.page.get_by_role("row").filter(has_text="latest")).to_contain_text("no rule deletes it")
    admin.look("retention-explain")
    admin.page.get_by_label("One tag, by its whole name").fill("nothing")
    admin.sees("There is no tag nothing")

    admin.go(f"/repositories/{PROJECT}/web/-/tags/latest")
    admin.sees("Kept: no rule deletes it")
    admin.press("Set expiry…")
    dialog(admin).get_by_role("radio", name="At a time").check()
    admin.look("retention-expiry")
    dialog(admin).get_by_role("button", name="Set expiry").click()
    expect(admin.page.get_by_text(re.compile("^in [67] days$"))).to_be_visible()
    admin.look("retention-tag")


def test_rules_of_another_registry_are_taken_over(admin: Person) -> None:
    """What it comes to, and what would be treated differently, before anything is set; what cannot be said is told."""
    admin.go(f"/projects/{PROJECT}?tab=retention")
    admin.choose("More", "Import from ECR or Harbor…")
    document = dialog(admin).get_by_role("textbox", name="JSON")
    document.fill('{"rules": [{"rulePriority": 1, "selection": {}, "action": {"type": "archive"}}]}')
    dialog(admin).get_by_role("button", name="Compare").click()
    expect(dialog(admin)).to_contain_text("does not expire images")
    admin.look("retention-import-refused")

    document.fill(json.dumps(ECR))
    dialog(admin).get_by_role("button", name="Compare").click()
    expect(dialog(admin)).to_contain_text("Deletes artifacts tagged pr-* 7 days after they were pushed")
    admin.look("retention-import")
    dialog(admin).get_by_role("button", name="Take into the editor").click()
    admin.sees("ecr-1")


def test_the_registry_has_rules_and_readers_see_what_becomes_of_tags(
    admin: Person, person: MakePerson, registry: Registry
) -> None:
    """Rules of the registry are beside the system; whoever may only pull is told of tags and no more."""
    admin.go("/system?tab=retention")
    admin.sees("No rules are set here")
    admin.look("retention-registry")
    admin.go("/system?tab=retention&view=plans")
    admin.sees("There are no plans yet")
    admin.look("retention-plans-none")

    registry.add_user("rita", (f"{PROJECT}/**", "read"))
    rita = person()
    rita.log_in("rita", PASSWORD)
    rita.go(f"/repositories/{PROJECT}/web?tab=retention")
    expect(rita.page.get_by_role("row").filter(has_text="v1.0.0")).to_contain_text("Kept")
    expect(rita.page.get_by_role("button", name="Edit rules")).to_have_count(0)
    rita.look("retention-reader")
