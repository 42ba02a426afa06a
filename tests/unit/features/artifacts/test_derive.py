# SPDX-License-Identifier: Apache-2.0
"""Deriving facts, and asking for them."""

import pytest
from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.artifacts import derive
from entrepot.features.artifacts.facts import MAX_CONFIG_BYTES
from entrepot.features.artifacts.facts import RULES_VERSION
from entrepot.features.artifacts.models import ArtifactFacts
from entrepot.features.artifacts.models import ArtifactType
from entrepot.features.artifacts.tables import artifact_facts
from entrepot.oci.descriptor import Platform
from entrepot.oci.digest import Digest
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.reference import RepositoryName
from entrepot.registry.tables import manifests
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.unit.features.artifacts.conftest import Derivation

OTHER_REPOSITORY = RepositoryName("other/app")

pytestmark = pytest.mark.anyio


def an_image(number: int = 0) -> BuiltManifest:
    """Build one of several images."""
    return an_image_manifest(annotations={"number": str(number)})


def config_of(built: BuiltManifest) -> Digest:
    """Return the digest of an image's configuration."""
    config = parse_manifest(built.payload, built.media_type).config
    assert config is not None
    return config.digest


def spoil_manifests(connection: Connection) -> None:
    """Let no stored manifest be readable any more."""
    connection.execute(update(manifests).values(payload=b"not a manifest"))


def set_rules_version(connection: Connection, digest: Digest, version: int) -> None:
    """Let facts have been derived by other rules."""
    connection.execute(update(artifact_facts).where(artifact_facts.c.digest == digest).values(rules_version=version))


def rules_version_of(connection: Connection, digest: Digest) -> int | None:
    """Return by which rules facts were derived."""
    return connection.execute(select(artifact_facts.c.rules_version).filter_by(digest=digest)).scalar()


async def test_deriving_twice_changes_nothing(derivation: Derivation) -> None:
    """A job that runs again stores the same facts."""
    digest = await derivation.running.put_image(an_image())
    await derivation.derive(digest)
    first = await derivation.known(digest)

    await derivation.derive(digest, digest)

    assert first is not None
    assert await derivation.known(digest) == first
    assert first.platforms == (Platform("linux", "amd64"),)


async def test_what_vanished_gets_no_facts(derivation: Derivation) -> None:
    """A manifest deleted before its turn is passed over, and so is one in a repository that never was."""
    digest = await derivation.running.put_image(an_image())
    await derivation.running.delete.manifest(EVERYBODY, REPOSITORY, digest)

    await derivation.facts.derive([(REPOSITORY, digest), (OTHER_REPOSITORY, digest)])

    assert await derivation.known(digest) is None


async def test_a_configuration_whose_bytes_are_lost_leaves_the_artifact_pending(derivation: Derivation) -> None:
    """Without the bytes nothing is stored, so that the push that heals them brings the facts; others go on."""
    lost, sound = an_image(), an_image_manifest(config=a_descriptor(A_LAYER, OCI_CONFIG))
    for built in (lost, sound):
        await derivation.running.put_image(built)
    blob = await derivation.running.pull.blob(EVERYBODY, REPOSITORY, config_of(lost))
    assert blob.linked is not None
    await derivation.running.storage.delete(blob.linked.object_key)

    await derivation.derive(lost.digest, sound.digest)

    assert await derivation.known(lost.digest) is None
    assert await derivation.known(sound.digest) is not None


async def test_a_configuration_beyond_the_limit_is_not_read(derivation: Derivation) -> None:
    """Of a configuration of more than 4 MiB nothing is known but its digest."""
    config = A_CONFIG + b" " * MAX_CONFIG_BYTES
    await derivation.running.put_blob(config)
    built = an_image_manifest(config=a_descriptor(config, OCI_CONFIG))
    digest = await derivation.running.put_image(built)

    await derivation.derive(digest)

    known = await derivation.known(digest)
    assert known is not None
    assert (known.config_digest, known.platforms) == (config_of(built), ())


