# SPDX-License-Identifier: Apache-2.0
"""`POST /api/v1/repositories/<name>/-/tags/<tag>:restore`."""

import pytest

from entrepot.oci.digest import Digest
from entrepot.oci.digest import referrers_tag
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import Verdict
from entrepot.registry.hooks import Warn
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest

TAG = "/api/v1/repositories/team/app/-/tags/1.0"
MISSING = Digest("sha256:" + "0" * 64)

pytestmark = pytest.mark.anyio


class TagGate:
    """A gate that notes what it is asked about, and answers with one verdict."""

    name = "tags"
    on_error: Verdict = Deny("")
    operations = frozenset({Operation.TAG_SET, Operation.TAG_MOVE, Operation.TAG_COPY})

    def __init__(self, verdict: Verdict, only: Operation | None = None) -> None:
        self.asked: list[GateContext] = []
        self._verdict = verdict
        self._only = only

    async def check(self, context: GateContext) -> Verdict:
        """Answer."""
        self.asked.append(context)
        return self._verdict if self._only in (None, context.operation) else Allow()


def an_image(number: int) -> BuiltManifest:
    """Build one of several images."""
    return an_image_manifest(annotations={"number": str(number)})


async def restore(client: Client, digest: str, tag: str = TAG) -> Answer:
    """Ask for a restoration."""
    return await client.post(f"{tag}:restore", {"digest": digest})


async def points_at(client: Client, tag: str = "1.0") -> str:
    """Return the digest that clients pull by the tag, empty when there is no such tag."""
    return (await client.send("HEAD", f"/v2/team/app/manifests/{tag}")).header("docker-content-digest")


async def test_an_overwritten_tag_is_restored(alice: Client) -> None:
    """The tag points at its former value again, and the move is told."""
    first = await alice.push_image("team/app", an_image(1), "1.0")
    second = await alice.push_image("team/app", an_image(2), "1.0")

    answer = await restore(alice, first)

    assert answer.status == 200
    told = answer.json
    assert (told["tag"], told["digest"], told["previous"], told["warnings"]) == ("1.0", first, second, [])
    assert await points_at(alice) == first
    newest = (await alice.get(f"{TAG}/history")).json["items"][0]
    assert (newest["digest"], newest["version"]) == (first, told["version"])


async def test_a_deleted_artifact_comes_back_whole(application: Application, alice: Client) -> None:
    """Restoring a tag whose manifest was deleted by digest brings back the manifest, its blobs and its referrers."""
    image = an_image(1)
    digest = await alice.push_image("team/app", image, "1.0")
    referrer = an_image_manifest(subject=image.descriptor(), artifactType="application/spdx+json")
    await alice.push_image("team/app", referrer)
    await alice.delete("team/app", digest)
    assert (await points_at(alice), await points_at(alice, referrer.digest)) == ("", "")

    answer = await restore(alice, digest)

    assert (answer.status, answer.json["previous"]) == (200, None)
    assert (await alice.get("/v2/team/app/manifests/1.0")).body == image.payload
    listed = (await alice.get(f"/v2/team/app/referrers/{digest}")).json["manifests"]
    assert [each["digest"] for each in listed] == [referrer.digest]


async def test_tags_of_old_clients_come_back_too(alice: Client) -> None:
    """The fallback tag that listed the referrers of a deleted manifest is set again with it."""
    image = an_image(1)
    digest = await alice.push_image("team/app", image, "1.0")
    fallback = referrers_tag(digest)
    await alice.push_image("team/app", an_image(2), fallback)
    await alice.delete("team/app", digest)
    assert await points_at(alice, fallback) == ""

    await restore(alice, digest)

    assert await points_at(alice, fallback) == an_image(2).digest


async def test_facts_of_what_comes_back_are_derived(application: Application, alice: Client) -> None:
    """An artifact deleted before its facts were derived gets them after it was restored."""
    digest = await alice.push_image("team/app", an_image(1), "1.0")
    await alice.delete("team/app", digest)
    await application.settle()
    await restore(alice, digest)
    before = (await alice.get(f"/api/v1/repositories/team/app/-/artifacts/{digest}")).json["type"]

    await application.settle()

    after = (await alice.get(f"/api/v1/repositories/team/app/-/artifacts/{digest}")).json["type"]
    assert (before, after) == ("pending", "image")


async def test_restoring_takes_the_right_to_push(application: Application, alice: Client) -> None:
    """Whoever may only pull is refused, and nothing moves."""
    first = await alice.push_image("team/app", an_image(1), "1.0")
    second = await alice.push_image("team/app", an_image(2), "1.0")
    reader = await application.user("reader", ("team/**", "read"))

    answer = await restore(reader, first)

    assert (answer.status, answer.json["code"]) == (403, "denied")
    assert await points_at(alice) == second


async def test_whoever_may_push_may_restore(application: Application, alice: Client) -> None:
    """The right to delete or administer is not needed, even for what was deleted."""
    digest = await alice.push_image("team/app", an_image(1), "1.0")
    await alice.delete("team/app", digest)
    writer = await application.user("writer", ("team/**", "write"))

    answer = await restore(writer, digest)

    assert answer.status == 200
    assert (await alice.get(f"{TAG}/history")).json["items"][0]["changed_by"] == "user:writer"


