# SPDX-License-Identifier: Apache-2.0
"""Clients that do the same at the same time."""

import threading
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from entrepot.oci.digest import digest_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.protocol.conftest import Opener
from tests.protocol.exchange import Answer
from tests.protocol.in_process import Wiring
from tests.protocol.repository import Repository
from tests.protocol.repository import with_query

CLIENTS = 8
WAIT_SECONDS = 20.0
CONTENT = bytes(range(256)) * 64
DIGEST = digest_of(CONTENT)


def at_once(work: Callable[[int], Answer], clients: int = CLIENTS) -> list[Answer]:
    """Let clients work at the same time and return what each was answered."""
    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(work, range(clients)))


def together(barrier: threading.Barrier) -> Iterator[bytes]:
    """Be a body of `CONTENT` whose last part is sent once every client has sent its first."""
    yield CONTENT[:1000]
    barrier.wait(WAIT_SECONDS)
    yield CONTENT[1000:]


@pytest.mark.parametrize("is_single", [True, False], ids=["post", "put"])
def test_everybody_who_pushes_a_blob_succeeds(repo: Repository, is_single: bool) -> None:
    """Clients that send the same blob at the same moment all get 201, and the blob is whole."""
    barrier = threading.Barrier(CLIENTS)

    def push(_client: int) -> Answer:
        if is_single:
            return repo.ask("POST", with_query("blobs/uploads/", ("digest", DIGEST)), together(barrier))
        return repo.close(repo.session(), DIGEST, together(barrier))

    assert [answer.status for answer in at_once(push)] == [201] * CLIENTS
    assert repo.ask("GET", f"blobs/{DIGEST}").body == CONTENT


def test_everybody_who_pushes_a_blob_to_another_repository_succeeds(repo: Repository) -> None:
    """The same blob may arrive in many repositories at once, each of which has it then."""
    barrier = threading.Barrier(CLIENTS)
    targets = [Repository(repo.transport, f"{repo.name}/{number}") for number in range(CLIENTS)]

    answers = at_once(lambda client: targets[client].close(targets[client].session(), DIGEST, together(barrier)))

    assert [answer.status for answer in answers] == [201] * CLIENTS
    assert [target.ask("GET", f"blobs/{DIGEST}").body for target in targets] == [CONTENT] * CLIENTS


def test_everybody_who_pushes_a_manifest_succeeds(repo: Repository) -> None:
    """The same manifest under one tag and many, at the same moment, answers 201 to each."""
    repo.upload(A_CONFIG)
    repo.upload(A_LAYER)
    built = an_image_manifest()

    answers = at_once(lambda client: repo.put(built, "", ("tag", "latest"), ("tag", f"v{client}")))

    assert [answer.status for answer in answers] == [201] * CLIENTS
    assert repo.tags() == ["latest", *(f"v{client}" for client in range(CLIENTS))]
    assert repo.has(built)


def test_a_tag_that_many_move_ends_on_one_of_theirs(repo: Repository) -> None:
    """All are answered 201, all manifests are there, and the tag points at one of them."""
    built = [an_index(annotations={"number": str(number)}) for number in range(CLIENTS)]

    answers = at_once(lambda client: repo.put(built[client], "latest"))

    assert [answer.status for answer in answers] == [201] * CLIENTS
    assert all(repo.has(each) for each in built)
    assert repo.ask("GET", "manifests/latest").body in [each.payload for each in built]


def test_every_first_push_to_a_repository_succeeds(repo: Repository) -> None:
    """Clients that begin one new repository at the same moment do not hinder each other."""
    answers = at_once(lambda client: repo.put(an_index(annotations={"number": str(client)}), f"v{client}"))

    assert [answer.status for answer in answers] == [201] * CLIENTS
    assert len(repo.tags()) == CLIENTS


def test_a_session_takes_one_request_at_a_time(core: Opener) -> None:
    """While a chunk is being written, a cancel is answered 416, and the next chunk waits and follows."""
    repo = Repository(core(Wiring()), "busy/app")
    location = repo.session()
    begun, release = threading.Event(), threading.Event()

    def slowly() -> Iterator[bytes]:
        yield CONTENT[:1000]
        begun.set()
        assert release.wait(WAIT_SECONDS)
        yield CONTENT[1000:2000]

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(repo.append, location, slowly())
        assert begun.wait(WAIT_SECONDS)
        refused = repo.ask("DELETE", location)
        second = pool.submit(repo.append, location, CONTENT[2000:])
        release.set()

    assert refused.error == (416, "RANGE_INVALID")
    assert (first.result().header("range"), second.result().header("range")) == ("0-1999", "0-16383")
    assert repo.close(location, DIGEST).status == 201


def test_of_many_cancels_one_counts(repo: Repository) -> None:
    """A session is cancelled once; the others learn that it is gone."""
    location = repo.session()

    statuses = sorted(answer.status for answer in at_once(lambda _client: repo.ask("DELETE", location)))

    assert set(statuses) <= {204, 404, 416}
    assert statuses[0] == 204
    assert repo.ask("GET", location).status == 404


def test_pushes_and_deletes_of_one_manifest_leave_it_whole_or_gone(repo: Repository) -> None:
    """However pushes and deletes of the same image interleave, no answer is an error of the registry."""
    built = repo.push_image("v1")

    def work(client: int) -> Answer:
        return repo.put(built, "v1") if client % 2 else repo.ask("DELETE", f"manifests/{built.digest}")

    statuses = {answer.status for answer in at_once(work, 2 * CLIENTS)}

    assert statuses <= {201, 202, 404}
    assert repo.push_image("v1") == built
    assert repo.has(built)


def test_a_push_is_read_by_everybody_at_once(repo: Repository) -> None:
    """Whoever asks after 201 was answered finds what was pushed."""
    answers = at_once(lambda client: repo.put(an_index(annotations={"number": str(client)}), f"v{client}"))
    read = at_once(lambda client: repo.ask("HEAD", f"manifests/v{(client + 1) % CLIENTS}"))

    digests = [answer.header("docker-content-digest") for answer in answers]
    assert [answer.header("docker-content-digest") for answer in read] == digests[1:] + digests[:1]