async def test_a_manifest_that_today_is_refused_holds_up_no_other(derivation: Derivation) -> None:
    """What an earlier version accepted and this one cannot read is of the type `other`."""
    digest = await derivation.running.put_image(an_image())
    await derivation.running.database.write(spoil_manifests)

    await derivation.derive(digest)

    assert await derivation.known(digest) == ArtifactFacts(ArtifactType.OTHER)


async def test_only_what_is_not_known_is_requested(derivation: Derivation) -> None:
    """A request is one job for all that is missing, each once, and none when nothing is."""
    known, missing = [await derivation.running.put_image(an_image(number)) for number in range(2)]
    await derivation.derive(known)

    await derivation.request((REPOSITORY, known), (REPOSITORY, missing), (REPOSITORY, missing))
    await derivation.request((REPOSITORY, known))

    assert await derivation.requested() == [[(REPOSITORY, missing)]]


async def test_what_was_just_pushed_comes_first(derivation: Derivation) -> None:
    """Urgent requests are due before every other one, however long those have waited."""
    digest = await derivation.running.put_image(an_image())

    await derivation.request((REPOSITORY, digest), is_urgent=False)
    derivation.running.clock.advance(1_000)
    await derivation.request((REPOSITORY, digest), is_urgent=True)

    patient, urgent = await derivation.jobs()
    assert urgent.run_after < patient.run_after == patient.created_at


async def test_catching_up_finds_all_that_older_rules_derived(derivation: Derivation) -> None:
    """Manifests without facts, and those with facts by older rules, are requested; deleted ones are not."""
    without, outdated, current, deleted = [await derivation.running.put_image(an_image(number)) for number in range(4)]
    await derivation.derive(outdated, current)
    await derivation.running.database.write(set_rules_version, outdated, RULES_VERSION - 1)
    await derivation.running.delete.manifest(EVERYBODY, REPOSITORY, deleted)

    await derivation.facts.catch_up()

    (requested,) = await derivation.requested()
    assert sorted(requested) == sorted([(REPOSITORY, without), (REPOSITORY, outdated)])


async def test_catching_up_visits_every_repository(derivation: Derivation) -> None:
    """More manifests than one page holds, in several repositories, are all requested."""
    count = derive.PAGE // 2 + 1
    await derivation.running.put_image(an_image())
    await derivation.running.put_image(an_image(), repository=OTHER_REPOSITORY)
    for number in range(1, count):
        await derivation.running.put_manifest(an_image(number))
        await derivation.running.put_manifest(an_image(number), repository=OTHER_REPOSITORY)

    await derivation.facts.catch_up(stride=100)

    requested = [each for job in await derivation.requested() for each in job]
    assert len(requested) == len(set(requested)) == 2 * count


async def test_facts_by_newer_rules_stay(derivation: Derivation) -> None:
    """While an old process still runs, it does not undo what a new one has found out."""
    digest = await derivation.running.put_image(an_image())
    await derivation.derive(digest)
    await derivation.running.database.write(set_rules_version, digest, RULES_VERSION + 1)

    await derivation.derive(digest)
    await derivation.request((REPOSITORY, digest))

    assert await derivation.running.database.read(rules_version_of, digest) == RULES_VERSION + 1
    assert await derivation.requested() == []


async def test_one_search_for_missing_facts_is_enough(derivation: Derivation) -> None:
    """Processes that start together enqueue one job."""
    for _ in range(2):
        await derivation.running.database.write(derivation.facts.request_catch_up)

    assert [job.kind for job in await derivation.jobs()] == [derive.CATCH_UP]


async def test_nothing_is_searched_for_again_by_the_same_rules(derivation: Derivation) -> None:
    """A start after the search has ended enqueues none."""
    await derivation.facts.catch_up()
    await derivation.running.database.write(derivation.facts.request_catch_up)

    assert await derivation.jobs() == []
