# SPDX-License-Identifier: Apache-2.0
"""`GET /api/v1/events`."""

from contextlib import AsyncExitStack

import pytest

from entrepot.features.events.service import STREAMS_PER_PRINCIPAL
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.browsers import SESSION
from tests.builders.browsers import logged_in
from tests.builders.listening import listening
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest

OF_A_FIRST_PUSH = ["repository.created", "manifest.pushed", "tag.moved"]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def admin(application: Application) -> Client:
    """An administrator of the registry."""
    return await application.user("root", is_admin=True)


def an_image(number: int) -> BuiltManifest:
    """Build one of several images."""
    return an_image_manifest(annotations={"number": str(number)})


async def set_mode(client: Client, target: str, mode: str) -> None:
    """Set the mode of the registry or of a project."""
    await client.send_json("PUT", f"/api/v1/{target}", {"mode": mode, "reason": "moving"})


async def test_a_push_is_told_as_it_happens(alice: Client) -> None:
    """A first push makes a repository, brings a manifest and sets a tag; each is an event with what it is about."""
    async with listening(alice) as stream:
        digest = await alice.push_image("team/app", an_image(1), "1.0")
        told = await stream.hears_until("tag.moved")

    assert [each.name for each in told] == OF_A_FIRST_PUSH
    moved = told[-1].data
    assert (moved["repository"], moved["tag"], moved["digest"]) == ("team/app", "1.0", digest)
    assert moved["version"]["hlc"].isdecimal()
    assert moved["occurred_at"].endswith("Z")


async def test_the_answer_is_a_stream_that_nobody_keeps(alice: Client) -> None:
    """It is server-sent events, in no cache and in no proxy's buffer, and says when to come back."""
    async with listening(alice) as stream:
        opening = await stream.block()

    assert stream.headers["content-type"].startswith("text/event-stream")
    assert (stream.headers["cache-control"], stream.headers["x-accel-buffering"]) == ("no-store", "no")
    assert opening is not None
    assert opening.startswith("retry: 2000\nid: ")


async def test_a_place_where_nothing_is_new_is_told_too(alice: Client) -> None:
    """A comment with an `id` says that there is nothing more for now, and where to resume."""
    async with listening(alice) as stream:
        opening, comment = await stream.block(), await stream.block()

    assert comment == f":\n{str(opening).splitlines()[1]}"


async def test_nobody_is_told_nothing(application: Application) -> None:
    """Without a login there is no stream."""
    answer = await application.anonymous().get("/api/v1/events")

    assert (answer.status, answer.json["code"]) == (401, "unauthenticated")


async def test_only_what_may_be_read_is_told(application: Application, alice: Client, admin: Client) -> None:
    """What happens in other repositories is not told, and neither that something happened."""
    async with listening(alice) as stream:
        await admin.push_image("secret/app", an_image(1), "1.0")
        await admin.push_image("team/app", an_image(1), "1.0")
        told = await stream.hears_until("tag.moved")

    assert {each.data["repository"] for each in told} == {"team/app"}


async def test_rights_that_are_taken_away_end_what_is_told(application: Application, admin: Client) -> None:
    """Every event is told by the rights of that moment, on a stream that was opened with others."""
    bob = await application.user("bob", ("other/**", "read"))
    grant = {"principal": "user:bob", "path_pattern": "team/**", "role": "read"}
    await admin.post("/api/v1/grants", grant)
    async with listening(bob) as stream:
        await admin.push_image("team/app", an_image(1), "1.0")
        before = await stream.hears_until("tag.moved")
        await admin.send("DELETE", "/api/v1/grants?principal=user:bob&path_pattern=team/**&role=read")
        await admin.push_image("team/app", an_image(2), "2.0")
        await admin.push_image("other/app", an_image(1), "1.0")
        after = await stream.hears_until("tag.moved")

    assert {each.data["repository"] for each in before} == {"team/app"}
    assert {each.data["repository"] for each in after} == {"other/app"}


async def test_a_login_that_ends_takes_its_stream_along(alice: Client) -> None:
    """The stream of a token that is revoked comes to its end within a few seconds."""
    token = (await alice.post("/api/v1/tokens", {"name": "console"})).json
    bearer = Client(alice.server, (("authorization", f"Bearer {token['secret']}"),))
    async with listening(bearer) as stream:
        await stream.block()
        await alice.send("DELETE", f"/api/v1/tokens/{token['id']}")

        assert await stream.is_over()


async def test_a_browser_listens_for_as_long_as_its_session_lasts(application: Application, admin: Client) -> None:
    """By its cookie, which may be replaced meanwhile; logging out ends the stream."""
    browser = await logged_in(application, "bob", ("team/**", "read"))
    async with listening(browser.as_client) as stream:
        await admin.push_image("team/app", an_image(1), "1.0")
        told = await stream.hears_until("tag.moved")
        await browser.send("DELETE", SESSION)

        assert [each.name for each in told] == OF_A_FIRST_PUSH
        assert await stream.is_over()


