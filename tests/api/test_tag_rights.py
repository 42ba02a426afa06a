# SPDX-License-Identifier: Apache-2.0
"""Grants for some tags: which tags may be set, moved, restored and deleted by them."""

import pytest

from entrepot.oci.digest import digest_of
from tests.builders.access_rows import add_grant
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest

TEAM = "/v2/team/app/manifests"
API = "/api/v1/repositories/team/app/-"
OLD = an_image_manifest(annotations={"number": "1"})
NEW = an_image_manifest(annotations={"number": "2"})
SIGNATURE = an_image_manifest(subject=OLD.descriptor(), artifactType="application/vnd.dev.sigstore.bundle.v0.3+json")

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who pushed an image as `1.0` and `dev-1`."""
    root = await application.user("root", is_admin=True)
    await root.push_image("team/app", OLD, "1.0", "dev-1")
    return root


async def limited(application: Application, name: str, role: str) -> Client:
    """Be somebody with a role in the project, but only for tags that begin with `dev-`."""
    client = await application.user(name)
    await application.database.write(add_grant, f"user:{name}", "team/**", role, "dev-*")
    return client


@pytest.fixture
async def writer(application: Application, root: Client) -> Client:
    """Somebody who may set tags that begin with `dev-`, and push whatever it is."""
    return await limited(application, "writer", "write")


@pytest.fixture
async def maintainer(application: Application, root: Client) -> Client:
    """Somebody who may delete such tags too."""
    return await limited(application, "maintainer", "maintain")


async def put(client: Client, reference: str, built: BuiltManifest = NEW) -> Answer:
    """Push a manifest whose blobs are there."""
    return await client.send("PUT", f"{TEAM}/{reference}", built.payload, ("content-type", built.media_type))


async def tags(client: Client) -> list[str]:
    """Return every tag."""
    return list((await client.get("/v2/team/app/tags/list")).json["tags"])


@pytest.mark.parametrize(
    ("reference", "is_allowed"),
    [
        ("dev-2", True),
        ("dev-1", True),
        ("1.0", False),
        ("latest", False),
        ("xdev-1", False),
        (NEW.digest, True),
        (f"{NEW.digest}?tag=dev-2&tag=dev-3", True),
        (f"{NEW.digest}?tag=dev-2&tag=latest", False),
        ("dev-2?tag=latest", False),
        (f"sha256-{'a' * 64}", True),
        (f"sha256-{'a' * 64}.att", True),
        (f"sha256-{'a' * 63}", False),
    ],
)
async def test_a_tag_beyond_reach_cannot_be_set(writer: Client, root: Client, reference: str, is_allowed: bool) -> None:
    """All tags of one push must be within reach, or nothing is stored; those derived from a digest always are."""
    before = await tags(root)

    answer = await put(writer, reference)

    assert answer.status == (201 if is_allowed else 403)
    assert is_allowed or await tags(root) == before
    assert (await root.get(f"{TEAM}/{NEW.digest}")).status == (200 if is_allowed else 404)


async def test_the_refusal_names_the_tag(writer: Client) -> None:
    """And the right that is missing for it."""
    [error] = (await put(writer, f"{NEW.digest}?tag=dev-2&tag=1.0")).json["errors"]

    assert error["code"] == "DENIED"
    assert error["message"].startswith("writer may not tag 1.0 in team/app. Ask")
    assert error["detail"] == {"action": "tag", "repository": "team/app", "tag": "1.0"}


@pytest.mark.parametrize(("tag", "status"), [("dev-1", 202), ("1.0", 403), ("dev-9", 404), ("9.9", 403)])
async def test_a_tag_beyond_reach_cannot_be_deleted(maintainer: Client, root: Client, tag: str, status: int) -> None:
    """Whether it is there or not; one within reach is deleted alone."""
    answer = await maintainer.send("DELETE", f"{TEAM}/{tag}")

    assert answer.status == status
    assert await tags(root) == (["1.0"] if status == 202 else ["1.0", "dev-1"])


async def test_who_may_only_write_deletes_no_tag(writer: Client, root: Client) -> None:
    """Not even one that it may move."""
    answers = [await writer.send("DELETE", f"{TEAM}/{each}") for each in ("dev-1", OLD.digest)]

    assert [answer.status for answer in answers] == [403, 403]
    assert await tags(root) == ["1.0", "dev-1"]


@pytest.mark.parametrize(
    ("kept", "status"), [(["dev-1", "dev-2"], 202), (["dev-1", "1.0"], 403), (["1.0"], 403), ([], 403)]
)
@pytest.mark.parametrize("way", [TEAM, f"{API}/artifacts"])
async def test_a_manifest_goes_when_all_its_tags_may(
    maintainer: Client, root: Client, kept: list[str], status: int, way: str
) -> None:
    """One tag beyond reach keeps it, and what has no tag is beyond reach too."""
    digest = await root.push("team/app", NEW, *kept)

    answer = await maintainer.send("DELETE", f"{way}/{digest}")

    assert answer.status == (200 if status == 202 and way != TEAM else status)
    assert (await root.get(f"{TEAM}/{digest}")).status == (404 if status == 202 else 200)
    assert set(kept) <= {*(await tags(root)), *(kept if status == 202 else [])}


async def test_signatures_go_along_whatever_their_tags(maintainer: Client, root: Client) -> None:
    """Their tags were derived from the digest of what goes; a chosen tag on one keeps it."""
    await root.delete("team/app", "1.0")
    derived = f"sha256-{OLD.digest.removeprefix('sha256:')}.sig"
    await root.push("team/app", SIGNATURE, derived)

    answer = await maintainer.send("DELETE", f"{TEAM}/{OLD.digest}")

    assert (answer.status, await tags(root)) == (202, [])
    assert (await root.get(f"{TEAM}/{SIGNATURE.digest}")).status == 404


async def test_what_a_referrer_is_called_keeps_it(maintainer: Client, root: Client) -> None:
    """A referrer with a tag beyond reach stays when its subject goes."""
    await root.delete("team/app", "1.0")
    await root.push("team/app", SIGNATURE, "release-signature")

    answer = await maintainer.send("DELETE", f"{TEAM}/{OLD.digest}")

    assert (answer.status, await tags(root)) == (202, ["release-signature"])


async def test_a_derived_tag_alone_is_what_nobody_chose(maintainer: Client, root: Client) -> None:
    """What has only such tags is deleted by who may delete all; so is the tag itself."""
    derived = f"sha256-{'b' * 64}.sig"
    await root.push("team/app", NEW, derived)

    answers = [await maintainer.send("DELETE", f"{TEAM}/{each}") for each in (NEW.digest, derived)]

    assert [answer.status for answer in answers] == [403, 403]
    assert derived in await tags(root)


async def test_a_blob_has_no_tag(maintainer: Client, root: Client) -> None:
    """It is deleted by who may delete all."""
    await root.push_blob("team/app", b"loose")

    answer = await maintainer.send("DELETE", f"/v2/team/app/blobs/{digest_of(b'loose')}")

    assert answer.status == 403


@pytest.mark.parametrize(("tag", "status"), [("dev-1", 200), ("1.0", 403)])
async def test_a_tag_is_restored_within_reach(writer: Client, root: Client, tag: str, status: int) -> None:
    """Pointing a tag at what it was is setting it."""
    await root.push("team/app", NEW, "1.0", "dev-1")

    answer = await writer.post(f"{API}/tags/{tag}:restore", {"digest": OLD.digest})

    assert answer.status == status
    expected = OLD.digest if status == 200 else NEW.digest
    assert (await root.get(f"{TEAM}/{tag}")).header("docker-content-digest") == expected


@pytest.mark.parametrize(("tag", "status"), [("dev-1", 200), ("1.0", 403)])
async def test_the_console_deletes_tags_by_the_same_right(maintainer: Client, tag: str, status: int) -> None:
    """As the distribution API does."""
    answer = await maintainer.send("DELETE", f"{API}/tags/{tag}")

    assert answer.status == status


async def test_tokens_are_issued_for_what_is_allowed_for_some_tags(maintainer: Client, writer: Client) -> None:
    """A scope names no tags: the token is good for those within reach, and for no other."""
    scope = "/auth/token?service=entrepot&scope=repository:team/app:pull,push,delete"
    tokens = [(await client.get(scope)).json["token"] for client in (maintainer, writer)]
    deleting, writing = (Client(writer.server, (("authorization", f"Bearer {token}"),)) for token in tokens)

    deletes = [(await deleting.send("DELETE", f"{TEAM}/{tag}")).status for tag in ("1.0", "dev-1")]
    puts = [(await put(writing, tag)).status for tag in ("1.0", "dev-1")]

    assert (deletes, puts) == ([403, 202], [403, 201])
    assert (await writing.send("DELETE", f"{TEAM}/dev-1")).status == 403
