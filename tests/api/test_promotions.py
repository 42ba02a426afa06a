# SPDX-License-Identifier: Apache-2.0
"""Promotions: who may ask for one, what refuses it, and how one that nobody has to approve is carried out."""

from urllib.parse import quote

import pytest
from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.features.promotions.queueing import FINISH
from entrepot.features.promotions.queueing import enqueue
from entrepot.features.promotions.tables import promotions
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import system_clock
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import Verdict
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.immutability import a_rule
from tests.builders.immutability import set_rules
from tests.builders.manifests import an_image_manifest
from tests.builders.promotions import API
from tests.builders.promotions import ask
from tests.builders.promotions import asked
from tests.builders.promotions import promoted
from tests.builders.promotions import set_path

IMAGE, OTHER = an_image_manifest(annotations={"number": "1"}), an_image_manifest(annotations={"number": "2"})
SBOM = an_image_manifest(subject=IMAGE.descriptor(), artifactType="application/spdx+json")
RECORD = "application/vnd.entrepot.promotion.v1+json"
PREVIEW = f"{API}/repositories/dev/app/-/promotions:preview"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(application: Application) -> Client:
    """Who manages both projects, between which there is a path that takes no approval, and one that takes one."""
    owner = await application.user("owner", ("dev/**", "admin"), ("prod/**", "admin"))
    await owner.push_image("dev/app", IMAGE, "1.0")
    await owner.push("dev/app", SBOM)
    await owner.push_image("prod/other", OTHER, "1.0")
    await application.settle()
    assert (await set_path(owner, "prod/free", "dev")).status == 200
    assert (await set_path(owner, "prod/release", "dev", approvals=1, approvers=["owner"])).status == 200
    return owner


async def seen(client: Client) -> list[str]:
    """Return the tags of the target."""
    answer = await client.get("/v2/prod/app/tags/list")
    return answer.json["tags"] if answer.status == 200 else []


async def test_it_is_carried_out_at_once_where_nobody_has_to_approve(application: Application, owner: Client) -> None:
    """With all that belongs to it, the same digest, and a record that refers to it."""
    promotion = await asked(owner, "dev/app", "prod/free", note="Tested")

    ended = await promoted(application, owner, promotion)

    assert (ended["state"], ended["reason"], ended["carried_out_by"]) == ("done", "", "user:owner")
    assert (await owner.get("/v2/prod/app/manifests/1.0")).body == IMAGE.payload
    found = (await owner.get(f"/v2/prod/app/referrers/{IMAGE.digest}")).json["manifests"]
    assert {each["digest"] for each in found} == {SBOM.digest, ended["record"]}
    told = [event.type for event in await application.events() if event.type.startswith("promotion.")]
    assert told == [Change.PROMOTION_REQUESTED, Change.PROMOTION_DONE]


async def test_the_record_says_who_did_what(application: Application, owner: Client) -> None:
    """It is found by its type, and its layer is what it says; of people it says what they are called."""
    promotion = await asked(owner, "dev/app", "prod/free")
    ended = await promoted(application, owner, promotion)

    target = f"/v2/prod/app/referrers/{IMAGE.digest}?artifactType={quote(RECORD)}"
    [listed] = (await owner.get(target)).json["manifests"]
    manifest = (await owner.get(f"/v2/prod/app/manifests/{ended['record']}")).json
    said = (await owner.get(f"/v2/prod/app/blobs/{manifest['layers'][0]['digest']}")).json

    assert (listed["digest"], listed["annotations"]["vnd.entrepot.promotion.path"]) == (ended["record"], "prod/free")
    assert (manifest["artifactType"], manifest["subject"]["digest"]) == (RECORD, IMAGE.digest)
    assert manifest["config"]["mediaType"] == "application/vnd.oci.empty.v1+json"
    assert (said["promotion"], said["source"], said["digest"]) == (promotion, "dev/app", IMAGE.digest)
    assert (said["requested_by"], said["approvals"], said["tags"]) == ("user:owner", [], ["1.0"])


async def test_a_path_says_what_things_are_called(application: Application, owner: Client) -> None:
    """Below which name, and with which end of the tag; what it is not about is refused."""
    terms = {"repositories": "dev/app", "prefix": "prod/in", "tags": "1.*", "tag_suffix": "-stable"}
    await set_path(owner, "prod/free", "dev", **terms)
    await owner.push_image("dev/lib", OTHER, "1.0")
    await owner.push("dev/app", OTHER, "2.0")

    ended = await promoted(application, owner, await asked(owner, "dev/app", "prod/free"))

    assert (ended["target"], ended["tags"], ended["state"]) == ("prod/in/app", ["1.0-stable"], "done")
    assert (await ask(owner, "dev/lib", "prod/free")).json["code"] == "promotion_invalid"
    assert (await ask(owner, "dev/app", "prod/free", tag="2.0")).json["code"] == "promotion_invalid"
    assert (await ask(owner, "dev/app", "prod/free", digest=IMAGE.digest)).json["code"] == "promotion_invalid"