async def test_restoring_where_one_may_not_read_tells_nothing(application: Application, alice: Client) -> None:
    """A repository that exists and one that does not get the same refusal."""
    digest = await alice.push_image("team/app", an_image(1), "1.0")
    mallory = await application.user("mallory")

    forbidden = await restore(mallory, digest)
    unknown = await restore(mallory, digest, TAG.replace("team/app", "team/nil"))

    assert (forbidden.status, forbidden.json["code"]) == (unknown.status, unknown.json["code"]) == (403, "denied")
    assert forbidden.json["detail"].replace("team/app", "team/nil") == unknown.json["detail"]
    anonymous = await restore(application.anonymous(), digest)
    assert (anonymous.status, anonymous.header("www-authenticate")) == (401, "Bearer")


async def test_a_gate_may_refuse(application: Application, alice: Client) -> None:
    """A gate that denies moving the tag denies restoring it; its reason is told and nothing moves."""
    first = await alice.push_image("team/app", an_image(1), "1.0")
    second = await alice.push_image("team/app", an_image(2), "1.0")
    gate = TagGate(Deny("release tags are immutable"))
    application.core.gates.mount([gate])

    answer = await restore(alice, first)

    assert (answer.status, answer.json["detail"]) == (403, "release tags are immutable")
    assert await points_at(alice) == second
    (asked,) = gate.asked
    assert (asked.operation, asked.tag, asked.digest, asked.previous_digest) == (
        Operation.TAG_MOVE,
        "1.0",
        first,
        second,
    )


async def test_gates_are_told_when_a_tag_is_copied(application: Application, alice: Client) -> None:
    """Pointing a tag at what it never had is setting it and copying it: a gate may deny either."""
    copied = await alice.push_image("team/app", an_image(1), "2.0")
    gate = TagGate(Deny("not from another tag"), Operation.TAG_COPY)
    application.core.gates.mount([gate])

    answer = await restore(alice, copied)

    assert (answer.status, answer.json["detail"]) == (403, "not from another tag")
    assert [asked.operation for asked in gate.asked] == [Operation.TAG_SET, Operation.TAG_COPY]
    assert await points_at(alice) == ""


async def test_warnings_of_gates_are_passed_on(application: Application, alice: Client) -> None:
    """A warning does not stop the restoration."""
    first = await alice.push_image("team/app", an_image(1), "1.0")
    await alice.push_image("team/app", an_image(2), "1.0")
    application.core.gates.mount([TagGate(Warn("this image is old"))])

    answer = await restore(alice, first)

    assert (answer.status, answer.json["warnings"]) == (200, ["this image is old"])


async def test_what_cannot_be_restored_is_explained(alice: Client) -> None:
    """The present value is a conflict, a manifest that never was here is unknown, and other things are no digest."""
    digest = await alice.push_image("team/app", an_image(1), "1.0")

    answers = [await restore(alice, each) for each in (digest, MISSING, "latest")]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [
        (409, "tag_unchanged"),
        (404, "manifest_unknown"),
        (400, "digest_invalid"),
    ]


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"{", b'{"digest": 1}', b'{"digest": "sha256:00", "force": true}'])
async def test_a_request_that_says_something_else_is_refused(alice: Client, body: bytes) -> None:
    """The body is an object with a digest and nothing else."""
    answer = await alice.send("POST", f"{TAG}:restore", body, ("content-type", "application/json"))

    assert (answer.status, answer.json["code"]) == (400, "invalid_request")


async def test_a_former_project_leaves_nothing_to_restore(application: Application) -> None:
    """Whoever has the name of a deleted project next sees what its tags were, and gets none of it."""
    root = await application.user("root", is_admin=True)
    secret = await root.push_image("team/app", an_image(1), "1.0")
    await root.delete("team/app", secret)
    assert (await root.send("DELETE", "/api/v1/projects/team")).status == 204
    mallory = await application.user("mallory", ("team/**", "admin"))
    await mallory.push_image("team/app", an_image(2), "2.0")

    history = await mallory.get(f"{TAG}/history")
    answer = await restore(mallory, secret)

    assert [item["restorable"] for item in history.json["items"]] == [False, False]
    assert (answer.status, answer.json["code"]) == (404, "manifest_unknown")


async def test_a_former_project_leaves_nothing_to_whoever_has_the_content(application: Application) -> None:
    """A push of the same artifact brings it back alone, without what once referred to it."""
    root = await application.user("root", is_admin=True)
    image = an_image(1)
    referrer = an_image_manifest(subject=image.descriptor(), artifactType="application/spdx+json")
    await root.push_image("team/app", image, "1.0")
    await root.push_image("team/app", referrer)
    await root.delete("team/app", image.digest)
    await root.send("DELETE", "/api/v1/projects/team")
    mallory = await application.user("mallory", ("team/**", "admin"))
    await mallory.push_image("team/app", image, "1.0")

    listed = (await mallory.get(f"/v2/team/app/referrers/{image.digest}")).json["manifests"]
    pulled = await mallory.get(f"/v2/team/app/manifests/{referrer.digest}")
    assert (listed, pulled.status) == ([], 404)