async def test_where_somebody_is_stays_with_them_and_administrators(application: Application, admin: Client) -> None:
    """Address, client and request of others are left out; one's own are told, and an administrator is told all."""
    alice = await application.user("alice", ("team/**", "write"))
    bob = await application.user("bob", ("team/**", "read"))
    async with listening(alice) as own, listening(bob) as other, listening(admin) as whole:
        await alice.push_image("team/app", an_image(1), "1.0")
        told = [(await stream.hears_until("tag.moved"))[-1].data for stream in (own, other, whole)]

    private = {"address", "request_id"}
    assert [private <= set(data) for data in told] == [True, False, True]
    assert not private & set(told[1])
    assert told[1]["principal"] == "user:alice"


async def test_use_is_told_without_whose_it_was(application: Application, alice: Client, admin: Client) -> None:
    """Pulls of one manifest by several clients are one number, and only of repositories that may be read."""
    digest = await admin.push_image("team/app", an_image(1), "1.0")
    await admin.push_image("secret/app", an_image(1), "1.0")
    async with listening(alice) as stream:
        for client, name in ((alice, "team"), (admin, "team"), (admin, "secret")):
            await client.get(f"/v2/{name}/app/manifests/1.0")
        await application.core.facts.flush()
        told = await stream.heard()

    assert told.name == "content.used"
    expected = {"repository": "team/app", "digest": digest, "tag": "1.0", "is_pull": True, "count": 2}
    assert told.data["uses"] == [expected]
    assert not {"principal", "address", "agent"} & set(told.data)


async def test_the_mode_of_the_registry_is_told_to_everybody(application: Application, admin: Client) -> None:
    """Whoever listens hears which mode begins and why, even one who may pull from nothing."""
    bob = await application.user("bob")
    async with listening(bob) as stream:
        await set_mode(admin, "modes", "read-only")
        told = await stream.heard()

    assert told.name == "mode.changed"
    assert (told.data["mode"], told.data["previous_mode"], told.data["reason"]) == ("read-only", "rw", "moving")
    assert not {"project", "repository", "address", "request_id"} & set(told.data)


async def test_the_mode_of_a_project_is_told_to_its_readers(application: Application, admin: Client) -> None:
    """To those who may pull from all of it, and to nobody else."""
    reader = await application.user("bob", ("team/**", "read"))
    stranger = await application.user("mallory", ("other/**", "read"))
    await admin.push_image("team/app", an_image(1), "1.0")
    async with listening(reader) as own, listening(stranger) as other:
        await set_mode(admin, "projects/team/mode", "no-delete")
        await set_mode(admin, "modes", "no-delete")
        told = [await own.heard(), await own.heard(), await other.heard()]

    assert [each.data.get("project", "") for each in told] == ["team", "", ""]


@pytest.mark.parametrize("how", ["header", "query"])
async def test_whoever_comes_back_misses_nothing(alice: Client, how: str) -> None:
    """Behind the last `id` that a client got comes all that followed, once, and then what happens next."""
    async with listening(alice) as stream:
        await alice.push_image("team/app", an_image(1), "1.0")
        last = (await stream.hears_until("tag.moved"))[0].id
    await alice.push_image("team/app", an_image(2), "2.0")

    query, header = (f"?after={last}", "") if how == "query" else ("?after=0-0", last)
    async with listening(alice, query, last_event_id=header) as stream:
        missed = [await stream.heard() for _ in range(4)]
        await alice.push_image("team/app", an_image(3), "3.0")
        new = await stream.hears_until("tag.moved")

    assert [each.name for each in missed] == ["manifest.pushed", "tag.moved"] * 2
    assert [each.data["tag"] for each in (*missed, *new)] == ["1.0", "1.0", "2.0", "2.0", "3.0", "3.0"]


@pytest.mark.parametrize("place", ["7-7", "0-99", "0", "0-1-2", "a-b", "0-1234567890123456789", "\xb2-1"])
async def test_who_was_away_too_long_loads_anew(alice: Client, place: str) -> None:
    """A place that is not known any more, or never was, is answered with `reset`; the stream goes on from now."""
    async with listening(alice, last_event_id=place) as stream:
        reset = await stream.heard()
        await alice.push_image("team/app", an_image(1), "1.0")
        told = await stream.hears_until("tag.moved")

    assert (reset.name, reset.data) == ("reset", {})
    assert [each.name for each in told] == OF_A_FIRST_PUSH