async def test_a_digest_is_promoted_without_a_tag(application: Application, owner: Client) -> None:
    """Where the path is not about certain tags."""
    ended = await promoted(application, owner, await asked(owner, "dev/app", "prod/free", digest=IMAGE.digest))

    assert (ended["state"], ended["tags"]) == ("done", [])
    assert await seen(owner) == []
    assert (await owner.get(f"/v2/prod/app/manifests/{IMAGE.digest}")).status == 200


async def test_the_digest_is_that_of_when_it_was_asked_for(application: Application, owner: Client) -> None:
    """A tag that is moved meanwhile changes nothing."""
    promotion = await asked(owner, "dev/app", "prod/free")
    await owner.push("dev/app", OTHER, "1.0")

    await promoted(application, owner, promotion)

    assert (await owner.get("/v2/prod/app/manifests/1.0")).body == IMAGE.payload


@pytest.mark.parametrize(
    ("granted", "path", "status", "code"),
    [
        ((), "prod/release", 404, "NAME_UNKNOWN"),
        ((("dev/**", "view"), ("prod/**", "read")), "prod/release", 403, "DENIED"),
        ((("dev/**", "read"),), "prod/release", 404, "PROMOTION_PATH_UNKNOWN"),
        ((("dev/**", "read"), ("prod/other", "read")), "prod/release", 404, "NAME_UNKNOWN"),
        ((("dev/**", "read"), ("prod/**", "read")), "prod/release", 202, ""),
        ((("dev/**", "read"), ("prod/**", "read")), "prod/free", 403, "DENIED"),
        ((("dev/**", "read"), ("prod/**", "write")), "prod/free", 202, ""),
        ((("dev/**", "read"), ("prod/**", "read")), "prod/none", 404, "PROMOTION_PATH_UNKNOWN"),
    ],
)
async def test_who_may_ask(
    application: Application, owner: Client, granted: tuple[tuple[str, str], ...], path: str, status: int, code: str
) -> None:
    """Who may pull the source and see the target; where nobody has to approve, who may push there."""
    bob = await application.user("bob", *granted)

    answer = await ask(bob, "dev/app", path)

    assert answer.status == status, answer.body
    assert answer.json.get("code", "").upper() == code
    if status != 202:
        assert (await owner.get(f"{API}/promotions")).json["items"] == []


async def test_nobody_asks_without_logging_in(application: Application, owner: Client) -> None:
    """The answer is that of any request without credentials."""
    assert (await ask(application.anonymous(), "dev/app", "prod/free")).status == 401
    assert (await application.anonymous().get(f"{API}/promotions")).status == 401


async def test_a_preview_shows_what_comes_and_all_that_refuses(application: Application, owner: Client) -> None:
    """To who may not push there, too; and nothing is changed."""
    bob = await application.user("bob", ("dev/**", "read"), ("prod/**", "read"))
    wanted = {"path": "prod/release", "tag": "1.0"}

    fine = (await bob.post(PREVIEW, wanted)).json
    await owner.push_image("prod/app", OTHER, "1.0")
    await set_rules(owner, a_rule("immutable", "*", "prod/**"), project="prod")
    refused = (await bob.post(PREVIEW, wanted)).json

    assert [each["digest"] for each in fine["manifests"]] == [SBOM.digest, IMAGE.digest]
    assert (fine["new_manifests"], fine["refusals"], fine["approvers"]) == (2, [], ["user:owner"])
    assert fine["new_bytes"] > 0
    [why] = refused["refusals"]
    assert "immutable" in why
    asked_for = await ask(bob, "dev/app", "prod/release")
    assert (asked_for.status, asked_for.json["code"]) == (409, "promotion_would_be_refused")
    assert (await owner.get(f"{API}/promotions")).json["items"] == []


async def test_a_rule_that_comes_later_refuses_it_then(application: Application, owner: Client) -> None:
    """Nothing has come, and the promotion says why."""
    promotion = await asked(owner, "dev/app", "prod/free")
    rule = {"repositories": "prod/**", "tags": ["v*"]}
    await owner.send_json("PUT", f"{API}/projects/prod/naming", {"rules": [rule]})

    ended = await promoted(application, owner, promotion)

    assert (ended["state"], await seen(owner)) == ("failed", [])
    assert "choose another tag" in ended["reason"]
    assert (await owner.get(f"/v2/prod/app/manifests/{SBOM.digest}")).status == 404


