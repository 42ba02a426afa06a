# SPDX-License-Identifier: Apache-2.0
"""Imports: what comes, what a dry run says, how a report compares, and who may ask for one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.oci.digest import referrers_tag
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.importing import IMPORTS
from tests.builders.importing import Origin
from tests.builders.importing import an_importing_application
from tests.builders.importing import an_origin
from tests.builders.importing import artifacts
from tests.builders.importing import ask
from tests.builders.importing import run
from tests.builders.importing import tags
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

CREATED = "org.opencontainers.image.created"
OLD = an_image_manifest(annotations={CREATED: "2025-01-01T00:00:00Z"})
NEW = an_image_manifest(annotations={CREATED: "2026-05-01T00:00:00Z"})
MANY = an_index(OLD.descriptor(), NEW.descriptor())
SBOM = an_image_manifest(subject=NEW.descriptor(), artifactType="application/spdx+json")
SIGNATURE = an_image_manifest(annotations={"says": "signed"})

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold an application that may ask servers on the loopback address."""
    with an_importing_application(tmp_path) as application:
        yield application


@pytest.fixture
def origin() -> Iterator[Origin]:
    """Serve a source with two repositories to import, and another one."""
    with an_origin() as origin:
        origin.has("library/app", OLD, "1.0")
        origin.has("library/app", NEW, "2.0", "latest")
        origin.has("library/multi", OLD)
        origin.has("library/multi", NEW)
        origin.has("library/multi", MANY, "all")
        origin.has("library/app", SBOM)
        origin.has("library/app", SIGNATURE, f"{referrers_tag(NEW.digest)}.sig")
        origin.has("elsewhere/app", OLD, "1.0")
        yield origin


@pytest.fixture
async def owner(application: Application) -> Client:
    """Who administers the project that it comes into."""
    return await application.user("owner", ("team/**", "admin"))


async def test_everything_comes_with_what_belongs_to_it(
    application: Application, owner: Client, origin: Origin
) -> None:
    """Tags, what indexes hold, referrers, and tags named after digests; what no pattern matches stays away."""
    ended = await run(application, owner, origin)

    assert (ended["state"], ended["reason"], ended["counts"]["failed"]) == ("done", "", 0)
    assert await tags(owner, "team/library/app") == ["1.0", "2.0", "latest", f"{referrers_tag(NEW.digest)}.sig"]
    assert (await owner.get("/v2/team/library/multi/manifests/all")).body == MANY.payload
    assert (await owner.get(f"/v2/team/library/multi/manifests/{OLD.digest}")).status == 200
    listed = (await owner.get(f"/v2/team/library/app/referrers/{NEW.digest}")).json["manifests"]
    assert [each["digest"] for each in listed] == [SBOM.digest]
    assert await tags(owner, "team/elsewhere/app") == []


async def test_nothing_is_fetched_twice(application: Application, owner: Client, origin: Origin) -> None:
    """A blob that is here is mounted, a manifest that is here is read here, and another import fetches nothing."""
    await run(application, owner, origin)
    first = origin.fetched() + origin.fetched("/manifests/")
    again = await run(application, owner, origin)

    blobs = [path.rpartition("/")[2] for path in first if "/blobs/" in path]
    assert len(blobs) == len(set(blobs)) == 2
    assert len(first) == len(set(first))
    assert origin.fetched() + origin.fetched("/manifests/") == first
    assert (again["counts"]["brought"], again["counts"]["new_bytes"]) == (0, 0)


async def test_a_dry_run_brings_nothing_and_says_how_much(
    application: Application, owner: Client, origin: Origin
) -> None:
    """Each digest counts once, what is here already does not, and the same import brings it later."""
    dry = await run(application, owner, origin, dry_run=True)

    assert (dry["state"], dry["work"], dry["counts"]["looked"]) == ("done", "look", 6)
    assert await tags(owner, "team/library/app") == []
    assert dry["missing_bytes"] == dry["content_bytes"] > 0
    assert (await owner.post(f"{IMPORTS}/{dry['id']}:run", {})).status == 202
    await application.settle()
    ended = (await owner.get(f"{IMPORTS}/{dry['id']}")).json
    assert (ended["state"], ended["work"], ended["counts"]["brought"]) == ("done", "bring", 6)
    later = await run(application, owner, origin, dry_run=True)
    assert (later["missing_bytes"], later["content_bytes"]) == (0, dry["content_bytes"])


async def test_only_what_was_asked_for_comes(application: Application, owner: Client, origin: Origin) -> None:
    """By the pattern of tags, and without what refers to it; it is told why the rest stays away."""
    ended = await run(application, owner, origin, tags=["*.0"], exclude_tags=["1*"], with_referrers=False)

    assert await tags(owner, "team/library/app") == ["2.0"]
    assert ended["counts"]["excluded"] == 4
    assert sum(ended["excluded"].values()) == 4
    assert len(ended["excluded"]) == 3


@pytest.mark.parametrize(
    ("wanted", "came"),
    [
        ({"newer_than": "2026-01-01T00:00:00Z"}, ["2.0", "latest"]),
        ({"newest": 1}, ["latest"]),
        ({"newer_than": "2027-01-01T00:00:00Z"}, []),
    ],
)
async def test_dates_decide_what_comes(
    application: Application, owner: Client, origin: Origin, wanted: dict[str, object], came: list[str]
) -> None:
    """They are those that the artifacts say themselves, and it is told where."""
    ended = await run(application, owner, origin, repositories=["library/app"], with_referrers=False, **wanted)

    assert await tags(owner, "team/library/app") == came
    shown = (await artifacts(owner, ended))["library/app:1.0"]
    assert (shown["state"], shown["created_from"]) == ("excluded", "annotation")
    assert shown["created_at"].startswith("2025-01-01")


