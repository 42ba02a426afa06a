# SPDX-License-Identifier: Apache-2.0
"""Holds: what nobody deletes, who says so, and what is said to whoever tries."""

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from entrepot.oci.digest import referrers_tag
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

IMAGE = an_image_manifest()
INDEX = an_index(IMAGE.descriptor())
SBOM = an_image_manifest(subject=IMAGE.descriptor())
SIGNATURE = an_image_manifest(annotations={"is": "a signature"})
SIGNED = f"{referrers_tag(IMAGE.digest)}.sig"
APP = "/api/v1/repositories/team/app/-"
HOLDS, ARTIFACTS, TAGS = f"{APP}/holds", f"{APP}/artifacts", f"{APP}/tags"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def counsel(application: Application, alice: Client) -> Client:
    """Somebody who may place legal holds in a project with an index, its image, and what belongs to that."""
    await alice.push_image("team/app", IMAGE, "1.0")
    await alice.push("team/app", INDEX, "latest")
    await alice.push("team/app", SBOM)
    await alice.push("team/app", SIGNATURE, SIGNED)
    root = await application.user("root", is_admin=True)
    await root.post("/api/v1/roles", {"name": "counsel", "description": "x", "actions": ["read", "hold"]})
    return await application.user("counsel", ("team/**", "counsel"))


def in_days(days: int) -> str:
    """Return a moment to come."""
    return rfc3339(after(system_clock(), days * DAY_MS))


async def place(client: Client, kind: str = "user", days: int | None = 30, **what: str) -> Answer:
    """Ask for a hold."""
    ends = None if days is None else in_days(days)
    return await client.post(HOLDS, {"kind": kind, "reason": "Case 4711", "expires_at": ends, **what})


async def deleted(client: Client, digest: str) -> list[int]:
    """Try to delete an artifact on `/v2` and on `/api`."""
    on_v2 = await client.send("DELETE", f"/v2/team/app/manifests/{digest}")
    return [on_v2.status, (await client.send("DELETE", f"{ARTIFACTS}/{digest}")).status]


async def test_nobody_deletes_what_is_held(application: Application, alice: Client, counsel: Client) -> None:
    """Nor what is below it, whoever asks and wherever; and not for good either."""
    root = await application.user("boss", is_admin=True)
    assert (await place(counsel, "legal", None, tag="latest")).status == 201

    for client in (alice, root):
        for built in (INDEX, IMAGE, SBOM, SIGNATURE):
            assert await deleted(client, built.digest) == [403, 403]
    assert (await root.post(f"{ARTIFACTS}/{IMAGE.digest}:free-now", {})).status == 403


async def test_the_refusal_says_which_hold_and_what_to_do(alice: Client, counsel: Client) -> None:
    """Its reason, who placed it, until when, and the command that ends it."""
    hold = (await place(counsel, "legal", None, digest=IMAGE.digest)).json

    refused = await alice.send("DELETE", f"/v2/team/app/manifests/{SBOM.digest}")

    [error] = refused.json["errors"]
    assert error["code"] == "DENIED"
    assert f"{SBOM.digest} is kept with {IMAGE.digest}" in error["message"]
    assert "a legal hold by user:counsel without an end: Case 4711" in error["message"]
    assert f"entrepot hold release team/app {hold['id']}" in error["message"]
    assert (error["detail"]["hold"], error["detail"]["kind"]) == (hold["id"], "legal")


async def test_a_subject_stays_for_a_held_referrer(alice: Client, counsel: Client) -> None:
    """Deleting it would take along what is held: then nothing is deleted at all."""
    await place(counsel, "legal", None, digest=SBOM.digest)

    assert await deleted(alice, IMAGE.digest) == [403, 403]

    assert (await alice.get(f"{TAGS}/1.0")).status == 200
    assert (await alice.send("DELETE", f"{ARTIFACTS}/{INDEX.digest}")).status == 200


