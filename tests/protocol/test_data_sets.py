# SPDX-License-Identifier: Apache-2.0
"""What clients push, pushed in every way and then read, listed and deleted again."""

import json
from collections.abc import Iterator
from itertools import cycle

import pytest

from entrepot.oci.media_types import IMAGE_MANIFESTS
from entrepot.oci.media_types import OCI_INDEX
from tests.builders.manifests import BuiltManifest
from tests.protocol.conftest import a_name
from tests.protocol.data_sets import DataSet
from tests.protocol.exchange import Answer
from tests.protocol.exchange import Transport
from tests.protocol.repository import Repository
from tests.protocol.ways_to_upload import WAYS
from tests.protocol.what_clients_push import FILLS

ACCEPT = (("accept", OCI_INDEX), ("accept", "application/vnd.oci.image.manifest.v1+json"))


@pytest.fixture(scope="module", params=FILLS.values(), ids=list(FILLS))
def data(request: pytest.FixtureRequest) -> DataSet:
    """Each set of what clients push."""
    data = DataSet()
    request.param(data)
    return data


@pytest.fixture(scope="module")
def pushed(transport: Transport, data: DataSet) -> Repository:
    """A repository that the set was pushed to, only to be read."""
    return push(data, Repository(transport, a_name()))


def push(data: DataSet, repo: Repository) -> Repository:
    """Push the blobs, each in another way, and the manifests with their tags."""
    ways = cycle(WAYS.values())
    for digest, content in data.blobs.items():
        assert next(ways)(repo, content, digest).status == 201
    for built in data.manifests:
        repo.push(built, *(tag for tag, tagged in data.tags.items() if tagged is built))
    return repo


def subject_of(built: BuiltManifest) -> str | None:
    """Return the digest of what a manifest refers to."""
    subject = json.loads(built.payload).get("subject")
    return subject["digest"] if subject else None


def as_listed(built: BuiltManifest) -> dict[str, object]:
    """Describe a manifest the way the referrers API must."""
    document = json.loads(built.payload)
    kind = document.get("artifactType")
    if kind is None and built.media_type in IMAGE_MANIFESTS:
        kind = document["config"]["mediaType"]
    listed = {"mediaType": built.media_type, "digest": built.digest, "size": len(built.payload)}
    listed |= {"artifactType": kind} if kind else {}
    return listed | ({"annotations": document["annotations"]} if "annotations" in document else {})


def referrers(data: DataSet) -> Iterator[tuple[str, list[BuiltManifest]]]:
    """Yield every subject of the set with the manifests that refer to it."""
    for subject in sorted({subject_of(built) or "" for built in data.manifests} - {""}):
        yield subject, [built for built in data.manifests if subject_of(built) == subject]


def is_whole(answer: Answer, built: BuiltManifest) -> bool:
    """Tell whether an answer describes exactly this manifest."""
    described = (answer.header("docker-content-digest"), answer.header("content-type"))
    return answer.status == 200 and described == (built.digest, built.media_type)


def test_a_set_is_pushed(repo: Repository, data: DataSet) -> None:
    """Every manifest answers 201 by digest, then by tag, with its digest, a Location that works and its subject."""
    for digest, content in data.blobs.items():
        assert repo.upload(content, data.algorithm) == digest
    for reference, built in [*((each.digest, each) for each in data.manifests), *data.tags.items()]:
        announced = () if reference == built.digest else (("digest", built.digest),)

        answer = repo.put(built, reference, *announced)

        assert (answer.status, answer.header("docker-content-digest")) == (201, built.digest)
        assert answer.header("oci-subject") == subject_of(built)
        assert repo.ask("GET", answer.location).body == built.payload


def test_a_set_is_pulled(pushed: Repository, data: DataSet) -> None:
    """Manifests by tag and digest, and blobs, come back byte for byte."""
    for reference, built in [*((each.digest, each) for each in data.manifests), *data.tags.items()]:
        answer = pushed.ask("GET", f"manifests/{reference}", headers=ACCEPT)
        assert is_whole(answer, built)
        assert answer.body == built.payload
    for digest, content in data.blobs.items():
        assert pushed.ask("GET", f"blobs/{digest}").body == content


def test_a_set_is_described(pushed: Repository, data: DataSet) -> None:
    """HEAD tells digest, type and length of every manifest and blob."""
    for reference, built in [*((each.digest, each) for each in data.manifests), *data.tags.items()]:
        answer = pushed.ask("HEAD", f"manifests/{reference}", headers=ACCEPT)
        assert is_whole(answer, built)
        assert answer.header("content-length") == str(len(built.payload))
    for digest, content in data.blobs.items():
        answer = pushed.ask("HEAD", f"blobs/{digest}")
        assert (answer.status, answer.header("content-length")) == (200, str(len(content)))


def test_the_tags_of_a_set_are_listed(pushed: Repository, data: DataSet) -> None:
    """Every tag is listed, and those behind any other one."""
    tags = sorted(data.tags)

    assert pushed.tags() == tags
    for position, tag in enumerate(tags):
        assert pushed.tags(("last", tag)) == tags[position + 1 :]


def test_the_referrers_of_a_set_are_listed(pushed: Repository, data: DataSet) -> None:
    """Whatever refers to a subject is listed with its type and annotations, all of it and by each type."""
    for subject, expected in referrers(data):
        listed = sorted(map(as_listed, expected), key=lambda each: str(each["digest"]))
        assert pushed.referrers(subject) == listed
        for kind in {each.get("artifactType") for each in listed} - {None}:
            filtered = [each for each in listed if each.get("artifactType") == kind]
            assert pushed.referrers(subject, ("artifactType", str(kind))) == filtered


def test_a_set_is_deleted_and_pushed_again(repo: Repository, data: DataSet) -> None:
    """Tags, manifests from the top down, blobs: 202 each, gone at once; pushed again, all is there as before."""
    push(data, repo)
    for tag in data.tags:
        assert repo.ask("DELETE", f"manifests/{tag}").status == 202
        assert repo.status("manifests", tag) == 404
    for built in reversed(data.manifests):
        assert repo.ask("DELETE", f"manifests/{built.digest}").status == 202
        assert repo.status("manifests", built.digest) == 404
    for digest in data.blobs:
        assert repo.ask("DELETE", f"blobs/{digest}").status == 202
        assert repo.status("blobs", digest) == 404
    assert repo.tags() == []

    push(data, repo)

    assert all(repo.has(built) for built in data.manifests)
    assert repo.tags() == sorted(data.tags)
