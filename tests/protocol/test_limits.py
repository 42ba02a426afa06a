# SPDX-License-Identifier: Apache-2.0
"""How much one client may ask for at once, and how large it may be."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from entrepot.oci.digest import digest_of
from entrepot.oci.manifest import MAX_DESCRIPTORS
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import a_manifest
from tests.builders.manifests import an_image_manifest
from tests.protocol.conftest import Opener
from tests.protocol.in_process import Wiring
from tests.protocol.repository import Repository

GIB = 1024**3
DIGEST = digest_of(b"nothing")


def nested(depth: int) -> list[object]:
    """Make a list in a list, and so on."""
    return [nested(depth - 1)] if depth else []


@pytest.fixture
def narrow(core: Opener) -> Repository:
    """A repository of a registry with low limits."""
    return Repository(core(Wiring(settings={"max_uploads_per_principal": 5, "max_blob_gib": 1})), "narrow/app")


class Held:
    """A body whose second half waits to be let go."""

    def __init__(self) -> None:
        self.is_begun = threading.Event()
        self.go = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        yield b"first"
        self.is_begun.set()
        self.go.wait(20)
        yield b" and last"


def test_one_principal_has_so_many_uploads_at_once(narrow: Repository) -> None:
    """The sixth is told to wait, whichever way it begins, and finds room when another has ended."""
    locations = [narrow.session() for _ in range(6)]
    bodies = [Held() for _ in range(5)]
    with ThreadPoolExecutor(5) as clients:
        running = [
            clients.submit(narrow.append, location, body) for location, body in zip(locations[:5], bodies, strict=True)
        ]
        assert all(body.is_begun.wait(20) for body in bodies)
        refused = [
            narrow.start(),
            narrow.ask("POST", f"blobs/uploads/?digest={DIGEST}", b"nothing"),
            narrow.append(locations[5], b"x"),
            narrow.close(locations[5], DIGEST, b"nothing"),
        ]
        for body in bodies:
            body.go.set()
        assert [each.result().status for each in running] == [202] * 5

    assert [answer.error for answer in refused] == [(429, "TOOMANYREQUESTS")] * 4
    assert all(int(answer.header("retry-after") or "") > 0 for answer in refused)
    assert narrow.close(locations[5], DIGEST, b"nothing").status == 201


def test_an_announced_blob_that_is_too_large_is_refused(narrow: Repository) -> None:
    """413 comes before the bytes do, says how much is accepted, and the session lives on."""
    location = narrow.session()
    too_much = (("content-range", f"0-{GIB}"),)

    answers = [
        narrow.ask("PATCH", location, iter([b"x"]), too_much),
        narrow.ask("PUT", f"{location}?digest={DIGEST}", iter([b"x"]), too_much),
    ]

    assert [answer.error for answer in answers] == [(413, "SIZE_INVALID")] * 2
    assert "1 GiB" in answers[0].message
    assert narrow.close(location, DIGEST, b"nothing").status == 201


@pytest.mark.parametrize(
    "document",
    [
        {"manifests": [{"mediaType": "a/b", "digest": DIGEST, "size": 7}] * (MAX_DESCRIPTORS + 1)},
        {"manifests": [], "annotations": {"a": ["not text"]}},
        {"manifests": [], "annotations": {"a": 1}},
        {"manifests": [], "deep": nested(70)},
    ],
    ids=["children", "annotation", "number", "depth"],
)
def test_a_document_beyond_its_limits_is_refused(repo: Repository, document: dict[str, object]) -> None:
    """Children, annotations and depth have limits of their own, and the answer is the client's to mend."""
    built = a_manifest({"schemaVersion": 2, **document}, "application/vnd.oci.image.index.v1+json")

    assert repo.put(built).error == (400, "MANIFEST_INVALID")


def test_an_image_has_a_number_of_layers(repo: Repository) -> None:
    """One layer more than 10,000 is refused, and the answer says how many are accepted."""
    answer = repo.put(an_image_manifest(layers=[a_descriptor()] * (MAX_DESCRIPTORS + 1)))

    assert answer.error == (400, "MANIFEST_INVALID")
    assert str(MAX_DESCRIPTORS) in answer.message


