# SPDX-License-Identifier: Apache-2.0
"""Deleting tags, manifests and blobs, and what must survive it (end-9, end-10)."""

import pytest

from entrepot.oci.digest import digest_of
from entrepot.oci.digest import referrers_tag
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.protocol.repository import Repository

ABSENT = digest_of(b"absent")


def pushed(repo: Repository, name: str, *tags: str, subject: BuiltManifest | None = None) -> BuiltManifest:
    """Push an index of nothing that is told from others by `name`."""
    described = subject.descriptor() if subject else None
    return repo.push(an_index(annotations={"name": name}, subject=described), *tags)


def delete(repo: Repository, reference: str) -> None:
    """Delete a tag or a manifest."""
    answer = repo.ask("DELETE", f"manifests/{reference}")
    assert (answer.status, answer.body) == (202, b"")


def test_deleting_a_tag_deletes_the_tag(repo: Repository) -> None:
    """The tag is 404 at once; its manifest and the other tags on it stay."""
    built = pushed(repo, "app", "v1", "v2")

    delete(repo, "v1")

    assert (repo.status("manifests", "v1"), repo.status("manifests", "v2")) == (404, 200)
    assert repo.ask("GET", "manifests/v1").error == (404, "MANIFEST_UNKNOWN")
    assert repo.has(built)


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_deleting_a_manifest_deletes_its_tags(repo: Repository, algorithm: str) -> None:
    """The digest and every tag on it are 404 at once; other manifests keep theirs."""
    built = an_index()._replace(digest=digest_of(an_index().payload, algorithm))
    repo.push(built, "v1", "v2")
    kept = pushed(repo, "kept", "v3")

    delete(repo, built.digest)

    assert [repo.status("manifests", each) for each in (built.digest, "v1", "v2")] == [404] * 3
    assert repo.tags() == ["v3"]
    assert repo.has(kept)


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("manifests/absent", "MANIFEST_UNKNOWN"),
        (f"manifests/{ABSENT}", "MANIFEST_UNKNOWN"),
        (f"blobs/{ABSENT}", "BLOB_UNKNOWN"),
    ],
)
def test_what_is_not_here_cannot_be_deleted(repo: Repository, target: str, code: str) -> None:
    """A tag, digest or blob that is not here answers 404."""
    repo.push_image()

    assert repo.ask("DELETE", target).error == (404, code)


@pytest.mark.parametrize("target", ["manifests/v1", f"manifests/{ABSENT}", f"blobs/{ABSENT}"])
def test_nothing_of_a_missing_repository_can_be_deleted(repo: Repository, target: str) -> None:
    """A repository that does not exist answers 404."""
    assert repo.ask("DELETE", target).error == (404, "NAME_UNKNOWN")


@pytest.mark.parametrize("kind", ["tag", "manifest", "blob"])
def test_nothing_is_deleted_twice(repo: Repository, kind: str) -> None:
    """The second DELETE answers 404."""
    built = pushed(repo, "app", "v1")
    targets = {"tag": "manifests/v1", "manifest": f"manifests/{built.digest}", "blob": f"blobs/{repo.upload(b'x')}"}

    statuses = [repo.ask("DELETE", targets[kind]).status for _ in range(2)]

    assert statuses == [202, 404]


def test_a_blob_in_use_is_not_deleted(repo: Repository) -> None:
    """405 names the manifest that needs the blob; once that is deleted, the blob can be too."""
    built = repo.push_image()
    digest = digest_of(A_LAYER)

    refused = repo.ask("DELETE", f"blobs/{digest}")

    assert refused.error == (405, "UNSUPPORTED")
    assert built.digest in refused.message
    delete(repo, built.digest)
    assert repo.ask("DELETE", f"blobs/{digest}").status == 202


def test_a_deleted_blob_stays_in_other_repositories(repo: Repository, other: Repository) -> None:
    """Deleting is for one repository."""
    digest = repo.upload(A_LAYER)
    other.upload(A_LAYER)

    repo.ask("DELETE", f"blobs/{digest}")

    assert (repo.status("blobs", digest), other.ask("GET", f"blobs/{digest}").body) == (404, A_LAYER)


def test_a_deleted_blob_comes_back_with_its_next_push(repo: Repository) -> None:
    """A blob that was deleted is pushed like a new one."""
    repo.ask("DELETE", f"blobs/{repo.upload(A_LAYER)}")

    assert repo.ask("GET", f"blobs/{repo.upload(A_LAYER)}").body == A_LAYER


