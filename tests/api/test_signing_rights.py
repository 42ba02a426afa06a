# SPDX-License-Identifier: Apache-2.0
"""Storing in a repository: pushing, making a new one and signing are rights of their own."""

import pytest
from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from entrepot.kernel.access import Action
from entrepot.kernel.clock import system_clock
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.registry.tables import repo_blobs
from tests.builders.access_rows import add_role
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

IMAGE = an_image_manifest()
EMPTY = b"{}"
PAYLOAD = b'{"critical":{}}'
DERIVED = f"sha256-{IMAGE.digest.removeprefix('sha256:')}"
SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
NOTATION = "application/vnd.cncf.notary.signature"

COSIGN = an_image_manifest(layers=[a_descriptor(PAYLOAD, SIMPLE_SIGNING)])
COSIGN_BUNDLE = an_image_manifest(
    config=a_descriptor(EMPTY, "application/vnd.oci.empty.v1+json"),
    layers=[a_descriptor(PAYLOAD, BUNDLE)],
    artifactType=BUNDLE,
    subject=IMAGE.descriptor(),
)
NOTATION_JWS = an_image_manifest(
    config=a_descriptor(EMPTY, NOTATION), layers=[a_descriptor(PAYLOAD, "application/jose+json")]
)
NOTATION_COSE = an_image_manifest(
    config=a_descriptor(EMPTY, "application/vnd.oci.empty.v1+json"),
    layers=[a_descriptor(PAYLOAD, "application/cose")],
    artifactType=NOTATION,
    subject=IMAGE.descriptor(),
)
SIGNATURES = [
    (COSIGN, f"{DERIVED}.sig"),
    (COSIGN_BUNDLE, COSIGN_BUNDLE.digest),
    (NOTATION_JWS, NOTATION_JWS.digest),
    (NOTATION_COSE, NOTATION_COSE.digest),
]
DISGUISED = [
    (IMAGE, f"sha256-{'c' * 64}.sig"),
    (an_image_manifest(artifactType=BUNDLE), ""),
    (an_image_manifest(artifactType=NOTATION, subject=IMAGE.descriptor()), ""),
    (an_image_manifest(layers=[a_descriptor(PAYLOAD, SIMPLE_SIGNING), a_descriptor()]), ""),
    (an_index(IMAGE.descriptor(), artifactType=BUNDLE), ""),
]
"""What has the marks of a signature, and could be run."""

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who pushed an image, and what signatures of it are made of."""
    root = await application.user("root", is_admin=True)
    await root.push_image("team/app", IMAGE, "1.0")
    for content in (EMPTY, PAYLOAD):
        await root.push_blob("team/app", content)
    return root


async def with_actions(application: Application, name: str, *actions: Action) -> Client:
    """Be a new user who may do just this in the project."""
    await application.database.write(add_role, f"only-{name}", *actions)
    return await application.user(name, ("team/**", f"only-{name}"))


@pytest.fixture
async def signer(application: Application, root: Client) -> Client:
    """Somebody who may sign, and nothing else."""
    return await with_actions(application, "signer", Action.SIGN)


@pytest.fixture
async def pusher(application: Application, root: Client) -> Client:
    """Somebody who may push and tag, and neither sign nor make repositories."""
    return await with_actions(application, "pusher", Action.PUSH, Action.TAG)


async def put(client: Client, built: BuiltManifest, reference: str = "", repository: str = "team/app") -> Answer:
    """Push a manifest, under its digest unless a reference is given."""
    target = f"/v2/{repository}/manifests/{reference or built.digest}"
    return await client.send("PUT", target, built.payload, ("content-type", built.media_type))


async def bearer(client: Client, actions: str, repository: str = "team/app") -> Client:
    """Use a token for these actions on a repository."""
    answer = await client.get(f"/auth/token?service=entrepot&scope=repository:{repository}:{actions}")
    return Client(client.server, (("authorization", f"Bearer {answer.json['token']}"),))


@pytest.mark.parametrize("credential", ["basic", "bearer"])
@pytest.mark.parametrize(("built", "reference"), SIGNATURES)
async def test_who_may_sign_pushes_signatures(
    signer: Client, root: Client, credential: str, built: BuiltManifest, reference: str
) -> None:
    """And the blobs that they are made of: those of cosign, old and new, and of Notary Project."""
    client = signer if credential == "basic" else await bearer(signer, "pull,push")
    await client.push_blob("team/app", b"another payload")

    answer = await put(client, built, reference)

    assert answer.status == 201, answer.body
    assert (await root.get(f"/v2/team/app/manifests/{reference}")).body == built.payload


@pytest.mark.parametrize(("built", "reference"), [(IMAGE, ""), (IMAGE, "2.0"), (COSIGN_BUNDLE, "2.0"), *DISGUISED])
async def test_who_may_sign_pushes_nothing_else(
    signer: Client, root: Client, built: BuiltManifest, reference: str
) -> None:
    """No image, no chosen tag, and nothing that could be run as well as it looks like a signature."""
    answer = await put(signer, built, reference)

    assert (answer.status, answer.json["errors"][0]["code"]) == (403, "DENIED")
    assert (await root.get("/v2/team/app/tags/list")).json["tags"] == ["1.0"]


@pytest.mark.parametrize(("built", "reference"), [*SIGNATURES, *DISGUISED])
async def test_who_may_push_does_not_sign(pusher: Client, root: Client, built: BuiltManifest, reference: str) -> None:
    """Whatever has the marks of a signature, in its types or its tag, takes the right to sign."""
    answer = await put(pusher, built, reference)

    assert answer.status == 403
    assert answer.json["errors"][0]["message"].startswith("pusher may not sign in team/app. Ask")
    assert (await root.get(f"/v2/team/app/manifests/{reference or built.digest}")).status == 404


@pytest.mark.parametrize(("built", "reference"), [(IMAGE, "2.0"), (IMAGE, IMAGE.digest)])
async def test_who_may_push_pushes_images(pusher: Client, built: BuiltManifest, reference: str) -> None:
    """Into a repository that is there."""
    await pusher.push_blob("team/app", A_CONFIG)

    assert (await put(pusher, built, reference)).status == 201


@pytest.mark.parametrize(("built", "reference"), DISGUISED)
async def test_who_may_write_pushes_whatever_it_is(
    application: Application, root: Client, built: BuiltManifest, reference: str
) -> None:
    """The role holds both rights."""
    writer = await application.user("writer", ("team/**", "write"))

    assert (await put(writer, built, reference)).status == 201


async def test_who_may_sign_reads_nothing(signer: Client) -> None:
    """Unless granted as well: not even what it uploaded."""
    await signer.push_blob("team/app", b"another payload")
    paths = ["manifests/1.0", f"blobs/{digest_of(b'another payload')}", "tags/list"]

    answers = [await signer.get(f"/v2/team/app/{path}") for path in paths]

    assert [answer.status for answer in answers] == [404] * 3


@pytest.mark.parametrize("action", [Action.PUSH, Action.SIGN])
async def test_a_new_repository_takes_the_right_to_make_one(
    application: Application, root: Client, action: Action
) -> None:
    """An upload is refused before its first byte, and so is a mount; the refusal names what is missing."""
    asking = await with_actions(application, "bob", action)
    new, digest = "/v2/team/new/blobs/uploads/", digest_of(A_CONFIG)
    targets = [new, f"{new}?digest={digest}", f"{new}?mount={digest}&from=team/app"]

    answers = [await asking.send("POST", target) for target in targets]
    answers += [await put(asking, built, repository="team/new") for built in (IMAGE, COSIGN_BUNDLE)]

    assert [answer.status for answer in answers] == [403] * 5
    told = {answer.json["errors"][0]["message"].partition(". ")[0] for answer in answers}
    assert told == {"bob may not create in team/new"}
    assert (await root.get("/v2/team/new/tags/list")).status == 404


async def test_who_may_make_repositories_does(application: Application, root: Client) -> None:
    """Together with the right to push; alone it is good for nothing."""
    builder = await with_actions(application, "builder", Action.PUSH, Action.CREATE)
    creator = await with_actions(application, "creator", Action.CREATE)
    await builder.push_blob("team/new", A_CONFIG)

    assert (await creator.send("POST", "/v2/team/other/blobs/uploads/")).status == 403
    assert (await root.get("/api/v1/projects/team")).status == 200


async def test_an_upload_is_no_way_around(application: Application, pusher: Client, root: Client) -> None:
    """A session that somebody else opened where there is no repository yet is not for those who could not."""
    location = (await root.send("POST", "/v2/team/new/blobs/uploads/")).header("location")

    answers = [await pusher.send(method, location) for method in ("GET", "PATCH", "PUT", "DELETE")]

    assert [answer.status for answer in answers] == [403] * 4


@pytest.mark.parametrize("visibility", ["private", "public"])
async def test_refusals_do_not_tell_whether_a_repository_exists(
    application: Application, root: Client, visibility: str
) -> None:
    """To those who may neither push nor make one, the answer is the same."""
    other = await application.user("other")
    await root.send_json("PATCH", "/api/v1/projects/team", {"visibility": visibility})

    answers = [await other.send("POST", f"/v2/team/{name}/blobs/uploads/") for name in ("app", "nil")]

    assert [answer.status for answer in answers] == [403, 403]
    assert answers[0].body.replace(b"team/app", b"team/nil") == answers[1].body


@pytest.mark.parametrize(("action", "is_kept"), [(Action.PUSH, True), (Action.SIGN, True), (Action.TAG, False)])
async def test_who_need_not_upload_a_blob_finds_it_when_the_manifest_comes(
    application: Application, root: Client, action: Action, is_kept: bool
) -> None:
    """A HEAD by who may push, or sign, keeps the blob from the collector; one by who may only pull keeps nothing."""
    digest = await unleased(application, PAYLOAD)
    somebody = await with_actions(application, "somebody", Action.PULL, action)

    answer = await somebody.send("HEAD", f"/v2/team/app/blobs/{digest}")

    lease_until = await application.database.read(_lease, digest)
    assert (root.server, answer.status) == (application.server, 200)
    assert (lease_until > system_clock()) is is_kept


async def unleased(application: Application, content: bytes) -> Digest:
    """Let a blob have been pushed so long ago that nothing but a manifest keeps it; return its digest."""
    digest = digest_of(content)
    over = update(repo_blobs).where(repo_blobs.c.digest == digest).values(lease_until=0)
    await application.database.write(lambda connection: connection.execute(over).close())
    return digest


def _lease(connection: Connection, digest: Digest) -> int:
    found: int = connection.execute(select(repo_blobs.c.lease_until).where(repo_blobs.c.digest == digest)).scalar_one()
    return found