async def test_tags_of_what_is_held_move_but_those_that_tie_it_together(alice: Client, counsel: Client) -> None:
    """The artifact stays without a tag; the tag by which older clients find its signature stays too."""
    await place(counsel, "legal", None, digest=IMAGE.digest)

    assert (await alice.send("DELETE", f"{TAGS}/1.0")).status == 200
    assert (await alice.send("DELETE", f"{TAGS}/{SIGNED}")).status == 403

    assert (await alice.get(f"{ARTIFACTS}/{IMAGE.digest}")).status == 200


async def test_a_hold_of_a_repository_keeps_all_of_it(alice: Client, counsel: Client) -> None:
    """And the project is not deleted; pushing goes on."""
    await place(counsel, "legal", None)

    assert await deleted(alice, SBOM.digest) == [403, 403]
    assert (await alice.send("DELETE", "/api/v1/projects/team")).status == 403
    await alice.push("team/app", an_image_manifest(annotations={"is": "new"}), "2.0")


async def test_a_preview_tells_what_a_hold_keeps(alice: Client, counsel: Client) -> None:
    """Nothing would be freed, and the hold is told."""
    await place(counsel, "legal", None, digest=IMAGE.digest)

    promise = (await alice.post(f"{ARTIFACTS}/{IMAGE.digest}:preview", {})).json

    assert (promise["freed_bytes"], promise["digests"], promise["tags"]) == (0, [], [])
    [kept] = promise["kept"]
    assert (kept["digest"], kept["size"], kept["held_by"]) == (IMAGE.digest, len(IMAGE.payload), "hold")
    assert "Case 4711" in kept["holder"]


async def test_legal_holds_take_a_right_of_their_own(application: Application, alice: Client, counsel: Client) -> None:
    """Who may delete places holds of users; who may only hold, legal ones; and each ends their own kind."""
    cleaner = await application.user("cleaner", ("team/**", "maintain"))
    legal = (await place(counsel, "legal", None, tag="1.0")).json["id"]
    other = (await place(cleaner, tag="1.0")).json["id"]

    assert (await place(cleaner, "legal", None)).status == 403
    assert (await place(counsel)).status == 403
    assert (await cleaner.post(f"{HOLDS}/{legal}:release", {"reason": "x"})).status == 403
    assert (await counsel.post(f"{HOLDS}/{other}:release", {"reason": "x"})).status == 403
    assert (await cleaner.post(f"{HOLDS}/{other}:release", {"reason": "done"})).status == 200


async def test_a_released_hold_keeps_nothing(alice: Client, counsel: Client) -> None:
    """It is listed for a while, with who released it and why, and not released again."""
    hold = (await place(counsel, "legal", None, digest=SBOM.digest)).json["id"]
    assert (await counsel.post(f"{HOLDS}/{hold}:release", {"reason": " "})).status == 400

    released = (await counsel.post(f"{HOLDS}/{hold}:release", {"reason": "closed"})).json

    assert (released["is_in_force"], released["released_by"], released["release_reason"]) == (
        False,
        "user:counsel",
        "closed",
    )
    assert (await counsel.post(f"{HOLDS}/{hold}:release", {"reason": "again"})).json["code"] == "hold_ended"
    assert (await counsel.get(HOLDS)).json["items"] == [released]
    assert (await alice.send("DELETE", f"{ARTIFACTS}/{SBOM.digest}")).status == 200


async def test_a_hold_is_only_extended(counsel: Client, alice: Client) -> None:
    """An earlier end takes a release, for a reason; only a legal hold loses its end."""
    hold = (await place(alice, days=30, tag="1.0")).json
    legal = (await place(counsel, "legal", 30, tag="1.0")).json

    earlier = await alice.post(f"{HOLDS}/{hold['id']}:extend", {"expires_at": in_days(10)})
    never = await alice.post(f"{HOLDS}/{hold['id']}:extend", {"expires_at": None})
    later = await alice.post(f"{HOLDS}/{hold['id']}:extend", {"expires_at": in_days(60)})
    endless = await counsel.post(f"{HOLDS}/{legal['id']}:extend", {"expires_at": None})

    assert [earlier.status, never.status, later.status, endless.status] == [400, 400, 200, 200]
    assert later.json["expires_at"] > hold["expires_at"]
    assert endless.json["expires_at"] is None


