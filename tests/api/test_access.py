# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/access`."""

import pytest

from entrepot.kernel.access import Action
from tests.builders.access_rows import add_role
from tests.builders.application import Application

DERIVED = f"sha256-{'c' * 64}"

pytestmark = pytest.mark.anyio


async def test_one_finds_out_what_one_may_do(application: Application) -> None:
    """The answer has the decision, its reason, and the grants that it rests on."""
    alice = await application.user("alice", ("team/**", "read"))
    answer = await alice.get("/api/v1/access?action=pull&repository=team/app")

    assert answer.status == 200
    assert answer.json == {
        "principal": "user:alice",
        "action": "pull",
        "repository": "team/app",
        "tag": "",
        "allowed": True,
        "because": "alice has the role read on team/**",
        "grants": [
            {
                "held_by": "user:alice",
                "role": "read",
                "path_pattern": "team/**",
                "tag_pattern": "",
                "expires_at": None,
                "opening": "",
            }
        ],
        "fix": "",
    }


async def test_whether_a_repository_exists_is_not_told(application: Application) -> None:
    """One that may not be read and one that does not exist are explained alike."""
    root = await application.user("root", is_admin=True)
    alice = await application.user("alice")
    await root.push_blob("secret/app", b"content")
    answers = [await alice.get(f"/api/v1/access?action=pull&repository={name}/app") for name in ("secret", "absent")]

    assert [answer.json["allowed"] for answer in answers] == [False, False]
    assert answers[0].body.replace(b"secret", b"absent") == answers[1].body


@pytest.mark.parametrize("query", ["", "action=fly&repository=a", "action=pull&repository=UPPER", "action=pull"])
async def test_nonsense_is_refused(application: Application, query: str) -> None:
    """An action that is none, a name that is none, and what is missing."""
    alice = await application.user("alice")

    assert (await alice.get(f"/api/v1/access?{query}")).status == 400


async def test_others_are_asked_about_by_those_who_manage_them(application: Application) -> None:
    """Whoever may read accounts, or manages members there; a token that narrows is not enough."""
    alice = await application.user("alice", ("team/**", "admin"))
    carol = await application.user("carol", ("SYSTEM", "auditor"))
    bob = await application.user("bob", ("team/**", "maintain"))
    for path in ("access?action=pull&repository={}&principal=user:x", "access/who?action=pull&repository={}"):
        here, there = path.format("team/app"), path.format("other/app")
        asked = [(client, each) for client in (alice, carol, bob, application.anonymous()) for each in (here, there)]
        statuses = [(await client.get(f"/api/v1/{each}")).status for client, each in asked]

        assert statuses == [200, 403, 200, 200, 403, 403, 401, 401]


async def test_one_may_ask_about_oneself_by_name(application: Application) -> None:
    """Which takes no right."""
    alice = await application.user("alice")

    answer = await alice.get("/api/v1/access?action=pull&repository=team/app&principal=alice")

    assert (answer.status, answer.json["principal"]) == (200, "user:alice")


async def test_who_can_tells_by_which_grants(application: Application) -> None:
    """Nobody is left out who administers the registry, and who is disabled is not named."""
    root = await application.user("root", is_admin=True)
    await application.user("alice", ("team/**", "read"), ("team/app", "admin"))
    await application.user("gone", ("team/**", "admin"))
    changed = await root.send_json("PATCH", "/api/v1/users/gone", {"disabled": True})

    found = (await root.get("/api/v1/access/who?action=delete&repository=team/app&tag=v1")).json

    assert [(each["principal"], each["grant"]["role"]) for each in found["items"]] == [
        ("user:root", "administrator"),
        ("user:alice", "admin"),
    ]
    assert (changed.status, found["is_complete"]) == (200, True)


@pytest.mark.parametrize(
    "query",
    ["principal=group:g", "principal=internal:scanner", "principal=everyone:everyone", "principal=user:", "tag=a/b"],
)
async def test_what_is_asked_about_nobody_is_refused(application: Application, query: str) -> None:
    """Groups, those who are many and the parts of Entrepot do nothing themselves."""
    root = await application.user("root", is_admin=True)

    answer = await root.get(f"/api/v1/access?action=pull&repository=team/app&{query}")

    assert answer.status == 400


@pytest.mark.parametrize(("tag", "needed"), [("v1", "tag"), (f"{DERIVED}.sig", "sign"), (DERIVED, "push")])
async def test_the_answer_about_a_tag_is_that_of_a_push(application: Application, tag: str, needed: str) -> None:
    """To set one that is derived from a digest takes the right to sign, or to push, and not that to tag."""
    for action in ("tag", "sign", "push"):
        await application.database.write(add_role, f"only-{action}", Action(action))
        asker = await application.user(f"may-{action}", ("team/**", f"only-{action}"))
        found = (await asker.get(f"/api/v1/access?action=tag&repository=team/app&tag={tag}")).json

        assert (found["action"], found["allowed"]) == (needed, action == needed)
