# SPDX-License-Identifier: Apache-2.0
"""Pushing a manifest under many tags at once, and tagging what is not addressed by sha256 (end-7b)."""

import pytest

from entrepot.oci.digest import digest_of
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_index
from tests.protocol.repository import Repository

SHA256 = an_index()
SHA512 = an_index()._replace(digest=digest_of(an_index().payload, "sha512"))
BOTH = pytest.mark.parametrize("built", [SHA256, SHA512], ids=["sha256", "sha512"])


def tagged(repo: Repository, built: BuiltManifest, *tags: str) -> list[str]:
    """Push with tags and return those that the answer says were set."""
    answer = repo.put(built, "", *(("tag", tag) for tag in tags))
    assert answer.status == 201
    return [tag.strip() for value in answer.all("oci-tag") for tag in value.split(",")]


@BOTH
def test_every_tag_is_set_and_acknowledged(repo: Repository, built: BuiltManifest) -> None:
    """The answer names each tag in `OCI-Tag`, and each leads to the manifest."""
    assert tagged(repo, built, "v1", "v1.2", "latest") == ["v1", "v1.2", "latest"]
    assert [repo.ask("GET", f"manifests/{tag}").body for tag in ("v1", "v1.2", "latest")] == [built.payload] * 3


@BOTH
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_tag_remembers_the_algorithm(repo: Repository, built: BuiltManifest, method: str) -> None:
    """A tag answers with the digest under which its manifest was pushed."""
    tagged(repo, built, "v1")

    assert repo.ask(method, "manifests/v1").header("docker-content-digest") == built.digest


def test_a_tag_moves_from_one_algorithm_to_another(repo: Repository) -> None:
    """The same bytes under another algorithm are another manifest, and the tag follows the last push."""
    tagged(repo, SHA256, "v1")
    tagged(repo, SHA512, "v1")

    assert repo.ask("HEAD", "manifests/v1").header("docker-content-digest") == SHA512.digest
    assert repo.has(SHA256)
    assert repo.has(SHA512)


def test_many_long_tags_are_accepted(repo: Repository) -> None:
    """64 tags of 128 characters in one push: the specification asks for at least ten."""
    tags = [f"{number:0128}" for number in range(64)]

    assert tagged(repo, SHA256, *tags) == tags
    assert repo.tags() == tags


def test_too_many_tags_are_refused_and_none_is_set(repo: Repository) -> None:
    """More than 64 tags answer 400, and say to push the rest with another request."""
    answer = repo.put(SHA256, "", *(("tag", f"v{number}") for number in range(65)))

    assert answer.error == (400, "MANIFEST_INVALID")
    assert "64" in answer.message
    assert repo.status("manifests", SHA256.digest) == 404


def test_one_invalid_tag_refuses_the_push(repo: Repository) -> None:
    """A multi-tag push is done whole or not at all."""
    answer = repo.put(SHA256, "", ("tag", "good"), ("tag", "-bad"))

    assert answer.error == (400, "TAG_INVALID")
    assert (repo.status("manifests", "good"), repo.status("manifests", SHA256.digest)) == (404, 404)


def test_a_tag_given_twice_is_set_once(repo: Repository) -> None:
    """Repeating a tag changes nothing."""
    assert tagged(repo, SHA256, "v1", "v1") == ["v1"]


def test_tags_may_join_a_push_by_tag(repo: Repository) -> None:
    """`PUT manifests/<tag>?tag=…` sets both; `OCI-Tag` names those of the query."""
    answer = repo.put(SHA256, "v1", ("tag", "v2"))

    assert (answer.status, answer.all("oci-tag")) == (201, ["v2"])
    assert repo.tags() == ["v1", "v2"]


def test_a_push_without_tags_names_none(repo: Repository) -> None:
    """Without the parameter there is no `OCI-Tag`."""
    assert repo.put(SHA256, "v1").all("oci-tag") == []


@BOTH
def test_a_tag_may_be_pushed_with_the_digest_beside_it(repo: Repository, built: BuiltManifest) -> None:
    """`PUT manifests/<tag>?digest=…`, from before tag parameters, stores the manifest under that digest."""
    answer = repo.put(built, "v1", ("digest", built.digest))

    assert (answer.status, answer.header("docker-content-digest")) == (201, built.digest)
    assert repo.ask("HEAD", "manifests/v1").header("docker-content-digest") == built.digest


def test_the_digest_beside_a_tag_must_be_right(repo: Repository) -> None:
    """Another digest than that of the content answers 400."""
    assert repo.put(SHA256, "v1", ("digest", digest_of(b"other"))).error == (400, "DIGEST_INVALID")
    assert repo.status("manifests", "v1") == 404
