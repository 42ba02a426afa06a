# SPDX-License-Identifier: Apache-2.0
"""How large a manifest may be, how it may arrive, and what is not taken at all (end-7a)."""

from collections.abc import Iterator

import pytest

from entrepot.oci.digest import digest_of
from entrepot.oci.manifest import MAX_MANIFEST_BYTES
from entrepot.oci.media_types import DOCKER_SCHEMA1
from entrepot.oci.media_types import DOCKER_SCHEMA1_SIGNED
from entrepot.oci.media_types import OCI_MANIFEST
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_manifest
from tests.builders.manifests import an_index
from tests.protocol.exchange import Question
from tests.protocol.repository import Repository


def of_size(size: int) -> BuiltManifest:
    """Build an index of exactly so many bytes."""
    room = size - len(an_index(annotations={"filler": ""}).payload)
    return an_index(annotations={"filler": "x" * room})


def slowly(payload: bytes) -> Iterator[bytes]:
    """Send a manifest in pieces, without a length."""
    for start in range(0, len(payload), 100_000):
        yield payload[start : start + 100_000]


def test_a_manifest_may_arrive_without_a_length(repo: Repository) -> None:
    """A PUT with a chunked body and no `Content-Length` is a PUT like any other."""
    built = of_size(3_900_000)

    answer = repo.ask("PUT", f"manifests/{built.digest}", slowly(built.payload), (("content-type", built.media_type),))

    assert answer.status == 201
    assert repo.has(built)


@pytest.mark.parametrize("size", [3_900_000, 4_000_000, MAX_MANIFEST_BYTES])
def test_a_manifest_of_four_megabytes_is_accepted(repo: Repository, size: int) -> None:
    """Up to 4 MiB, pushed and pulled byte for byte, by tag and by digest."""
    built = repo.push(of_size(size), "large")

    assert repo.has(built)
    assert repo.ask("HEAD", "manifests/large").header("content-length") == str(size)


def test_an_announced_manifest_that_is_too_large_is_refused(repo: Repository) -> None:
    """One byte more than 4 MiB answers 413 and says how much is accepted."""
    answer = repo.put(of_size(MAX_MANIFEST_BYTES + 1), "large")

    assert answer.error == (413, "SIZE_INVALID")
    assert str(MAX_MANIFEST_BYTES) in answer.message


def test_a_stream_that_grows_too_large_is_refused(repo: Repository) -> None:
    """Without a length, 413 comes as soon as the limit is passed."""
    payload = of_size(MAX_MANIFEST_BYTES + 1).payload

    assert repo.ask("PUT", "manifests/large", slowly(payload)).error == (413, "SIZE_INVALID")


def test_a_manifest_that_is_cut_off_is_not_stored(repo: Repository) -> None:
    """All bytes of a manifest without the end of the request store nothing."""
    repo.push(an_index(annotations={"which": "another"}))

    repo.transport.vanish(Question("PUT", f"/v2/{repo.name}/manifests/v1", an_index().payload))

    assert repo.status("manifests", "v1") == 404
    assert repo.status("manifests", an_index().digest) == 404


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b"not json",
        b"[]",
        b'{"schemaVersion":2',
        b"\xff\xfe{}",
        b'{"schemaVersion":1,"config":{},"layers":[]}',
        b'{"schemaVersion":2,"layers":[]}',
        b'{"schemaVersion":2,"config":{"digest":"sha256:x","size":1,"mediaType":"a/b"},"layers":[]}',
    ],
)
def test_what_is_no_manifest_is_refused(repo: Repository, payload: bytes) -> None:
    """A body that does not have the shape of its type answers 400."""
    built = BuiltManifest(payload, OCI_MANIFEST, digest_of(payload))

    assert repo.put(built).error == (400, "MANIFEST_INVALID")
    assert repo.status("manifests", built.digest) == 404


@pytest.mark.parametrize("kind", [DOCKER_SCHEMA1, DOCKER_SCHEMA1_SIGNED, f"{DOCKER_SCHEMA1}; charset=utf-8"])
def test_the_first_docker_format_is_refused_with_advice(repo: Repository, kind: str) -> None:
    """Schema 1 answers 400 and says what to push instead."""
    built = a_manifest({"schemaVersion": 1, "name": "app", "tag": "v1", "fsLayers": [], "history": []}, kind)

    answer = repo.put(built, "v1")

    assert answer.error == (400, "MANIFEST_INVALID")
    assert "schema 1" in answer.message
    assert "Push again" in answer.message
