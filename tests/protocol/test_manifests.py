# SPDX-License-Identifier: Apache-2.0
"""Pushing and pulling manifests (end-3, end-7)."""

import pytest

from entrepot.oci.digest import digest_of
from entrepot.oci.media_types import DOCKER_LIST
from entrepot.oci.media_types import DOCKER_MANIFEST
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import OCI_MANIFEST
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.protocol.repository import Repository

BLAKE3 = "blake3:" + "0" * 64


def with_sha512(manifest: BuiltManifest) -> BuiltManifest:
    """Address the same bytes by their sha512."""
    return manifest._replace(digest=digest_of(manifest.payload, "sha512"))


@pytest.fixture
def filled(repo: Repository) -> Repository:
    """A repository with the blobs of the built image."""
    repo.upload(A_CONFIG)
    repo.upload(A_LAYER)
    return repo


@pytest.mark.parametrize("built", [an_image_manifest(), with_sha512(an_image_manifest())], ids=["sha256", "sha512"])
def test_a_manifest_is_pushed_by_digest(filled: Repository, built: BuiltManifest) -> None:
    """201 names the digest and a Location at which the very bytes are read."""
    answer = filled.put(built)

    assert (answer.status, answer.body) == (201, b"")
    assert answer.header("docker-content-digest") == built.digest
    assert answer.location == f"/v2/{filled.name}/manifests/{built.digest}"
    assert filled.ask("GET", answer.location).body == built.payload


