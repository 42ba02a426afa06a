# SPDX-License-Identifier: Apache-2.0
"""What deleting frees: promised before and after, and done at once."""

import pytest

from entrepot.oci.digest import Digest
from entrepot.registry.events import EventType
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest

ARTIFACTS = "/api/v1/repositories/team/app/-/artifacts"
IMAGE = an_image_manifest()
OTHER = an_image_manifest(annotations={"is": "another image of the same blobs"})
BYTES = len(A_CONFIG) + len(A_LAYER)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry."""
    return await application.user("root", is_admin=True)


async def preview(client: Client, digest: Digest = IMAGE.digest) -> Answer:
    """Ask what deleting an artifact would free."""
    return await client.post(f"{ARTIFACTS}/{digest}:preview", {})


async def free_now(client: Client, digest: Digest = IMAGE.digest) -> Answer:
    """Delete an artifact for good."""
    return await client.post(f"{ARTIFACTS}/{digest}:free-now", {})


async def stored(application: Application) -> int:
    """Return how many objects the storage lists."""
    [storage] = application.core.stores.values()
    return len([found async for found in storage.list_objects()])


async def test_a_preview_tells_bytes_and_when(alice: Client) -> None:
    """What deleting would free, until when it could be restored and when the bytes go; the artifact stays."""
    await alice.push_image("team/app", IMAGE, "1.0")

    answer = await preview(alice)

    promise = answer.json
    assert (promise["freed_bytes"], promise["objects"], promise["tags"]) == (BYTES, 2, ["1.0"])
    assert promise["restorable_until"] < promise["bytes_gone_after"]
    assert (await alice.get(f"{ARTIFACTS}/{IMAGE.digest}")).status == 200


async def test_a_preview_tells_what_holds_the_rest(alice: Client) -> None:
    """Blobs that another artifact uses stay, and that artifact is named."""
    await alice.push_image("team/app", IMAGE, "1.0")
    await alice.push("team/app", OTHER, "2.0")

    promise = (await preview(alice)).json

    assert promise["freed_bytes"] == 0
    assert {(each["held_by"], each["holder"]) for each in promise["kept"]} == {("manifest", OTHER.digest)}


async def test_other_repositories_are_not_named(application: Application, alice: Client) -> None:
    """That another repository holds a blob is told, and not which one."""
    other = await application.user("other", ("secret/**", "admin"))
    await alice.push_image("team/app", IMAGE, "1.0")
    await other.push_image("secret/app", IMAGE, "1.0")

    answer = await preview(alice)

    assert {each["held_by"] for each in answer.json["kept"]} == {"repository"}
    assert b"secret" not in answer.body


async def test_deleting_answers_the_same_promise(alice: Client) -> None:
    """What was promised before is what the answer to the deletion says, and what a preview of the bin says."""
    await alice.push_image("team/app", IMAGE, "1.0")
    before = (await preview(alice)).json

    deleted = (await alice.send("DELETE", f"{ARTIFACTS}/{IMAGE.digest}")).json

    assert deleted["promise"]["freed_bytes"] == before["freed_bytes"] == BYTES
    assert deleted["promise"] == (await preview(alice)).json
    assert deleted["restorable_until"] == deleted["promise"]["restorable_until"]


async def test_who_may_not_delete_previews_nothing(application: Application, alice: Client) -> None:
    """A preview takes the right to delete."""
    await alice.push_image("team/app", IMAGE, "1.0")
    reader = await application.user("reader", ("team/**", "read"))
    stranger = await application.user("stranger")

    answers = [await preview(client) for client in (application.anonymous(), reader, stranger)]

    assert [answer.status for answer in answers] == [401, 403, 403]


async def test_an_unknown_artifact_is_told_apart(alice: Client) -> None:
    """There is nothing to free of what is not there."""
    await alice.push_image("team/app", IMAGE, "1.0")

    answer = await preview(alice, OTHER.digest)

    assert (answer.status, answer.json["code"]) == (404, "manifest_unknown")


async def test_bytes_are_gone_with_the_answer(application: Application, alice: Client, root: Client) -> None:
    """An administrator frees an artifact at once, though it was pushed just now, and is told what a restore loses."""
    await alice.push_image("team/app", IMAGE, "1.0")

    answer = await free_now(root)

    assert (answer.status, answer.json["freed"]["freed_bytes"]) == (200, BYTES)
    assert f"2 objects with {BYTES} bytes" in answer.json["restore_loses"]
    assert await stored(application) == 0
    assert (await alice.send("POST", f"{ARTIFACTS}/{IMAGE.digest}:restore")).status == 404


async def test_freeing_is_an_event(application: Application, alice: Client, root: Client) -> None:
    """Who freed what, and how much that was, can be found out afterwards."""
    await alice.push_image("team/app", IMAGE, "1.0")

    await free_now(root)

    [event] = [each for each in await application.events() if each.type == EventType.MANIFEST_FREED]
    assert (event.principal, event.repository, event.digest) == ("user:root", "team/app", IMAGE.digest)
    assert event.size == BYTES


async def test_what_others_need_survives(application: Application, alice: Client, root: Client) -> None:
    """Freeing an artifact whose blobs another one uses leaves that one whole."""
    await alice.push_image("team/app", IMAGE, "1.0")
    await alice.push("team/app", OTHER, "2.0")

    answer = await free_now(root)

    assert (answer.json["freed"]["freed_bytes"], answer.json["restore_loses"]) == (0, "Nothing.")
    assert await stored(application) == 2
    assert (await alice.get("/v2/team/app/manifests/2.0")).status == 200


async def test_an_artifact_of_the_bin_is_freed(application: Application, alice: Client, root: Client) -> None:
    """What was deleted before need not wait for its window to end."""
    await alice.push_image("team/app", IMAGE, "1.0")
    await alice.send("DELETE", f"{ARTIFACTS}/{IMAGE.digest}")

    answer = await free_now(root)

    assert answer.json["freed"]["objects"] == 2
    assert await stored(application) == 0


async def test_freeing_takes_an_administrator_of_the_registry(application: Application, alice: Client) -> None:
    """Whoever administers the project may delete, and not for good."""
    await alice.push_image("team/app", IMAGE, "1.0")

    answers = [await free_now(client) for client in (application.anonymous(), alice)]

    assert [answer.status for answer in answers] == [401, 403]
    assert await stored(application) == 2
