# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/repositories/<name>/-/artifacts/<digest>`."""

import json

import pytest

from entrepot.oci.digest import digest_of
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.registry.events import EventType
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

REPOSITORY = "/api/v1/repositories/team/app/-"
LINUX = {"os": "linux", "architecture": "amd64", "variant": "", "os_version": ""}
CHART_CONFIG = "application/vnd.cncf.helm.config.v1+json"
CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"

pytestmark = pytest.mark.anyio


async def test_an_image_is_pending_until_its_facts_are_derived(application: Application, alice: Client) -> None:
    """Right after a push the type is `pending`; once the listeners and jobs have run, the facts are there."""
    digest = await alice.push_image("team/app", an_image_manifest(), "1.0")

    before = (await alice.get(f"{REPOSITORY}/artifacts/{digest}")).json
    await application.settle()
    after = (await alice.get(f"{REPOSITORY}/artifacts/{digest}")).json

    assert (before["type"], before["facts"]) == ("pending", None)
    assert after["type"] == "image"
    assert after["facts"]["platforms"] == [LINUX]


async def test_an_artifact_says_where_it_comes_from(application: Application, alice: Client) -> None:
    """Size, media type, tags and who pushed it are known at once."""
    built = an_image_manifest()
    digest = await alice.push_image("team/app", built, "b", "a")

    shown = (await alice.get(f"{REPOSITORY}/artifacts/{digest}")).json

    assert shown["digest"] == digest
    assert shown["size"] == len(built.payload)
    assert (shown["media_type"], shown["artifact_type"]) == (built.media_type, OCI_CONFIG)
    assert shown["pushed_by"] == "user:alice"
    assert shown["pushed_at"].endswith("Z")
    assert shown["tags"] == ["a", "b"]
    assert shown["subject"] is None
    assert shown["children"] == []


async def test_the_configuration_of_an_image_is_read(application: Application, alice: Client) -> None:
    """Creation, labels and the command behind each layer come from the configuration blob."""
    config = json.dumps(
        {"created": "2026-01-31T12:00:00Z", "config": {"Labels": {"team": "web"}}, "history": [{"created_by": "make"}]}
    ).encode()
    annotations = {"org.opencontainers.image.title": "Shop", "org.opencontainers.image.version": "2"}
    built = an_image_manifest(config=a_descriptor(config, OCI_CONFIG), annotations=annotations)
    digest = await alice.push_image("team/app", built, config=config)
    await application.settle()

    facts = (await alice.get(f"{REPOSITORY}/artifacts/{digest}")).json["facts"]

    assert facts["created"] == "2026-01-31T12:00:00.000Z"
    assert facts["labels"] == {"team": "web"}
    assert facts["config_digest"] == digest_of(config)
    assert facts["layers"] == [
        {
            "digest": digest_of(A_LAYER),
            "size": len(A_LAYER),
            "media_type": a_descriptor()["mediaType"],
            "command": "make",
        }
    ]
    assert facts["total_size"] == len(config) + len(A_LAYER)
    assert (facts["title"], facts["version"], facts["description"]) == ("Shop", "2", "")


async def test_a_chart_says_its_name_and_version(application: Application, alice: Client) -> None:
    """A Helm chart is recognised, and named by its own configuration."""
    config = json.dumps({"name": "shop", "version": "1.2.3", "description": "Sells"}).encode()
    chart = an_image_manifest(config=a_descriptor(config, CHART_CONFIG), layers=[a_descriptor(A_LAYER, CHART_LAYER)])
    digest = await alice.push_image("team/app", chart, config=config)
    await application.settle()

    shown = (await alice.get(f"{REPOSITORY}/artifacts/{digest}")).json

    assert shown["type"] == "chart"
    assert shown["facts"]["chart"] == {"name": "shop", "version": "1.2.3"}
    assert shown["facts"]["description"] == "Sells"