def test_a_manifest_is_pushed_by_tag(filled: Repository) -> None:
    """201 names the digest; tag and digest both lead to the manifest, and the Location is the digest's."""
    built = an_image_manifest()

    answer = filled.put(built, "v1")

    assert (answer.status, answer.header("docker-content-digest")) == (201, built.digest)
    assert answer.location == f"/v2/{filled.name}/manifests/{built.digest}"
    assert [filled.ask("GET", f"manifests/{name}").body for name in ("v1", built.digest)] == [built.payload] * 2


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("by", ["tag", "sha256", "sha512"])
def test_a_pull_describes_what_it_brings(filled: Repository, method: str, by: str) -> None:
    """GET and HEAD answer 200 with the exact media type, length and digest; HEAD without the body."""
    built = with_sha512(an_image_manifest()) if by == "sha512" else an_image_manifest()
    filled.push(built, "v1")

    answer = filled.ask(method, f"manifests/{'v1' if by == 'tag' else built.digest}")

    assert (answer.status, answer.header("docker-content-digest")) == (200, built.digest)
    assert answer.header("content-type") == OCI_MANIFEST
    assert answer.header("content-length") == str(len(built.payload))
    assert answer.body == (built.payload if method == "GET" else b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("reference", ["missing", digest_of(b"missing")])
def test_a_missing_manifest_is_not_found(repo: Repository, other: Repository, method: str, reference: str) -> None:
    """A tag or digest that this repository lacks answers 404, even if another one has it."""
    repo.push_image()
    other.push_image("missing")

    answer = repo.ask(method, f"manifests/{reference}")

    assert answer.status == 404
    assert method == "HEAD" or answer.error == (404, "MANIFEST_UNKNOWN")


def test_a_manifest_of_a_missing_repository_is_not_found(repo: Repository) -> None:
    """The error says that there is no such repository."""
    assert repo.ask("GET", "manifests/v1").error == (404, "NAME_UNKNOWN")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("reference", ["sha256:baddigeststring", "sha256:" + "A" * 64, "md5:" + "0" * 32, BLAKE3])
def test_a_reference_that_is_no_digest_is_refused(filled: Repository, method: str, reference: str) -> None:
    """A malformed digest, or one of an unsupported algorithm, answers 400."""
    filled.push(an_image_manifest())

    answer = filled.ask(method, f"manifests/{reference}", an_image_manifest().payload if method == "PUT" else b"")

    assert answer.error == (400, "DIGEST_INVALID")


@pytest.mark.parametrize("reference", ["-v1", ".v1", "a" * 129, "v%2B1", "v 1".replace(" ", "%20")])
def test_a_reference_that_is_no_tag_is_refused(filled: Repository, reference: str) -> None:
    """A tag outside the grammar answers 400."""
    assert filled.put(an_image_manifest(), reference).error == (400, "TAG_INVALID")


@pytest.mark.parametrize("tag", ["_", "V1.2-rc_3", "a" * 128, "uploads", "list", "0"])
def test_every_valid_tag_is_accepted(filled: Repository, tag: str) -> None:
    """Up to 128 letters, digits, underscores, dots and hyphens, whatever they spell."""
    built = filled.push(an_image_manifest())

    assert filled.put(built, tag).status == 201
    assert filled.ask("GET", f"manifests/{tag}").body == built.payload


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_bytes_with_another_digest_are_refused(filled: Repository, algorithm: str) -> None:
    """A manifest with two spaces more is another one: 400, and neither is stored."""
    built = an_image_manifest()
    announced = digest_of(built.payload, algorithm)

    answer = filled.put(built._replace(payload=built.payload + b"  "), announced)

    assert answer.error == (400, "DIGEST_INVALID")
    assert filled.status("manifests", announced) == 404


def test_the_very_bytes_are_kept(filled: Repository) -> None:
    """White space, order and unknown fields come back as they were: nothing is decoded and encoded again."""
    payload = b' {"x-unknown": [1.0, "\\u00e9"],\n\t' + an_image_manifest().payload.strip()[1:] + b"\n\n"
    built = BuiltManifest(payload, OCI_MANIFEST, digest_of(payload))

    filled.push(built)

    assert filled.has(built)


@pytest.mark.parametrize("kind", [f"{OCI_MANIFEST}; charset=utf-8", OCI_MANIFEST.upper(), ""])
def test_parameters_and_case_of_the_content_type_mean_nothing(filled: Repository, kind: str) -> None:
    """The manifest comes back with the plain media type, even where only its body states it."""
    built = an_image_manifest()

    answer = filled.put(built._replace(media_type=kind), "v1")

    assert answer.status == 201
    assert filled.ask("HEAD", "manifests/v1").header("content-type") == OCI_MANIFEST


def test_a_manifest_may_come_without_a_content_type(filled: Repository) -> None:
    """Without the header, the body says what it is."""
    assert filled.ask("PUT", "manifests/v1", an_image_manifest().payload).status == 201
    assert filled.ask("HEAD", "manifests/v1").header("content-type") == OCI_MANIFEST


def test_body_and_content_type_must_agree(filled: Repository) -> None:
    """A `mediaType` that contradicts the header answers 400."""
    assert filled.put(an_image_manifest()._replace(media_type=OCI_INDEX)).error == (400, "MANIFEST_INVALID")


@pytest.mark.parametrize(
    "accept",
    [
        (),
        (("accept", "*/*"),),
        (("accept", OCI_INDEX), ("accept", OCI_MANIFEST)),
        (("accept", f"{OCI_INDEX}, {OCI_MANIFEST};q=0.1"),),
        (("accept", f"{OCI_MANIFEST}, */*"),),
        (("accept", DOCKER_MANIFEST),),
        (("accept", "text/html;q=1.0"),),
    ],
)
def test_accept_changes_nothing(filled: Repository, accept: tuple[tuple[str, str], ...]) -> None:
    """A manifest is answered as it was pushed, whatever the client says that it accepts."""
    built = filled.push(an_image_manifest(), "v1")

    answer = filled.ask("GET", "manifests/v1", headers=accept)

    assert (answer.status, answer.body, answer.header("content-type")) == (200, built.payload, OCI_MANIFEST)


def test_a_list_is_never_exchanged_for_a_child(filled: Repository) -> None:
    """A client that accepts only an image gets the list that the tag points at."""
    child = filled.push(an_image_manifest(media_type=DOCKER_MANIFEST))
    platform = {"os": "linux", "architecture": "amd64"}
    listed = filled.push(an_index(child.descriptor(platform=platform), media_type=DOCKER_LIST), "v1")

    answer = filled.ask("GET", "manifests/v1", headers=(("accept", DOCKER_MANIFEST),))

    assert (answer.body, answer.header("content-type")) == (listed.payload, DOCKER_LIST)


def test_manifests_are_never_encoded(filled: Repository) -> None:
    """A client that would take gzip or zstd gets the very bytes."""
    built = filled.push(an_image_manifest())

    answer = filled.ask("GET", f"manifests/{built.digest}", headers=(("accept-encoding", "zstd,gzip"),))

    assert answer.body == built.payload


@pytest.mark.parametrize("reference", ["v1", an_image_manifest().digest])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_client_that_has_the_manifest_is_not_sent_it_again(filled: Repository, method: str, reference: str) -> None:
    """`If-None-Match` with the manifest's ETag answers 304, by tag and by digest."""
    built = filled.push(an_image_manifest(), "v1")
    known = (("if-none-match", f'W/"{built.digest}"'),)

    answer = filled.ask(method, f"manifests/{reference}", headers=known)

    assert (answer.status, answer.header("etag")) == (304, f'"{built.digest}"')


def test_a_stale_copy_is_replaced(filled: Repository) -> None:
    """`If-None-Match` with the ETag of what the tag pointed at before answers 200 with what it points at now."""
    before = filled.push(an_image_manifest(), "v1")
    now = filled.push(an_image_manifest(annotations={"which": "second"}), "v1")

    answer = filled.ask("GET", "manifests/v1", headers=(("if-none-match", f'"{before.digest}"'),))

    assert (answer.status, answer.body) == (200, now.payload)


@pytest.mark.parametrize("tag", ["v1", "v2"])
def test_a_manifest_may_be_pushed_again(filled: Repository, tag: str) -> None:
    """The same manifest under the same tag or another one answers 201."""
    built = filled.push(an_image_manifest(), "v1")

    assert filled.put(built, tag).status == 201
    assert filled.ask("HEAD", f"manifests/{tag}").header("docker-content-digest") == built.digest
