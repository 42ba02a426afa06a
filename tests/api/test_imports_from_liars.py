# SPDX-License-Identifier: Apache-2.0
"""Imports from sources that lie, fail or lead elsewhere: each artifact fails by itself, and nothing wrong is kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.infra.database.metadata import metadata
from entrepot.oci.digest import digest_of
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
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest

GOOD = an_image_manifest()
CONTENT = b"what only the bad one holds" * 1_000
BAD = an_image_manifest(layers=[a_descriptor(CONTENT)])
SECRET = "hunter2-and-more"

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold an application that may ask servers on the loopback address."""
    with an_importing_application(tmp_path) as application:
        yield application


@pytest.fixture
def origin() -> Iterator[Origin]:
    """Serve a source with an artifact that is in order, and another one."""
    with an_origin() as origin:
        origin.has("library/app", GOOD, "good")
        origin.has("library/app", BAD, "bad", blobs=(CONTENT,))
        yield origin


@pytest.fixture
async def owner(application: Application) -> Client:
    """Who administers the project that it comes into."""
    return await application.user("owner", ("team/**", "admin"))


@pytest.mark.parametrize(
    "instead", [b"x" * len(CONTENT), CONTENT + b"and more", b"", b"short"], ids=["other", "longer", "empty", "shorter"]
)
async def test_wrong_bytes_are_never_kept(
    application: Application, owner: Client, origin: Origin, instead: bytes
) -> None:
    """The artifact fails with a reason, and the other one comes."""
    origin.registry.habits.lies[a_descriptor(CONTENT)["digest"]] = instead  # type: ignore[index]
    origin.registry.habits.hands_out_parts = False
    ended = await run(application, owner, origin)

    found = await artifacts(owner, ended)
    assert (found["library/app:good"]["state"], found["library/app:bad"]["state"]) == ("brought", "failed")
    assert found["library/app:bad"]["reason"]
    assert await tags(owner, "team/library/app") == ["good"]
    assert (await owner.get(f"/v2/team/library/app/manifests/{BAD.digest}")).status == 404


async def test_what_failed_comes_when_it_is_resumed(application: Application, owner: Client, origin: Origin) -> None:
    """Once the source is in order again."""
    digest = str(a_descriptor(CONTENT)["digest"])
    origin.registry.habits.lies[digest] = b"x" * len(CONTENT)
    ended = await run(application, owner, origin)
    del origin.registry.habits.lies[digest]

    await owner.post(f"{IMPORTS}/{ended['id']}:resume", {})
    await application.settle()

    assert await tags(owner, "team/library/app") == ["bad", "good"]
    shown = (await owner.get(f"{IMPORTS}/{ended['id']}")).json
    assert (shown["counts"]["failed"], shown["counts"]["brought"]) == (0, 2)


async def test_a_manifest_that_is_another_fails(application: Application, owner: Client, origin: Origin) -> None:
    """Under a digest only the content of that digest is taken."""
    origin.registry.manifests["library/app", BAD.digest] = GOOD.media_type, GOOD.payload
    ended = await run(application, owner, origin)

    found = await artifacts(owner, ended)
    assert found["library/app:bad"]["state"] == "failed"
    assert "is not" in found["library/app:bad"]["reason"]
    assert await tags(owner, "team/library/app") == ["good"]


async def test_a_manifest_that_cannot_be_read_fails(application: Application, owner: Client, origin: Origin) -> None:
    """It is told what is wrong with it."""
    old = b"{", "application/vnd.docker.distribution.manifest.v1+json"
    for reference in ("old", digest_of(old[0])):
        origin.registry.manifests["library/app", reference] = old[1], old[0]
    dry = await run(application, owner, origin, dry_run=True, with_referrers=False)

    assert (await artifacts(owner, dry))["library/app:old"]["state"] == "failed"
    assert dry["counts"]["looked"] == 2


async def test_a_catalogue_that_goes_in_circles_ends(application: Application, owner: Client, origin: Origin) -> None:
    """With an error, however its pages are called."""
    origin.registry.habits.goes_in_circles = True
    ended = await run(application, owner, origin)

    assert ended["state"] == "failed"
    assert "circle" in ended["reason"]


async def test_repositories_that_failed_are_listed_alone(
    application: Application, owner: Client, origin: Origin
) -> None:
    """One that the source does not have is told of with its reason, and the others come."""
    ended = await run(application, owner, origin, repositories=["library/app", "library/none"])
    failed = (await owner.get(f"{IMPORTS}/{ended['id']}/repositories?state=failed")).json["items"]
    done = (await owner.get(f"{IMPORTS}/{ended['id']}/repositories?state=done")).json["items"]

    assert (ended["state"], ended["repositories_failed"]) == ("done", 1)
    assert [each["name"] for each in failed] == ["library/none"]
    assert "does not have" in failed[0]["reason"]
    assert [each["name"] for each in done] == ["library/app"]


