# SPDX-License-Identifier: Apache-2.0
"""Uploads that take several requests: where they stand, how they go on, how they end (end-5, end-6, end-13, end-14)."""

import pytest

from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import digest_of
from entrepot.registry.uploads import Uploads
from tests.fakes.settable_clock import SettableClock
from tests.protocol.conftest import Opener
from tests.protocol.exchange import Answer
from tests.protocol.exchange import Question
from tests.protocol.in_process import Wiring
from tests.protocol.repository import Repository
from tests.protocol.repository import soon

CONTENT = bytes(range(200)) * 10
FIRST, SECOND, THIRD = CONTENT[:700], CONTENT[700:1400], CONTENT[1400:]
DIGEST = digest_of(CONTENT)


def standing(answer: Answer) -> tuple[int, str | None]:
    """Return the status of an answer about a session, and the `Range` it states."""
    return answer.status, answer.header("range")


def test_a_new_session_is_empty(repo: Repository) -> None:
    """POST answers 202 with a Location, the session's id, `Range: 0-0` and no body."""
    answer = repo.start()

    assert standing(answer) == (202, "0-0")
    assert answer.header("content-length") == "0"
    assert answer.location == f"/v2/{repo.name}/blobs/uploads/{answer.header('docker-upload-uuid')}"


def test_a_location_leaves_room_for_the_digest(repo: Repository) -> None:
    """The address of a session is relative and holds no `digest` parameter: clients add theirs."""
    location = repo.session()

    assert location.startswith("/v2/")
    assert "digest=" not in location


def test_sessions_do_not_meet(repo: Repository) -> None:
    """Two uploads to one repository have addresses of their own."""
    one, another = repo.session(), repo.session()
    repo.append(one, FIRST)

    assert one != another
    assert standing(repo.ask("GET", another)) == (204, "0-0")


def test_each_chunk_moves_the_range_of_the_whole(repo: Repository) -> None:
    """PATCH answers 202 with the last byte of all that was received, not of the chunk."""
    location = repo.session()

    answers = [repo.append(location, FIRST, 0), repo.append(location, SECOND, 700), repo.append(location, THIRD)]

    assert [standing(answer) for answer in answers] == [(202, "0-699"), (202, "0-1399"), (202, "0-1999")]
    assert [answer.header("docker-upload-uuid") for answer in answers] == [location.rpartition("/")[2]] * 3


def test_the_status_tells_how_far_the_upload_is(repo: Repository) -> None:
    """GET answers 204 with the Range so far and a Location to go on at."""
    location = repo.append(repo.session(), FIRST).location

    answer = repo.ask("GET", location)

    assert standing(answer) == (204, "0-699")
    assert answer.location == location


def test_one_byte_reads_like_none(repo: Repository) -> None:
    """`Range: 0-0` stands for no byte and for one: clients cannot read `0--1`."""
    location = repo.append(repo.session(), b"x").location

    assert standing(repo.ask("GET", location)) == (204, "0-0")
    assert repo.append(location, b"yz", 1).header("range") == "0-2"


def test_an_empty_chunk_changes_nothing(repo: Repository) -> None:
    """A PATCH without bytes is accepted."""
    location = repo.append(repo.session(), FIRST).location

    assert standing(repo.append(location, b"")) == (202, "0-699")


@pytest.mark.parametrize("start", [0, 1400, 699, 701])
def test_a_chunk_out_of_order_is_refused_and_the_session_lives_on(repo: Repository, start: int) -> None:
    """A PATCH that does not begin where the upload stands answers 416, says where to go on, and adds nothing."""
    location = repo.append(repo.session(), FIRST, 0).location

    refused = repo.append(location, SECOND, start)

    assert refused.error == (416, "RANGE_INVALID")
    assert (refused.location, refused.header("range")) == (location, "0-699")
    assert standing(repo.ask("GET", location)) == (204, "0-699")
    assert repo.append(location, SECOND, 700).status == 202
    assert repo.close(location, DIGEST, THIRD).status == 201


