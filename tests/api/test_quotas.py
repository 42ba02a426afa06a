# SPDX-License-Identifier: Apache-2.0
"""Quotas: what they refuse on `/v2`, in which words, what counts, and who may set and see them."""

from hashlib import sha256

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_CONFIG
from tests.builders.quotas import KB
from tests.builders.quotas import Image
from tests.builders.quotas import an_image
from tests.builders.quotas import path_of
from tests.builders.quotas import put_manifest
from tests.builders.quotas import refusal
from tests.builders.quotas import set_quota
from tests.builders.quotas import try_push

APP = "team/app"
ONE, TWO, THREE = (an_image(name) for name in ("one", "two", "three"))

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator, once there is a project."""
    return await application.user("root", is_admin=True)


@pytest.fixture
async def owner(application: Application, alice: Client) -> Client:
    """The administrator of a project with one image."""
    assert (await try_push(alice, APP, ONE)).status == 201
    await application.settle()
    return alice


async def used(client: Client, project: str = "team") -> dict[str, int]:
    """Return what a project uses."""
    found: dict[str, int] = (await client.get(path_of(project))).json["used"]
    return found


async def test_what_is_there_counts_once(application: Application, owner: Client) -> None:
    """Blobs count once in a project, manifests in each repository."""
    before = await used(owner)
    assert (await try_push(owner, "team/copy", ONE)).status == 201
    await application.settle()

    assert before == {"bytes": ONE.size + len(A_CONFIG), "artifacts": 1, "repositories": 1, "tags": 1}
    more = len(ONE.built.payload)
    assert await used(owner) == {"bytes": before["bytes"] + more, "artifacts": 2, "repositories": 2, "tags": 2}


async def test_what_does_not_fit_is_refused(owner: Client, root: Client) -> None:
    """As the upload ends, before the manifest would be kept; the refusal tells all there is to know."""
    await set_quota(root, bytes=150 * KB)

    said = refusal(await try_push(owner, APP, TWO))
    assert said == (
        "quota of project team: 100 kB of 150 kB used, and this needs 100 kB more; delete something, or ask the "
        "administrators of the project team or of the registry"
    )
    assert (await try_push(owner, APP, ONE, "again")).status == 201


async def test_the_quota_says_whom_to_ask(owner: Client, root: Client) -> None:
    """In one line of at most 500 characters, however long it is."""
    body = {"limits": {"artifacts": 1}, "contact": "p" * 120}
    assert (await root.send_json("PUT", path_of(), body)).status == 200

    said = refusal(await try_push(owner, APP, TWO))
    assert said == (
        "quota of project team: 1 of 1 artifact used, and this needs 1 artifact more; delete something, or ask "
        + "p" * 120
    )


async def test_an_upload_that_cannot_fit_is_refused_when_it_starts(owner: Client, root: Client) -> None:
    """By the length that is announced; where nothing is, only in a project that is full."""
    await set_quota(root, bytes=150 * KB)
    target = f"/v2/{APP}/blobs/uploads/?digest=sha256:{'0' * 64}"
    assert "needs 60 kB more" in refusal(await owner.send("POST", target, b"x" * 60 * KB))
    assert (await owner.send("POST", f"/v2/{APP}/blobs/uploads/")).status == 202

    await set_quota(root, bytes=100 * KB)
    assert "and nothing more fits" in refusal(await owner.send("POST", f"/v2/{APP}/blobs/uploads/"))


async def test_a_blob_that_does_not_fit_leaves_nothing(owner: Client, root: Client, application: Application) -> None:
    """Its session ends with the refusal."""
    await set_quota(root, bytes=150 * KB)
    begun = await owner.send("POST", f"/v2/{APP}/blobs/uploads/")
    place = begun.header("location")

    refused = await owner.send("PUT", f"{place}?digest={_of(TWO)}", TWO.layer)

    assert "needs 100 kB more" in refusal(refused)
    assert (await owner.get(place)).status == 404


async def test_a_mount_minds_the_quota_of_its_target(application: Application, owner: Client, root: Client) -> None:
    """What is there already is mounted as ever."""
    await root.push_blob("other/app", TWO.layer)
    bob = await application.user("bob", ("team/**", "admin"), ("other/**", "admin"))
    await set_quota(root, bytes=150 * KB)
    mount = f"/v2/team/lib/blobs/uploads/?mount={_of(TWO)}&from=other/app"

    assert "needs 100 kB more" in refusal(await bob.send("POST", mount))
    known = f"/v2/team/lib/blobs/uploads/?mount={_of(ONE)}&from=team/app"
    assert (await bob.send("POST", known)).status == 201


async def test_tags_and_repositories_are_limited(owner: Client, root: Client) -> None:
    """New ones: what is there is moved and pushed as ever."""
    await set_quota(root, tags=1, repositories=1)

    assert "1 of 1 tag used" in refusal(await put_manifest(owner, APP, ONE, "v2"))
    assert "1 of 1 repository used" in refusal(await owner.send("POST", "/v2/team/new/blobs/uploads/"))
    assert (await try_push(owner, APP, TWO, "v1")).status == 201


async def test_deleting_never_fails_and_makes_room(application: Application, owner: Client, root: Client) -> None:
    """Over quota too; what is in the bin does not count, and comes back only where it fits."""
    await set_quota(root, bytes=50 * KB)
    artifact = f"/api/v1/repositories/{APP}/-/artifacts/{ONE.built.digest}"
    await owner.delete(APP, "v1")
    await owner.delete(APP, ONE.built.digest)
    await application.settle()

    assert await used(owner) == {"bytes": 0, "artifacts": 0, "repositories": 1, "tags": 0}
    assert (await owner.get(path_of())).json["beside"]["bin"] == 100 * KB + len(A_CONFIG)
    refused = await owner.send("POST", f"{artifact}:restore")
    assert refused.status == 403
    assert "needs 100 kB more" in refused.json["detail"]
    await set_quota(root, bytes=150 * KB)
    assert (await owner.send("POST", f"{artifact}:restore")).status == 200


async def test_pushes_are_warned(owner: Client, root: Client) -> None:
    """From the first threshold on."""
    await set_quota(root, bytes=250 * KB)
    answer = await try_push(owner, APP, TWO)

    assert answer.status == 201
    assert answer.header("warning") == '299 - "quota of project team: 80 % used, 200 kB of 250 kB"'


async def test_an_event_tells_of_a_threshold_once(application: Application, owner: Client, root: Client) -> None:
    """Until what is used has fallen below it."""
    await set_quota(root, bytes=250 * KB)
    assert (await try_push(owner, APP, TWO)).status == 201
    await application.settle()
    await owner.push(APP, TWO.built, "again")
    await application.settle()
    told = [event for event in await application.events() if event.type == "quota.reached"]
    await owner.delete(APP, TWO.built.digest)
    await application.settle()
    assert (await try_push(owner, APP, TWO)).status == 201
    await application.settle()
    later = [event for event in await application.events() if event.type == "quota.reached"]

    assert [(event.object, event.after["threshold"]) for event in told] == [("quota:project:team", 80)]
    assert [event.after["threshold"] for event in later] == [80, 80]


async def test_projects_without_their_own_have_the_default(owner: Client, root: Client) -> None:
    """A quota of its own takes its place altogether."""
    await set_quota(root, "/api/v1/quotas/default", artifacts=1)
    refused = await try_push(owner, APP, TWO)
    await set_quota(root, tags=9)

    assert "1 of 1 artifact" in refusal(refused)
    assert (await try_push(owner, APP, TWO)).status == 201
    assert (await root.send("DELETE", path_of())).status == 204
    assert (await owner.get(path_of())).json["is_own"] is False


async def test_what_somebody_pushes_is_limited(application: Application, owner: Client, root: Client) -> None:
    """In all projects together, what they pushed before too; nobody else is."""
    await set_quota(root, "/api/v1/quotas/users/alice", artifacts=1)
    await application.settle()
    bob = await application.user("bob", ("team/**", "admin"))

    shown = (await owner.get("/api/v1/quotas/users/alice")).json
    assert shown["used"] == {"bytes": 100 * KB + len(A_CONFIG) + len(ONE.built.payload), "artifacts": 1} | {
        "repositories": 1,
        "tags": 1,
    }
    said = refusal(await try_push(owner, APP, TWO))
    assert said.startswith("quota of user alice: 1 of 1 artifact used, and this needs 1 artifact more; delete some")
    assert (await try_push(bob, APP, TWO)).status == 201
    assert (await root.get("/api/v1/quotas?kind=user")).json["items"][0]["percent"] == 100


async def test_the_list_is_sorted(application: Application, owner: Client, root: Client) -> None:
    """By what is nearest to a limit, by bytes, or by name; a page at a time."""
    await try_push(root, "big/app", an_image("big", 300 * KB))
    await try_push(root, "free/app", TWO)
    await application.settle()
    await set_quota(root, bytes=200 * KB)
    await set_quota(root, path_of("big"), bytes=1000 * KB)

    async def names(query: str) -> list[list[str]]:
        return [[item["name"] for item in page] for page in await root.pages(f"/api/v1/quotas?{query}")]

    assert await names("limit=2") == [["team", "big"], ["free"]]
    assert await names("sort=used&limit=1") == [["big"], ["free"], ["team"]]
    assert await names("sort=name") == [["big", "free", "team"]]
    assert await names("at_least=50") == [["team"]]


async def test_who_may_set_and_see_quotas(application: Application, owner: Client, root: Client) -> None:
    """Administrators of the registry set them; who reads all of a project sees its quota."""
    stranger = await application.user("stranger")
    body = {"limits": {"bytes": 1}}
    answers = [
        await owner.send_json("PUT", path_of(), body),
        await owner.get("/api/v1/quotas"),
        await stranger.get(path_of()),
        await stranger.get("/api/v1/quotas/users/alice"),
        await owner.get(path_of()),
        await root.send("DELETE", path_of()),
        await root.send_json("PUT", path_of("nothing"), body),
    ]

    assert [answer.status for answer in answers] == [403, 403, 404, 403, 200, 404, 404]


@pytest.mark.parametrize(
    "body",
    [
        {"limits": {"bytes": -1}},
        {"limits": {"bytes": 2**61}},
        {"limits": {"pulls": 1}},
        {"limits": {}, "thresholds": [0]},
        {"limits": {}, "thresholds": list(range(1, 12))},
        {"limits": {}, "contact": "a\nb"},
        {"limits": {}, "contact": "p" * 121},
    ],
)
async def test_what_is_no_quota_is_refused(owner: Client, root: Client, body: dict[str, object]) -> None:
    """Nothing changes."""
    answer = await root.send_json("PUT", path_of(), body)

    assert answer.status in (400, 422)
    assert (await owner.get(path_of())).json["quota"] is None


async def test_a_change_is_told(application: Application, owner: Client, root: Client) -> None:
    """With what it was before; a change of what was changed meanwhile is refused."""
    revision = (await set_quota(root, bytes=5)).json["revision"]
    await set_quota(root, bytes=6)
    late = await root.send_json("PUT", path_of(), {"limits": {}, "revision": revision})

    assert late.status == 409
    told = [event for event in await application.events() if event.type == "quota.changed"]
    assert [(event.before, event.after["limits"], event.principal) for event in told] == [
        (None, {"bytes": 5}, "user:root"),
        ({"limits": {"bytes": 5}, "thresholds": [80, 95], "contact": ""}, {"bytes": 6}, "user:root"),
    ]


async def test_a_project_that_is_made_anew_has_no_quota(application: Application, owner: Client, root: Client) -> None:
    """It goes with the project."""
    await set_quota(root, bytes=500 * KB)
    await owner.delete(APP, ONE.built.digest)
    await application.settle()
    deleted = await root.send("DELETE", "/api/v1/projects/team")

    assert deleted.status in (200, 204), deleted.body
    assert (await root.send("DELETE", path_of())).status == 404
    await application.settle()
    assert (await root.get("/api/v1/quotas")).json["items"] == []
    assert (await root.post("/api/v1/quotas/check", {})).status == 202
    await application.settle()
    assert (await root.get("/api/v1/quotas/check")).json["repaired"] == 0


async def test_everything_is_counted_anew(application: Application, owner: Client, root: Client) -> None:
    """Nothing had been counted wrong."""
    assert (await root.post("/api/v1/quotas/check", {})).status == 202
    await application.settle()

    found = (await root.get("/api/v1/quotas/check")).json
    assert found["finished_at"]
    assert found["looked_at"] > 0
    assert (found["repaired"], found["drift_bytes"]) == (0, 0)


def _of(image: Image) -> str:
    return f"sha256:{sha256(image.layer).hexdigest()}"
