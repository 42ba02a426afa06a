# SPDX-License-Identifier: Apache-2.0
"""What refers to a manifest (end-12): signatures, SBOMs, attestations and whatever else names a subject."""

import re

import pytest

from entrepot.oci.digest import digest_of
from entrepot.oci.digest import referrers_tag
from entrepot.oci.media_types import DOCKER_LIST
from entrepot.oci.media_types import DOCKER_MANIFEST
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import OCI_MANIFEST
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.protocol.repository import Repository

SUBJECT = {"mediaType": OCI_MANIFEST, "digest": digest_of(b"subject"), "size": 123}
NEXT = re.compile(r'<(/v2/[^>]+)>; rel="next"')


def a_referrer(number: int = 0, kind: str = "example/one", **fields: object) -> BuiltManifest:
    """Build an index that refers to `SUBJECT` and needs nothing else."""
    fields = {"subject": SUBJECT, "artifactType": kind, "annotations": {"example.number": str(number)}, **fields}
    return an_index(**fields)  # type: ignore[arg-type]


def listed(repo: Repository, target: str) -> list[list[str]]:
    """Follow `Link` from page to page and return the digests on each."""
    found: list[list[str]] = []
    while target:
        answer = repo.ask("GET", target)
        assert answer.status == 200
        found.append([each["digest"] for each in answer.json["manifests"]])
        link = NEXT.fullmatch(answer.header("link") or "")
        target = link[1] if link else ""
    return found


@pytest.mark.parametrize("subject", [digest_of(b"nothing"), digest_of(b"nothing", "sha512")])
@pytest.mark.parametrize("is_there", [True, False], ids=["repository", "no-repository"])
def test_nothing_refers_to_what_nobody_names(repo: Repository, subject: str, is_there: bool) -> None:
    """An empty index, exactly typed, for every valid digest, even where there is no such repository: never 404."""
    if is_there:
        repo.push_image()

    answer = repo.ask("GET", f"referrers/{subject}")

    assert (answer.status, answer.header("content-type")) == (200, OCI_INDEX)
    assert answer.json == {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}


@pytest.mark.parametrize("subject", ["latest", "sha256:short", "sha256:" + "A" * 64, "md5:" + "0" * 32])
def test_a_subject_that_is_no_digest_is_refused(repo: Repository, subject: str) -> None:
    """What is no digest answers 400."""
    assert repo.ask("GET", f"referrers/{subject}").error == (400, "DIGEST_INVALID")


def test_a_referrer_may_come_before_its_subject(repo: Repository) -> None:
    """201 names the subject in `OCI-Subject`, and the referrer is listed before and after its subject arrives."""
    subject = an_image_manifest()
    early = a_referrer(subject=subject.descriptor())

    answer = repo.put(early)

    assert (answer.status, answer.header("oci-subject")) == (201, subject.digest)
    assert [each["digest"] for each in repo.referrers(subject.digest)] == [early.digest]
    repo.push_image()
    assert [each["digest"] for each in repo.referrers(subject.digest)] == [early.digest]


def test_a_push_without_a_subject_names_none(repo: Repository) -> None:
    """`OCI-Subject` is there only when there is a subject."""
    assert repo.put(an_index()).header("oci-subject") is None


def test_a_descriptor_says_what_the_manifest_says(repo: Repository) -> None:
    """Type, size, digest, artifact type and every annotation are listed, and nothing else."""
    notes = {"org.opencontainers.image.created": "2026-01-01T00:00:00Z", "a": "", "ü": "☃"}
    built = repo.push(a_referrer(kind="application/x.sbom+json", annotations=notes))

    assert repo.referrers(SUBJECT["digest"]) == [  # type: ignore[arg-type]
        {
            "mediaType": OCI_INDEX,
            "digest": built.digest,
            "size": len(built.payload),
            "artifactType": "application/x.sbom+json",
            "annotations": notes,
        }
    ]


def test_an_image_without_a_type_has_that_of_its_configuration(repo: Repository) -> None:
    """`artifactType` of an image manifest that states none is its configuration's media type."""
    repo.upload(A_CONFIG)
    repo.upload(A_LAYER)
    repo.push(an_image_manifest(subject=SUBJECT))

    (found,) = repo.referrers(str(SUBJECT["digest"]))

    assert (found["artifactType"], "annotations" in found) == (OCI_CONFIG, False)


def test_an_index_without_a_type_has_none(repo: Repository) -> None:
    """`artifactType` of an index that states none is left out."""
    repo.push(an_index(subject=SUBJECT))

    (found,) = repo.referrers(str(SUBJECT["digest"]))

    assert "artifactType" not in found


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [(["example/one"], {0, 2}), (["example/two"], {1}), (["example/one", "example/two"], {0, 1, 2}), (["none"], set())],
)
def test_referrers_are_filtered_by_type(repo: Repository, asked: list[str], numbers: set[int]) -> None:
    """`artifactType`, once or repeated, answers those types only and says so in `OCI-Filters-Applied`."""
    kinds = ["example/one", "example/two", "example/one"]
    built = [repo.push(a_referrer(number, kind)) for number, kind in enumerate(kinds)]
    query = "&".join(f"artifactType={kind.replace('/', '%2F')}" for kind in asked)

    answer = repo.ask("GET", f"referrers/{SUBJECT['digest']}?{query}")

    assert answer.header("oci-filters-applied") == "artifactType"
    assert {each["digest"] for each in answer.json["manifests"]} == {built[number].digest for number in numbers}


