# SPDX-License-Identifier: Apache-2.0
"""Setting rules about immutable tags, looking at what they are about, and who may."""

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.immutability import IMAGES
from tests.builders.immutability import REGISTRY
from tests.builders.immutability import a_rule
from tests.builders.immutability import rules_path
from tests.builders.immutability import set_rules

APP = "team/app"
IMAGE = IMAGES[0]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(application: Application, alice: Client) -> Client:
    """The administrator of a project with tags in two repositories."""
    await alice.push_image(APP, IMAGE, "1.0", "1.1", "latest")
    await alice.push_image("team/lib", IMAGE, "1.0")
    await application.settle()
    return alice


async def test_rules_are_kept_in_order(owner: Client) -> None:
    """As they were given, with who set them."""
    await set_rules(owner, a_rule("mutable", "latest"), a_rule("immutable", description="Releases"))
    shown = (await owner.get(rules_path())).json

    assert [(each["tags"], each["effect"], each["description"]) for each in shown["rules"]] == [
        ("latest", "mutable", ""),
        ("*", "immutable", "Releases"),
    ]
    assert shown["changed_by"] == "user:alice"


async def test_nobody_overwrites_what_they_have_not_seen(owner: Client) -> None:
    """Whoever names the revision that they read is told when there is another by now."""
    first = (await owner.get(rules_path())).json["revision"]
    await set_rules(owner, a_rule("immutable"))
    late = await owner.send_json("PUT", rules_path(), {"rules": [], "revision": first})

    assert (late.status, late.json["code"]) == (409, "rules_changed")
    assert len((await owner.get(rules_path())).json["rules"]) == 1


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (a_rule("immutable", repositories="other/**"), "immutability_invalid"),
        (a_rule("immutable", repositories="**"), "immutability_invalid"),
        (a_rule("immutable", is_binding=True), "immutability_invalid"),
        (a_rule("immutable", "a/b"), "invalid_tag_pattern"),
        (a_rule("immutable", repositories="Team/**"), "invalid_path_pattern"),
        (a_rule("immutable", description="two\nlines"), "immutability_invalid"),
    ],
)
async def test_what_is_no_rule_of_a_project_is_refused(owner: Client, rule: dict[str, object], code: str) -> None:
    """Nothing changes."""
    answer = await owner.send_json("PUT", rules_path(), {"rules": [rule]})

    assert (answer.status, answer.json["code"]) == (400, code)
    assert (await owner.get(rules_path())).json["rules"] == []


async def test_a_project_has_thirty_rules_at_most(owner: Client) -> None:
    """More are refused before anything is read."""
    answer = await owner.send_json("PUT", rules_path(), {"rules": [a_rule("immutable")] * 31})

    assert (answer.status, answer.json["code"]) == (400, "invalid_request")


async def test_a_preview_lists_what_is_there(owner: Client) -> None:
    """Page after page, with the rule that decides now; nothing is changed."""
    await set_rules(owner, a_rule("immutable", "latest"))
    pages = await owner.pages(f"{rules_path()}:preview?repositories=team/**&tags=1.*&limit=2")
    (latest,) = (await owner.get(f"{rules_path()}:preview?repositories=team/app&tags=latest")).json["items"]

    found = [(each["repository"], each["tag"], each["decides_now"]) for page in pages for each in page]
    assert found == [(APP, "1.0", None), (APP, "1.1", None), ("team/lib", "1.0", None)]
    assert latest["decides_now"]["rule"]["effect"] == "immutable"


async def test_a_preview_shows_nothing_that_one_may_not_read(application: Application, owner: Client) -> None:
    """Neither by its patterns nor by a page that was asked for by hand."""
    bob = await application.user("bob", ("other/**", "admin"))
    await bob.push_image("other/app", IMAGE, "1.0")
    pages = await bob.pages("/api/v1/projects/other/immutability:preview?repositories=**")

    assert [each["repository"] for page in pages for each in page] == ["other/app"]
    assert (await bob.get(f"{rules_path()}:preview?repositories=team/**")).status == 403
    assert (await bob.get(f"{REGISTRY}:preview?repositories=**")).status == 403


async def test_it_is_explained_what_decides(owner: Client) -> None:
    """For a tag that is there, and one that is not."""
    await set_rules(owner, a_rule("mutable", "latest"), a_rule("append-only"))
    there = (await owner.get(f"/api/v1/repositories/{APP}/-/tags/1.0/immutability")).json
    absent = (await owner.get(f"/api/v1/repositories/{APP}/-/tags/nightly/immutability")).json

    assert (there["digest"], there["decides"]["project"], there["decides"]["number"]) == (IMAGE.digest, "team", 2)
    assert (there["set"], there["move"], there["delete"]) == ("free", "kept", "kept")
    assert (absent["digest"], absent["set"]) == (None, "no-version")
    assert absent["explanation"] == (
        "Rule 2 of team (* in team/**: append-only) decides: nightly is no version, and cannot be set."
    )


async def test_who_may_set_and_see_rules(application: Application, owner: Client) -> None:
    """A writer sees those of the project and sets none; nobody but administrators touches those of the registry."""
    writer = await application.user("writer", ("team/**", "write"))
    root = await application.user("root", is_admin=True)
    body: dict[str, object] = {"rules": [a_rule("immutable")]}
    answers = [
        await writer.get(rules_path()),
        await writer.send_json("PUT", rules_path(), body),
        await owner.get(REGISTRY),
        await owner.send_json("PUT", REGISTRY, body),
        await root.send_json("PUT", REGISTRY, body),
        await application.anonymous().get(rules_path()),
    ]

    assert [answer.status for answer in answers] == [200, 403, 403, 403, 200, 401]


async def test_each_change_is_recorded(application: Application, owner: Client) -> None:
    """With the rules before and after."""
    await set_rules(owner, a_rule("immutable"))
    await set_rules(owner, a_rule("immutable"))
    (event,) = [each for each in await application.events() if each.type == "immutability.changed"]

    assert (event.principal, event.project, event.before) == ("user:alice", "team", {"rules": []})
    assert event.after["rules"][0]["effect"] == "immutable"


async def test_another_project_of_the_name_inherits_nothing(application: Application, owner: Client) -> None:
    """Rules go with their project, and that is recorded."""
    root = await application.user("root", is_admin=True)
    await root.post("/api/v1/projects", {"name": "gone"})
    await set_rules(root, a_rule("immutable", repositories="gone/**"), project="gone")
    assert (await root.send("DELETE", "/api/v1/projects/gone")).status == 204
    await root.post("/api/v1/projects", {"name": "gone"})

    assert (await root.get(rules_path("gone"))).json["rules"] == []
    assert [each.type for each in await application.events()].count("immutability.changed") == 2