class NoRecords:
    """A gate that lets no record of a promotion pass at one place."""

    name = "no-records"
    on_error: Verdict = Deny("no")

    def __init__(self, operation: Operation) -> None:
        self.operations = frozenset({operation})

    async def check(self, context: GateContext) -> Verdict:
        """Refuse what is a record; blobs that are small are the parts of one."""
        is_record = context.manifest is not None and context.manifest.artifact_type == RECORD
        is_part = context.manifest is None and context.repository == "prod/app"
        return Deny("no records here") if is_record or is_part else Allow()


async def test_a_rule_about_its_record_refuses_it_before(application: Application, owner: Client) -> None:
    """What tells where it came from is a part of it."""
    application.core.gates.mount([NoRecords(Operation.MANIFEST_WRITE)])

    refused = await ask(owner, "dev/app", "prod/free")

    assert (refused.json["code"], refused.json["detail"]) == ("promotion_would_be_refused", "no records here")
    assert await seen(owner) == []


async def test_what_its_record_is_refused_for_at_last_is_said(application: Application, owner: Client) -> None:
    """The artifact is there then, which nobody is left to guess."""
    promotion = await asked(owner, "dev/app", "prod/free")
    application.core.gates.mount([NoRecords(Operation.BLOB_COMMIT)])

    ended = await promoted(application, owner, promotion)

    assert (ended["state"], await seen(owner)) == ("failed", ["1.0"])
    assert "it is in the target, but" in ended["reason"]
    assert "no records here" in ended["reason"]


async def test_what_was_deleted_meanwhile_is_not_promoted(application: Application, owner: Client) -> None:
    """It has failed, and can be asked for again once it is back."""
    promotion = await asked(owner, "dev/app", "prod/free")
    await owner.delete("dev/app", IMAGE.digest)

    ended = await promoted(application, owner, promotion)

    assert (ended["state"], await seen(owner)) == ("failed", [])


async def test_a_copy_that_is_cancelled_ends_it(application: Application, owner: Client) -> None:
    """Whoever may push to the target may stop it."""
    promotion = await asked(owner, "dev/app", "prod/free")
    while (copy := (await owner.get(f"{API}/promotions/{promotion}")).json["copy_id"]) is None:
        await application.instance.jobs.turn()
    await owner.post(f"{API}/copies/{copy}:cancel", {})

    ended = await promoted(application, owner, promotion)

    assert (ended["state"], ended["reason"]) == ("failed", "its copy was cancelled")


async def test_once_more_brings_nothing_new(application: Application, owner: Client) -> None:
    """It is another promotion, with a record of its own; while one is open, just the same is not asked for."""
    first = await asked(owner, "dev/app", "prod/free")
    assert (await ask(owner, "dev/app", "prod/free")).json["code"] == "promotion_already_asked"
    await promoted(application, owner, first)

    ended = await promoted(application, owner, await asked(owner, "dev/app", "prod/free"))

    copy = (await owner.get(f"{API}/copies/{ended['copy_id']}")).json
    assert (ended["state"], copy["manifests"]) == ("done", 0)
    found = (await owner.get(f"/v2/prod/app/referrers/{IMAGE.digest}?artifactType={quote(RECORD)}")).json["manifests"]
    assert len(found) == 2


async def test_a_job_that_runs_again_says_it_once(application: Application, owner: Client) -> None:
    """What a killed process had done already is found, and left as it is."""
    promotion = await asked(owner, "dev/app", "prod/free")
    done = await promoted(application, owner, promotion)

    await application.database.write(_undo_end, promotion)
    again = await promoted(application, owner, promotion)

    assert (again["state"], again["record"]) == ("done", done["record"])
    found = (await owner.get(f"/v2/prod/app/referrers/{IMAGE.digest}?artifactType={quote(RECORD)}")).json["manifests"]
    assert [each["digest"] for each in found] == [done["record"]]


def _undo_end(connection: Connection, promotion: str) -> None:
    """Let it be as if the process had died between saying it and noting that."""
    values = {"state": "running", "ended_at": None, "record_digest": None}
    connection.execute(update(promotions).where(promotions.c.id == promotion).values(values))
    enqueue(connection, FINISH, Ulid(promotion), system_clock())


async def test_others_see_it_if_they_may_read_both_ends(application: Application, owner: Client) -> None:
    """And nobody else hears of it."""
    promotion = await asked(owner, "dev/app", "prod/release")
    one = await application.user("one", ("dev/**", "read"))
    both = await application.user("both", ("dev/**", "read"), ("prod/**", "read"))

    assert (await one.get(f"{API}/promotions/{promotion}")).status == 404
    assert (await one.get(f"{API}/promotions")).json["items"] == []
    assert (await one.get(f"{API}/repositories/dev/app/-/promotions")).json["items"] == []
    assert [each["id"] for each in (await both.get(f"{API}/promotions")).json["items"]] == [promotion]
    [listed] = (await both.get(f"{API}/repositories/prod/app/-/promotions")).json["items"]
    assert (listed["id"], listed["may_decide"], listed["may_withdraw"]) == (promotion, False, False)