def test_no_filter_is_claimed_where_none_was_asked(repo: Repository) -> None:
    """Without the parameter, or with an empty one, everything is listed and no filter named."""
    repo.push(a_referrer())

    for query in ("", "?artifactType="):
        answer = repo.ask("GET", f"referrers/{SUBJECT['digest']}{query}")
        assert (len(answer.json["manifests"]), answer.header("oci-filters-applied")) == (1, None)


@pytest.mark.parametrize("kind", [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST, "application/x.unknown"])
def test_any_kind_of_manifest_may_be_a_subject(repo: Repository, kind: str) -> None:
    """The subject's media type does not matter, Docker's included."""
    built = repo.push(a_referrer(subject={**SUBJECT, "mediaType": kind}))

    assert [each["digest"] for each in repo.referrers(str(SUBJECT["digest"]))] == [built.digest]


def test_a_subject_may_be_addressed_by_sha512(repo: Repository) -> None:
    """Referrers are found under exactly the digest that they name."""
    digest = digest_of(b"subject", "sha512")
    built = repo.push(a_referrer(subject={**SUBJECT, "digest": digest}))

    assert [each["digest"] for each in repo.referrers(digest)] == [built.digest]
    assert repo.referrers(str(SUBJECT["digest"])) == []


def test_referrers_of_another_repository_are_not_listed(repo: Repository, other: Repository) -> None:
    """A repository lists its own."""
    other.push(a_referrer())

    assert repo.referrers(str(SUBJECT["digest"])) == []


def test_a_deleted_referrer_is_not_listed(repo: Repository) -> None:
    """It is gone at once, and back when it is pushed again."""
    built = repo.push(a_referrer())

    repo.ask("DELETE", f"manifests/{built.digest}")
    assert repo.referrers(str(SUBJECT["digest"])) == []
    repo.push(built)
    assert len(repo.referrers(str(SUBJECT["digest"]))) == 1


@pytest.mark.parametrize("size", [1, 2, 5])
def test_referrers_come_in_pages(repo: Repository, size: int) -> None:
    """`n` limits a page; Links lead through all of them in order of digest, keeping the filter."""
    built = [repo.push(a_referrer(number)) for number in range(5)]
    repo.push(a_referrer(kind="example/two"))

    found = listed(repo, f"referrers/{SUBJECT['digest']}?n={size}&artifactType=example/one")

    assert [digest for page in found for digest in page] == sorted(each.digest for each in built)
    assert max(len(page) for page in found) <= size


def test_a_page_stays_below_what_clients_read(repo: Repository) -> None:
    """Large annotations are spread over pages of less than 4 MiB, and none is lost."""
    built = [repo.push(a_referrer(annotations={"x": f"{number}" + "y" * 900_000})) for number in range(6)]

    first = repo.ask("GET", f"referrers/{SUBJECT['digest']}")

    assert len(first.body) < 4 * 1024 * 1024
    pages = listed(repo, f"referrers/{SUBJECT['digest']}")
    assert [digest for page in pages for digest in page] == sorted(each.digest for each in built)
    assert len(pages) > 1


def test_what_clients_keep_under_a_tag_is_listed_too(repo: Repository) -> None:
    """Entries of an index under the fallback tag are merged with what the registry knows, each once."""
    known = repo.push(a_referrer(1))
    tagged = repo.push(an_index(annotations={"which": "no subject"}))
    note = {"example.note": "from the tag"}
    entries = [tagged.descriptor(artifactType="example/two", annotations=note), known.descriptor()]
    repo.push(an_index(*entries), referrers_tag(digest_of(b"subject")))

    found = {str(each["digest"]): each for each in repo.referrers(str(SUBJECT["digest"]))}

    assert set(found) == {known.digest, tagged.digest}
    assert (found[tagged.digest]["artifactType"], found[tagged.digest]["annotations"]) == ("example/two", note)
    assert found[known.digest]["artifactType"] == "example/one"


def test_a_fallback_entry_that_is_not_here_is_not_listed(repo: Repository) -> None:
    """Only manifests that can be pulled are listed."""
    repo.push(an_index(a_referrer().descriptor()), referrers_tag(digest_of(b"subject")))

    assert repo.referrers(str(SUBJECT["digest"])) == []


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_fallback_tag_is_a_tag(repo: Repository, algorithm: str) -> None:
    """`<algorithm>-<first 64 characters>` is pushed, listed and pulled like any tag, and is no digest."""
    tag = referrers_tag(digest_of(b"subject", algorithm))
    built = repo.push(an_index(), tag)

    assert repo.tags() == [tag]
    assert repo.ask("GET", f"manifests/{tag}").body == built.payload


def test_a_fallback_tag_that_is_no_index_is_left_alone(repo: Repository) -> None:
    """An image under the tag lists nothing and breaks nothing."""
    repo.push_image(referrers_tag(digest_of(b"subject")))

    assert repo.referrers(str(SUBJECT["digest"])) == []
