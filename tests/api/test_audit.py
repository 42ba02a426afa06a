# SPDX-License-Identifier: Apache-2.0
"""What is recorded of what happens, through the whole application."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.features.audit.sealing import seal_uses
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import after
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.manifests import an_image_manifest

pytestmark = pytest.mark.anyio

RECORDS = "/api/v1/audit/records"


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """An instance with nobody in it."""
    with an_application(tmp_path) as application:
        yield application


async def records(application: Application, auditor: Client, query: str = "") -> list[dict[str, Any]]:
    """Return what is recorded, oldest first."""
    await application.settle()
    answer = await auditor.get(f"{RECORDS}?limit=1000{query}")
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["items"]
    return found[::-1]


async def test_a_push_and_a_pull_are_recorded(application: Application) -> None:
    """Who, from where, with what, which tag and which digest."""
    admin = await application.user("admin", is_admin=True)
    built = an_image_manifest()
    await admin.push_image("team/app", built, "v1")
    pulled = await admin.send("GET", "/v2/team/app/manifests/v1", b"", ("user-agent", "docker/29"))
    assert pulled.status == 200
    await application.core.facts.flush()

    found = {record["type"]: record for record in await records(application, admin, "&repository=team/app")}
    assert {"repository.created", "manifest.pushed", "tag.moved", "manifest.pulled"} <= found.keys()
    pull = found["manifest.pulled"]
    assert (pull["principal"], pull["address"], pull["agent"]) == ("user:admin", "192.0.2.1", "docker/29")
    assert (pull["tag"], pull["digest"], pull["times"]) == ("v1", built.digest, 1)
    assert found["manifest.pushed"]["credential"].startswith("password:")


async def test_a_grant_is_recorded_with_what_it_was_before(application: Application) -> None:
    """Given, given anew until another moment, and taken: each with before and after."""
    admin = await application.user("admin", is_admin=True)
    await application.user("bob")
    grant = {"principal": "user:bob", "path_pattern": "team/**", "role": "write"}
    for change in ({}, {"expires_at": "2099-01-01T00:00:00Z"}):
        answer = await admin.post("/api/v1/grants", grant | change)
        assert answer.status in (200, 201), answer.body
    query = "principal=user:bob&path_pattern=team/**&role=write"
    assert (await admin.send("DELETE", f"/api/v1/grants?{query}")).status == 204

    given, changed, taken = await records(application, admin, "&type=grant&object=user:bob")
    assert [each["type"] for each in (given, changed, taken)] == ["grant.given", "grant.changed", "grant.taken"]
    assert given["details"]["after"]["role"] == "write"
    assert changed["details"]["before"]["expires_at"] is None
    assert taken["details"]["before"]["path_pattern"] == "team/**"
    assert {each["project"] for each in (given, changed, taken)} == {"team"}


async def test_auditors_read_it_and_nobody_else_does(application: Application) -> None:
    """Auditors everything, who administers a project that project, others nothing."""
    auditor = await application.user("auditor", ("SYSTEM", "auditor"))
    operator = await application.user("operator", ("SYSTEM", "operator"))
    owner = await application.user("owner", ("team/**", "admin"))
    await owner.push_image("team/app", an_image_manifest(), "v1")

    assert await records(application, auditor, "&project=team")
    assert (await operator.get(RECORDS)).status == 403
    assert (await owner.get(RECORDS)).status == 403
    own = await owner.get(f"{RECORDS}?project=team")
    assert own.status == 200
    assert {record["project"] for record in own.json["items"]} == {"team"}
    assert (await operator.get(f"{RECORDS}?project=team")).status in (403, 404)
    assert (await application.anonymous().get(RECORDS)).status == 401


async def test_pages_follow_each_other(application: Application) -> None:
    """Newest first, each record once, however small the pages are."""
    admin = await application.user("admin", is_admin=True)
    for number in range(12):
        await admin.post("/api/v1/groups", {"name": f"group-{number}"})
    await application.settle()

    pages = await admin.pages(f"{RECORDS}?type=group.created&limit=5")

    assert [len(page) for page in pages] == [5, 5, 2]
    assert [record["object"] for page in pages for record in page] == [f"group:group-{n}" for n in range(11, -1, -1)]


async def test_an_export_is_whole_and_recorded(application: Application) -> None:
    """Every record on a line, as a table too; that somebody took them is a record of its own."""
    admin = await application.user("admin", is_admin=True)
    for number in range(3):
        await admin.post("/api/v1/groups", {"name": f"group-{number}", "description": "=1+1"})
    await application.settle()

    lines = (await admin.get(f"{RECORDS}:export?type=group")).body.decode().splitlines()
    table = (await admin.get(f"{RECORDS}:export?type=group&format=csv")).body.decode()

    assert [json.loads(line)["object"] for line in lines] == ["group:group-2", "group:group-1", "group:group-0"]
    assert table.count("group.created") == 3
    exported = await records(application, admin, "&type=audit.exported")
    assert [each["details"]["after"]["filter"] for each in exported] == ["type=group", "type=group&format=csv"]


async def test_pulls_of_an_hour_become_two_records(application: Application) -> None:
    """The first at once, the others together when the hour is over."""
    admin = await application.user("admin", is_admin=True)
    await admin.push_image("team/app", an_image_manifest(), "v1")
    for _ in range(5):
        for _ in range(2):
            assert (await admin.get("/v2/team/app/manifests/v1")).status == 200
        await application.core.facts.flush()
        await application.settle()

    first = await records(application, admin, "&type=manifest.pulled")
    assert [each["times"] for each in first] == [2]

    await application.database.write_locked(seal_uses, after(application.core.clock(), HOUR_MS))
    both = await records(application, admin, "&type=manifest.pulled")
    assert [each["times"] for each in both] == [2, 8]


async def test_somebody_is_forgotten_and_the_log_stays_whole(application: Application) -> None:
    """The name is gone from every record, and so are details about it; what happened stays."""
    admin = await application.user("admin", is_admin=True)
    bob = await application.user("bob", ("team/**", "admin"))
    await bob.push_image("team/app", an_image_manifest(), "v1")
    await admin.post("/api/v1/grants", {"principal": "user:bob", "path_pattern": "x/**", "role": "write"})
    before = await records(application, admin)

    erased = await admin.post("/api/v1/audit/erasures", {"subject": "user:bob", "reason": "request 17"})
    assert erased.status == 201, erased.body
    after = await records(application, admin)

    assert "bob" in json.dumps(before)
    assert "bob" not in json.dumps(after)
    assert [each["hash"] for each in after[: len(before)]] == [each["hash"] for each in before]
    assert after[-1]["type"] == "audit.erased"


@pytest.mark.parametrize(
    "path", ["records?principal=user:%00", "records?project=%00", "records?tag=a%00", "witnessed?origin=%00"]
)
async def test_a_search_for_a_nul_is_refused(application: Application, path: str) -> None:
    """Not every database could compare one."""
    admin = await application.user("admin", is_admin=True)

    assert (await admin.get(f"/api/v1/audit/{path}")).status == 400


async def test_a_nul_is_not_kept(application: Application) -> None:
    """Nor looked for among names."""
    admin = await application.user("admin", is_admin=True)
    hold = {"reason": "case\0", "begins_at": "2026-01-01T00:00:00Z"}

    assert (await admin.post("/api/v1/audit/holds", hold)).status == 400
    erasure = {"subject": "user:a\0", "reason": "request 17"}
    assert (await admin.post("/api/v1/audit/erasures", erasure)).status == 400


async def test_pulls_that_wait_bring_no_name_back(application: Application) -> None:
    """What was counted of somebody who is forgotten is recorded before that, and of others when the hour is over."""
    admin = await application.user("admin", is_admin=True)
    bob, bobby = [await application.user(name, ("team/**", "admin")) for name in ("bob", "bobby")]
    await bob.push_image("team/app", an_image_manifest(), "v1")
    for _ in range(2):
        for client in (bob, bobby):
            await client.send("GET", "/v2/team/app/manifests/v1")
        await application.core.facts.flush()
        await application.settle()

    await admin.post("/api/v1/audit/erasures", {"subject": "user:bob", "reason": "request 17"})
    await application.database.write_locked(seal_uses, after(application.core.clock(), HOUR_MS))
    pulls = await records(application, admin, "&type=manifest.pulled")

    assert [(each["principal"], each["times"]) for each in pulls] == [
        (None, 1),
        ("user:bobby", 1),
        (None, 1),
        ("user:bobby", 1),
    ]


async def test_a_hold_keeps_names_from_being_erased(application: Application) -> None:
    """While one is in force nothing is forgotten; once it is released, it may be."""
    admin = await application.user("admin", is_admin=True)
    await admin.post("/api/v1/groups", {"name": "group"})
    await application.settle()
    placed = await admin.post("/api/v1/audit/holds", {"reason": "case 12", "begins_at": "2020-01-01T00:00:00Z"})
    assert placed.status == 201, placed.body

    refused = await admin.post("/api/v1/audit/erasures", {"subject": "user:admin", "reason": "request"})
    assert (refused.status, refused.json["code"]) == (409, "audit_on_hold")
    released = await admin.post(f"/api/v1/audit/holds/{placed.json['id']}:release", {})
    assert released.json["released_by"] == "user:admin"
    assert (await admin.post("/api/v1/audit/erasures", {"subject": "user:admin", "reason": "request"})).status == 201


async def test_a_search_is_kept_for_oneself_or_for_all(application: Application) -> None:
    """Others see what is shared, and change only their own."""
    auditor = await application.user("auditor", ("SYSTEM", "auditor"))
    other = await application.user("other", ("SYSTEM", "auditor"))
    for name, is_shared in (("mine", False), ("ours", True)):
        body = {"filter": {"type": "login", "outcome": "refused"}, "is_shared": is_shared}
        assert (await auditor.send_json("PUT", f"/api/v1/audit/filters/{name}", body)).status == 200

    seen = (await other.get("/api/v1/audit/filters")).json["items"]
    assert [(each["name"], each["is_own"]) for each in seen] == [("ours", False)]
    assert seen[0]["filter"] == {"type": "login", "outcome": "refused"}
    assert (await other.send("DELETE", "/api/v1/audit/filters/ours")).status == 404


async def test_what_cannot_be_asked_is_refused(application: Application) -> None:
    """A type that there is not, a moment that is none, a cursor that was made up."""
    admin = await application.user("admin", is_admin=True)
    for query in ("type=nothing", "since=yesterday", "cursor=!!", "nothing=1", "outcome=well"):
        answer = await admin.get(f"{RECORDS}?{query}")
        assert answer.status in (400, 422), (query, answer.body)


async def test_refusals_are_recorded(application: Application) -> None:
    """Who may not, why, and how often within a second; on both ways in."""
    admin = await application.user("admin", is_admin=True)
    bob = await application.user("bob", ("team/**", "read"))
    await admin.push_image("team/app", an_image_manifest(), "v1")
    for _ in range(3):
        assert (await bob.send("DELETE", "/v2/team/app/manifests/v1")).status == 403
    assert (await bob.get("/api/v1/users")).status == 403
    await application.instance.refusals.flush()

    deleting, listing = await records(application, admin, "&type=request.refused")
    assert (deleting["principal"], deleting["repository"], deleting["times"]) == ("user:bob", "team/app", 3)
    assert deleting["details"]["reason"] == "bob may not delete in team/app"
    assert (listing["outcome"], listing["details"]["after"]) == ("refused", {"code": "forbidden"})


async def test_failed_logins_are_recorded(application: Application) -> None:
    """With the name that was tried and the address, but not with what cannot be a name."""
    admin = await application.user("admin", is_admin=True)
    for name in ("alice", "My Secret Passw0rd!"):
        wrong = base64.b64encode(f"{name}:wrong".encode()).decode()
        assert (
            await application.anonymous().send("GET", "/v2/", b"", ("authorization", f"Basic {wrong}"))
        ).status == 401

    typed, tried = (await records(application, admin, "&type=login.failed"))[::-1]
    assert (tried["principal"], tried["address"], tried["outcome"]) == ("user:alice", "192.0.2.1", "refused")
    assert typed["principal"] == "anonymous:anonymous"
    assert "Passw0rd" not in json.dumps(typed)


async def test_logins_with_a_password_or_a_token_are_recorded(application: Application) -> None:
    """Once in a while for each credential and address, not at each request."""
    admin = await application.user("admin", is_admin=True)
    made = await admin.post("/api/v1/tokens", {"name": "laptop"})
    secret = base64.b64encode(f"admin:{made.json['secret']}".encode()).decode()
    for _ in range(3):
        assert (await admin.get("/v2/")).status == 200
        assert (
            await application.anonymous().send("GET", "/v2/", b"", ("authorization", f"Basic {secret}"))
        ).status == 200
    await application.instance.uses.flush()

    found = await records(application, admin, "&type=login.succeeded")
    assert [(each["principal"], each["credential"].partition(":")[0]) for each in found] == [
        ("user:admin", "password"),
        ("user:admin", "token"),
    ]
    assert {each["address"] for each in found} == {"192.0.2.1"}
