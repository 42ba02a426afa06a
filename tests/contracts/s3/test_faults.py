# SPDX-License-Identifier: Apache-2.0
"""The fake S3, and the proxy in front of one, go wrong exactly as they were told to."""

import http.client
import socket
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.contracts.s3.client import Client
from tests.fakes.s3.faults import CutAnswer
from tests.fakes.s3.faults import CutBody
from tests.fakes.s3.faults import Delay
from tests.fakes.s3.faults import ErrorInside
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.faults import Fault
from tests.fakes.s3.faults import Hang
from tests.fakes.s3.faults import HoldAnswer
from tests.fakes.s3.faults import Throttle
from tests.fakes.s3.faults import WorkLate
from tests.fakes.s3.faults import WrongBytes
from tests.fakes.s3.faults import every
from tests.fakes.s3.faults import first
from tests.fakes.s3.faults import share
from tests.fakes.s3.proxy import S3Proxy
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.serving import ServedS3

PATIENCE_SECONDS = 0.03


@pytest.fixture(params=["fake", "proxy"])
def faulty(request: pytest.FixtureRequest, s3: S3Server) -> Iterator[ServedS3]:
    """What goes wrong; behind the proxy is a fake without faults."""
    if request.param == "fake":
        yield s3
        return
    with S3Proxy(s3.url).running() as proxy:
        yield proxy


@pytest.fixture
def client(faulty: ServedS3) -> Client:
    """Who asks it."""
    return Client(faulty.url)