async def test_a_stream_begins_some_events_back(alice: Client) -> None:
    """With `last` the newest events come first, oldest before newest, all of them when there are fewer."""
    await alice.push_image("team/app", an_image(1), "1.0")

    async with listening(alice, "?last=2") as two, listening(alice, "?last=1000") as many:
        told = [[each.name for each in await stream.hears_until("tag.moved")] for stream in (two, many)]

    assert told == [OF_A_FIRST_PUSH[1:], OF_A_FIRST_PUSH]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?project=team", ["team/app", "team/web"]),
        ("?repository=team/web", ["team/web"]),
        ("?repository=team/web&project=other", []),
        ("?type=tag.moved", ["team/app", "team/web", "other/app"]),
        ("?type=tag.deleted", []),
    ],
)
async def test_only_what_is_asked_for_is_told(admin: Client, query: str, told: list[str]) -> None:
    """A repository, a project and a type each leave out everything else."""
    async with listening(admin, query) as stream:
        for name in ("team/app", "team/web", "other/app"):
            await admin.push_image(name, an_image(1), "1.0")
        async with listening(admin, f"{query}&last=1000") as replayed:
            heard = [await replayed.heard() for _ in range(len(told) * (1 if "type" in query else 3))]
        live = [await stream.heard() for _ in heard]

    assert list(dict.fromkeys(each.data["repository"] for each in heard)) == told
    assert live == heard


@pytest.mark.parametrize("query", ["?type=unheard.of", "?last=1001", "?last=-1"])
async def test_what_is_not_understood_is_refused(alice: Client, query: str) -> None:
    """A type that there is none of, and more events than are looked back to."""
    answer = await alice.get(f"/api/v1/events{query}")

    assert (answer.status, answer.json["code"]) == (400, "invalid_request")


async def test_one_has_only_so_many_streams(application: Application, alice: Client) -> None:
    """The ninth stream of one principal is refused; others have theirs, and one that ends makes room."""
    bob = await application.user("bob")
    async with AsyncExitStack() as opened:
        for _ in range(STREAMS_PER_PRINCIPAL - 1):
            await opened.enter_async_context(listening(alice))
        async with listening(alice), listening(bob) as others, listening(alice) as refused:
            pass
        async with listening(alice) as again:
            pass

    assert (others.status, refused.status, again.status) == (200, 429, 200)


async def test_a_server_that_stops_ends_its_streams(alice: Client) -> None:
    """They come to their proper end at once, so that nobody waits for them."""
    async with listening(alice) as stream:
        stream.stopping.set()

        assert await stream.is_over()


async def test_cloud_events_are_those_that_webhooks_send(alice: Client) -> None:
    """With the attributes of the specification, under the ids of the plain events, and resumed from as those are."""
    async with listening(alice) as plain, listening(alice, "?format=cloudevents") as stream:
        await alice.push_image("team/app", an_image(1), "1.0")
        told = await stream.hears_until("entrepot.tag.created")
        same = await plain.hears_until("tag.moved")
    async with listening(alice, "?format=cloudevents", last_event_id=told[0].id) as again:
        rest = [await again.heard() for _ in told[1:]]

    assert [(each.id, each.data["id"]) for each in told] == [(each.id, each.data["id"]) for each in same]
    assert {each.data["specversion"] for each in told} == {"1.0"}
    assert all(each.name == each.data["type"] for each in told)
    assert (told[-1].data["subject"], told[-1].data["data"]["tag"]) == ("team/app:1.0", "1.0")
    assert [each.data["sequence"] for each in told] == sorted(each.data["sequence"] for each in told)
    assert rest == told[1:]


async def test_cloud_events_say_who_asked_to_nobody_but_themselves(application: Application, alice: Client) -> None:
    """Nor from where: that is for administrators, and for whoever caused it."""
    bob = await application.user("bob", ("team/**", "read"))
    async with listening(bob, "?format=cloudevents") as stream, listening(alice, "?format=cloudevents") as own:
        await alice.push_image("team/app", an_image(1), "1.0")
        [_, seen, _] = await stream.hears_until("entrepot.tag.created")
        [_, caused, _] = await own.hears_until("entrepot.tag.created")

    assert "address" not in seen.data["data"]
    assert caused.data["data"]["address"]


async def test_what_was_used_is_a_cloud_event_each(application: Application) -> None:
    """With the ids that they have everywhere, of what may be read; and only behind the last may be resumed."""
    bob = await application.user("bob", ("team/**", "read"))
    carol = await application.user("carol", ("team/**", "admin"), ("other/**", "admin"))
    for name in ("other/app", "team/app"):
        await carol.push_image(name, an_image(1), "1.0")
    query = "?type=content.used&format=cloudevents"
    async with listening(carol, query) as stream, listening(bob, query) as others:
        for name in ("other/app", "team/app"):
            await carol.get(f"/v2/{name}/manifests/1.0")
        await application.core.facts.flush()
        blocks = [await stream.block() for _ in range(4)]
        seen = await others.heard()

    told = [block for block in blocks if block is not None and "data: " in block]
    assert ["\nid: " in block for block in told] == [False, True]
    assert (seen.name, seen.data["subject"]) == ("entrepot.content.pulled", "team/app:1.0")
    assert seen.data["id"].endswith(".1")