PATHS = {
    "dots": "../other/manifests/v1",
    "encoded dots": "%2e%2e/other/manifests/v1",
    "half encoded dots": ".%2e/other/manifests/v1",
    "an encoded slash": "manifests%2Fv1",
    "an encoded backslash": "manifests/..%5c..%5cetc",
    "two slashes": "/manifests/v1",
    "a NUL": "manifests/v%001",
    "an overlong slash": "manifests/%c0%af",
    "overlong dots": "%c0%ae%c0%ae/manifests/v1",
    "half a character": "manifests/%e2%82",
    "half an escape": "manifests/v1%2",
    "twice encoded dots": "%252e%252e/manifests/v1",
    "a line break": "manifests/v1%0d%0aset-cookie:%20a=b",
    "a long tag": f"manifests/{'a' * 129}",
    "a digest of another length": f"manifests/sha256:{'a' * 63}",
    "a digest in capitals": f"manifests/SHA256:{'A' * 64}",
    "a line break in a digest": f"blobs/{DIGEST}%0d%0aa:%20b",
    "a path in an upload": "blobs/uploads/..%2f..%2f..%2fetc%2fpasswd",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_tricks_in_a_path_lead_nowhere(repo: Repository, path: str) -> None:
    """What is no name, tag, digest or id is refused, and comes back in no header."""
    answer = repo.ask("GET", path)

    assert answer.status in (400, 404)
    assert not answer.all("set-cookie")
    assert not answer.all("a")


INJECTIONS = ["x%0d%0aset-cookie:a=b", "x%0aset-cookie:a=b", "x%00", "%ff%fe", "a" * 3_000]


@pytest.mark.parametrize("value", INJECTIONS)
@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "blobs/uploads/?digest={}"),
        ("POST", "blobs/uploads/?digest-algorithm={}"),
        ("POST", "blobs/uploads/?mount={}&from=a"),
        ("GET", "tags/list?last={}"),
        ("GET", "tags/list?n={}"),
        ("GET", f"referrers/{DIGEST}?artifactType={{}}"),
        ("PUT", f"manifests/{DIGEST}?tag={{}}"),
    ],
)
def test_a_query_cannot_write_headers(repo: Repository, method: str, target: str, value: str) -> None:
    """Line breaks, NUL and bytes that are no UTF-8 in any parameter are refused or mean nothing; never 500."""
    answer = repo.ask(method, target.format(value))

    assert answer.status < 500
    assert not answer.all("set-cookie")


@pytest.mark.parametrize("origin", INJECTIONS)
def test_the_source_of_a_mount_cannot_write_headers(repo: Repository, origin: str) -> None:
    """`from` that is no name is as if it were not there: an upload begins."""
    answer = repo.ask("POST", f"blobs/uploads/?mount={DIGEST}&from={origin}")

    assert answer.status in (202, 400)
    assert not answer.all("set-cookie")


@pytest.mark.parametrize(
    ("query", "limit"), [("&".join(f"a{number}=b" for number in range(256)), "256"), ("a=" + "b" * 17_000, "16384")]
)
def test_a_query_has_a_size(repo: Repository, query: str, limit: str) -> None:
    """More parameters or bytes than any client sends answer 400 and say how many are accepted."""
    answer = repo.ask("GET", f"tags/list?n=1&{query}")

    assert answer.error == (400, "INVALID_REQUEST")
    assert limit in answer.message


def test_a_name_has_a_length(repo: Repository) -> None:
    """A name of more than 200 characters answers 400, whatever is asked."""
    name = "/".join(["a" * 50] * 4)

    assert repo.ask("GET", f"/v2/{name}/tags/list").error == (400, "NAME_INVALID")
    assert repo.ask("POST", f"/v2/{name}/blobs/uploads/").error == (400, "NAME_INVALID")