@pytest.mark.parametrize("start", [0, 1400])
def test_a_close_out_of_order_is_refused_and_the_session_lives_on(repo: Repository, start: int) -> None:
    """A PUT whose chunk does not begin where the upload stands answers 416 and closes nothing."""
    location = repo.append(repo.session(), FIRST, 0).location

    refused = repo.close(location, DIGEST, THIRD, start)

    assert refused.error == (416, "RANGE_INVALID")
    assert standing(repo.ask("GET", refused.location)) == (204, "0-699")
    assert repo.close(location, DIGEST, SECOND + THIRD, 700).status == 201


def test_a_first_chunk_begins_at_nought(repo: Repository) -> None:
    """A first chunk that begins elsewhere answers 416, after which the upload can begin."""
    location = repo.session()

    assert standing(repo.append(location, SECOND, 700)) == (416, "0-0")
    assert repo.append(location, CONTENT, 0).status == 202


@pytest.mark.parametrize("place", ["0-", "-699", "a-b", "700-0", "0-699, 700-1399", "0-1", "bytes 0-1/2"])
def test_a_place_that_does_not_fit_the_chunk_is_refused(repo: Repository, place: str) -> None:
    """`Content-Range` is two offsets whose distance is the length of the chunk."""
    location = repo.session()

    assert repo.ask("PATCH", location, FIRST, (("content-range", place),)).error == (416, "RANGE_INVALID")
    assert standing(repo.ask("GET", location)) == (204, "0-0")


@pytest.mark.parametrize("place", ["bytes 0-699/*", "bytes=0-699", "0-699/2000"])
def test_a_place_may_be_written_as_http_does(repo: Repository, place: str) -> None:
    """A unit before and a size behind the offsets are tolerated."""
    assert standing(repo.ask("PATCH", repo.session(), FIRST, (("content-range", place),))) == (202, "0-699")


@pytest.mark.parametrize("chunks", [[FIRST[:-1]], [FIRST, b"more"]], ids=["shorter", "longer"])
def test_a_stream_is_held_to_the_place_it_announced(repo: Repository, chunks: list[bytes]) -> None:
    """A chunk without a length that has fewer or more bytes than its `Content-Range` says answers 400."""
    answer = repo.ask("PATCH", repo.session(), chunks, (("content-range", "0-699"),))

    assert answer.error == (400, "SIZE_INVALID")


def test_a_cancelled_upload_is_gone(repo: Repository) -> None:
    """DELETE answers 204, after which the session is unknown and the blob never was."""
    location = repo.append(repo.session(), CONTENT).location

    assert repo.ask("DELETE", location).status == 204
    assert repo.ask("GET", location).error == (404, "BLOB_UPLOAD_UNKNOWN")
    assert repo.append(location, FIRST).error == (404, "BLOB_UPLOAD_UNKNOWN")
    assert repo.close(location, DIGEST).error == (404, "BLOB_UPLOAD_UNKNOWN")
    assert repo.ask("DELETE", location).error == (404, "BLOB_UPLOAD_UNKNOWN")
    assert repo.status("blobs", DIGEST) == 404


@pytest.mark.parametrize("upload", ["1", "..", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "%00", "x" * 300])
@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_an_unknown_session_is_not_found(repo: Repository, method: str, upload: str) -> None:
    """An id that was never given answers 404, or 400 when no path can hold it."""
    answer = repo.ask(method, f"blobs/uploads/{upload}?digest={DIGEST}")

    assert answer.error in {(404, "BLOB_UPLOAD_UNKNOWN"), (400, "NAME_INVALID")}


def test_a_session_belongs_to_its_repository(repo: Repository, other: Repository) -> None:
    """Another repository does not know the id."""
    upload = repo.session().rpartition("/")[2]

    assert other.ask("GET", f"blobs/uploads/{upload}").error == (404, "BLOB_UPLOAD_UNKNOWN")
    assert other.close(f"blobs/uploads/{upload}", DIGEST, CONTENT).error == (404, "BLOB_UPLOAD_UNKNOWN")