@pytest.mark.parametrize(
    ("kind", "days", "what", "status"),
    [
        ("user", None, {"tag": "1.0"}, 400),
        ("user", 400, {"tag": "1.0"}, 400),
        ("user", -1, {"tag": "1.0"}, 400),
        ("user", 30, {"tag": "1.0", "digest": IMAGE.digest}, 400),
        ("user", 30, {"tag": "9.9"}, 404),
        ("user", 30, {"digest": f"sha256:{'0' * 64}"}, 404),
        ("user", 365, {"tag": "1.0"}, 201),
    ],
)
async def test_a_hold_has_terms(
    alice: Client, counsel: Client, kind: str, days: int | None, what: dict[str, str], status: int
) -> None:
    """An end within a year where a user places it, and something that is there."""
    assert (await place(alice, kind, days, **what)).status == status


async def test_holds_of_an_artifact_are_listed(alice: Client, counsel: Client) -> None:
    """Those on it, above it and on all, and what one may do about them."""
    numbers = [
        (await place(alice, digest=INDEX.digest)).json["id"],
        (await place(alice)).json["id"],
        (await place(counsel, "legal", None, digest=IMAGE.digest)).json["id"],
    ]

    found = (await counsel.get(f"{ARTIFACTS}/{SBOM.digest}/holds")).json

    assert [each["id"] for each in found["items"]] == numbers[::-1]
    assert found["may"] == ["legal"]


async def test_lists_show_what_one_may_read(application: Application, alice: Client, counsel: Client) -> None:
    """Of the registry and of a project, page by page, the newest first."""
    placed = [(await place(alice, tag="1.0")).json["id"] for _ in range(3)]
    stranger = await application.user("stranger")

    [first, second] = await counsel.pages("/api/v1/holds?limit=2")

    assert [each["id"] for each in (*first, *second)] == placed[::-1]
    assert len((await counsel.get("/api/v1/projects/team/holds")).json["items"]) == 3
    assert (await counsel.get("/api/v1/projects/other/holds")).json["items"] == []
    assert (await stranger.get("/api/v1/holds")).json["items"] == []
    assert (await application.anonymous().get("/api/v1/holds")).status == 401


async def test_placing_extending_and_releasing_is_told(
    application: Application, alice: Client, counsel: Client
) -> None:
    """With the reason, before and after, to whoever reads the record of the project."""
    hold = (await place(alice, tag="1.0")).json["id"]
    await alice.post(f"{HOLDS}/{hold}:extend", {"expires_at": in_days(60)})
    await alice.post(f"{HOLDS}/{hold}:release", {"reason": "no longer needed"})

    told = [event for event in await application.events() if event.type.startswith("hold.")]

    assert [event.type for event in told] == ["hold.placed", "hold.extended", "hold.released"]
    assert {(event.project, event.repository, event.principal) for event in told} == {
        ("team", "team/app", "user:alice")
    }
    assert [event.reason for event in told] == ["Case 4711", "Case 4711", "no longer needed"]
    assert told[0].object == f"hold:team/app@{IMAGE.digest}"


async def test_what_is_in_the_bin_can_be_held(alice: Client, counsel: Client) -> None:
    """The bin tells the hold, and it is restored as ever."""
    await alice.send("DELETE", f"{ARTIFACTS}/{SBOM.digest}")

    assert (await place(counsel, "legal", None, digest=SBOM.digest)).status == 201

    [binned] = (await alice.get(f"{APP}/bin")).json["items"]
    assert (binned["hold"]["kind"], binned["hold"]["reason"]) == ("legal", "Case 4711")
    assert (await alice.post(f"{ARTIFACTS}/{SBOM.digest}:restore", {})).status == 200