async def test_a_tag_that_points_elsewhere_stays(application: Application, owner: Client, origin: Origin) -> None:
    """Unless somebody wants it moved."""
    await owner.push_image("team/library/app", SIGNATURE, "1.0")
    ended = await run(application, owner, origin)

    assert (await artifacts(owner, ended))["library/app:1.0"]["state"] == "kept"
    assert (await owner.get("/v2/team/library/app/manifests/1.0")).body == SIGNATURE.payload
    await run(application, owner, origin, overwrite=True)
    assert (await owner.get("/v2/team/library/app/manifests/1.0")).body == OLD.payload


async def test_names_are_changed_as_asked(application: Application, owner: Client, origin: Origin) -> None:
    """Segments are left out, and a prefix is put before the rest."""
    await run(application, owner, origin, repositories=["library/app"], strip=1, prefix="old")

    assert "1.0" in await tags(owner, "team/old/app")


async def test_the_report_compares_every_name(application: Application, owner: Client, origin: Origin) -> None:
    """With what is here at the moment of the report, in each of its formats."""
    ended = await run(application, owner, origin, repositories=["library/app"])
    await owner.push_image("team/library/app", OLD, "latest", "mine")
    await owner.delete("team/library/app", "1.0")
    checked = await owner.post(f"{IMPORTS}/{ended['id']}:check", {})
    await application.settle()

    assert checked.status == 202
    report = f"{IMPORTS}/{ended['id']}/report"
    lines = [json.loads(line) for line in (await owner.get(report)).body.splitlines()]
    found = {line["name"]: line["verdict"] for line in lines}
    expected = {"1.0": "missing", "2.0": "equal", "latest": "different", "mine": "extra", SBOM.digest: "equal"}
    assert expected.items() <= found.items()
    assert (await owner.get(f"{report}?format=json")).json == lines
    assert len((await owner.get(f"{report}?format=csv")).body.splitlines()) == len(lines) + 1
    shown = (await owner.get(f"{IMPORTS}/{ended['id']}")).json
    assert (shown["state"], shown["work"]) == ("done", "bring")
    assert shown["checked_at"]


async def test_what_the_source_got_since_comes_when_it_is_resumed(
    application: Application, owner: Client, origin: Origin
) -> None:
    """After it was compared, a tag that is new there is missing here, and then it comes."""
    ended = await run(application, owner, origin, repositories=["library/app"])
    origin.has("library/app", OLD, "3.0")
    await owner.post(f"{IMPORTS}/{ended['id']}:check", {})
    await application.settle()
    found = (await artifacts(owner, ended))["library/app:3.0"]
    await owner.post(f"{IMPORTS}/{ended['id']}:resume", {})
    await application.settle()

    assert found["state"] == "waiting"
    assert "3.0" in await tags(owner, "team/library/app")


async def test_a_paused_import_goes_on_when_it_is_resumed(
    application: Application, owner: Client, origin: Origin
) -> None:
    """What is paused does nothing, and what is cancelled is over."""
    asked = (await ask(owner, origin)).json
    paused = await owner.post(f"{IMPORTS}/{asked['id']}:pause", {})
    await application.settle()
    assert (paused.json["state"], await tags(owner, "team/library/app")) == ("paused", [])

    await owner.post(f"{IMPORTS}/{asked['id']}:resume", {})
    await application.settle()

    assert len(await tags(owner, "team/library/app")) == 4
    assert (await owner.post(f"{IMPORTS}/{asked['id']}:cancel", {})).status == 409


@pytest.mark.parametrize(
    ("granted", "named", "patterned"),
    [((), 403, 403), ((("team/**", "read"),), 403, 403), ((("team/library/app", "write"),), 202, 403)],
)
async def test_it_takes_the_rights_to_push(
    application: Application, origin: Origin, granted: tuple[tuple[str, str], ...], named: int, patterned: int
) -> None:
    """And to make what is not there; for patterns, in all of the project."""
    bob = await application.user("bob", *granted)

    assert (await ask(bob, origin, repositories=["library/app"])).status == named
    assert (await ask(bob, origin)).status == patterned
    assert (await ask(application.anonymous(), origin)).status == 401


async def test_rights_are_looked_at_again_when_it_is_done(
    application: Application, owner: Client, origin: Origin
) -> None:
    """Who is disabled between asking and doing imports nothing."""
    asked = (await ask(owner, origin)).json
    root = await application.user("root", is_admin=True)
    await root.send_json("PATCH", "/api/v1/users/owner", {"disabled": True})

    await application.settle()

    assert (await root.get(f"{IMPORTS}/{asked['id']}")).json["state"] == "failed"
    assert await tags(root, "team/library/app") == []


async def test_others_do_not_see_it(application: Application, owner: Client, origin: Origin) -> None:
    """But for those who may see how the registry runs."""
    asked = (await ask(owner, origin)).json
    bob, root = await application.user("bob", ("team/**", "admin")), await application.user("root", is_admin=True)

    assert (await bob.get(f"{IMPORTS}/{asked['id']}")).status == 404
    assert (await bob.get(f"{IMPORTS}?everybody=true")).status == 403
    assert (await bob.get(IMPORTS)).json["items"] == []
    listed = (await root.get(f"{IMPORTS}?everybody=true")).json["items"]
    assert [each["id"] for each in listed] == [asked["id"]]