def test_deleting_a_tag_keeps_what_others_need(repo: Repository) -> None:
    """Layers, children and referrers of a manifest that lost its only tag are all still there."""
    image = repo.push_image()
    index = repo.push(an_index(image.descriptor()), "only")
    referrer = pushed(repo, "referrer", subject=index)

    delete(repo, "only")

    assert all(repo.has(each) for each in (image, index, referrer))
    assert [repo.status("blobs", digest_of(content)) for content in (A_CONFIG, A_LAYER)] == [200, 200]


def test_deleting_an_index_keeps_its_children(repo: Repository) -> None:
    """Children may have been pushed for their own sake, and other indexes may list them."""
    image = repo.push_image()
    delete(repo, repo.push(an_index(image.descriptor())).digest)

    assert repo.has(image)


def test_a_child_of_an_index_may_be_deleted(repo: Repository) -> None:
    """DELETE of a manifest that an index lists answers 202, and the index stays as it was."""
    image = repo.push_image()
    index = repo.push(an_index(image.descriptor()), "v1")

    delete(repo, image.digest)

    assert (repo.has(image), repo.has(index)) == (False, True)


def test_deleting_a_manifest_keeps_layers_that_others_share(repo: Repository) -> None:
    """A layer of two images is still needed when one has gone."""
    one, two = repo.push_image(), repo.push_image(annotations={"which": "second"})

    delete(repo, one.digest)

    assert repo.has(two)
    assert repo.ask("DELETE", f"blobs/{digest_of(A_LAYER)}").error == (405, "UNSUPPORTED")


def test_referrers_go_with_their_subject(repo: Repository) -> None:
    """What refers to a deleted manifest is deleted along, and what refers to that too."""
    subject = pushed(repo, "subject", "v1")
    signature = pushed(repo, "signature", subject=subject)
    proof = pushed(repo, "proof", subject=signature)

    delete(repo, subject.digest)

    assert [repo.has(each) for each in (subject, signature, proof)] == [False] * 3


def test_a_referrer_with_a_reason_of_its_own_stays(repo: Repository) -> None:
    """A tag on a referrer, or an index that lists it, keeps it when its subject goes."""
    subject = pushed(repo, "subject")
    tagged = pushed(repo, "tagged", "mine", subject=subject)
    child = pushed(repo, "child", subject=subject)
    repo.push(an_index(child.descriptor()))

    delete(repo, subject.digest)

    assert (repo.has(tagged), repo.has(child)) == (True, True)


@pytest.mark.parametrize("suffix", ["", ".sig", ".att", ".sbom"])
def test_tags_made_of_a_digest_go_with_it(repo: Repository, suffix: str) -> None:
    """What older clients keep under `sha256-<hex>` and its suffixes is deleted with its subject."""
    subject = pushed(repo, "subject")
    companion = pushed(repo, "companion", f"{referrers_tag(subject.digest)}{suffix}")

    delete(repo, subject.digest)

    assert repo.tags() == []
    assert not repo.has(companion)


@pytest.mark.parametrize("suffix", ["-backup", "0", "_sig"])
def test_tags_that_only_begin_like_a_digest_stay(repo: Repository, suffix: str) -> None:
    """A tag that merely starts with the digest of another manifest is a tag of its own."""
    subject = pushed(repo, "subject")
    tag = f"{referrers_tag(subject.digest)}{suffix}"
    kept = pushed(repo, "kept", tag)

    delete(repo, subject.digest)

    assert repo.tags() == [tag]
    assert repo.has(kept)


def test_pushing_a_deleted_manifest_undeletes_it(repo: Repository) -> None:
    """The same manifest pushed again is there again, with the referrers that had gone along."""
    subject = pushed(repo, "subject", "v1")
    signature = pushed(repo, "signature", subject=subject)
    delete(repo, subject.digest)

    pushed(repo, "subject", "v2")

    assert (repo.has(subject), repo.has(signature)) == (True, True)
    assert [each["digest"] for each in repo.referrers(subject.digest)] == [signature.digest]
    assert repo.tags() == ["v2"]


def test_undeleting_brings_hidden_blobs_back(repo: Repository) -> None:
    """An image that was deleted with its blobs, and is pushed again blob by blob, is whole."""
    built = repo.push_image("v1")
    delete(repo, built.digest)
    for content in (A_CONFIG, A_LAYER):
        assert repo.ask("DELETE", f"blobs/{digest_of(content)}").status == 202

    assert repo.put(built).error == (400, "MANIFEST_BLOB_UNKNOWN")
    assert repo.push_image("v1") == an_image_manifest()

    assert repo.has(built)
    assert repo.ask("GET", f"blobs/{digest_of(A_LAYER)}").body == A_LAYER
