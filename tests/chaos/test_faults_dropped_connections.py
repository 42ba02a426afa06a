# SPDX-License-Identifier: Apache-2.0
"""A connection that breaks behind any byte of an upload costs no more than the bytes that did not arrive."""

import socket
from collections.abc import Iterator

import pytest

from entrepot.oci.digest import digest_of
from tests.interop.core_alone import running_core
from tests.protocol.conftest import a_name
from tests.protocol.over_http import OverHttp
from tests.protocol.repository import Repository


@pytest.fixture(scope="module")
def http() -> Iterator[OverHttp]:
    """A server with the core alone."""
    with running_core() as target:
        http = OverHttp(f"http://{target.authority}")
        yield http
        http.close()


def drop(http: OverHttp, data: bytes) -> None:
    """Send bytes, then close, or reset as a client that crashes does."""
    with http.dial() as connection:
        connection.sendall(data)
        if len(data) % 2:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def go_on(repo: Repository, location: str, content: bytes) -> int:
    """Finish an upload from where the registry says that it is; return the status of the end."""
    answer = repo.ask("GET", location)
    if answer.status == 404:
        # The request that was cut had arrived whole.
        return repo.ask("HEAD", f"blobs/{digest_of(content)}").status
    offset = 0
    while True:
        answer = repo.close(location, digest_of(content), content[offset:], offset if offset < len(content) else None)
        if answer.status != 416:
            return answer.status
        offset = answer.json["errors"][0]["detail"]["offset"]


@pytest.mark.parametrize(("method", "is_chunked"), [("PATCH", False), ("PUT", True)])
def test_an_upload_survives_a_break_behind_any_byte(http: OverHttp, method: str, is_chunked: bool) -> None:
    """Whichever byte is the last to arrive, the upload can be brought to its end, and the blob is whole."""
    framing = ("transfer-encoding", "chunked") if is_chunked else ("content-length", "16")
    repo, cut, is_complete = Repository(http, a_name()), 0, False
    while not is_complete:
        content = b"%016d" % cut
        body = b"8\r\n%b\r\n8\r\n%b\r\n0\r\n\r\n" % (content[:8], content[8:]) if is_chunked else content
        location = repo.session()
        target = location if method == "PATCH" else f"{location}?digest={digest_of(content)}"
        request = http.render(method, target, [framing]) + body
        drop(http, request[:cut])
        assert go_on(repo, location, content) in (200, 201), cut
        assert repo.ask("GET", f"blobs/{digest_of(content)}").body == content
        is_complete = cut == len(request)
        cut += 1
