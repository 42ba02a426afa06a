# SPDX-License-Identifier: Apache-2.0
"""Seeing is not pulling: who may `read` finds out what there is, and gets no byte of it."""

import json

import pytest

from entrepot.kernel.access import Action
from entrepot.oci.digest import digest_of
from tests.builders.access_rows import add_role
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

CONFIG = json.dumps(
    {"architecture": "amd64", "os": "linux", "config": {"Env": ["PASSWORD=hunter2"]}, "rootfs": {"diff_ids": []}}
).encode()
IMAGE = an_image_manifest(config=a_descriptor(CONFIG, "application/vnd.oci.image.config.v1+json"))
INDEX = an_index(IMAGE.descriptor())
SIGNATURE = an_image_manifest(subject=IMAGE.descriptor(), artifactType="application/vnd.dev.sigstore.bundle")
API = "/api/v1/repositories/team/app/-"
V2 = "/v2/team/app"
LAYER, CONFIGURATION = digest_of(A_LAYER), digest_of(CONFIG)

SEEN = [
    f"{V2}/tags/list",
    f"{V2}/referrers/{IMAGE.digest}",
    f"{API}/about",
    f"{API}/tags",
    f"{API}/tags/1.0",
    f"{API}/tags/1.0/history",
    f"{API}/artifacts",
    f"{API}/artifacts/{IMAGE.digest}",
    f"{API}/artifacts/{INDEX.digest}",
    f"{API}/artifacts/{IMAGE.digest}/referrers",
    f"{API}/bin",
    "/api/v1/projects/team",
    "/api/v1/search?q=app",
    "/api/v1/repositories",
    "/api/v1/dashboard",
]
CONTENT = [
    f"{V2}/manifests/1.0",
    f"{V2}/manifests/{IMAGE.digest}",
    f"{V2}/manifests/{INDEX.digest}",
    f"{V2}/manifests/{SIGNATURE.digest}",
    f"{V2}/blobs/{LAYER}",
    f"{V2}/blobs/{CONFIGURATION}",
    f"{API}/artifacts/{IMAGE.digest}/manifest",
    f"{API}/artifacts/{IMAGE.digest}/config",
]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who pushed an image, an index of it and a signature."""
    root = await application.user("root", is_admin=True)
    await root.push_image("team/app", IMAGE, "1.0", config=CONFIG)
    await root.push_blob("team/app", b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}')
    for built in (INDEX, SIGNATURE):
        await root.push("team/app", built)
    await application.settle()
    return root


@pytest.fixture
async def viewer(application: Application, root: Client) -> Client:
    """Somebody who may see what is in the project."""
    return await application.user("viewer", ("team/**", "view"))


async def bearer(client: Client, scope: str) -> Client:
    """Use a token for a scope."""
    token = (await client.get(f"/auth/token?service=entrepot&scope={scope}")).json["token"]
    return Client(client.server, (("authorization", f"Bearer {token}"),))


async def test_whatever_there_is_can_be_seen(viewer: Client) -> None:
    """Lists, details and history, and nothing in them is content."""
    for path in SEEN:
        answer = await viewer.get(path)
        assert answer.status == 200, path
        assert b"hunter2" not in answer.body, path
        assert A_LAYER not in answer.body, path


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("credential", ["basic", "bearer"])
async def test_no_byte_of_it_can_be_had(viewer: Client, method: str, credential: str) -> None:
    """The refusal says that it is the right to pull that is missing: what is there was seen already."""
    client = viewer if credential == "basic" else await bearer(viewer, "repository:team/app:pull,push")
    paths = CONTENT if credential == "basic" else [path for path in CONTENT if path.startswith(V2)]
    for path in paths:
        answer = await client.send(method, path)
        assert answer.status == 403 or (method == "HEAD" and answer.status == 405), path
        assert b"may not pull" in answer.body or method == "HEAD", path
        assert not answer.header("docker-content-digest"), path


@pytest.mark.parametrize("query", [f"mount={LAYER}&from=team/app", f"mount={LAYER}"])
async def test_a_mount_is_no_way_around(application: Application, root: Client, query: str) -> None:
    """Into a repository that one may pull from: the upload that begins instead has no bytes."""
    thief = await application.user("thief", ("team/**", "view"), ("own/**", "admin"))

    answer = await thief.send("POST", f"/v2/own/app/blobs/uploads/?{query}")

    assert answer.status == 202
    assert (await thief.get(f"/v2/own/app/blobs/{LAYER}")).status == 404


async def test_nor_is_pushing_a_manifest_of_it(application: Application, root: Client) -> None:
    """Who may see and push, in the same repository, still gets none of what others pushed."""
    await application.database.write(add_role, "drop-box", Action.READ, Action.PUSH, Action.CREATE, Action.TAG)
    dropper = await application.user("dropper", ("team/**", "drop-box"))
    own = an_image_manifest(config=a_descriptor(CONFIG), annotations={"by": "dropper"})

    pushed = await dropper.send("PUT", f"{V2}/manifests/mine", own.payload, ("content-type", own.media_type))
    paths = [f"{V2}/manifests/mine", f"{V2}/blobs/{LAYER}", f"{API}/artifacts/{own.digest}/config"]
    moved = await dropper.send("POST", f"/v2/team/other/blobs/uploads/?mount={LAYER}&from=team/app")

    assert (pushed.status, moved.status) == (201, 202)
    assert [(await dropper.get(path)).status for path in paths] == [403] * 3


async def test_nor_is_an_index_elsewhere(application: Application, root: Client) -> None:
    """A manifest of one's own repository that names content of another one finds it nowhere."""
    thief = await application.user("thief", ("team/**", "view"), ("own/**", "admin"))
    built: list[BuiltManifest] = [IMAGE, INDEX]

    answers = [
        await thief.send("PUT", f"/v2/own/app/manifests/{each.digest}", each.payload, ("content-type", each.media_type))
        for each in built
    ]

    assert answers[0].status == 400
    assert answers[0].json["errors"][0]["code"] == "MANIFEST_BLOB_UNKNOWN"
    assert (await thief.get(f"/v2/own/app/manifests/{IMAGE.digest}")).status == 404


async def test_lists_hold_what_can_be_seen(viewer: Client) -> None:
    """In the catalog of the distribution API too."""
    listed = await bearer(viewer, "registry:catalog:*")

    assert (await listed.get("/v2/_catalog")).json == {"repositories": ["team/app"]}


async def test_a_scope_is_not_a_right(viewer: Client, root: Client) -> None:
    """What looks like another resource in a scope gives nothing: names with a colon, stars, and the API itself."""
    scopes = [
        "repository:registry:api:*",
        "repository:registry:catalog:*",
        "repository:*:*",
        "repository:**:pull",
        "registry:*:*",
    ]
    for scope in scopes:
        client = await bearer(viewer, scope)
        statuses = [
            (await client.get(path)).status for path in (f"{V2}/tags/list", f"{V2}/manifests/1.0", f"{API}/tags")
        ]
        assert statuses == [401, 403, 401], scope


async def test_whoever_is_nobody_lists_nothing(application: Application, root: Client) -> None:
    """Even where everybody may see everything: the catalog is for those who are logged in."""
    grant = {"principal": "anonymous", "path_pattern": "**", "role": "read"}
    assert (await root.post("/api/v1/grants", grant)).status == 201
    nobody = application.anonymous()

    for scope in ("registry:catalog:*", "repository:registry:catalog:pull"):
        assert (await (await bearer(nobody, scope)).get("/v2/_catalog")).status == 401
    assert (await nobody.get(f"{V2}/manifests/1.0")).status == 200
