# SPDX-License-Identifier: Apache-2.0
"""Who gets which answer from `/api` (docs/reference/answers.md)."""

import pytest

from entrepot.oci.digest import Digest
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

DIGEST = Digest("sha256:" + "0" * 64)
READS = ["tags", "tags/1.0/history", f"artifacts/{DIGEST}"]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def mallory(application: Application) -> Client:
    """Somebody with an account and no grant."""
    return await application.user("mallory")


def without_request(answer: Answer, name: str) -> tuple[int, dict[str, str], list[str]]:
    """Return an answer without what names the request or the repository."""
    told = {key: value.replace(name, "NAME") for key, value in answer.json.items() if isinstance(value, str)}
    del told["request_id"]
    return answer.status, told, sorted(key for key, _ in answer.headers)


@pytest.mark.parametrize("path", READS)
async def test_forbidden_and_unknown_look_alike(alice: Client, mallory: Client, path: str) -> None:
    """To somebody who may not read it, a repository that exists is one that does not."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")

    forbidden = await mallory.get(f"/api/v1/repositories/team/app/-/{path}")
    unknown = await mallory.get(f"/api/v1/repositories/team/nil/-/{path}")

    assert without_request(forbidden, "team/app") == without_request(unknown, "team/nil")
    assert (forbidden.status, forbidden.json["code"]) == (404, "name_unknown")
    assert "mallory" in forbidden.json["hint"]


@pytest.mark.parametrize("path", ["", *(f"/team/app/-/{path}" for path in READS)])
@pytest.mark.parametrize("authorization", ["", "Basic Zm9vOmJhcg==", "Bearer nonsense", "Digest x"])
async def test_who_is_not_known_must_log_in(
    application: Application, alice: Client, path: str, authorization: str
) -> None:
    """Without good credentials the answer is 401 with a Bearer challenge, and never Basic, which browsers ask for."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")
    headers = [("authorization", authorization)] if authorization else []

    answer = await application.anonymous().send("GET", f"/api/v1/repositories{path}", b"", *headers)

    assert (answer.status, answer.header("www-authenticate")) == (401, "Bearer")
    assert answer.header("content-type") == "application/problem+json"


async def test_a_public_project_is_read_without_credentials(application: Application, alice: Client) -> None:
    """Its tags, artifacts and history are shown to everybody; restoring takes a login and the right to push."""
    digest = await alice.push_image("team/app", an_image_manifest(), "1.0")
    await alice.send_json("PATCH", "/api/v1/projects/team", {"visibility": "public"})
    nobody, repository = application.anonymous(), "/api/v1/repositories/team/app/-"

    reads = [await nobody.get(f"{repository}/{path}") for path in ("tags", "tags/1.0/history", f"artifacts/{digest}")]
    restored = await nobody.post(f"{repository}/tags/1.0:restore", {"digest": digest})

    assert [answer.status for answer in reads] == [200, 200, 200]
    assert restored.status == 401


async def test_repeated_credentials_are_refused(alice: Client) -> None:
    """Two `Authorization` headers are a bad request: a proxy may have checked the other one."""
    answer = await alice.send("GET", "/api/v1/repositories", b"", *alice.headers)

    assert answer.status == 400
    assert "repeated" in answer.json["detail"]


async def test_a_cookie_proves_nothing(application: Application) -> None:
    """Cookies are not looked at."""
    answer = await application.anonymous().send("GET", "/api/v1/repositories", b"", ("cookie", "session=1"))

    assert answer.status == 401


@pytest.mark.parametrize("path", READS)
async def test_who_may_read_learns_what_is_unknown(alice: Client, path: str) -> None:
    """Within the caller's rights an unknown repository is named as such, with nothing about rights."""
    answer = await alice.get(f"/api/v1/repositories/team/nil/-/{path}")

    assert (answer.status, answer.json["code"]) == (404, "name_unknown")
    assert "hint" not in answer.json


async def test_a_token_for_something_else_is_not_enough(application: Application, alice: Client) -> None:
    """A token whose scopes do not cover the repository is told so, to fetch another."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")
    answer = await alice.get("/auth/token?service=entrepot&scope=repository:team/web:pull")
    bearer = Client(application.server, (("authorization", f"Bearer {answer.json['token']}"),))

    refused = await bearer.get("/api/v1/repositories/team/app/-/tags")

    assert (refused.status, refused.json["code"]) == (401, "unauthenticated")