def until(condition: Callable[[], bool]) -> None:
    """Return when something is so in the other thread."""
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@contextmanager
def waiting(client: Client) -> Iterator[socket.socket]:
    """Ask for an object to be put, and wait until the block ends."""
    host, port = client.authority.split(":")
    target, headers = client.sign("PUT", "k", body=b"hello")
    lines = [f"PUT {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "Content-Length: 5"]
    with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall("\r\n".join([*lines, "", "hello"]).encode())
        yield connection


def is_answered(connection: socket.socket) -> bool:
    """Tell whether anything comes within one's patience, were it the end."""
    with suppress(TimeoutError):
        connection.recv(1)
        return True
    return False


def test_every_second_call_fails(faulty: ServedS3, client: Client) -> None:
    """Of the operation that was named, and nothing is done."""
    faulty.faults.add(Fail("SlowDown"), "PutObject", when=every(2))

    answered = [client.ask("PUT", f"{number}", body=b"x").status for number in range(4)]

    assert answered == [200, 503, 200, 503]
    assert [client.ask("GET", f"{number}").status for number in range(2)] == [200, 404]
    assert [noted.outcome for noted in faulty.calls.of("PutObject")] == ["OK", "SlowDown", "OK", "SlowDown"]


def test_half_of_the_calls_fail_and_always_the_same(faulty: ServedS3, client: Client) -> None:
    """A seed chooses them."""
    chosen = share(0.5, seed=1)
    faulty.faults.add(Fail(), when=chosen)

    answered = [client.ask("HEAD", "k").status for number in range(20)]

    assert answered == [500 if chosen(number) else 404 for number in range(20)]
    assert 4 < answered.count(500) < 16


def test_what_is_cleared_goes_well_again(faulty: ServedS3, client: Client) -> None:
    """So does what was to strike the first calls alone."""
    faulty.faults.add(Fail("InternalError"), when=first(1))
    assert [client.ask("HEAD", "k").status for _ in range(2)] == [500, 404]

    faulty.faults.add(Fail("InternalError"))
    faulty.faults.clear()

    assert client.ask("HEAD", "k").status == 404


def test_an_error_may_come_after_the_work(faulty: ServedS3, client: Client, s3: S3Server) -> None:
    """The client cannot know."""
    faulty.faults.add(Fail("InternalError", is_done=True), "PutObject")

    assert client.ask("PUT", "k", body=b"hello").status == 500
    assert s3.objects["k"].body == b"hello"


def test_the_connection_may_end_after_the_work(faulty: ServedS3, client: Client, s3: S3Server) -> None:
    """Without a word."""
    faulty.faults.add(CutAnswer(), "PutObject")

    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        client.ask("PUT", "k", body=b"hello")

    assert s3.objects["k"].body == b"hello"
    until(lambda: next(iter(faulty.calls)).outcome == "cut")
    assert next(iter(faulty.calls)).received == 5


def test_the_work_is_done_and_no_answer_comes(faulty: ServedS3, client: Client, s3: S3Server) -> None:
    """For as long as the client waits."""
    faulty.faults.add(HoldAnswer(), "PutObject")

    with waiting(client) as connection:
        until(lambda: "k" in s3.objects)
        assert not is_answered(connection)

    until(lambda: next(iter(faulty.calls)).outcome == "held")


@pytest.mark.parametrize(
    ("fault", "outcomes", "is_done"), [(Hang(), ("held",), False), (WorkLate(), ("OK", "gone"), True)]
)
def test_nothing_is_done_while_the_client_waits(
    faulty: ServedS3, client: Client, s3: S3Server, fault: Fault, outcomes: tuple[str, ...], is_done: bool
) -> None:
    """It is never, or once the client has gone."""
    faulty.faults.add(fault, "PutObject")

    with waiting(client) as connection:
        until(lambda: len(faulty.calls) == 1)
        assert not is_answered(connection)
        assert not s3.objects

    until(lambda: next(iter(faulty.calls)).outcome in outcomes)
    assert ("k" in s3.objects) == is_done


def test_a_call_waits(faulty: ServedS3, client: Client) -> None:
    """And goes well then."""
    faulty.faults.add(Delay(0.05))
    begun = time.monotonic()

    assert client.ask("HEAD", "k").status == 404
    assert time.monotonic() - begun >= 0.05


def test_bytes_come_and_leave_slowly(faulty: ServedS3, client: Client) -> None:
    """Both ways."""
    faulty.faults.add(Throttle(100_000))
    begun = time.monotonic()

    client.ask("PUT", "k", body=bytes(5_000))
    put = time.monotonic()

    assert client.ask("GET", "k").body == bytes(5_000)
    assert put - begun >= 0.05
    assert time.monotonic() - put >= 0.05


@pytest.mark.parametrize(("fault", "sent"), [(CutBody(), 100_000), (CutBody(70_000), 70_000), (CutBody(0), 0)])
def test_a_body_is_cut(faulty: ServedS3, client: Client, fault: Fault, sent: int) -> None:
    """In its middle, or after so many bytes."""
    client.ask("PUT", "k", body=bytes(200_000))
    faulty.faults.add(fault, "GetObject")

    with pytest.raises(http.client.IncompleteRead) as cut:
        client.ask("GET", "k")

    assert len(cut.value.partial) == sent
    until(lambda: faulty.calls.of("GetObject")[0].outcome == "cut")
    assert faulty.calls.of("GetObject")[0].sent == sent


def test_a_body_has_wrong_bytes(faulty: ServedS3, client: Client) -> None:
    """As many as the right one."""
    client.ask("PUT", "k", body=b"hello")
    faulty.faults.add(WrongBytes(), "GetObject")

    assert client.ask("GET", "k").body == b"iello"


def test_an_upload_is_not_completed_under_the_status_of_success(faulty: ServedS3, client: Client, s3: S3Server) -> None:
    """The upload stays, and can be completed then."""
    upload = client.create("k")
    etags = {1: client.upload("k", upload, 1, b"hello")}
    faulty.faults.add(ErrorInside(), "CompleteMultipartUpload", when=first(1))

    failed = client.complete("k", upload, etags)

    assert (failed.status, failed.one("Code")) == (200, "InternalError")
    assert not s3.objects
    assert client.complete("k", upload, etags).one("ETag")


def test_a_client_that_leaves_in_the_middle_stores_nothing(faulty: ServedS3, client: Client, s3: S3Server) -> None:
    """It is noted how much of the body came."""
    target, headers = client.sign("PUT", "k", body=bytes(100))
    connection = http.client.HTTPConnection(client.authority, timeout=5)
    connection.putrequest("PUT", target, skip_host=True)
    for name, value in {**headers, "Content-Length": "100"}.items():
        connection.putheader(name, value)
    connection.endheaders(bytes(40))
    until(lambda: len(faulty.calls) == 1)
    connection.close()

    until(lambda: next(iter(faulty.calls)).outcome != "")
    assert next(iter(faulty.calls)).received <= 40
    assert not s3.objects


def test_calls_are_forgotten_and_faults_add_up(faulty: ServedS3, client: Client) -> None:
    """Both may strike one call."""
    faulty.faults.add(Delay(0.02), "PutObject")
    faulty.faults.add(Fail("ServiceUnavailable"), "PutObject", when=first(1))
    begun = time.monotonic()

    assert client.ask("PUT", "k", body=b"x").status == 503
    assert time.monotonic() - begun >= 0.02
    assert faulty.calls.counts() == {"PutObject": 1}
    faulty.calls.clear()
    assert (len(faulty.calls), faulty.calls.counts()) == (0, {})


def test_an_upstream_that_is_away_answers_nothing() -> None:
    """The proxy ends the connection."""
    with S3Proxy("http://127.0.0.1:9").running() as proxy:
        with suppress(http.client.RemoteDisconnected):
            replace(Client("nowhere"), url=proxy.url).ask("HEAD", "k")

        assert [noted.outcome for noted in proxy.calls] == ["unreachable"]