async def test_an_index_says_which_of_its_entries_are_here(application: Application, alice: Client) -> None:
    """Entries keep their order and platform; one that was not pushed, or was deleted, is not here."""
    here, gone, absent = (an_image_manifest(annotations={"n": str(number)}) for number in range(3))
    for built in (here, gone):
        await alice.push_image("team/app", built)
    platform = {"os": "linux", "architecture": "amd64"}
    index = an_index(here.descriptor(platform=platform), gone.descriptor(), absent.descriptor())
    digest = await alice.push("team/app", index)
    await alice.delete("team/app", gone.digest)
    await application.settle()

    shown = (await alice.get(f"{REPOSITORY}/artifacts/{digest}")).json

    assert (shown["type"], shown["facts"]["platforms"]) == ("index", [LINUX])
    assert [(child["digest"], child["is_here"]) for child in shown["children"]] == [
        (here.digest, True),
        (gone.digest, False),
        (absent.digest, False),
    ]
    assert [child["platform"] for child in shown["children"]] == [LINUX, None, None]


async def test_an_index_tells_nothing_of_what_is_elsewhere(application: Application, alice: Client) -> None:
    """Whoever knows the digest of an artifact that they may not read learns nothing by naming it in an index."""
    root = await application.user("root", is_admin=True)
    hidden = an_image_manifest(annotations={"n": "hidden"})
    await root.push_image("secret/app", hidden)
    digest = await alice.push("team/app", an_index(hidden.descriptor()), "1.0")
    await application.settle()

    [entry] = (await alice.get(f"{REPOSITORY}/artifacts/{digest}")).json["children"]
    [tag] = (await alice.get(f"{REPOSITORY}/tags")).json["items"]

    assert (entry["is_here"], entry["type"], entry["total_size"]) == (False, "pending", None)
    assert (tag["type"], tag["size"]) == ("index", None)


async def test_an_entry_of_an_index_may_be_a_blob(application: Application, alice: Client) -> None:
    """Build caches list blobs in an index: they are here when the repository holds them."""
    await alice.push_blob("team/app", A_LAYER)
    digest = await alice.push("team/app", an_index(a_descriptor(A_LAYER), a_descriptor(A_CONFIG, OCI_CONFIG)))

    children = (await alice.get(f"{REPOSITORY}/artifacts/{digest}")).json["children"]

    assert [child["is_here"] for child in children] == [True, False]


async def test_a_referrer_names_its_subject(application: Application, alice: Client) -> None:
    """The subject is shown by digest."""
    subject = an_image_manifest()
    referrer = an_image_manifest(subject=subject.descriptor(), artifactType="application/spdx+json")
    await alice.push_image("team/app", referrer)
    await application.settle()

    shown = (await alice.get(f"{REPOSITORY}/artifacts/{referrer.digest}")).json

    assert (shown["subject"], shown["type"]) == (subject.digest, "sbom")
    assert shown["artifact_type"] == "application/spdx+json"


async def test_showing_an_artifact_is_no_pull(application: Application, alice: Client) -> None:
    """Neither deriving facts nor looking at them changes when an artifact was last pulled."""
    digest = await alice.push_image("team/app", an_image_manifest(), "1.0")

    await application.settle()
    await alice.get(f"{REPOSITORY}/artifacts/{digest}")
    await alice.get(f"{REPOSITORY}/tags")
    await application.core.facts.flush()

    assert not [event for event in await application.events() if event.type == EventType.CONTENT_USED]


async def test_a_deleted_artifact_is_not_shown(application: Application, alice: Client) -> None:
    """An artifact in the bin is not in the repository."""
    digest = await alice.push_image("team/app", an_image_manifest())
    await alice.delete("team/app", digest)

    answer = await alice.get(f"{REPOSITORY}/artifacts/{digest}")

    assert (answer.status, answer.json["code"]) == (404, "manifest_unknown")


@pytest.mark.parametrize("path", ["team/App/-/artifacts/sha256:00", "team/app/-/artifacts/latest"])
async def test_what_names_no_artifact_is_refused(alice: Client, path: str) -> None:
    """A name or digest outside the grammar is a bad request, not an unknown artifact."""
    answer = await alice.get(f"/api/v1/repositories/{path}")

    assert answer.status == 400
    assert answer.header("content-type") == "application/problem+json"