def test_a_close_whose_answer_was_lost_may_be_repeated(repo: Repository) -> None:
    """The same PUT again answers 201 again, with its body or without."""
    location = repo.append(repo.session(), FIRST).location
    answers = [repo.close(location, DIGEST, SECOND + THIRD)]

    answers += [repo.close(location, DIGEST, SECOND + THIRD), repo.close(location, DIGEST)]

    assert [answer.status for answer in answers] == [201, 201, 201]
    assert {answer.location for answer in answers} == {f"/v2/{repo.name}/blobs/{DIGEST}"}


def test_a_close_may_be_repeated_after_the_blob_was_deleted(repo: Repository) -> None:
    """The memory of how an upload ended outlives the blob; a repeated close does not bring it back."""
    location = repo.session()
    repo.close(location, DIGEST, CONTENT)
    repo.ask("DELETE", f"blobs/{DIGEST}")

    assert repo.close(location, DIGEST, CONTENT).status == 201
    assert repo.status("blobs", DIGEST) == 404


def test_a_repeated_close_must_name_the_same_blob(repo: Repository) -> None:
    """A session that became one blob cannot become another."""
    location = repo.session()
    repo.close(location, DIGEST, CONTENT)

    assert repo.close(location, digest_of(FIRST)).error == (404, "BLOB_UPLOAD_UNKNOWN")


def test_a_close_of_an_unknown_session_succeeds_when_the_blob_is_here(repo: Repository) -> None:
    """Once the memory of a session has gone, the blob itself answers for it."""
    repo.upload(CONTENT)

    assert repo.close(f"blobs/uploads/{new_ulid()}", DIGEST).status == 201


def test_a_refused_close_ends_the_session(repo: Repository) -> None:
    """Bytes with another digest are thrown away: the client begins anew."""
    location = repo.append(repo.session(), FIRST).location

    assert repo.close(location, DIGEST).error == (400, "DIGEST_INVALID")
    assert repo.ask("GET", location).error == (404, "BLOB_UPLOAD_UNKNOWN")


def test_what_arrived_of_a_chunk_is_kept(repo: Repository) -> None:
    """A client that vanishes in the middle of a PATCH goes on behind the last byte that arrived."""
    location = repo.append(repo.session(), FIRST, 0).location

    repo.transport.vanish(Question("PATCH", location, SECOND))

    soon(lambda: repo.ask("GET", location).header("range") == "0-1399")
    assert repo.close(location, DIGEST, THIRD, 1400).status == 201


def test_a_close_that_is_cut_off_closes_nothing(repo: Repository) -> None:
    """A client that vanishes in the middle of a PUT finds the session where it was and may begin at byte 0 there."""
    location = repo.session()

    repo.transport.vanish(Question("PUT", f"{location}?digest={DIGEST}", CONTENT))

    assert repo.status("blobs", DIGEST) == 404
    soon(lambda: repo.append(location, FIRST, 0).status == 202)
    assert repo.close(location, DIGEST, SECOND + THIRD, 700).status == 201


def test_a_post_that_is_cut_off_leaves_nothing(repo: Repository) -> None:
    """All bytes without the end of the body make no blob."""
    repo.transport.vanish(Question("POST", f"/v2/{repo.name}/blobs/uploads/?digest={DIGEST}", CONTENT))

    assert repo.status("blobs", DIGEST) == 404


def test_an_idle_upload_ends(core: Opener) -> None:
    """Tidying up ends a session that nobody touched for `upload_hours`; each chunk begins the time anew."""
    clock = SettableClock()
    registry = core(Wiring(settings={"upload_hours": 2}, clock=clock))
    repo = Repository(registry, "idle")
    location = repo.session()

    clock.advance(HOUR_MS + HOUR_MS // 2)
    assert repo.append(location, FIRST).status == 202
    clock.advance(HOUR_MS + HOUR_MS // 2)
    registry.portal.call(Uploads(registry.core).expire)
    assert repo.ask("GET", location).status == 204
    clock.advance(HOUR_MS)
    registry.portal.call(Uploads(registry.core).expire)

    assert repo.ask("GET", location).error == (404, "BLOB_UPLOAD_UNKNOWN")
