# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/access`."""

import pytest

from tests.builders.application import Application

pytestmark = pytest.mark.anyio


async def test_one_finds_out_what_one_may_do(application: Application) -> None:
    """The answer has the decision and its reason."""
    alice = await application.user("alice", ("team/**", "read"))
    answer = await alice.get("/api/v1/access?action=pull&repository=team/app")

    assert answer.status == 200
    assert answer.json == {
        "principal": "user:alice",
        "action": "pull",
        "repository": "team/app",
        "allowed": True,
        "because": "alice has the role read on team/**",
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
