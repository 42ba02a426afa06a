# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/templates` and those of projects: who sets what, and what would count for a name."""

import pytest

from entrepot.features.templates.models import MAX_GRANTS
from entrepot.features.templates.models import MAX_PROJECT_TEMPLATES
from tests.builders.access_rows import add_grant
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.guardrails import set_guardrail
from tests.builders.templates import TEMPLATES
from tests.builders.templates import put_template
from tests.builders.templates import records

OWN = "/api/v1/projects/team/templates"
CREATOR = {"principal": "creator", "role": "admin"}
APPS = {"purpose": "repository", "pattern": "team/app-*", "grants": [CREATOR]}

pytestmark = pytest.mark.anyio


def granting(principal: str, role: str) -> dict[str, object]:
    """Return a template that grants to somebody."""
    return {"purpose": "project", "pattern": "a", "grants": [{"principal": principal, "role": role}]}


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who made a project."""
    root = await application.user("root", is_admin=True)
    assert (await root.post("/api/v1/projects", {"name": "team"})).status == 201
    return root


async def test_a_template_is_set_shown_replaced_and_deleted(application: Application, root: Client) -> None:
    """Each is recorded once; setting what is there already is not."""
    made = await put_template(root, "teams", "project", "team-*", grants=[CREATOR])
    same = await put_template(root, "teams", "project", "team-*", grants=[CREATOR])
    changed = await put_template(root, "teams", "project", "team-*", visibility="internal")
    shown = await root.get(f"{TEMPLATES}/teams")
    deleted = await root.send("DELETE", f"{TEMPLATES}/teams")

    assert [made.status, same.status, changed.status, deleted.status] == [201, 200, 200, 204]
    assert made.json["grants"] == [{**CREATOR, "path": "**"}]
    assert (shown.json["visibility"], shown.json["grants"]) == ("internal", [])
    assert (await root.get(f"{TEMPLATES}/teams")).json["code"] == "template_unknown"
    kinds = [each["type"] for each in await records(application, root, "template")]
    assert kinds == ["template.created", "template.changed", "template.deleted"]


async def test_templates_are_listed_by_name_in_pages(root: Client) -> None:
    """Those of the registry without those of projects, and the other way round."""
    for name in ("c", "a", "b"):
        await put_template(root, name, "project", f"{name}-*")
    await root.send_json("PUT", f"{OWN}/own", APPS)

    pages = await root.pages(f"{TEMPLATES}?limit=2")
    assert [[each["name"] for each in page] for page in pages] == [["a", "b"], ["c"]]
    assert [each["name"] for each in (await root.get(OWN)).json["items"]] == ["own"]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"purpose": "project", "pattern": "team/app"}, "template_invalid"),
        ({"purpose": "repository", "pattern": "a//b"}, "invalid_path_pattern"),
        ({"purpose": "repository", "pattern": "a", "visibility": "public"}, "template_invalid"),
        (granting("everyone", "read"), "template_invalid"),
        (granting("ghost", "read"), "principal_unknown"),
        (granting("group:ghosts", "read"), "principal_unknown"),
        (granting("robot:_.ghost", "read"), "principal_unknown"),
        (granting("creator", "nothing"), "role_unknown"),
        ({"purpose": "project", "pattern": "a", "grants": [CREATOR] * (MAX_GRANTS + 1)}, "invalid_request"),
    ],
)
async def test_what_makes_no_sense_is_refused(root: Client, terms: dict[str, object], code: str) -> None:
    """When it is set, and not when something is made."""
    answer = await root.send_json("PUT", f"{TEMPLATES}/one", terms)

    assert (answer.json["code"], (await root.get(TEMPLATES)).json) == (code, {"items": []})


async def test_a_project_sets_templates_within_itself(application: Application, root: Client, alice: Client) -> None:
    """For its repositories, wherever its administrator may give what they give; nobody else does."""
    mallory = await application.user("mallory", ("team/**", "maintain"))
    own = await alice.send_json("PUT", f"{OWN}/apps", APPS)
    elsewhere = await alice.send_json("PUT", f"{OWN}/apps", {**APPS, "pattern": "other/**"})
    broad = await alice.send_json("PUT", f"{OWN}/apps", {**APPS, "pattern": "**"})
    projects = await alice.send_json("PUT", f"{OWN}/apps", {"purpose": "project", "pattern": "team"})
    of_registry = await put_template(alice, "apps", "repository", "team/**")

    assert (own.status, own.json["project"]) == (201, "team")
    assert {elsewhere.json["code"], broad.json["code"], projects.json["code"]} == {"template_invalid"}
    assert of_registry.status == (await mallory.send_json("PUT", f"{OWN}/apps", APPS)).status == 403


async def test_who_administers_a_project_for_a_time_sets_nothing_for_good(
    application: Application, root: Client
) -> None:
    """What a template gives does not end, so whoever sets it has it for good."""
    guest = await application.user("guest")
    ends = application.core.clock() + 1_000_000
    await application.database.write(add_grant, "user:guest", "team/**", "admin", expires_at=ends)

    refused = await guest.send_json("PUT", f"{OWN}/apps", APPS)
    without = await guest.send_json("PUT", f"{OWN}/apps", {**APPS, "grants": []})

    assert (refused.status, refused.json["code"], without.status) == (403, "denied", 201)


async def test_a_guardrail_on_administering_holds(root: Client) -> None:
    """A template that gives something where a second factor is needed takes one to set."""
    await set_guardrail(root, "two", "second-factor", "prod-*/**")
    refused = await put_template(root, "prods", "project", "prod-*", grants=[CREATOR])
    elsewhere = await put_template(root, "devs", "project", "dev-*", grants=[CREATOR])

    assert (refused.json["code"], elsewhere.status) == ("refused_by_guardrail", 201)


async def test_a_project_has_so_many_templates(root: Client) -> None:
    """The next one is refused, and replacing one is not."""
    for number in range(MAX_PROJECT_TEMPLATES):
        assert (await root.send_json("PUT", f"{OWN}/t{number}", {**APPS, "grants": []})).status == 201

    assert (await root.send_json("PUT", f"{OWN}/more", APPS)).json["code"] == "too_many_templates"
    assert (await root.send_json("PUT", f"{OWN}/t0", APPS)).status == 200


async def test_a_match_tells_what_would_count(root: Client) -> None:
    """The most specific template for the project, and for the repository, and what would be left out."""
    await root.post("/api/v1/roles", {"name": "builder", "actions": ["pull"]})
    for name in ("dev", "qa"):
        await root.post("/api/v1/groups", {"name": name})
    dev = [{"principal": f"group:{name}", "role": "builder"} for name in ("dev", "qa")]
    await put_template(root, "all", "project", "*")
    await put_template(root, "teams", "project", "team*", visibility="public", grants=dev)
    await root.send_json("PUT", f"{OWN}/apps", APPS)
    await set_guardrail(root, "closed", "no-public", "team/**")
    await root.send("DELETE", "/api/v1/groups/dev")

    match = (await root.get(f"{TEMPLATES}:match?name=team/app-one")).json
    within = (await root.get(f"{OWN}:match?name=team/app-one")).json
    assert (match["project"]["template"], match["project"]["visibility"]) == ("teams", "public")
    assert "guardrail" in match["project"]["visibility_obstacle"]
    given = [(each["path_pattern"], each["obstacle"]) for each in match["project"]["grants"]]
    assert given == [("team/**", "there is no group dev"), ("team/**", "")]
    assert match["repository"]["grants"][0] | {"obstacle": ""} == {
        **CREATOR, "path_pattern": "team/app-one", "obstacle": ""
    }  # fmt: skip
    assert (within["project"], within["repository"]) == (None, match["repository"])


async def test_a_match_within_a_project_is_about_it(root: Client, alice: Client) -> None:
    """A name in another one is refused, and somebody else learns nothing."""
    assert (await alice.get(f"{OWN}:match?name=other/app")).json["code"] == "template_invalid"
    assert (await alice.get(f"{OWN}:match?name=team/app")).json == {"project": None, "repository": None}
    assert (await alice.get(f"{TEMPLATES}:match?name=team/app")).status == 403


async def test_templates_of_a_project_end_with_it(application: Application, root: Client) -> None:
    """A later project of its name has none, and that is recorded."""
    await root.send_json("PUT", f"{OWN}/apps", APPS)
    await root.send("DELETE", "/api/v1/projects/team")
    await root.post("/api/v1/projects", {"name": "team"})

    (deleted,) = await records(application, root, "template.deleted")
    assert (await root.get(OWN)).json == {"items": []}
    assert (deleted["object"], deleted["reason"]) == ("template:team/apps", "the project team was deleted")
