# SPDX-License-Identifier: Apache-2.0
"""Rules about immutable tags: what each refuses on `/v2` and `/api`, and in which words."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.immutability import IMAGES
from tests.builders.immutability import a_rule
from tests.builders.immutability import put
from tests.builders.immutability import refusal
from tests.builders.immutability import remove
from tests.builders.immutability import set_rules
from tests.builders.manifests import an_index

APP = "team/app"
OLD, NEW, OTHER, *_ = IMAGES
TAGS = f"/api/v1/repositories/{APP}/-/tags"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def pusher(application: Application, alice: Client) -> Client:
    """The administrator of a project that has images under 1.0.0 and latest."""
    for image in IMAGES:
        await alice.push_image(APP, image)
    await alice.push(APP, OLD, "1.0.0", "latest")
    await application.settle()
    return alice


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Application]:
    """Another process on the database of `application`."""
    with an_application(tmp_path) as second:
        yield second


async def current(client: Client, tag: str) -> str:
    """Return what a tag points at."""
    return (await client.send("HEAD", f"/v2/{APP}/manifests/{tag}")).header("docker-content-digest")


async def test_an_immutable_tag_is_neither_moved_nor_deleted(pusher: Client) -> None:
    """Not by a push, not by a restore, not with its manifest; others are."""
    await set_rules(pusher, a_rule("immutable", "1.*"))

    moved = await put(pusher, "1.0.0", NEW)
    restored = await pusher.post(f"{TAGS}/1.0.0:restore", {"digest": NEW.digest})
    answers = [moved, restored, await remove(pusher, "1.0.0"), await remove(pusher, OLD.digest)]
    freed = await pusher.send("DELETE", f"/api/v1/repositories/{APP}/-/artifacts/{OLD.digest}")

    assert [answer.status for answer in (*answers, freed)] == [403] * 5
    assert await current(pusher, "1.0.0") == OLD.digest
    assert [(await put(pusher, tag, NEW)).status for tag in ("latest", "1.0.1")] == [201, 201]
    assert (await remove(pusher, "latest")).status == 202


async def test_the_same_digest_may_be_pushed_again(pusher: Client) -> None:
    """A pipeline that runs a second time is not told off."""
    await set_rules(pusher, a_rule("immutable"))

    assert (await put(pusher, "1.0.0", OLD)).status == 201
    assert await current(pusher, "1.0.0") == OLD.digest


async def test_a_refusal_names_the_rule_and_what_to_do(pusher: Client) -> None:
    """In one line, as docker prints it."""
    await set_rules(pusher, a_rule("mutable", "latest"), a_rule("immutable", "1.*", until="2999-01-01T00:00:00Z"))

    assert refusal(await put(pusher, "1.0.0", NEW)) == (
        "team/app:1.0.0 cannot be moved: rule 2 of team (1.* in team/**: immutable) keeps it as it is until "
        "2999-01-01T00:00:00.000Z; push under a new tag, or ask an administrator for an override"
    )
    assert refusal(await remove(pusher, OLD.digest)).endswith(f"(it points at {OLD.digest})")


async def test_the_first_rule_decides(pusher: Client) -> None:
    """Rules of a project come before those of the registry, but for binding ones."""
    await set_rules(pusher, a_rule("mutable", "latest"), a_rule("immutable"))

    assert (await put(pusher, "latest", NEW)).status == 201
    assert (await put(pusher, "1.0.0", NEW)).status == 403


async def test_rules_of_the_registry_count_behind_those_of_a_project(application: Application, pusher: Client) -> None:
    """But for binding ones, which nobody in a project gets around."""
    root = await application.user("root", is_admin=True)
    await set_rules(root, a_rule("immutable", "*", "**"), project="")
    unset = (await put(pusher, "latest", NEW)).status
    await set_rules(pusher, a_rule("mutable"))
    freed = (await put(pusher, "latest", NEW)).status
    await set_rules(root, a_rule("immutable", "*", "**", is_binding=True), project="")

    assert (unset, freed, (await put(pusher, "latest", OLD)).status) == (403, 201, 403)


async def test_a_rule_ends_by_itself(pusher: Client) -> None:
    """Then the one behind it counts."""
    await set_rules(pusher, a_rule("immutable", until="2020-01-01T00:00:00Z"))

    assert (await put(pusher, "1.0.0", NEW)).status == 201


async def test_versions_are_added_only(pusher: Client) -> None:
    """Any version that is new, a backport too; what is no version is not set, and may be deleted."""
    await set_rules(pusher, a_rule("append-only"))
    said = refusal(await put(pusher, "nightly", NEW))

    assert "cannot be set: rule 1 of team (* in team/**: append-only) takes only versions such as 1.2.3" in said
    assert [(await put(pusher, tag, NEW)).status for tag in ("0.9.1", "v2.0.0-rc.1", "1.0.0", "latest")] == [
        201,
        201,
        403,
        403,
    ]
    assert [(await remove(pusher, tag)).status for tag in ("0.9.1", "latest")] == [403, 202]


async def test_tags_derived_from_a_digest_are_free(pusher: Client) -> None:
    """What signs an artifact replaces its tag again and again, and goes with the artifact."""
    await set_rules(pusher, a_rule("immutable"))
    signature = f"{NEW.digest.replace(':', '-')}.sig"

    assert [(await put(pusher, signature, image)).status for image in (OLD, OTHER)] == [201, 201]
    assert (await remove(pusher, NEW.digest)).status == 202


async def test_a_platform_of_an_immutable_index_stays(pusher: Client) -> None:
    """Else who pulls the tag on that platform would find nothing."""
    child = {"mediaType": OTHER.media_type, "digest": OTHER.digest, "size": len(OTHER.payload)}
    index = an_index(child)
    await pusher.push(APP, index, "2.0.0")
    await set_rules(pusher, a_rule("immutable"))

    assert refusal(await remove(pusher, OTHER.digest)).endswith(f"(the index under it holds {OTHER.digest})")
    assert (await remove(pusher, NEW.digest)).status == 202


async def test_one_of_many_concurrent_pushes_of_a_new_tag_wins(pusher: Client) -> None:
    """The others hear that the tag is there, and it never moved."""
    await set_rules(pusher, a_rule("immutable"))

    answers = await asyncio.gather(*(put(pusher, "2.0.0", image) for image in IMAGES))

    assert sorted(answer.status for answer in answers) == [201] + [403] * (len(IMAGES) - 1)
    history = (await pusher.get(f"{TAGS}/2.0.0/history")).json["items"]
    winner = next(image for image, answer in zip(IMAGES, answers, strict=True) if answer.status == 201)
    assert [each["digest"] for each in history] == [winner.digest]


async def test_a_manifest_does_not_go_with_a_tag_that_was_set_meanwhile(pusher: Client) -> None:
    """Deleting it and setting an immutable tag on it at the same moment: one of both is refused, or comes first."""
    await set_rules(pusher, a_rule("immutable", "2.*"))

    deleted, pushed = await asyncio.gather(remove(pusher, NEW.digest), put(pusher, "2.0.0", NEW))

    assert pushed.status == 201
    assert deleted.status in (202, 403)
    assert await current(pusher, "2.0.0") == NEW.digest


async def test_of_pushes_to_two_processes_one_wins(pusher: Client, second: Application) -> None:
    """Each asks its own gates, and the database decides who was first."""
    await set_rules(pusher, a_rule("immutable"))
    elsewhere = Client(second.server, pusher.headers)
    rounds = [f"2.0.{number}" for number in range(5)]
    await set_rules(elsewhere, a_rule("immutable"))

    for tag in rounds:
        answers = await asyncio.gather(put(pusher, tag, OLD), put(elsewhere, tag, NEW))
        assert sorted(answer.status for answer in answers) == [201, 403]
    histories = [(await pusher.get(f"{TAGS}/{tag}/history")).json["items"] for tag in rounds]
    assert [len(history) for history in histories] == [1] * len(rounds)