async def test_without_a_catalogue_repositories_are_named(
    application: Application, owner: Client, origin: Origin
) -> None:
    """It is told so, and what is named comes."""
    origin.registry.habits.has_catalogue = False
    ended = await run(application, owner, origin)
    named = await run(application, owner, origin, repositories=["library/app"])

    assert ended["state"] == "failed"
    assert "Name the repositories" in ended["reason"]
    assert named["counts"]["brought"] == 2


async def test_a_redirect_to_an_internal_address_is_not_followed(
    application: Application, owner: Client, origin: Origin
) -> None:
    """Whatever the source says, only what may be asked is asked."""
    origin.registry.habits.blobs_are_at = "https://10.1.2.3"
    ended = await run(application, owner, origin)

    found = await artifacts(owner, ended)
    assert {each["state"] for each in found.values()} == {"failed"}
    assert "10.1.2.3" in found["library/app:bad"]["reason"]


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://example.org", 400),
        ("http://10.0.0.1", 400),
        ("https://10.0.0.1", 403),
        ("https://169.254.169.254", 403),
        ("https://me:secret@example.org", 400),
        ("https://example.org/some/path", 400),
        ("file:///etc/passwd", 400),
    ],
)
async def test_only_registries_of_the_internet_are_asked(
    application: Application, owner: Client, origin: Origin, url: str, status: int
) -> None:
    """And those that the operator lists, which alone may speak plain HTTP."""
    assert (await ask(owner, origin, url=url)).status == status


async def test_a_busy_source_is_waited_for(application: Application, owner: Client, origin: Origin) -> None:
    """It says how long it wants to be left alone."""
    origin.registry.habits.busy, origin.registry.habits.busy_seconds = 1, 1
    ended = await run(application, owner, origin)

    assert (ended["state"], ended["counts"]["brought"]) == ("done", 2)


async def test_what_ends_early_is_read_on(application: Application, owner: Client, origin: Origin) -> None:
    """From where it broke off."""
    origin.registry.habits.short_by = 7
    ended = await run(application, owner, origin)

    assert (ended["counts"]["brought"], ended["counts"]["failed"]) == (2, 0)
    ranges = [each.headers.get("range", "") for each in origin.registry.asked if "/blobs/" in each.path]
    assert any(each.startswith(f"bytes={len(A_LAYER) - 7}-") for each in ranges)


async def test_a_quota_refuses_what_does_not_fit(application: Application, owner: Client, origin: Origin) -> None:
    """A dry run says so before, and an import of each artifact."""
    root = await application.user("root", is_admin=True)
    assert (await root.post("/api/v1/projects", {"name": "team"})).status == 201
    small = {"limits": {"bytes": 2_000}}
    answer = await root.send_json("PUT", "/api/v1/projects/team/quota", small)
    assert answer.status == 200, answer.body
    dry = await run(application, owner, origin, dry_run=True)
    ended = await run(application, owner, origin)

    assert "quota" in dry["reason"]
    assert (await artifacts(owner, ended))["library/app:bad"]["state"] == "failed"
    assert await tags(owner, "team/library/app") == ["good"]


async def test_the_login_is_shown_nowhere(application: Application, owner: Client, origin: Origin) -> None:
    """Not in answers, jobs, events or the database; it is sent to the source alone."""
    origin.registry.habits.token_uses = 2
    origin.registry.habits.login = "Basic bWU6aHVudGVyMi1hbmQtbW9yZQ=="
    ended = await run(application, owner, origin, login={"username": "me", "password": SECRET})
    refused = await run(application, owner, origin, login={"username": "me", "password": f"{SECRET}!"})
    root = await application.user("root", is_admin=True)
    shown = [ended, refused, (await artifacts(owner, refused)), (await root.get("/api/v1/jobs")).json]

    assert ended["counts"]["brought"] == 2
    assert refused["state"] == "failed"
    assert SECRET not in str(shown)
    dump = "\n".join(await application.database.snapshot(_dump))
    assert SECRET not in dump


def _dump(connection: Connection) -> list[str]:
    """Return all that the database has about imports, jobs and events."""
    tables = ("imports", "import_repositories", "import_items", "jobs", "outbox")
    return [str(row) for name in tables for row in connection.execute(select(metadata.tables[name]))]
