# SPDX-License-Identifier: Apache-2.0
"""What only a socket shows: framing, early refusals, clients that wait, and clients that speak something else."""

import socket

import pytest

from entrepot.oci.digest import digest_of
from entrepot.oci.manifest import MAX_MANIFEST_BYTES
from tests.builders.manifests import an_index
from tests.protocol.over_http import OverHttp
from tests.protocol.repository import Repository
from tests.protocol.repository import soon

CONTENT = bytes(range(256)) * 8192
DIGEST = digest_of(CONTENT)


def head(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Read the head of an answer; return its status, its headers, and the bytes of its body that came along."""
    received = b""
    while b"\r\n\r\n" not in received:
        data = connection.recv(65536)
        assert data, f"the connection was closed after {received!r}"
        received += data
    text, _, body = received.partition(b"\r\n\r\n")
    first, *lines = text.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, body


def rest(connection: socket.socket) -> bytes:
    """Read until the other side closes."""
    received = b""
    while data := connection.recv(65536):
        received += data
    return received


def test_a_stream_without_a_length_is_taken(wire: OverHttp, wired: Repository) -> None:
    """A PATCH with `Transfer-Encoding: chunked` and odd chunks, extensions and trailers included, is a PATCH."""
    location = wired.session()
    chunks = b"5;name=value\r\nfirst\r\n1\r\n,\r\nA\r\n and later\r\n0\r\nx-trailer: y\r\n\r\n"

    with wire.dial() as connection:
        connection.sendall(wire.render("PATCH", location, [("transfer-encoding", "chunked")]) + chunks)
        status, headers, _ = head(connection)

    assert (status, headers["range"]) == (202, "0-15")
    assert wired.close(location, digest_of(b"first, and later")).status == 201


def test_head_keeps_the_connection_in_step(wire: OverHttp, wired: Repository) -> None:
    """After HEAD with a length and no body, the next answer on the connection is the next answer."""
    wired.upload(CONTENT)
    path = f"/v2/{wired.name}/blobs/{DIGEST}"

    with wire.dial() as connection:
        for _ in range(3):
            connection.sendall(wire.render("HEAD", path, []))
            status, headers, body = head(connection)
            assert (status, headers["content-length"], body) == (200, str(len(CONTENT)), b"")
        connection.sendall(wire.render("GET", "/v2/", [("connection", "close")]))
        assert rest(connection).endswith(b"\r\n\r\n{}")


def test_requests_may_be_sent_ahead(wire: OverHttp, wired: Repository) -> None:
    """Requests that follow each other without waiting are answered in order."""
    built = wired.push(an_index(), "v1")
    paths = ["/v2/", f"/v2/{wired.name}/manifests/v1", f"/v2/{wired.name}/manifests/none"]
    requests = [wire.render("GET", path, []) for path in paths[:-1]]
    requests.append(wire.render("GET", paths[-1], [("connection", "close")]))

    with wire.dial() as connection:
        connection.sendall(b"".join(requests))
        received = rest(connection)

    places = [received.index(part) for part in (b"\r\n\r\n{}", built.payload, b"MANIFEST_UNKNOWN")]
    assert places == sorted(places)


def test_a_client_that_waits_is_asked_to_go_on(wire: OverHttp, wired: Repository) -> None:
    """`Expect: 100-continue` on an upload that is welcome gets 100 before the body, then 201."""
    target = f"{wired.session()}?digest={DIGEST}"
    headers = [("content-length", str(len(CONTENT))), ("expect", "100-continue")]

    with wire.dial() as connection:
        connection.sendall(wire.render("PUT", target, headers))
        waited, _, _ = head(connection)
        connection.sendall(CONTENT)
        status, _, _ = head(connection)

    assert (waited, status) == (100, 201)


@pytest.mark.parametrize(
    ("method", "target", "length", "expected"),
    [
        ("PUT", "manifests/large", MAX_MANIFEST_BYTES + 1, 413),
        ("POST", "blobs/uploads/?digest=sha256:short", 10**9, 400),
        ("PUT", f"blobs/uploads/01ARZ3NDEKTSV4RRFFQ69G5FAV?digest={DIGEST}", 10**9, 404),
    ],
)
def test_a_client_that_waits_is_spared_a_body_nobody_wants(
    wire: OverHttp, wired: Repository, method: str, target: str, length: int, expected: int
) -> None:
    """`Expect: 100-continue` on a request that is refused gets the refusal at once."""
    headers = [("content-length", str(length)), ("expect", "100-continue")]

    with wire.dial() as connection:
        connection.sendall(wire.render(method, f"/v2/{wired.name}/{target}", headers))
        status, answered, _ = head(connection)

    assert (status, answered.get("connection")) == (expected, "close")


@pytest.mark.parametrize("is_chunked", [True, False], ids=["chunked", "announced"])
def test_a_refusal_reaches_a_client_that_keeps_sending(wired: Repository, is_chunked: bool) -> None:
    """A client that sends 5 MiB of a manifest before it reads gets its 413, not a reset."""
    payload = b" " * (5 * 1024 * 1024)
    body = iter([payload[:65536]] * 80) if is_chunked else payload

    answer = wired.ask("PUT", "manifests/large", body)

    assert answer.error == (413, "SIZE_INVALID")


def test_a_small_body_that_nobody_wanted_keeps_the_connection(wire: OverHttp, wired: Repository) -> None:
    """After a refusal whose body was read to its end, the connection serves the next request."""
    refused = wire.render("PUT", f"/v2/{wired.name}/manifests/-bad", [("content-length", "1000")]) + b"x" * 1000

    with wire.dial() as connection:
        connection.sendall(refused)
        status, headers, body = head(connection)
        while len(body) < int(headers["content-length"]):
            body += connection.recv(65536)
        connection.sendall(wire.render("GET", "/v2/", [("connection", "close")]))
        assert rest(connection).endswith(b"{}")

    assert (status, headers.get("connection")) == (400, None)


def test_what_a_vanished_client_sent_is_kept(wire: OverHttp, wired: Repository) -> None:
    """A connection that breaks in the middle of a PATCH leaves an upload that goes on at the last byte received."""
    location = wired.session()
    with wire.dial() as connection:
        connection.sendall(wire.render("PATCH", location, [("content-length", str(len(CONTENT)))]) + CONTENT[:100_000])

    soon(lambda: wired.ask("GET", location).header("range") == "0-99999")

    assert wired.close(location, DIGEST, CONTENT[100_000:], 100_000).status == 201
    assert wired.ask("GET", f"blobs/{DIGEST}").body == CONTENT


@pytest.mark.parametrize(("start", "stop"), [(0, len(CONTENT)), (1, len(CONTENT)), (600_000, 1_700_001)])
def test_a_large_blob_is_read_whole_and_in_parts(wired: Repository, start: int, stop: int) -> None:
    """Blobs that do not fit into one piece of memory arrive byte for byte, from any place to any other."""
    wired.upload(CONTENT)
    ranged = (("range", f"bytes={start}-{stop - 1}"),) if start else ()

    answer = wired.ask("GET", f"blobs/{DIGEST}", headers=ranged)

    assert (answer.status, answer.body == CONTENT[start:stop]) == (206 if start else 200, True)


def test_a_client_that_stops_reading_harms_nobody(wire: OverHttp, wired: Repository) -> None:
    """A connection that breaks in the middle of a pull leaves the server and the blob as they were."""
    wired.upload(CONTENT)
    for _ in range(3):
        with wire.dial() as connection:
            connection.sendall(wire.render("GET", f"/v2/{wired.name}/blobs/{DIGEST}", []))
            connection.recv(1000)

    assert wired.ask("GET", f"blobs/{DIGEST}").body == CONTENT


@pytest.mark.parametrize(
    "hello",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 506,
        b"SSH-2.0-OpenSSH_9\r\n",
        b"\r\n\r\n\r\nnonsense\r\n\r\n",
    ],
    ids=["tls", "ssh", "nonsense"],
)
def test_another_protocol_is_turned_away_at_once(wire: OverHttp, hello: bytes) -> None:
    """A TLS greeting on the plain port gets no answer to wait for: clients that try https first go on quickly."""
    with wire.dial() as connection:
        connection.settimeout(5)
        connection.sendall(hello)
        try:
            received = rest(connection)
        except ConnectionResetError:
            received = b""

    assert received == b"" or received.startswith(b"HTTP/1.1 400")


def test_an_encoded_slash_stays_within_its_segment(wired: Repository) -> None:
    """`%2F` is no separator, however the server decodes paths."""
    wired.push(an_index(), "v1")

    assert wired.ask("GET", f"/v2/{wired.name.replace('/', '%2F')}/manifests/v1").error == (400, "NAME_INVALID")


@pytest.mark.parametrize("path", ["/v2/../v2/", "/v2/./", "/v2/a/../_catalog"])
def test_dots_in_a_path_lead_nowhere(wired: Repository, path: str) -> None:
    """A path is read as it was sent: nothing is resolved."""
    assert wired.ask("GET", path).status in (400, 404)
